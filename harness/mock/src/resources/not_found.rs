//! What a request names and the mock does not have.

use thiserror::Error;

use super::identifiers::Identifiers;
use crate::contract::Parameter;

/// The kinds of resources that an error may name (model › `ResourceType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the contract")]
pub enum ResourceKind {
    Application,
    Environment,
    ConfigurationProfile,
    Deployment,
}

impl ResourceKind {
    /// The value in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Application => "Application",
            Self::Environment => "Environment",
            Self::ConfigurationProfile => "ConfigurationProfile",
            Self::Deployment => "Deployment",
        }
    }

    /// Whether a resource of this kind is named by `parameter`: its own identifier, and those of its parents.
    fn is_named_by(self, parameter: Parameter) -> bool {
        match self {
            Self::Application => parameter == Parameter::ApplicationIdentifier,
            Self::Environment => parameter != Parameter::ConfigurationProfileIdentifier,
            Self::ConfigurationProfile => parameter != Parameter::EnvironmentIdentifier,
            Self::Deployment => true,
        }
    }
}

/// A resource that does not exist, and the parameters that named it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} not found.", .kind.name())]
pub struct NotFound {
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// The parameters of the request that name it, with their values.
    pub referenced_by: Vec<(Parameter, String)>,
}

impl NotFound {
    /// The error for a resource of this kind that `identifiers` name.
    pub fn new(kind: ResourceKind, identifiers: &Identifiers) -> Self {
        let named_by = identifiers.iter().filter(|(parameter, _)| kind.is_named_by(*parameter));
        Self {
            kind,
            referenced_by: named_by.map(|(parameter, value)| (parameter, value.to_owned())).collect(),
        }
    }

    /// The error for a deployment, without the parameters that named it.
    pub fn unnamed() -> Self {
        Self { kind: ResourceKind::Deployment, referenced_by: Vec::new() }
    }
}
