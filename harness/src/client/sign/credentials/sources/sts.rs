//! Credentials of roles, which STS returns.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use cases::protocol::Request;
use cases::signing::Scope;
use jiff::Timestamp;

use crate::client::sign::credentials::call::Server;
use crate::client::sign::credentials::role_chain::{Role, WebIdentity};
use crate::client::sign::credentials::settings::{STS, Settings};
use crate::client::sign::query::{action, text};
use crate::client::sign::signer::Signer;

const TIMEOUT: Duration = Duration::from_secs(10);
const PROVIDER: &str = "STS";

/// Assumes a role with credentials.
///
/// # Errors
/// There is no region, or STS returns no credentials.
pub(crate) async fn assume_role(
    settings: &Settings,
    role: &Role,
    credentials: Credentials,
) -> Result<Credentials, CredentialsError> {
    let session = role.session.clone().unwrap_or_else(session_name);
    let mut parameters = vec![("RoleArn", role.arn.as_str()), ("RoleSessionName", &session)];
    parameters.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
    let scope = Scope { region: settings.region()?.to_owned(), service: "sts".to_owned() };
    let provider = SharedCredentialsProvider::new(credentials);
    let signer = Signer::new(provider, scope, SystemTime::now, |_| false);
    call(settings, &action("AssumeRole", &parameters), Some(&signer)).await
}

/// Assumes a role with the token of an identity provider.
///
/// # Errors
/// There is no token or no region, or STS returns no credentials.
pub(crate) async fn assume_role_with_web_identity(
    settings: &Settings,
    identity: &WebIdentity,
) -> Result<Credentials, CredentialsError> {
    let token = std::fs::read_to_string(&identity.token_file).map_err(CredentialsError::provider_error)?;
    let session = identity.session.clone().unwrap_or_else(session_name);
    let parameters = [
        ("RoleArn", identity.role.as_str()),
        ("RoleSessionName", &session),
        ("WebIdentityToken", token.trim()),
    ];
    call(settings, &action("AssumeRoleWithWebIdentity", &parameters), None).await
}

async fn call(
    settings: &Settings,
    request: &Request,
    signer: Option<&Signer>,
) -> Result<Credentials, CredentialsError> {
    let url = settings.endpoint(&STS, settings.region()?);
    let server = Server { name: PROVIDER, url: &url, timeout: TIMEOUT };
    let body = server.send(request, signer).await?.body;
    let read = |name: &str| text(&body, name).ok_or_else(|| server.unreadable());
    let expiry: Timestamp = read("Expiration")?.parse().map_err(|_| server.unreadable())?;
    let expiry = SystemTime::try_from(expiry).map_err(|_| server.unreadable())?;
    let (key, secret) = (read("AccessKeyId")?, read("SecretAccessKey")?);
    Ok(Credentials::new(key, secret, Some(read("SessionToken")?), Some(expiry), PROVIDER))
}

/// A name for the session of a role, if the user chose none.
fn session_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("boundstone-{}", now.as_millis())
}
