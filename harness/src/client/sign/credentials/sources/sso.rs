//! Credentials of users that are logged in with IAM Identity Center (`aws sso login`).

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use bytes::Bytes;
use cases::protocol::Request;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use crate::client::sign::credentials::call::{Server, get};
use crate::client::sign::credentials::role_chain::Sso;
use crate::client::sign::credentials::settings::{OIDC, SSO, Settings};
use crate::client::sign::query::form;

const TIMEOUT: Duration = Duration::from_secs(10);
const PROVIDER: &str = "SSO";
/// A login that ends sooner than this is renewed.
const RENEW_BEFORE_END: Duration = Duration::from_mins(5);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    role_credentials: RoleCredentials,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    /// In milliseconds since 1970.
    expiration: i64,
}

/// Fetches the credentials of a role with the token of the login.
///
/// # Errors
/// The user is not logged in, or has no such role.
pub(crate) async fn credentials(settings: &Settings, sso: &Sso) -> Result<Credentials, CredentialsError> {
    let token = token(settings, sso).await?;
    let url = settings.endpoint(&SSO, &sso.region);
    let server = Server { name: PROVIDER, url: &url, timeout: TIMEOUT };
    let query = form(&[("role_name", &sso.role), ("account_id", &sso.account)]);
    let request =
        get(format!("/federation/credentials?{query}"), &[("x-amz-sso_bearer_token", token.as_str())]);
    let body = server.send(&request, None).await?.body;
    let Response { role_credentials: keys } =
        serde_json::from_slice(&body).map_err(|_| server.unreadable())?;
    let expiry = Timestamp::from_millisecond(keys.expiration).and_then(SystemTime::try_from);
    let expiry = expiry.map_err(|_| server.unreadable())?;
    let token = Some(keys.session_token);
    Ok(Credentials::new(keys.access_key_id, keys.secret_access_key, token, Some(expiry), PROVIDER))
}

/// The token of the login, renewed if it ends soon.
async fn token(settings: &Settings, sso: &Sso) -> Result<String, CredentialsError> {
    let path = cache_file(settings, sso)?;
    let login = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let login: Value = login.ok_or_else(not_logged_in)?;
    let now = SystemTime::now();
    let ends = time(&login, "expiresAt").ok_or_else(not_logged_in)?;
    if sso.session.is_some()
        && ends <= now + RENEW_BEFORE_END
        && let Some(request) = renewal(&login, now)
    {
        match renew(settings, sso, &request, login.clone()).await {
            Ok(renewed) => return save(&path, &renewed),
            Err(error) if ends <= now => return Err(error),
            Err(_) => {}
        }
    }
    if ends <= now {
        return Err(not_logged_in());
    }
    member(&login, "accessToken").map(str::to_owned).ok_or_else(not_logged_in)
}

/// The file in which `aws sso login` keeps the token.
fn cache_file(settings: &Settings, sso: &Sso) -> Result<PathBuf, CredentialsError> {
    let home = settings.environment.home();
    let home = home.ok_or_else(|| CredentialsError::invalid_configuration("there is no home folder"))?;
    let digest = Sha1::digest(sso.session.as_deref().unwrap_or(&sso.start_url));
    let digest = Bytes::copy_from_slice(&digest);
    Ok(home.join(".aws/sso/cache").join(format!("{digest:x}.json")))
}

fn not_logged_in() -> CredentialsError {
    CredentialsError::provider_error("the login with SSO is missing or over; run `aws sso login`")
}

fn member<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str()
}

/// A time. Older versions of the command write the zone as `UTC`.
fn time(login: &Value, name: &str) -> Option<SystemTime> {
    let time: Timestamp = member(login, name)?.replace("UTC", "Z").parse().ok()?;
    time.try_into().ok()
}

/// The request that renews a login, if it can be renewed.
fn renewal(login: &Value, now: SystemTime) -> Option<Request> {
    time(login, "registrationExpiresAt").filter(|end| *end > now)?;
    let body = json!({
        "clientId": member(login, "clientId")?,
        "clientSecret": member(login, "clientSecret")?,
        "grantType": "refresh_token",
        "refreshToken": member(login, "refreshToken")?,
    });
    Some(Request {
        method: "POST".to_owned(),
        target: "/token".to_owned(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
        ..Request::default()
    })
}

async fn renew(
    settings: &Settings,
    sso: &Sso,
    request: &Request,
    mut login: Value,
) -> Result<Value, CredentialsError> {
    let url = settings.endpoint(&OIDC, &sso.region);
    let server = Server { name: PROVIDER, url: &url, timeout: TIMEOUT };
    let body = server.send(request, None).await?.body;
    let renewed: Value = serde_json::from_slice(&body).map_err(|_| server.unreadable())?;
    let token = member(&renewed, "accessToken").ok_or_else(|| server.unreadable())?;
    let seconds = renewed.get("expiresIn").and_then(Value::as_u64).ok_or_else(|| server.unreadable())?;
    let ends = Timestamp::try_from(SystemTime::now() + Duration::from_secs(seconds.min(u64::from(u32::MAX))));
    login["accessToken"] = token.into();
    login["expiresAt"] = ends.map_err(|_| server.unreadable())?.to_string().into();
    if let Some(next) = member(&renewed, "refreshToken") {
        login["refreshToken"] = next.into();
    }
    Ok(login)
}

/// Saves a renewed login, since the old one can be renewed only once, and returns its token.
fn save(path: &Path, login: &Value) -> Result<String, CredentialsError> {
    std::fs::write(path, login.to_string()).map_err(CredentialsError::provider_error)?;
    member(login, "accessToken").map(str::to_owned).ok_or_else(not_logged_in)
}
