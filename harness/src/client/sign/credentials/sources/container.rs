//! Credentials of a container, on ECS or EKS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use reqwest::Url;

use crate::client::sign::credentials::call::{Server, get};
use crate::client::sign::credentials::environment::Environment;
use crate::client::sign::credentials::keys::Keys;

const TIMEOUT: Duration = Duration::from_secs(5);
const ECS: Ipv4Addr = Ipv4Addr::new(169, 254, 170, 2);
/// The addresses to which a token may be sent without TLS, except those of this machine.
const ALLOWED: [IpAddr; 3] = [
    IpAddr::V4(ECS),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23)),
];

/// Fetches the credentials of the container in which boundstone runs.
///
/// # Errors
/// The error says "not loaded" if there is no container.
pub(crate) async fn credentials(environment: &Environment) -> Result<Credentials, CredentialsError> {
    let url = url(environment).await?;
    let (path, base) = (target(&url), url.origin().ascii_serialization());
    let server = Server { name: "container", url: &base, timeout: TIMEOUT };
    let token = token(environment)?;
    let headers = token.as_deref().map(|token| ("authorization", token));
    let request = get(path, headers.as_slice());
    let response = server.send(&request, None).await?;
    let keys: Keys = serde_json::from_slice(&response.body).map_err(|_| server.unreadable())?;
    Ok(keys.into_credentials("container"))
}

/// The URL of the service, which must not be another machine without TLS.
async fn url(environment: &Environment) -> Result<Url, CredentialsError> {
    let invalid = |problem: &str| CredentialsError::invalid_configuration(problem);
    if let Some(path) = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
        let url = Url::parse(&format!("http://{ECS}")).and_then(|base| base.join(&path));
        return url
            .ok()
            .filter(|url| url.host_str() == Some(&ECS.to_string()))
            .ok_or_else(|| invalid("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path"));
    }
    let full = environment
        .get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        .ok_or_else(|| CredentialsError::not_loaded("there is no container"))?;
    let url = Url::parse(&full).map_err(|_| invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI is not a URL"))?;
    if url.scheme() == "https" || url.scheme() == "http" && is_allowed(&url).await {
        Ok(url)
    } else {
        Err(invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI names another machine without TLS"))
    }
}

/// Whether a host is this machine or a service of containers.
async fn is_allowed(url: &Url) -> bool {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else { return false };
    let host = host.trim_matches(['[', ']']);
    let Ok(addresses) = tokio::net::lookup_host((host, port)).await else { return false };
    let addresses: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
    let is_allowed = |address: &IpAddr| address.is_loopback() || ALLOWED.contains(address);
    !addresses.is_empty() && addresses.iter().all(is_allowed)
}

fn target(url: &Url) -> String {
    url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
}

/// The token that the service requires, if any.
fn token(environment: &Environment) -> Result<Option<String>, CredentialsError> {
    let Some(file) = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
        return Ok(environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    };
    let token = std::fs::read_to_string(file).map_err(CredentialsError::provider_error)?;
    Ok(Some(token.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn url_of(name: &'static str, value: &'static str) -> Result<String, CredentialsError> {
        let environment = Environment::new(move |known| (known == name).then(|| value.to_owned()));
        url(&environment).await.map(String::from)
    }

    #[tokio::test]
    async fn token_is_sent_to_no_other_machine() {
        let full = |value| url_of("AWS_CONTAINER_CREDENTIALS_FULL_URI", value);
        for allowed in [
            "http://127.0.0.1:8080/a?b=c",
            "http://[::1]/a",
            "http://169.254.170.2/a",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/a",
            "https://example.com/a",
        ] {
            assert_eq!(full(allowed).await.unwrap(), allowed);
        }
        for other in ["http://169.254.169.254/a", "http://192.0.2.1/a", "ftp://127.0.0.1", "nowhere"] {
            let error = full(other).await.unwrap_err();
            assert!(matches!(error, CredentialsError::InvalidConfiguration(_)), "{other}");
        }
        let relative = |value| url_of("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", value);
        assert_eq!(relative("/v2/a").await.unwrap(), "http://169.254.170.2/v2/a");
        assert!(relative("//example.com/a").await.is_err());
        let absent = url_of("OTHER", "").await.unwrap_err();
        assert!(matches!(absent, CredentialsError::CredentialsNotLoaded(_)));
    }
}
