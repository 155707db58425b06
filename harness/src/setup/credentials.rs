//! Finds the credentials and the region for signed requests.

use std::sync::Arc;

use cases::generate::World;
use cases::signing::Scope;

use crate::client::sign::signer::Signer;
use crate::setup::config::EndpointConfig;
use crate::setup::embedded_mock::Embedded;
use crate::setup::error::SetupError;

/// The signer of a run.
pub(crate) struct Signing {
    /// Signs requests.
    pub(crate) signer: Signer,
    /// The region and the service of the signatures.
    pub(crate) scope: Scope,
}

/// The signer, if the configuration or the mock requires signed requests.
///
/// # Errors
/// There are no credentials or there is no region, or requests cannot be signed.
pub(crate) async fn signing(
    endpoint: &EndpointConfig,
    mock: Option<&Embedded>,
    world: &Arc<World>,
) -> Result<Option<Signing>, SetupError> {
    let required = mock.and_then(Embedded::required_signature);
    if !endpoint.sigv4 && required.is_none() {
        return Ok(None);
    }
    let mut names = endpoint.headers.iter().filter_map(|header| header.split_once(':'));
    if names.any(|(name, _)| name.trim().eq_ignore_ascii_case("authorization")) {
        return Err(SetupError::SignedTwice);
    }
    let contract = &world.contract;
    let Some(service) = contract.signing_name.clone() else {
        return Err(SetupError::NoSigningName { contract: contract.name.clone() });
    };
    #[cfg(feature = "aws")]
    return sigv4(endpoint, mock, world, service).await.map(Some);
    #[cfg(not(feature = "aws"))]
    Err(SetupError::CannotSign { service })
}

#[cfg(feature = "aws")]
async fn sigv4(
    endpoint: &EndpointConfig,
    mock: Option<&Embedded>,
    world: &Arc<World>,
    service: String,
) -> Result<Signing, SetupError> {
    use std::time::{SystemTime, UNIX_EPOCH};

    use aws_credential_types::Credentials;
    use aws_credential_types::provider::SharedCredentialsProvider;

    use mock::Clock;

    use crate::client::sign::credentials::access::Access;
    use crate::client::sign::credentials::environment::Environment;

    /// The name of the provider in the debug output of the credentials.
    const MOCK: &str = "mock";

    let (provider, region, clock) =
        if let Some((mock, required)) = mock.and_then(|mock| Some((mock, mock.required_signature()?))) {
            let keys = required.credentials.clone();
            let credentials = Credentials::new(
                keys.access_key_id,
                keys.secret_access_key,
                Some(keys.session_token),
                None,
                MOCK,
            );
            let provider = SharedCredentialsProvider::new(credentials);
            (provider, Some(required.region.clone()), Some(mock.clock().clone()))
        } else {
            let access = Access::load(endpoint.region.as_deref(), Environment::default()).await;
            (access.provider, access.region, None)
        };
    let scope = Scope { region: region.ok_or(SetupError::NoRegion)?, service };
    let now = move || clock.as_ref().map_or_else(SystemTime::now, |clock: &Clock| UNIX_EPOCH + clock.now());
    let of_contract = Arc::clone(world);
    let signer = Signer::new(provider, scope.clone(), now, move |response| {
        crate::client::response::is_common_error(&of_contract.contract, response)
    });
    // The source of the error may show the content of the user's files.
    signer.credentials().await.map_err(|error| SetupError::NoCredentials { problem: error.to_string() })?;
    Ok(Signing { signer, scope })
}
