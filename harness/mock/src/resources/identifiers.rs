//! How a request names a deployment.

use crate::contract::Parameter;

/// The three identifiers of `StartConfigurationSession`, each an id or a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifiers {
    /// `ApplicationIdentifier`.
    pub application: String,
    /// `EnvironmentIdentifier`.
    pub environment: String,
    /// `ConfigurationProfileIdentifier`.
    pub profile: String,
}

impl Identifiers {
    /// Identifiers from three texts.
    pub fn new(application: &str, environment: &str, profile: &str) -> Self {
        Self {
            application: application.to_owned(),
            environment: environment.to_owned(),
            profile: profile.to_owned(),
        }
    }

    /// Each with its parameter, in the order of the contract.
    pub fn iter(&self) -> impl Iterator<Item = (Parameter, &str)> {
        Parameter::IDENTIFIERS.into_iter().zip([
            self.application.as_str(),
            self.environment.as_str(),
            self.profile.as_str(),
        ])
    }
}
