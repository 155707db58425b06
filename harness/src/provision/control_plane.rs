//! The calls of the control plane, with limits on time and size.

use std::collections::HashMap;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use cases::protocol::{Request, Response};
use cases::signing::Scope;
use reqwest::Url;
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};

use crate::client::http::proxy::Proxy;
use crate::client::http::settings::{Settings, Trust};
use crate::client::sign::credentials::access::Access;
use crate::client::sign::credentials::environment::Environment;
use crate::client::sign::endpoint::endpoint as aws_endpoint;
use crate::client::sign::query::{action, encoded, text};
use crate::provision::call::{CallError, IDENTITY};
use crate::provision::caller::Caller;
use crate::provision::error::ProvisionError;
use crate::provision::plan::{PlannedResource, RunLabel, TAG};
use crate::provision::resources::{Application, Environment as Created, Profile};

/// The signing names of the control plane and of STS.
const SERVICE: &str = "appconfig";
const STS: &str = "sts";
const CONTENT_TYPE: &str = "content-type";
/// The predefined strategy that deploys at once.
const ALL_AT_ONCE: &str = "AppConfig.AllAtOnce";
/// The location of a configuration that the control plane stores.
const HOSTED: &str = "hosted";

/// The maximum number of resources in a listing, and the number that one page asks for.
const MAX_ITEMS: usize = 10_000;
const PAGE_SIZE: usize = 50;
/// The maximum number of pages of a listing: pages may be shorter than requested, or empty.
const MAX_PAGES: usize = 400;

/// Deletes what was used recently too, which the control plane would refuse otherwise.
const UNPROTECTED: (&str, &str) = ("x-amzn-deletion-protection-check", "BYPASS");
/// Stops a deployment that bakes too, which would continue otherwise.
const REVERT: (&str, &str) = ("allow-revert", "true");

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
    caller: Caller,
    /// The caller of STS, which knows the account of the credentials.
    identity: Caller,
    is_aws: bool,
    region: String,
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

impl Progress {
    /// The progress of a deployment in this state.
    fn of(state: Option<&str>) -> Self {
        match state {
            // An emulator that returns no state deploys at once.
            None | Some("BAKING" | "COMPLETE") => Self::Serving,
            Some("DEPLOYING" | "VALIDATING") => Self::Deploying,
            Some(other) => Self::Ended(other.chars().take(40).collect()),
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
        let trust = Trust { authorities: authorities.to_vec(), ..Trust::default() };
        let connection = Settings { trust, proxy: proxy.cloned(), ..Settings::default() };
        let access = Access::load(region, Environment::default()).await;
        Self::over(&connection, &access, endpoint).await
    }

    /// The control plane at `endpoint`, or the one of AWS, with the region and the credentials of `access`.
    ///
    /// # Errors
    /// There is no region, or there are no credentials.
    pub async fn with(access: &Access, endpoint: Option<Url>) -> Result<Self, ProvisionError> {
        Self::over(&Settings::default(), access, endpoint).await
    }

    async fn over(
        connection: &Settings,
        access: &Access,
        endpoint: Option<Url>,
    ) -> Result<Self, ProvisionError> {
        let region = access.region.clone().ok_or(ProvisionError::NoRegion)?;
        let scope = |service: &str| Scope { region: region.clone(), service: service.to_owned() };
        let of_aws = |service| aws_endpoint(service, &region, access.endpoints);
        let is_aws = endpoint.as_ref().is_none_or(|url| url.host_str().is_some_and(is_aws));
        let place = endpoint.as_ref().map_or("AWS", |url| url.as_str().trim_end_matches('/'));
        let place = format!("{place} ({region})");
        // Without a URL, the endpoint is that of AWS, even if the environment sets another one.
        let url = endpoint.map_or_else(|| of_aws(SERVICE), String::from);
        let caller = Caller::new(&url, place.clone(), scope(SERVICE), access.provider.clone(), connection)?;
        let credentials = caller.signer().credentials().await;
        credentials.map_err(|error| ProvisionError::NoCredentials(reason(&error).to_owned()))?;
        // At AWS, STS has a host of its own; an emulator serves both.
        let (url, place) =
            if is_aws { (of_aws(STS), format!("STS of AWS ({region})")) } else { (url, place) };
        let provider = SharedCredentialsProvider::new(caller.signer().clone());
        let identity = Caller::new(&url, place, scope(STS), provider, connection)?;
        Ok(Self { caller, identity, is_aws, region })
    }

    /// The endpoint, as shown to users.
    pub fn place(&self) -> &str {
        self.caller.place()
    }

    /// The region of the calls.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether it is the control plane of AWS.
    pub(crate) fn is_aws(&self) -> bool {
        self.is_aws
    }

    /// Sends a call with a JSON body, and returns that of the response.
    async fn call(
        &self,
        call: &'static str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, CallError> {
        let mut request = request(method, path, &[]);
        if let Some(body) = body {
            request.headers.push((CONTENT_TYPE.to_owned(), "application/json".to_owned()));
            request.body = body.to_string().into_bytes();
        }
        let response = self.caller.send(call, request).await?;
        serde_json::from_slice(&response.body).map_err(|_| self.caller.unreadable(call))
    }

    /// Creates something, and returns its id.
    async fn create(&self, call: &'static str, path: &str, body: Value) -> Result<String, CallError> {
        let created = self.call(call, "POST", path, Some(body)).await?;
        member(&created, "Id").ok_or_else(|| self.caller.unreadable(call))
    }

    /// Reads all pages of a listing, within the limits.
    async fn list<T>(
        &self,
        call: &'static str,
        path: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Vec<T>, CallError> {
        let (mut items, mut next) = (Vec::new(), String::new());
        for _ in 0..MAX_PAGES {
            let target = format!("{path}?max_results={PAGE_SIZE}{next}");
            let page = self.call(call, "GET", &target, None).await?;
            items.extend(page["Items"].as_array().into_iter().flatten().filter_map(&read));
            if items.len() > MAX_ITEMS {
                break;
            }
            match member(&page, "NextToken").filter(|token| !token.is_empty()) {
                Some(token) => next = format!("&next_token={}", encoded(&token)),
                None => return Ok(items),
            }
        }
        Err(self.caller.unreadable(call))
    }

    /// Deletes something. If it no longer exists, that is no error.
    async fn delete(
        &self,
        call: &'static str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<(), CallError> {
        match self.caller.send(call, request("DELETE", path, headers)).await {
            Err(error) if !error.is_absent() => Err(error),
            _ => Ok(()),
        }
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Request { method: method.to_owned(), target: path.to_owned(), headers, ..Request::default() }
}

/// A member that is a string.
fn member(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::to_owned)
}

/// A member that is a number.
fn number(value: &Value, name: &str) -> Option<i32> {
    value[name].as_i64()?.try_into().ok()
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

/// Creates resources.
impl ControlPlane {
    pub(crate) async fn create_application(&self, name: &str, label: &RunLabel) -> Result<String, CallError> {
        let body = json!({ "Name": name, "Description": label.description(), "Tags": tags(label) });
        self.create("CreateApplication", "/applications", body).await
    }

    pub(crate) async fn create_environment(
        &self,
        application: &str,
        name: &str,
        label: &RunLabel,
    ) -> Result<String, CallError> {
        let body = json!({ "Name": name, "Tags": tags(label) });
        self.create("CreateEnvironment", &environments(application), body).await
    }

    pub(crate) async fn create_profile(
        &self,
        application: &str,
        name: &str,
        label: &RunLabel,
    ) -> Result<String, CallError> {
        let body = json!({ "Name": name, "LocationUri": HOSTED, "Tags": tags(label) });
        self.create("CreateConfigurationProfile", &profiles(application), body).await
    }

    pub(crate) async fn create_version(
        &self,
        application: &str,
        profile: &str,
        resource: &PlannedResource,
    ) -> Result<i32, CallError> {
        const CALL: &str = "CreateHostedConfigurationVersion";
        let label = resource.version_label.map(|label| ("versionlabel", label));
        let headers = [&[(CONTENT_TYPE, resource.content_type)], label.as_slice()].concat();
        let mut request = request("POST", &versions(application, profile), &headers);
        request.body = resource.content.into();
        let created: Response = self.caller.send(CALL, request).await?;
        let number = created.header("version-number").and_then(|number| number.parse().ok());
        number.ok_or_else(|| self.caller.unreadable(CALL))
    }

    pub(crate) async fn deploy(
        &self,
        application: &str,
        environment: &str,
        profile: &str,
        version: i32,
        label: &RunLabel,
    ) -> Result<(i32, Progress), CallError> {
        const CALL: &str = "StartDeployment";
        let body = json!({
            "ConfigurationProfileId": profile,
            "ConfigurationVersion": version.to_string(),
            "DeploymentStrategyId": ALL_AT_ONCE,
            "Tags": tags(label),
        });
        let started = self.call(CALL, "POST", &deployments(application, environment), Some(body)).await?;
        let number = number(&started, "DeploymentNumber").ok_or_else(|| self.caller.unreadable(CALL))?;
        Ok((number, Progress::of(started["State"].as_str())))
    }

    pub(crate) async fn progress(
        &self,
        application: &str,
        environment: &str,
        deployment: i32,
    ) -> Result<Progress, CallError> {
        let path = format!("{}/{deployment}", deployments(application, environment));
        let deployment = self.call("GetDeployment", "GET", &path, None).await?;
        Ok(Progress::of(deployment["State"].as_str()))
    }
}

/// The tags of a resource.
fn tags(label: &RunLabel) -> Value {
    json!({ TAG: label.tag() })
}

fn application(id: &str) -> String {
    format!("/applications/{}", encoded(id))
}

fn environments(application_id: &str) -> String {
    format!("{}/environments", application(application_id))
}

fn deployments(application: &str, environment: &str) -> String {
    format!("{}/{}/deployments", environments(application), encoded(environment))
}

fn profiles(application_id: &str) -> String {
    format!("{}/configurationprofiles", application(application_id))
}

fn versions(application: &str, profile: &str) -> String {
    format!("{}/{}/hostedconfigurationversions", profiles(application), encoded(profile))
}

/// Reads resources.
impl ControlPlane {
    pub(crate) async fn applications(&self) -> Result<Vec<ListedApplication>, CallError> {
        let read = |item: &Value| {
            Some(ListedApplication {
                id: member(item, "Id")?,
                name: member(item, "Name").unwrap_or_default(),
                description: member(item, "Description").unwrap_or_default(),
            })
        };
        self.list("ListApplications", "/applications", read).await
    }

    /// An application with everything in it.
    pub(crate) async fn contents(&self, id: &str, name: &str) -> Result<Application, CallError> {
        let read_id = |item: &Value| member(item, "Id");
        let mut created = Application::empty(id.to_owned(), name.to_owned());
        for environment in self.list("ListEnvironments", &environments(id), read_id).await? {
            let path = deployments(id, &environment);
            let deployments = self.list("ListDeployments", &path, unfinished).await?;
            created.environments.push(Created { id: environment, deployments });
        }
        for profile in self.list("ListConfigurationProfiles", &profiles(id), read_id).await? {
            let read = |item: &Value| number(item, "VersionNumber");
            let path = versions(id, &profile);
            let versions = self.list("ListHostedConfigurationVersions", &path, read).await?;
            created.profiles.push(Profile { id: profile, versions });
        }
        Ok(created)
    }

    /// The prefix of the ARNs of applications, with the partition and the account of the credentials.
    pub(crate) async fn application_arn_prefix(&self) -> Result<String, CallError> {
        let identity = self.identity.send(IDENTITY, action(IDENTITY, &[])).await?.body;
        let account = text(&identity, "Account").ok_or_else(|| self.identity.unreadable(IDENTITY))?;
        let arn = text(&identity, "Arn").unwrap_or_default();
        let partition = arn.split(':').nth(1).unwrap_or("aws");
        Ok(format!("arn:{partition}:appconfig:{}:{account}:application/", self.region))
    }

    /// The tags of a resource.
    pub(crate) async fn tags(&self, arn: &str) -> Result<HashMap<String, String>, CallError> {
        let read = self.call("ListTagsForResource", "GET", &format!("/tags/{}", encoded(arn)), None).await?;
        let tags = read["Tags"].as_object().into_iter().flatten();
        Ok(tags.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect())
    }
}

/// The number of a deployment that may be under way.
fn unfinished(item: &Value) -> Option<i32> {
    let state = item["State"].as_str();
    let is_over = state == Some("COMPLETE") || matches!(Progress::of(state), Progress::Ended(_));
    number(item, "DeploymentNumber").filter(|_| !is_over)
}

/// Removes resources. A resource that no longer exists is no error.
impl ControlPlane {
    pub(crate) async fn stop(
        &self,
        application: &str,
        environment: &str,
        deployment: i32,
    ) -> Result<(), CallError> {
        let path = format!("{}/{deployment}", deployments(application, environment));
        self.caller.send("StopDeployment", request("DELETE", &path, &[REVERT])).await.map(drop)
    }

    pub(crate) async fn delete_environment(
        &self,
        application: &str,
        environment: &str,
    ) -> Result<(), CallError> {
        let path = format!("{}/{}", environments(application), encoded(environment));
        self.delete("DeleteEnvironment", &path, &[UNPROTECTED]).await
    }

    pub(crate) async fn delete_version(
        &self,
        application: &str,
        profile: &str,
        version: i32,
    ) -> Result<(), CallError> {
        let path = format!("{}/{version}", versions(application, profile));
        self.delete("DeleteHostedConfigurationVersion", &path, &[]).await
    }

    pub(crate) async fn delete_profile(&self, application: &str, profile: &str) -> Result<(), CallError> {
        let path = format!("{}/{}", profiles(application), encoded(profile));
        self.delete("DeleteConfigurationProfile", &path, &[UNPROTECTED]).await
    }

    pub(crate) async fn delete_application(&self, id: &str) -> Result<(), CallError> {
        self.delete("DeleteApplication", &application(id), &[]).await
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;

    use super::*;

    async fn is_at_aws(endpoint: Option<&str>) -> bool {
        let credentials = Credentials::new("a", "b", None, None, "test");
        let access = Access::new("eu-west-1", SharedCredentialsProvider::new(credentials));
        let endpoint = endpoint.map(|url| url.parse().unwrap());
        ControlPlane::with(&access, endpoint).await.unwrap().is_aws()
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
