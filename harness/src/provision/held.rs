//! Resources that have to be removed.

/// An application with what is known to be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Application {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) environments: Vec<Environment>,
    pub(super) profiles: Vec<Profile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Environment {
    pub(super) id: String,
    /// The numbers of deployments that may be under way.
    pub(super) deployments: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) id: String,
    /// The numbers of hosted versions.
    pub(super) versions: Vec<i32>,
}

impl Application {
    pub(super) fn empty(id: String, name: String) -> Self {
        Self { id, name, environments: Vec::new(), profiles: Vec::new() }
    }

    /// How people find it.
    pub(super) fn title(&self) -> String {
        format!("application {} ({})", self.name, self.id)
    }
}
