//! The resources themselves: how they are added and found.

use thiserror::Error;

use super::configuration::Configuration;
use super::identifiers::Identifiers;
use super::identity::{By, Identity, IdentityError};
use super::not_found::{NotFound, ResourceKind};
use crate::contract::Parameter;

/// Why a resource cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResourceError {
    /// The id or the name is malformed.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Siblings differ in id and in name.
    #[error("a sibling has the id or the name of {0:?}")]
    Taken(Identity),
    /// The parent of the new resource does not exist.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// An application with its environments and profiles.
#[derive(Debug, Clone)]
pub struct Application {
    identity: Identity,
    environments: Vec<Identity>,
    profiles: Vec<Identity>,
}

impl Application {
    /// Its own identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its environments, in the order in which they were added.
    pub fn environments(&self) -> &[Identity] {
        &self.environments
    }

    /// Its configuration profiles, in the order in which they were added.
    pub fn profiles(&self) -> &[Identity] {
        &self.profiles
    }
}

/// Indices of an application, and of an environment and a profile in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    application: usize,
    environment: usize,
    profile: usize,
}

/// A configuration that is deployed.
#[derive(Debug, Clone)]
pub struct Deployment {
    place: Place,
    version: u64,
    configuration: Configuration,
}

impl Deployment {
    /// The number of deployments to this environment and profile so far, from 1.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is deployed.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }
}

/// Names a deployment of one [`Resources`]: its index in the order of the first deployments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeploymentKey(pub(crate) usize);

/// All that the mock serves.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    applications: Vec<Application>,
    deployments: Vec<Deployment>,
}

impl Resources {
    /// Adds an application without environments and profiles.
    ///
    /// # Errors
    /// Another application has the id or the name.
    pub fn add_application(&mut self, identity: Identity) -> Result<(), ResourceError> {
        check_free(self.applications.iter().map(Application::identity), &identity)?;
        let (environments, profiles) = (Vec::new(), Vec::new());
        self.applications.push(Application { identity, environments, profiles });
        Ok(())
    }

    /// Adds an environment to `application`, an id or a name.
    ///
    /// # Errors
    /// The application does not exist, or has an environment with the id or the name.
    pub fn add_environment(&mut self, application: &str, identity: Identity) -> Result<(), ResourceError> {
        add_sibling(&mut self.application_mut(application)?.environments, identity)
    }

    /// Adds a configuration profile to `application`, an id or a name.
    ///
    /// # Errors
    /// The application does not exist, or has a profile with the id or the name.
    pub fn add_profile(&mut self, application: &str, identity: Identity) -> Result<(), ResourceError> {
        add_sibling(&mut self.application_mut(application)?.profiles, identity)
    }

    /// Deploys `configuration`. It replaces the one that was deployed there before.
    ///
    /// # Errors
    /// The application, the environment or the profile does not exist.
    pub fn deploy(
        &mut self,
        identifiers: &Identifiers,
        configuration: Configuration,
    ) -> Result<(), NotFound> {
        let place = self.place(identifiers, |by, _, requested, identity| requested == identity.by(by))?;
        match self.deployment_at(place) {
            Some(DeploymentKey(index)) => {
                let deployment = &mut self.deployments[index];
                deployment.version += 1;
                deployment.configuration = configuration;
            }
            None => {
                self.deployments.push(Deployment { place, version: 1, configuration });
            }
        }
        Ok(())
    }

    /// The deployment that `identifiers` name. `matches` says whether the text of a parameter identifies a
    /// resource.
    ///
    /// # Errors
    /// The first resource that was not found.
    pub fn find_deployment(
        &self,
        identifiers: &Identifiers,
        matches: impl Fn(By, Parameter, &str, &Identity) -> bool,
    ) -> Result<DeploymentKey, NotFound> {
        let place = self.place(identifiers, matches)?;
        self.deployment_at(place).ok_or_else(|| NotFound::new(ResourceKind::Deployment, identifiers))
    }

    /// The deployment with this key.
    pub fn deployment(&self, key: DeploymentKey) -> Option<&Deployment> {
        self.deployments.get(key.0)
    }

    /// All applications, in the order in which they were added.
    pub fn applications(&self) -> &[Application] {
        &self.applications
    }

    /// All deployments with the identities of their application, environment and profile.
    pub fn deployments(&self) -> impl Iterator<Item = ([&Identity; 3], &Deployment)> {
        self.deployments.iter().map(|deployment| {
            let application = &self.applications[deployment.place.application];
            let environment = &application.environments[deployment.place.environment];
            let profile = &application.profiles[deployment.place.profile];
            ([&application.identity, environment, profile], deployment)
        })
    }

    fn application_mut(&mut self, requested: &str) -> Result<&mut Application, NotFound> {
        let identities = self.applications.iter().map(Application::identity);
        match find(&identities, |by, identity| requested == identity.by(by)) {
            Some(index) => Ok(&mut self.applications[index]),
            None => Err(NotFound {
                kind: ResourceKind::Application,
                referenced_by: vec![(Parameter::ApplicationIdentifier, requested.to_owned())],
            }),
        }
    }

    /// Finds the three indices. Environments and profiles are searched within the application only.
    fn place(
        &self,
        identifiers: &Identifiers,
        matches: impl Fn(By, Parameter, &str, &Identity) -> bool,
    ) -> Result<Place, NotFound> {
        let applications = self.applications.iter().map(Application::identity);
        let application = find(&applications, |by, identity| {
            matches(by, Parameter::ApplicationIdentifier, &identifiers.application, identity)
        })
        .ok_or_else(|| NotFound::new(ResourceKind::Application, identifiers))?;
        let within = &self.applications[application];
        let environment = find(&within.environments.iter(), |by, identity| {
            matches(by, Parameter::EnvironmentIdentifier, &identifiers.environment, identity)
        })
        .ok_or_else(|| NotFound::new(ResourceKind::Environment, identifiers))?;
        let profile = find(&within.profiles.iter(), |by, identity| {
            matches(by, Parameter::ConfigurationProfileIdentifier, &identifiers.profile, identity)
        })
        .ok_or_else(|| NotFound::new(ResourceKind::ConfigurationProfile, identifiers))?;
        Ok(Place { application, environment, profile })
    }

    fn deployment_at(&self, place: Place) -> Option<DeploymentKey> {
        self.deployments.iter().position(|deployment| deployment.place == place).map(DeploymentKey)
    }
}

/// The index of the identity that matches. Where one resource has the id of another as its name, the id takes
/// precedence.
fn find<'a>(
    among: &(impl Iterator<Item = &'a Identity> + Clone),
    matches: impl Fn(By, &Identity) -> bool,
) -> Option<usize> {
    [By::Id, By::Name].into_iter().find_map(|by| among.clone().position(|identity| matches(by, identity)))
}

fn add_sibling(among: &mut Vec<Identity>, identity: Identity) -> Result<(), ResourceError> {
    check_free(among.iter(), &identity)?;
    among.push(identity);
    Ok(())
}

fn check_free<'a>(
    mut among: impl Iterator<Item = &'a Identity>,
    identity: &Identity,
) -> Result<(), ResourceError> {
    if among.any(|other| other.id() == identity.id() || other.name() == identity.name()) {
        return Err(ResourceError::Taken(identity.clone()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn identity(id: &str, name: &str) -> Identity {
        Identity::new(id, name).unwrap()
    }

    fn configuration(content: &str) -> Configuration {
        Configuration::text(content, HeaderValue::from_static("text/plain"))
    }

    fn two_applications() -> Resources {
        let mut resources = Resources::default();
        resources.add_application(identity("app0001", "shop")).unwrap();
        resources.add_application(identity("app0002", "app0001")).unwrap();
        resources.add_environment("shop", identity("env0001", "production")).unwrap();
        resources.add_environment("app0002", identity("env0002", "production")).unwrap();
        resources.add_profile("app0001", identity("pro0001", "flags")).unwrap();
        resources.add_profile("app0002", identity("pro0002", "limits")).unwrap();
        let first = Identifiers::new("shop", "production", "flags");
        resources.deploy(&first, configuration("one")).unwrap();
        resources
    }

    fn find_deployment(resources: &Resources, ids: [&str; 3]) -> Result<DeploymentKey, NotFound> {
        let identifiers = Identifiers::new(ids[0], ids[1], ids[2]);
        resources.find_deployment(&identifiers, |by, _, requested, identity| requested == identity.by(by))
    }

    #[test]
    fn ids_and_names_may_be_mixed() {
        let resources = two_applications();
        for application in ["app0001", "shop"] {
            for environment in ["env0001", "production"] {
                for profile in ["pro0001", "flags"] {
                    let found = find_deployment(&resources, [application, environment, profile]);
                    assert_eq!(found, Ok(DeploymentKey(0)));
                }
            }
        }
    }

    #[test]
    fn missing_resources_are_reported_by_kind() {
        let resources = two_applications();
        let kind = |ids| find_deployment(&resources, ids).unwrap_err().kind;
        assert_eq!(kind(["Shop", "production", "flags"]), ResourceKind::Application);
        assert_eq!(kind(["shop", "env0002", "flags"]), ResourceKind::Environment);
        assert_eq!(kind(["shop", "production", "limits"]), ResourceKind::ConfigurationProfile);
        assert_eq!(kind(["app0002", "production", "limits"]), ResourceKind::Deployment);
    }

    #[test]
    fn ids_take_precedence_over_names() {
        let mut resources = two_applications();
        let second = Identifiers::new("app0002", "production", "limits");
        resources.deploy(&second, configuration("two")).unwrap();
        let found = find_deployment(&resources, ["app0001", "production", "flags"]);
        assert_eq!(found, Ok(DeploymentKey(0)));
    }

    #[test]
    fn not_found_references_the_resource_and_its_parents() {
        let not_found = find_deployment(&two_applications(), ["shop", "production", "none"]).unwrap_err();
        let expected = [
            (Parameter::ApplicationIdentifier, "shop".to_owned()),
            (Parameter::ConfigurationProfileIdentifier, "none".to_owned()),
        ];
        assert_eq!(not_found.referenced_by, expected);
    }

    #[test]
    fn second_deployment_replaces_the_first() {
        let mut resources = two_applications();
        let identifiers = Identifiers::new("app0001", "env0001", "pro0001");
        resources.deploy(&identifiers, configuration("two")).unwrap();
        let deployment = resources.deployment(DeploymentKey(0)).unwrap();
        assert_eq!(deployment.version(), 2);
        assert_eq!(deployment.configuration(), &configuration("two"));
        assert!(resources.deployment(DeploymentKey(1)).is_none());
    }

    #[test]
    fn siblings_differ_and_parents_exist() {
        let mut resources = two_applications();
        for taken in [identity("app0001", "other"), identity("app0003", "shop")] {
            let error = resources.add_application(taken.clone()).unwrap_err();
            assert_eq!(error, ResourceError::Taken(taken));
        }
        let taken = identity("env0009", "production");
        let error = resources.add_environment("shop", taken.clone()).unwrap_err();
        assert_eq!(error, ResourceError::Taken(taken));
        let orphan = resources.add_profile("none", identity("pro0009", "flags")).unwrap_err();
        assert!(matches!(orphan, ResourceError::NotFound(_)), "{orphan}");
    }
}
