//! The input members of the two operations.

use std::fmt;

/// An input member of one of the two operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Parameter {
    /// `StartConfigurationSession` › `ApplicationIdentifier`.
    ApplicationIdentifier,
    /// `StartConfigurationSession` › `EnvironmentIdentifier`.
    EnvironmentIdentifier,
    /// `StartConfigurationSession` › `ConfigurationProfileIdentifier`.
    ConfigurationProfileIdentifier,
    /// `StartConfigurationSession` › `RequiredMinimumPollIntervalInSeconds`.
    RequiredMinimumPollIntervalInSeconds,
    /// `GetLatestConfiguration` › `ConfigurationToken`.
    ConfigurationToken,
}

impl Parameter {
    /// The three identifiers, in the order of the contract.
    pub const IDENTIFIERS: [Self; 3] =
        [Self::ApplicationIdentifier, Self::EnvironmentIdentifier, Self::ConfigurationProfileIdentifier];

    /// All members of `StartConfigurationSession`, in the order of the contract.
    pub const OF_START: [Self; 4] = [
        Self::ApplicationIdentifier,
        Self::EnvironmentIdentifier,
        Self::ConfigurationProfileIdentifier,
        Self::RequiredMinimumPollIntervalInSeconds,
    ];

    /// The name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::ApplicationIdentifier => "ApplicationIdentifier",
            Self::EnvironmentIdentifier => "EnvironmentIdentifier",
            Self::ConfigurationProfileIdentifier => "ConfigurationProfileIdentifier",
            Self::RequiredMinimumPollIntervalInSeconds => "RequiredMinimumPollIntervalInSeconds",
            Self::ConfigurationToken => "ConfigurationToken",
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
