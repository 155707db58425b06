//! Resources that have to be removed.

/// An application with what is known to be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) environments: Vec<Environment>,
    pub(crate) profiles: Vec<Profile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) id: String,
    /// The numbers of deployments that may be under way.
    pub(crate) deployments: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) id: String,
    /// The numbers of hosted versions.
    pub(crate) versions: Vec<i32>,
}

impl Application {
    pub(crate) fn empty(id: String, name: String) -> Self {
        Self { id, name, environments: Vec::new(), profiles: Vec::new() }
    }

    /// How people find it.
    pub(crate) fn title(&self) -> String {
        format!("application {} ({})", self.name, self.id)
    }
}
