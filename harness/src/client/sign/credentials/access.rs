//! Region and credentials of the default chain.

use aws_credential_types::provider::SharedCredentialsProvider;

use crate::client::sign::credentials::chain::DefaultChain;
use crate::client::sign::credentials::environment::Environment;
use crate::client::sign::credentials::profiles::Profiles;
use crate::client::sign::credentials::settings::Settings;
use crate::client::sign::credentials::sources::instance;
use crate::client::sign::endpoint::EndpointKind;

/// How to access AWS.
#[derive(Debug, Clone)]
pub struct Access {
    /// The region, if it is known.
    pub region: Option<String>,
    /// Provides credentials, which may expire.
    pub provider: SharedCredentialsProvider,
    /// Which endpoints are used.
    pub endpoints: EndpointKind,
}

impl Access {
    /// Access to the usual endpoints in a region.
    pub fn new(region: &str, provider: SharedCredentialsProvider) -> Self {
        Self { region: Some(region.to_owned()), provider, endpoints: EndpointKind::default() }
    }

    /// Loads the default chain of AWS: environment, profile (with SSO, commands and roles), web identity,
    /// container, instance. `region` overrides the region of the chain.
    pub async fn load(region: Option<&str>, environment: Environment) -> Self {
        // An error in the files is reported when the credentials are needed.
        let profiles = Profiles::read(&environment).unwrap_or_default();
        let mut settings = Settings { environment, profiles, region: region.map(str::to_owned) };
        if settings.region.is_none() {
            settings.region = default_region(&settings).await;
        }
        let endpoints = settings.endpoint_kind();
        let Settings { environment, region, .. } = settings;
        let provider = SharedCredentialsProvider::new(DefaultChain { environment, region: region.clone() });
        Self { region, provider, endpoints }
    }
}

async fn default_region(settings: &Settings) -> Option<String> {
    let Settings { environment, profiles, .. } = settings;
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"].into_iter().find_map(|name| environment.get(name));
    match named.or_else(|| profiles.setting("region").map(str::to_owned)) {
        Some(region) => Some(region),
        None => instance::region(settings).await,
    }
}
