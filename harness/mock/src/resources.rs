//! What the mock serves: applications hold environments and profiles, and a configuration is
//! deployed for one environment and one profile of the same application.

mod sample;

use std::fmt::Write as _;

use bytes::Bytes;
use http::HeaderValue;
use thiserror::Error;

use super::fault::Parameter;

/// The id and the name of one resource; requests may give either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    id: String,
    name: String,
}

impl Identity {
    /// An identity. Ids match `[a-z0-9]{7}`, names are not empty.
    pub fn new(id: &str, name: &str) -> Result<Self, ResourceError> {
        let well_formed = id.len() == 7 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !well_formed {
            return Err(ResourceError::MalformedId(id.to_owned()));
        }
        if name.is_empty() {
            return Err(ResourceError::EmptyName(id.to_owned()));
        }
        Ok(Self { id: id.to_owned(), name: name.to_owned() })
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id or the name.
    pub fn by(&self, by: By) -> &str {
        match by {
            By::Id => &self.id,
            By::Name => &self.name,
        }
    }
}

/// The two ways to identify a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum By {
    /// By its id.
    Id,
    /// By its name.
    Name,
}

/// Why resources cannot be laid out so.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ResourceError {
    /// Ids match `[a-z0-9]{7}`.
    #[error("the id {0:?} is not seven lower-case letters and digits")]
    MalformedId(String),
    /// Names are not empty.
    #[error("the resource {0} has an empty name")]
    EmptyName(String),
    /// Siblings differ in id and in name.
    #[error("the id or the name of {0:?} is taken by a sibling")]
    Taken(Identity),
    /// The parent of what is added does not exist.
    #[error(transparent)]
    NotFound(#[from] NotFound),
}

/// The kinds that an error may name (model › `ResourceType`).
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
}

/// What was looked for in vain, and the parameters that named it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{} not found.", .kind.name())]
pub struct NotFound {
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// The parameters of the request that name it, with their values.
    pub referenced_by: Vec<(Parameter, String)>,
}

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
        [
            (Parameter::ApplicationIdentifier, self.application.as_str()),
            (Parameter::EnvironmentIdentifier, self.environment.as_str()),
            (Parameter::ConfigurationProfileIdentifier, self.profile.as_str()),
        ]
        .into_iter()
    }

    fn not_found(&self, kind: ResourceKind) -> NotFound {
        let named_by = |parameter: Parameter| match kind {
            ResourceKind::Application => parameter == Parameter::ApplicationIdentifier,
            ResourceKind::Environment => parameter != Parameter::ConfigurationProfileIdentifier,
            ResourceKind::ConfigurationProfile => parameter != Parameter::EnvironmentIdentifier,
            ResourceKind::Deployment => true,
        };
        let referenced_by = self
            .iter()
            .filter(|(parameter, _)| named_by(*parameter))
            .map(|(parameter, value)| (parameter, value.to_owned()))
            .collect();
        NotFound { kind, referenced_by }
    }
}

/// What a session receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The raw bytes.
    pub content: Bytes,
    /// The value of `Content-Type`.
    pub content_type: HeaderValue,
    /// The value of `Version-Label`, if the version has one.
    pub version_label: Option<HeaderValue>,
}

impl Configuration {
    /// A text without a version label.
    pub fn text(content: &str, content_type: HeaderValue) -> Self {
        Self { content: Bytes::copy_from_slice(content.as_bytes()), content_type, version_label: None }
    }

    /// The same with a version label.
    #[must_use]
    pub fn labelled(self, label: HeaderValue) -> Self {
        Self { version_label: Some(label), ..self }
    }
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

/// Indices of an application, and of an environment and a profile of it.
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
    /// Counts the deployments of this environment and profile, from 1.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is deployed.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }
}

/// Names a deployment of one [`Resources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeploymentKey(pub(crate) usize);

/// All that the mock serves.
#[derive(Debug, Clone, Default)]
pub struct Resources {
    applications: Vec<Application>,
    deployments: Vec<Deployment>,
}

/// The index of the identity that is meant. Where the name of one is the id of another, the id
/// comes first.
fn find<'a>(
    among: &(impl Iterator<Item = &'a Identity> + Clone),
    means: impl Fn(By, &Identity) -> bool,
) -> Option<usize> {
    [By::Id, By::Name].into_iter().find_map(|by| among.clone().position(|identity| means(by, identity)))
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
    if among.any(|other| other.id == identity.id || other.name == identity.name) {
        return Err(ResourceError::Taken(identity.clone()));
    }
    Ok(())
}

impl Resources {
    /// Adds an application without environments and profiles.
    pub fn add_application(&mut self, identity: Identity) -> Result<(), ResourceError> {
        check_free(self.applications.iter().map(Application::identity), &identity)?;
        let (environments, profiles) = (Vec::new(), Vec::new());
        self.applications.push(Application { identity, environments, profiles });
        Ok(())
    }

    /// Adds an environment to `application`, an id or a name.
    pub fn add_environment(&mut self, application: &str, identity: Identity) -> Result<(), ResourceError> {
        add_sibling(&mut self.application_mut(application)?.environments, identity)
    }

    /// Adds a configuration profile to `application`, an id or a name.
    pub fn add_profile(&mut self, application: &str, identity: Identity) -> Result<(), ResourceError> {
        add_sibling(&mut self.application_mut(application)?.profiles, identity)
    }

    /// Deploys `configuration`, in place of what was deployed there before.
    pub fn deploy(
        &mut self,
        identifiers: &Identifiers,
        configuration: Configuration,
    ) -> Result<(), NotFound> {
        let place = self.place(identifiers, |by, _, wanted, identity| wanted == identity.by(by))?;
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

    /// The deployment that `identifiers` name. `means` says whether the text of a parameter means
    /// an identity.
    pub fn locate(
        &self,
        identifiers: &Identifiers,
        means: impl Fn(By, Parameter, &str, &Identity) -> bool,
    ) -> Result<DeploymentKey, NotFound> {
        let place = self.place(identifiers, means)?;
        self.deployment_at(place).ok_or_else(|| identifiers.not_found(ResourceKind::Deployment))
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

    /// All deployments as fixtures in TOML, one `[[resource]]` each. A configuration that is not
    /// text is left out.
    pub fn to_fixtures(&self) -> String {
        let mut fixtures = String::new();
        for ([application, environment, profile], deployment) in self.deployments() {
            let mut entry = String::from("[[resource]]\n");
            for (key, identity) in
                [("application", application), ("environment", environment), ("profile", profile)]
            {
                let _infallible = writeln!(entry, "{key} = {}", inline(identity));
            }
            if let Ok(text) = std::str::from_utf8(&deployment.configuration.content) {
                let text = toml::Value::String(text.to_owned());
                let _infallible = writeln!(entry, "configuration = {text}");
            }
            if !fixtures.is_empty() {
                fixtures.push('\n');
            }
            fixtures.push_str(&entry);
        }
        fixtures
    }

    fn application_mut(&mut self, wanted: &str) -> Result<&mut Application, NotFound> {
        let identities = self.applications.iter().map(Application::identity);
        match find(&identities, |by, identity| wanted == identity.by(by)) {
            Some(index) => Ok(&mut self.applications[index]),
            None => Err(NotFound {
                kind: ResourceKind::Application,
                referenced_by: vec![(Parameter::ApplicationIdentifier, wanted.to_owned())],
            }),
        }
    }

    /// Environments and profiles are looked up within the application only.
    fn place(
        &self,
        identifiers: &Identifiers,
        means: impl Fn(By, Parameter, &str, &Identity) -> bool,
    ) -> Result<Place, NotFound> {
        use Parameter::{ApplicationIdentifier, ConfigurationProfileIdentifier, EnvironmentIdentifier};
        let applications = self.applications.iter().map(Application::identity);
        let application = find(&applications, |by, identity| {
            means(by, ApplicationIdentifier, &identifiers.application, identity)
        })
        .ok_or_else(|| identifiers.not_found(ResourceKind::Application))?;
        let within = &self.applications[application];
        let environment = find(&within.environments.iter(), |by, identity| {
            means(by, EnvironmentIdentifier, &identifiers.environment, identity)
        })
        .ok_or_else(|| identifiers.not_found(ResourceKind::Environment))?;
        let profile = find(&within.profiles.iter(), |by, identity| {
            means(by, ConfigurationProfileIdentifier, &identifiers.profile, identity)
        })
        .ok_or_else(|| identifiers.not_found(ResourceKind::ConfigurationProfile))?;
        Ok(Place { application, environment, profile })
    }

    fn deployment_at(&self, place: Place) -> Option<DeploymentKey> {
        self.deployments.iter().position(|deployment| deployment.place == place).map(DeploymentKey)
    }
}

/// `{ id = "…", name = "…" }`.
fn inline(identity: &Identity) -> toml::Value {
    let text = |text: &str| toml::Value::String(text.to_owned());
    let pairs = [("id", text(&identity.id)), ("name", text(&identity.name))];
    toml::Value::Table(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

#[cfg(test)]
mod tests {
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

    fn locate(resources: &Resources, ids: [&str; 3]) -> Result<DeploymentKey, NotFound> {
        let identifiers = Identifiers::new(ids[0], ids[1], ids[2]);
        resources.locate(&identifiers, |by, _, wanted, identity| wanted == identity.by(by))
    }

    #[test]
    fn ids_and_names_may_be_mixed() {
        let resources = two_applications();
        for application in ["app0001", "shop"] {
            for environment in ["env0001", "production"] {
                for profile in ["pro0001", "flags"] {
                    let found = locate(&resources, [application, environment, profile]);
                    assert_eq!(found, Ok(DeploymentKey(0)));
                }
            }
        }
    }

    #[test]
    fn what_is_not_there_is_named_by_its_kind() {
        let resources = two_applications();
        let kind = |ids| locate(&resources, ids).unwrap_err().kind;
        assert_eq!(kind(["Shop", "production", "flags"]), ResourceKind::Application);
        assert_eq!(kind(["shop", "env0002", "flags"]), ResourceKind::Environment);
        assert_eq!(kind(["shop", "production", "limits"]), ResourceKind::ConfigurationProfile);
        assert_eq!(kind(["app0002", "production", "limits"]), ResourceKind::Deployment);
    }

    #[test]
    fn an_id_comes_before_a_name() {
        let mut resources = two_applications();
        let second = Identifiers::new("app0002", "production", "limits");
        resources.deploy(&second, configuration("two")).unwrap();
        assert_eq!(locate(&resources, ["app0001", "production", "flags"]), Ok(DeploymentKey(0)));
    }

    #[test]
    fn references_name_the_path_to_the_resource() {
        let not_found = locate(&two_applications(), ["shop", "production", "none"]).unwrap_err();
        let expected = [
            (Parameter::ApplicationIdentifier, "shop".to_owned()),
            (Parameter::ConfigurationProfileIdentifier, "none".to_owned()),
        ];
        assert_eq!(not_found.referenced_by, expected);
    }

    #[test]
    fn a_second_deployment_replaces_the_first() {
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

    #[test]
    fn identities_are_well_formed() {
        for id in ["", "abc123", "abc12345", "ABC1234", "abc-123", "abc123é"] {
            assert_eq!(Identity::new(id, "x"), Err(ResourceError::MalformedId(id.to_owned())));
        }
        assert!(matches!(Identity::new("abc1234", ""), Err(ResourceError::EmptyName(_))));
    }
}
