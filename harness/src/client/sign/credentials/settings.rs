//! What all sources of credentials need to know.

use aws_credential_types::provider::error::CredentialsError;

use crate::client::sign::credentials::environment::{Environment, is_true};
use crate::client::sign::credentials::profiles::{Profiles, property};
use crate::client::sign::endpoint::{EndpointKind, endpoint};

/// The settings of the user.
pub(crate) struct Settings {
    pub(crate) environment: Environment,
    pub(crate) profiles: Profiles,
    /// The region of the calls that get credentials.
    pub(crate) region: Option<String>,
}

/// A service that provides credentials.
pub(crate) struct Service {
    /// The first part of its host name.
    host: &'static str,
    /// The variable that names another endpoint.
    variable: &'static str,
    /// Its name in the section of services.
    key: &'static str,
}

/// Assumes roles.
pub(crate) const STS: Service = Service { host: "sts", variable: "AWS_ENDPOINT_URL_STS", key: "sts" };
/// Returns the credentials of users that are logged in.
pub(crate) const SSO: Service = Service { host: "portal.sso", variable: "AWS_ENDPOINT_URL_SSO", key: "sso" };
/// Renews logins.
pub(crate) const OIDC: Service =
    Service { host: "oidc", variable: "AWS_ENDPOINT_URL_SSO_OIDC", key: "sso_oidc" };

impl Settings {
    /// The region of the calls.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn region(&self) -> Result<&str, CredentialsError> {
        let region = self.region.as_deref();
        region.ok_or_else(|| {
            CredentialsError::invalid_configuration("a role cannot be assumed without a region")
        })
    }

    /// Which endpoints of AWS are used.
    pub(crate) fn endpoint_kind(&self) -> EndpointKind {
        let is_set = |variable: &str, name: &str| match self.environment.get(variable) {
            Some(value) => is_true(&value),
            None => self.profiles.setting(name).is_some_and(is_true),
        };
        EndpointKind {
            fips: is_set("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
            dual_stack: is_set("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
        }
    }

    /// The URL of a service in a region, or the one that the user configured instead.
    pub(crate) fn endpoint(&self, service: &Service, region: &str) -> String {
        self.configured_endpoint(service)
            .unwrap_or_else(|| endpoint(service.host, region, self.endpoint_kind()))
    }

    fn configured_endpoint(&self, service: &Service) -> Option<String> {
        let Self { environment, profiles, .. } = self;
        if environment.is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
            || profiles.setting("ignore_configured_endpoint_urls").is_some_and(is_true)
        {
            return None;
        }
        let of_service = profiles.setting("services").and_then(|name| profiles.other("services", name));
        let of_service = of_service
            .and_then(|section| section.get(service.key))
            .and_then(|nested| nested.lines().filter_map(property).find(|(name, _)| name == "endpoint_url"));
        environment
            .get(service.variable)
            .or_else(|| environment.get("AWS_ENDPOINT_URL"))
            .or_else(|| of_service.map(|(_, url)| url.to_owned()))
            .or_else(|| profiles.setting("endpoint_url").map(str::to_owned))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(config: &str, variables: &[(&'static str, &'static str)]) -> String {
        let variables = variables.to_vec();
        let environment = Environment::new(move |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        });
        let settings = Settings { environment, profiles: Profiles::of("a", config), region: None };
        settings.endpoint(&STS, "eu-west-1")
    }

    #[test]
    fn endpoint_is_the_most_specific() {
        const CONFIG: &str = "[profile a]\nservices = s\nendpoint_url = http://profile\nuse_fips_endpoint = true\n\
                              [services s]\nsts =\n  endpoint_url = http://service\n";
        let (own, all) = (("AWS_ENDPOINT_URL_STS", "http://own"), ("AWS_ENDPOINT_URL", "http://all"));
        assert_eq!(at(CONFIG, &[own, all]), "http://own");
        assert_eq!(at(CONFIG, &[all]), "http://all");
        assert_eq!(at(CONFIG, &[]), "http://service");
        assert_eq!(at("[profile a]\nendpoint_url = http://profile", &[]), "http://profile");
        let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        assert_eq!(at(CONFIG, &[all, ignored]), "https://sts-fips.eu-west-1.amazonaws.com");
        let usual = ("AWS_USE_FIPS_ENDPOINT", "false");
        assert_eq!(at(CONFIG, &[ignored, usual]), "https://sts.eu-west-1.amazonaws.com");
        let dual = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
        assert_eq!(at("", &[dual]), "https://sts.eu-west-1.api.aws");
    }
}
