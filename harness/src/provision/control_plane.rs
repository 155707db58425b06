//! The calls of the control plane, bounded in time and size.

use std::collections::HashMap;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_appconfig::Client;
use aws_sdk_appconfig::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_appconfig::config::retry::RetryConfig;
use aws_sdk_appconfig::config::timeout::TimeoutConfig;
use aws_sdk_appconfig::config::{
    Builder, ConfigBag, Intercept, ProvideCredentials as _, Region, RuntimeComponents,
};
use aws_sdk_appconfig::error::BoxError;
use aws_sdk_appconfig::primitives::Blob;
use aws_sdk_appconfig::types::{DeletionProtectionCheck, DeploymentState};
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use reqwest::Url;
use rustls::pki_types::CertificateDer;

use crate::client::http::proxy::Proxy;
use crate::provision::call::{CallError, IDENTITY};
use crate::provision::error::ProvisionError;
use crate::provision::held::{Application, Environment, Profile};
use crate::provision::wanted::{Mark, Resource, TAG};

/// The predefined strategy that deploys at once.
const AT_ONCE: &str = "AppConfig.AllAtOnce";
/// The place of a configuration that the control plane itself stores.
const HOSTED: &str = "hosted";

/// The longest wait for one answer, and for one call with all its attempts.
const LONGEST_ATTEMPT: Duration = Duration::from_secs(10);
const LONGEST_CALL: Duration = Duration::from_secs(30);
const ATTEMPTS: u32 = 4;
/// The most bytes of one answer.
const LARGEST_ANSWER: usize = 4 << 20;
/// The most resources of one sort that are read, and how many at once.
const MOST: usize = 10_000;
const PAGE: i32 = 50;
/// The most answers to one listing: pages may be shorter than they are asked for, or empty.
const MOST_PAGES: usize = 400;

/// The hosts of AWS end so, in each of its partitions.
const AWS: [&str; 13] = [
    ".amazonaws.com",
    ".api.aws",
    ".amazonaws.com.cn",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".csp.hci.ic.gov",
    ".api.aws.ic.gov",
    ".api.aws.hci.ic.gov",
    ".cloud.adc-e.uk",
    ".api.cloud-aws.adc-e.uk",
];

/// Whether a host is one of AWS's: by FIPS, by dual stack, or in a VPC of one's own too.
pub fn is_aws(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    AWS.iter().any(|end| host.ends_with(end))
}

/// The control plane, with the credentials and the region that it is called with.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    client: Client,
    identity: aws_sdk_sts::Client,
    is_aws: bool,
    region: String,
    place: String,
    /// Where it is asked for the identity.
    identity_place: String,
    secrets: Vec<String>,
}

/// An application as it is listed.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
}

/// How far a deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The configuration is served.
    Serving,
    /// It will be.
    Coming,
    /// It will not be.
    Ended(String),
}

impl From<Option<&DeploymentState>> for Progress {
    fn from(state: Option<&DeploymentState>) -> Self {
        match state {
            // An emulator that says nothing of it deploys at once.
            None | Some(DeploymentState::Baking | DeploymentState::Complete) => Self::Serving,
            Some(DeploymentState::Deploying | DeploymentState::Validating) => Self::Coming,
            Some(other) => Self::Ended(other.as_str().chars().take(40).collect()),
        }
    }
}

impl ControlPlane {
    /// The control plane at `endpoint`, or AWS's own, with what AWS's default chain finds. It is reached
    /// by way of `proxy`, and trusted if one of `authorities` vouches for it, or one of the system's.
    /// Credentials are looked for as ever.
    ///
    /// # Errors
    /// No region or no credentials are known, or the proxy cannot be used.
    pub async fn connect(
        endpoint: Option<Url>,
        region: Option<&str>,
        authorities: &[CertificateDer<'static>],
        proxy: Option<&Proxy>,
    ) -> Result<Self, ProvisionError> {
        let client = crate::client::sign::credentials::client(authorities, proxy)?;
        let shared =
            crate::client::sign::credentials::config(region).await.into_builder().http_client(client).build();
        let mut control = Self::with(&shared, endpoint).await?;
        control.secrets.extend(proxy.into_iter().flat_map(|proxy| proxy.secrets().to_vec()));
        Ok(control)
    }

    /// The control plane at `endpoint`, or AWS's own, with the region and the credentials of `shared`.
    ///
    /// # Errors
    /// No region or no credentials are known.
    pub async fn with(shared: &SdkConfig, endpoint: Option<Url>) -> Result<Self, ProvisionError> {
        let region = shared.region().ok_or(ProvisionError::NoRegion)?.to_string();
        let provider = shared
            .credentials_provider()
            .ok_or_else(|| ProvisionError::NoCredentials("none are configured".to_owned()))?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| ProvisionError::NoCredentials(why(&error).to_owned()))?;
        let secrets = [
            Some(credentials.access_key_id()),
            Some(credentials.secret_access_key()),
            credentials.session_token(),
        ];
        // One that short is no secret, and replacing it would make messages unreadable.
        let secrets = secrets.into_iter().flatten().filter(|secret| secret.len() > 8).map(str::to_owned);

        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(LONGEST_ATTEMPT)
            .operation_timeout(LONGEST_CALL)
            .build();
        let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
        let mut config = Builder::from(shared)
            .region(Region::new(region.clone()))
            .timeout_config(timeouts.clone())
            .retry_config(retries.clone())
            .interceptor(Bounded);
        let mut identity = aws_sdk_sts::config::Builder::from(shared)
            .region(Region::new(region.clone()))
            .timeout_config(timeouts)
            .retry_config(retries)
            .interceptor(Bounded);
        let url = endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        let is_aws = endpoint.as_ref().is_none_or(|url| url.host_str().is_some_and(is_aws));
        // Without a URL it is AWS's own, whatever the environment says of endpoints.
        config.set_endpoint_url(url.clone());
        // At AWS the identity is another service, at a host of its own; an emulator serves both.
        identity.set_endpoint_url(url.clone().filter(|_| !is_aws));
        let place = format!("{} ({region})", url.as_deref().unwrap_or("AWS"));
        let identity_place = if is_aws { format!("STS of AWS ({region})") } else { place.clone() };
        Ok(Self {
            client: Client::from_conf(config.build()),
            identity: aws_sdk_sts::Client::from_conf(identity.build()),
            is_aws,
            region,
            place,
            identity_place,
            secrets: secrets.collect(),
        })
    }

    /// Where it is, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The region that it is called for.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is AWS's own.
    pub(crate) fn is_aws(&self) -> bool {
        self.is_aws
    }

    fn unreadable(&self, call: &'static str) -> CallError {
        CallError::unreadable(call, &self.place)
    }
}

/// Why there are no credentials. The text of the error may hold parts of them.
fn why(error: &CredentialsError) -> &'static str {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => "none were found",
        CredentialsError::ProviderTimedOut(_) => "their provider did not answer in time",
        CredentialsError::InvalidConfiguration(_) => "their configuration is not valid",
        _ => "their provider failed",
    }
}

/// Awaits a call and names it in its error.
macro_rules! call {
    ($self:ident, $name:literal, $request:expr) => {
        $request.send().await.map_err(|error| CallError::new($name, &$self.place, &error, &$self.secrets))
    };
}

/// Reads all pages of a list, within bounds.
macro_rules! list {
    ($self:ident, $name:literal, $request:expr, $item:expr) => {{
        let mut pages = $request.max_results(PAGE).into_paginator().send();
        let mut items = Vec::new();
        let mut read = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::new($name, &$self.place, &error, &$self.secrets))?;
            items.extend(page.items().iter().filter_map($item));
            read += 1;
            if items.len() > MOST || read >= MOST_PAGES {
                return Err($self.unreadable($name));
            }
        }
        items
    }};
}

/// What is made.
impl ControlPlane {
    pub(crate) async fn create_application(&self, name: &str, mark: &Mark) -> Result<String, CallError> {
        let request = self.client.create_application().name(name).description(mark.description());
        let made = call!(self, "CreateApplication", request.tags(TAG, mark.tag()))?;
        made.id.ok_or_else(|| self.unreadable("CreateApplication"))
    }

    pub(crate) async fn create_environment(
        &self,
        application: &str,
        name: &str,
        mark: &Mark,
    ) -> Result<String, CallError> {
        let request = self.client.create_environment().application_id(application).name(name);
        let made = call!(self, "CreateEnvironment", request.tags(TAG, mark.tag()))?;
        made.id.ok_or_else(|| self.unreadable("CreateEnvironment"))
    }

    pub(crate) async fn create_profile(
        &self,
        application: &str,
        name: &str,
        mark: &Mark,
    ) -> Result<String, CallError> {
        let request = self
            .client
            .create_configuration_profile()
            .application_id(application)
            .name(name)
            .location_uri(HOSTED)
            .tags(TAG, mark.tag());
        let made = call!(self, "CreateConfigurationProfile", request)?;
        made.id.ok_or_else(|| self.unreadable("CreateConfigurationProfile"))
    }

    pub(crate) async fn create_version(
        &self,
        application: &str,
        profile: &str,
        resource: &Resource,
    ) -> Result<i32, CallError> {
        let request = self
            .client
            .create_hosted_configuration_version()
            .application_id(application)
            .configuration_profile_id(profile)
            .content(Blob::new(resource.content))
            .content_type(resource.content_type)
            .set_version_label(resource.version_label.map(str::to_owned));
        Ok(call!(self, "CreateHostedConfigurationVersion", request)?.version_number)
    }

    pub(crate) async fn deploy(
        &self,
        application: &str,
        environment: &str,
        profile: &str,
        version: i32,
        mark: &Mark,
    ) -> Result<(i32, Progress), CallError> {
        let request = self
            .client
            .start_deployment()
            .application_id(application)
            .environment_id(environment)
            .configuration_profile_id(profile)
            .configuration_version(version.to_string())
            .deployment_strategy_id(AT_ONCE)
            .tags(TAG, mark.tag());
        let started = call!(self, "StartDeployment", request)?;
        Ok((started.deployment_number, started.state().into()))
    }

    pub(crate) async fn progress(
        &self,
        application: &str,
        environment: &str,
        deployment: i32,
    ) -> Result<Progress, CallError> {
        let request = self
            .client
            .get_deployment()
            .application_id(application)
            .environment_id(environment)
            .deployment_number(deployment);
        Ok(call!(self, "GetDeployment", request)?.state().into())
    }
}

/// What is there.
impl ControlPlane {
    pub(crate) async fn applications(&self) -> Result<Vec<Listed>, CallError> {
        let read = |item: &aws_sdk_appconfig::types::Application| {
            Some(Listed {
                id: item.id()?.to_owned(),
                name: item.name().unwrap_or_default().to_owned(),
                description: item.description().unwrap_or_default().to_owned(),
            })
        };
        Ok(list!(self, "ListApplications", self.client.list_applications(), read))
    }

    /// An application with all that is in it.
    pub(crate) async fn contents(&self, id: &str, name: &str) -> Result<Application, CallError> {
        let request = self.client.list_environments().application_id(id);
        let read = |item: &aws_sdk_appconfig::types::Environment| item.id().map(str::to_owned);
        let ids = list!(self, "ListEnvironments", request, read);
        let mut environments = Vec::new();
        for environment in ids {
            let request = self.client.list_deployments().application_id(id).environment_id(&environment);
            let read = |item: &aws_sdk_appconfig::types::DeploymentSummary| {
                let is_over = item.state() == Some(&DeploymentState::Complete)
                    || matches!(Progress::from(item.state()), Progress::Ended(_));
                (!is_over).then_some(item.deployment_number)
            };
            let deployments = list!(self, "ListDeployments", request, read);
            environments.push(Environment { id: environment, deployments });
        }
        let request = self.client.list_configuration_profiles().application_id(id);
        let read =
            |item: &aws_sdk_appconfig::types::ConfigurationProfileSummary| item.id().map(str::to_owned);
        let ids = list!(self, "ListConfigurationProfiles", request, read);
        let mut profiles = Vec::new();
        for profile in ids {
            let request = self
                .client
                .list_hosted_configuration_versions()
                .application_id(id)
                .configuration_profile_id(&profile);
            let read = |item: &aws_sdk_appconfig::types::HostedConfigurationVersionSummary| {
                Some(item.version_number)
            };
            let versions = list!(self, "ListHostedConfigurationVersions", request, read);
            profiles.push(Profile { id: profile, versions });
        }
        Ok(Application { id: id.to_owned(), name: name.to_owned(), environments, profiles })
    }

    /// The start of the name (ARN) that tags of applications are kept under: the partition and the
    /// account are those of the credentials.
    pub(crate) async fn tagged(&self) -> Result<String, CallError> {
        let identity = self.identity.get_caller_identity().send().await;
        let identity = identity
            .map_err(|error| CallError::new(IDENTITY, &self.identity_place, &error, &self.secrets))?;
        let account =
            identity.account().ok_or_else(|| CallError::unreadable(IDENTITY, &self.identity_place))?;
        let partition = identity.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        Ok(format!("arn:{partition}:appconfig:{}:{account}:application/", self.region))
    }

    /// The tags of the resource of that name (ARN).
    pub(crate) async fn tags(&self, arn: &str) -> Result<HashMap<String, String>, CallError> {
        let read =
            call!(self, "ListTagsForResource", self.client.list_tags_for_resource().resource_arn(arn))?;
        Ok(read.tags.unwrap_or_default())
    }
}

/// What is removed. What is not there any more is no error.
impl ControlPlane {
    pub(crate) async fn stop(
        &self,
        application: &str,
        environment: &str,
        deployment: i32,
    ) -> Result<(), CallError> {
        let request = self
            .client
            .stop_deployment()
            .application_id(application)
            .environment_id(environment)
            .deployment_number(deployment)
            // Without it, one that bakes goes on.
            .allow_revert(true);
        call!(self, "StopDeployment", request).map(drop)
    }

    pub(crate) async fn delete_environment(
        &self,
        application: &str,
        environment: &str,
    ) -> Result<(), CallError> {
        let request = self
            .client
            .delete_environment()
            .application_id(application)
            .environment_id(environment)
            // It was called a moment ago, which is what the protection looks at.
            .deletion_protection_check(DeletionProtectionCheck::Bypass);
        call!(self, "DeleteEnvironment", request).map(drop).or_else(absent)
    }

    pub(crate) async fn delete_version(
        &self,
        application: &str,
        profile: &str,
        version: i32,
    ) -> Result<(), CallError> {
        let request = self
            .client
            .delete_hosted_configuration_version()
            .application_id(application)
            .configuration_profile_id(profile)
            .version_number(version);
        call!(self, "DeleteHostedConfigurationVersion", request).map(drop).or_else(absent)
    }

    pub(crate) async fn delete_profile(&self, application: &str, profile: &str) -> Result<(), CallError> {
        let request = self
            .client
            .delete_configuration_profile()
            .application_id(application)
            .configuration_profile_id(profile)
            .deletion_protection_check(DeletionProtectionCheck::Bypass);
        call!(self, "DeleteConfigurationProfile", request).map(drop).or_else(absent)
    }

    pub(crate) async fn delete_application(&self, application: &str) -> Result<(), CallError> {
        let request = self.client.delete_application().application_id(application);
        call!(self, "DeleteApplication", request).map(drop).or_else(absent)
    }
}

fn absent(error: CallError) -> Result<(), CallError> {
    if error.is_absent() { Ok(()) } else { Err(error) }
}

/// Reads no more of an answer than it may have.
#[derive(Debug)]
struct Bounded;

impl Intercept for Bounded {
    fn name(&self) -> &'static str {
        "Bounded"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _runtime_components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, LARGEST_ANSWER));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aws_config::BehaviorVersion;
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::*;

    async fn is_of_aws(endpoint: Option<&str>) -> bool {
        let credentials = Credentials::new("a", "b", None, None, "test");
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let endpoint = endpoint.map(|url| url.parse().unwrap());
        ControlPlane::with(&shared, endpoint).await.unwrap().is_aws()
    }

    #[tokio::test]
    async fn aws_is_known_by_its_hosts_also_where_they_are_named() {
        assert!(is_of_aws(None).await);
        for host in [
            "appconfig.eu-west-1.amazonaws.com",
            "APPCONFIG.eu-west-1.amazonaws.com.",
            "appconfig-fips.us-gov-west-1.amazonaws.com",
            "vpce-0a1-b2.appconfig.ap-southeast-2.vpce.amazonaws.com",
            "appconfig.cn-north-1.amazonaws.com.cn",
            "appconfig.cn-north-1.api.amazonwebservices.com.cn",
            "appconfig.us-east-1.api.aws",
            "appconfig-fips.us-east-1.api.aws",
        ] {
            assert!(is_of_aws(Some(&format!("https://{host}/"))).await, "{host}");
        }
        for host in ["127.0.0.1:4566", "localhost", "amazonaws.com.evil.example", "evil-amazonaws.com"] {
            assert!(!is_of_aws(Some(&format!("http://{host}/"))).await, "{host}");
        }
    }
}
