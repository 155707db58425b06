//! The default chain: tries the sources of credentials one after the other, as the SDKs of AWS do.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

use crate::client::sign::credentials::environment::Environment;
use crate::client::sign::credentials::profiles::Profiles;
use crate::client::sign::credentials::role_chain::{RoleChain, Source, WebIdentity, resolve};
use crate::client::sign::credentials::settings::Settings;
use crate::client::sign::credentials::sources::{container, instance, process, sso, sts};

/// Environment, profile, web identity, container, instance. The first source that is configured counts.
#[derive(Debug)]
pub(crate) struct DefaultChain {
    pub(crate) environment: Environment,
    /// The region of the calls that get credentials.
    pub(crate) region: Option<String>,
}

impl ProvideCredentials for DefaultChain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl DefaultChain {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let environment = self.environment.clone();
        if let Some(found) = configured(of_environment(&environment))? {
            return Ok(found);
        }
        let profiles = Profiles::read(&environment)?;
        let settings = Settings { environment, profiles, region: self.region.clone() };
        if let Some(found) = configured(of_profile(&settings).await)? {
            return Ok(found);
        }
        if let Some(identity) = web_identity(&settings.environment)? {
            return sts::assume_role_with_web_identity(&settings, &identity).await;
        }
        if let Some(found) = configured(container::credentials(&settings.environment).await)? {
            return Ok(found);
        }
        instance::credentials(&settings).await
    }
}

/// The credentials of a source, if it is configured.
fn configured(found: Result<Credentials, CredentialsError>) -> Result<Option<Credentials>, CredentialsError> {
    match found {
        Ok(credentials) => Ok(Some(credentials)),
        Err(CredentialsError::CredentialsNotLoaded(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn of_environment(environment: &Environment) -> Result<Credentials, CredentialsError> {
    let absent = || CredentialsError::not_loaded("the environment contains no credentials");
    let key = environment.get("AWS_ACCESS_KEY_ID").ok_or_else(absent)?;
    let secret = environment.get("AWS_SECRET_ACCESS_KEY").ok_or_else(absent)?;
    Ok(Credentials::new(key, secret, environment.get("AWS_SESSION_TOKEN"), None, "environment"))
}

async fn of_profile(settings: &Settings) -> Result<Credentials, CredentialsError> {
    let RoleChain { source, roles } = resolve(&settings.profiles)?;
    let mut credentials = of_source(settings, source).await?;
    for role in &roles {
        credentials = sts::assume_role(settings, role, credentials).await?;
    }
    Ok(credentials)
}

async fn of_source(settings: &Settings, source: Source) -> Result<Credentials, CredentialsError> {
    match source {
        Source::Keys(keys) => Ok(keys),
        Source::Environment => of_environment(&settings.environment),
        Source::Container => container::credentials(&settings.environment).await,
        Source::Instance => instance::credentials(settings).await,
        Source::Process(command) => process::credentials(&command).await,
        Source::WebIdentity(identity) => sts::assume_role_with_web_identity(settings, &identity).await,
        Source::Sso(sso) => sso::credentials(settings, &sso).await,
    }
}

/// The role and the token that the environment names, as in a pod of Kubernetes.
fn web_identity(environment: &Environment) -> Result<Option<WebIdentity>, CredentialsError> {
    let Some(token_file) = environment.get("AWS_WEB_IDENTITY_TOKEN_FILE") else { return Ok(None) };
    let role = environment
        .get("AWS_ROLE_ARN")
        .ok_or_else(|| CredentialsError::invalid_configuration("AWS_ROLE_ARN is missing"))?;
    Ok(Some(WebIdentity { role, session: environment.get("AWS_ROLE_SESSION_NAME"), token_file }))
}
