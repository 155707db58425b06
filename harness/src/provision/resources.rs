//! The resources that have to be removed.

/// An application with its known contents.
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
    /// The numbers of the deployments that may be under way.
    pub(crate) deployments: Vec<i32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) id: String,
    /// The numbers of the hosted versions.
    pub(crate) versions: Vec<i32>,
}

impl Application {
    pub(crate) fn empty(id: String, name: String) -> Self {
        Self { id, name, environments: Vec::new(), profiles: Vec::new() }
    }

    /// The application as shown to users.
    pub(crate) fn title(&self) -> String {
        format!("application {} ({})", self.name, self.id)
    }
}
