//! Credentials and region of an EC2 instance, from its metadata service (`IMDSv2`).

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use cases::protocol::Request;

use crate::client::sign::credentials::call::{CallFailure, Server, get};
use crate::client::sign::credentials::keys::Keys;
use crate::client::sign::credentials::settings::Settings;

/// The service is near, or there is none.
const TIMEOUT: Duration = Duration::from_secs(1);
const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";
const TOKEN_HEADER: &str = "x-aws-ec2-metadata-token";
/// How long the service accepts a token, in seconds. It is used at once.
const TOKEN_LIFE: &str = "60";
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const REGION: &str = "/latest/meta-data/placement/region";

/// Fetches the credentials of the role of this instance.
///
/// # Errors
/// The error says "not loaded" if this is no instance, or one without a role.
pub(crate) async fn credentials(settings: &Settings) -> Result<Credentials, CredentialsError> {
    let url = url(settings)?;
    let server = Server { name: "instance metadata", url: &url, timeout: TIMEOUT };
    let token = token(&server).await?;
    let roles = read(&server, &token, ROLES).await?;
    let role = roles.lines().next().unwrap_or_default().trim();
    let body = read(&server, &token, &format!("{ROLES}{role}")).await?;
    let keys: Keys = serde_json::from_str(&body).map_err(|_| server.unreadable())?;
    Ok(keys.into_credentials("instance metadata"))
}

/// The region of this instance, if it is one.
pub(crate) async fn region(settings: &Settings) -> Option<String> {
    let url = url(settings).ok()?;
    let server = Server { name: "instance metadata", url: &url, timeout: TIMEOUT };
    let token = token(&server).await.ok()?;
    read(&server, &token, REGION).await.ok().map(|region| region.trim().to_owned())
}

fn url(settings: &Settings) -> Result<String, CredentialsError> {
    let Settings { environment, profiles, .. } = settings;
    if environment.is_true("AWS_EC2_METADATA_DISABLED") {
        return Err(CredentialsError::not_loaded("AWS_EC2_METADATA_DISABLED is set"));
    }
    let of_profile = |name: &str| profiles.setting(name).map(str::to_owned);
    let named = environment
        .get("AWS_EC2_METADATA_SERVICE_ENDPOINT")
        .or_else(|| of_profile("ec2_metadata_service_endpoint"));
    let mode = environment
        .get("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE")
        .or_else(|| of_profile("ec2_metadata_service_endpoint_mode"));
    let is_ipv6 = mode.is_some_and(|mode| mode.trim().eq_ignore_ascii_case("ipv6"));
    Ok(named.unwrap_or_else(|| if is_ipv6 { IPV6 } else { IPV4 }.to_owned()))
}

/// The token that authorizes the following requests.
async fn token(server: &Server<'_>) -> Result<String, CredentialsError> {
    let headers = vec![("x-aws-ec2-metadata-token-ttl-seconds".to_owned(), TOKEN_LIFE.to_owned())];
    let target = "/latest/api/token".to_owned();
    let request = Request { method: "PUT".to_owned(), target, headers, ..Request::default() };
    match server.call(&request, None).await {
        Ok(response) => String::from_utf8(response.body).map_err(|_| server.unreadable()),
        Err(CallFailure::Transport(_)) => Err(CredentialsError::not_loaded("this is no instance")),
        Err(failure) => Err(server.error(failure)),
    }
}

async fn read(server: &Server<'_>, token: &str, path: &str) -> Result<String, CredentialsError> {
    match server.call(&get(path.to_owned(), &[(TOKEN_HEADER, token)]), None).await {
        Ok(response) => String::from_utf8(response.body).map_err(|_| server.unreadable()),
        Err(CallFailure::Status(404)) => Err(CredentialsError::not_loaded("the instance has no role")),
        Err(failure) => Err(server.error(failure)),
    }
}
