//! The calls of the control plane, with limits on time and size.

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
use crate::provision::plan::{PlannedResource, RunLabel, TAG};
use crate::provision::resources::{Application, Environment, Profile};

/// The predefined strategy that deploys at once.
const ALL_AT_ONCE: &str = "AppConfig.AllAtOnce";
/// The location of a configuration that the control plane stores.
const HOSTED: &str = "hosted";

/// The time limits of one attempt, and of one call with all its attempts.
const MAX_ATTEMPT_TIME: Duration = Duration::from_secs(10);
const MAX_CALL_TIME: Duration = Duration::from_secs(30);
const MAX_ATTEMPTS: u32 = 4;
/// The maximum size of one response in bytes.
const MAX_RESPONSE: usize = 4 << 20;
/// The maximum number of resources in a listing, and the number that one page asks for.
const MAX_ITEMS: usize = 10_000;
const PAGE_SIZE: i32 = 50;
/// The maximum number of pages of a listing: pages may be shorter than requested, or empty.
const MAX_PAGES: usize = 400;

/// The suffixes of AWS hosts in all partitions.
const AWS_SUFFIXES: [&str; 13] = [
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

/// Whether a host belongs to AWS, including FIPS, dual-stack and VPC endpoints.
pub fn is_aws(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    AWS_SUFFIXES.iter().any(|suffix| host.ends_with(suffix))
}

/// A client of the control plane, with its credentials and region.
#[derive(Debug, Clone)]
pub struct ControlPlane {
    client: Client,
    identity: aws_sdk_sts::Client,
    is_aws: bool,
    region: String,
    place: String,
    /// The endpoint of the identity call, as shown to users.
    identity_place: String,
    secrets: Vec<String>,
}

/// An application of a listing.
#[derive(Debug, Clone)]
pub(crate) struct ListedApplication {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
}

/// The progress of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The configuration is served.
    Serving,
    /// The deployment is under way.
    Deploying,
    /// The deployment ended in this state without serving the configuration.
    Ended(String),
}

impl From<Option<&DeploymentState>> for Progress {
    fn from(state: Option<&DeploymentState>) -> Self {
        match state {
            // An emulator that returns no state deploys at once.
            None | Some(DeploymentState::Baking | DeploymentState::Complete) => Self::Serving,
            Some(DeploymentState::Deploying | DeploymentState::Validating) => Self::Deploying,
            Some(other) => Self::Ended(other.as_str().chars().take(40).collect()),
        }
    }
}

impl ControlPlane {
    /// Connects to the control plane at `endpoint`, or to the one of AWS, with the region and credentials of
    /// the default chain of AWS. Calls go through `proxy`. `authorities` are trusted in addition to those of
    /// the system. Finding the credentials does not use the proxy.
    ///
    /// # Errors
    /// There is no region, there are no credentials, or the proxy cannot be used.
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

    /// The control plane at `endpoint`, or the one of AWS, with the region and the credentials of `shared`.
    ///
    /// # Errors
    /// There is no region, or there are no credentials.
    pub async fn with(shared: &SdkConfig, endpoint: Option<Url>) -> Result<Self, ProvisionError> {
        let region = shared.region().ok_or(ProvisionError::NoRegion)?.to_string();
        let provider = shared
            .credentials_provider()
            .ok_or_else(|| ProvisionError::NoCredentials("none are configured".to_owned()))?;
        let credentials = provider
            .provide_credentials()
            .await
            .map_err(|error| ProvisionError::NoCredentials(reason(&error).to_owned()))?;
        let secrets = [
            Some(credentials.access_key_id()),
            Some(credentials.secret_access_key()),
            credentials.session_token(),
        ];
        // Replacing short values would make messages unreadable, and they are no secrets.
        let secrets = secrets.into_iter().flatten().filter(|secret| secret.len() > 8).map(str::to_owned);

        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(MAX_ATTEMPT_TIME)
            .operation_timeout(MAX_CALL_TIME)
            .build();
        let retries = RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS);
        let mut config = Builder::from(shared)
            .region(Region::new(region.clone()))
            .timeout_config(timeouts.clone())
            .retry_config(retries.clone())
            .interceptor(ResponseLimit);
        let mut identity = aws_sdk_sts::config::Builder::from(shared)
            .region(Region::new(region.clone()))
            .timeout_config(timeouts)
            .retry_config(retries)
            .interceptor(ResponseLimit);
        let url = endpoint.as_ref().map(|url| url.as_str().trim_end_matches('/').to_owned());
        let is_aws = endpoint.as_ref().is_none_or(|url| url.host_str().is_some_and(is_aws));
        // Without a URL, the endpoint is that of AWS, even if the environment sets another one.
        config.set_endpoint_url(url.clone());
        // At AWS, STS has a host of its own; an emulator serves both.
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

    /// The endpoint, as shown to users.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The region of the calls.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is the control plane of AWS.
    pub(crate) fn is_aws(&self) -> bool {
        self.is_aws
    }

    fn unreadable(&self, call: &'static str) -> CallError {
        CallError::unreadable(call, &self.place)
    }
}

/// Why there are no credentials. The message of the error itself may contain parts of them.
fn reason(error: &CredentialsError) -> &'static str {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => "none were found",
        CredentialsError::ProviderTimedOut(_) => "their provider did not respond in time",
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

/// Reads all pages of a listing, within the limits.
macro_rules! list {
    ($self:ident, $name:literal, $request:expr, $item:expr) => {{
        let mut pages = $request.max_results(PAGE_SIZE).into_paginator().send();
        let mut items = Vec::new();
        let mut read = 0;
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CallError::new($name, &$self.place, &error, &$self.secrets))?;
            items.extend(page.items().iter().filter_map($item));
            read += 1;
            if items.len() > MAX_ITEMS || read >= MAX_PAGES {
                return Err($self.unreadable($name));
            }
        }
        items
    }};
}

/// Creates resources.
impl ControlPlane {
    pub(crate) async fn create_application(&self, name: &str, label: &RunLabel) -> Result<String, CallError> {
        let request = self.client.create_application().name(name).description(label.description());
        let created = call!(self, "CreateApplication", request.tags(TAG, label.tag()))?;
        created.id.ok_or_else(|| self.unreadable("CreateApplication"))
    }

    pub(crate) async fn create_environment(
        &self,
        application: &str,
        name: &str,
        label: &RunLabel,
    ) -> Result<String, CallError> {
        let request = self.client.create_environment().application_id(application).name(name);
        let created = call!(self, "CreateEnvironment", request.tags(TAG, label.tag()))?;
        created.id.ok_or_else(|| self.unreadable("CreateEnvironment"))
    }

    pub(crate) async fn create_profile(
        &self,
        application: &str,
        name: &str,
        label: &RunLabel,
    ) -> Result<String, CallError> {
        let request = self
            .client
            .create_configuration_profile()
            .application_id(application)
            .name(name)
            .location_uri(HOSTED)
            .tags(TAG, label.tag());
        let created = call!(self, "CreateConfigurationProfile", request)?;
        created.id.ok_or_else(|| self.unreadable("CreateConfigurationProfile"))
    }

    pub(crate) async fn create_version(
        &self,
        application: &str,
        profile: &str,
        resource: &PlannedResource,
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
        label: &RunLabel,
    ) -> Result<(i32, Progress), CallError> {
        let request = self
            .client
            .start_deployment()
            .application_id(application)
            .environment_id(environment)
            .configuration_profile_id(profile)
            .configuration_version(version.to_string())
            .deployment_strategy_id(ALL_AT_ONCE)
            .tags(TAG, label.tag());
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

/// Reads resources.
impl ControlPlane {
    pub(crate) async fn applications(&self) -> Result<Vec<ListedApplication>, CallError> {
        let read = |item: &aws_sdk_appconfig::types::Application| {
            Some(ListedApplication {
                id: item.id()?.to_owned(),
                name: item.name().unwrap_or_default().to_owned(),
                description: item.description().unwrap_or_default().to_owned(),
            })
        };
        Ok(list!(self, "ListApplications", self.client.list_applications(), read))
    }

    /// An application with everything in it.
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

    /// The prefix of the ARNs of applications, with the partition and the account of the credentials.
    pub(crate) async fn application_arn_prefix(&self) -> Result<String, CallError> {
        let identity = self.identity.get_caller_identity().send().await;
        let identity = identity
            .map_err(|error| CallError::new(IDENTITY, &self.identity_place, &error, &self.secrets))?;
        let account =
            identity.account().ok_or_else(|| CallError::unreadable(IDENTITY, &self.identity_place))?;
        let partition = identity.arn().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws");
        Ok(format!("arn:{partition}:appconfig:{}:{account}:application/", self.region))
    }

    /// The tags of a resource.
    pub(crate) async fn tags(&self, arn: &str) -> Result<HashMap<String, String>, CallError> {
        let read =
            call!(self, "ListTagsForResource", self.client.list_tags_for_resource().resource_arn(arn))?;
        Ok(read.tags.unwrap_or_default())
    }
}

/// Removes resources. A resource that no longer exists is no error.
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
            // Without it, a deployment that bakes continues.
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
            // The protection refuses to delete what was used recently.
            .deletion_protection_check(DeletionProtectionCheck::Bypass);
        call!(self, "DeleteEnvironment", request).map(drop).or_else(ignore_absent)
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
        call!(self, "DeleteHostedConfigurationVersion", request).map(drop).or_else(ignore_absent)
    }

    pub(crate) async fn delete_profile(&self, application: &str, profile: &str) -> Result<(), CallError> {
        let request = self
            .client
            .delete_configuration_profile()
            .application_id(application)
            .configuration_profile_id(profile)
            .deletion_protection_check(DeletionProtectionCheck::Bypass);
        call!(self, "DeleteConfigurationProfile", request).map(drop).or_else(ignore_absent)
    }

    pub(crate) async fn delete_application(&self, application: &str) -> Result<(), CallError> {
        let request = self.client.delete_application().application_id(application);
        call!(self, "DeleteApplication", request).map(drop).or_else(ignore_absent)
    }
}

fn ignore_absent(error: CallError) -> Result<(), CallError> {
    if error.is_absent() { Ok(()) } else { Err(error) }
}

/// Limits the size of responses.
#[derive(Debug)]
struct ResponseLimit;

impl Intercept for ResponseLimit {
    fn name(&self) -> &'static str {
        "ResponseLimit"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _runtime_components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, MAX_RESPONSE));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aws_config::BehaviorVersion;
    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use super::*;

    async fn is_at_aws(endpoint: Option<&str>) -> bool {
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
    async fn aws_is_recognized_by_host() {
        assert!(is_at_aws(None).await);
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
            assert!(is_at_aws(Some(&format!("https://{host}/"))).await, "{host}");
        }
        for host in ["127.0.0.1:4566", "localhost", "amazonaws.com.evil.example", "evil-amazonaws.com"] {
            assert!(!is_at_aws(Some(&format!("http://{host}/"))).await, "{host}");
        }
    }
}
