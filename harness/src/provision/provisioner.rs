//! Creates fixtures.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use cases::contract::Contract;
use cases::fixture::Fixture;

use crate::provision::call::CallError;
use crate::provision::control_plane::{ControlPlane, Progress};
use crate::provision::error::ProvisionError;
use crate::provision::plan::{
    ApplicationName, NameLimits, PlannedApplication, PlannedResource, RunLabel, free_character,
    planned_applications,
};
use crate::provision::resources::{Application, Environment, Profile};

/// The time between two checks whether a listing has to stop.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How often a deployment is checked until it serves: for about two minutes.
const UNTIL_SERVING: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(200))
    .with_max_delay(Duration::from_secs(4))
    .with_max_times(34);

/// Creates fixtures and removes them.
#[derive(Debug)]
pub struct Provisioner {
    pub(crate) control: ControlPlane,
    pub(crate) label: RunLabel,
    /// The applications that were created and not removed yet, in the order of their creation.
    pub(crate) created: Vec<Application>,
    pub(crate) skipped: Vec<String>,
    /// Whether a call was sent that creates something.
    pub(crate) has_sent: bool,
}

/// A deployment that has to serve before its fixture can be used.
struct Deployment {
    application: String,
    environment: String,
    number: i32,
    progress: Progress,
    fixture: Fixture,
    special: Option<&'static str>,
}

/// Waits until `stop` is true.
async fn wait_for(stop: &impl Fn() -> bool) {
    while !stop() {
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}

impl Provisioner {
    /// A provisioner that has created nothing yet.
    pub fn new(control: ControlPlane, label: RunLabel) -> Self {
        Self { control, label, created: Vec::new(), skipped: Vec::new(), has_sent: false }
    }

    /// The control plane.
    pub fn control(&self) -> &ControlPlane {
        &self.control
    }

    /// The label of the run.
    pub fn label(&self) -> &RunLabel {
        &self.label
    }

    /// The number of applications that were created and not removed yet.
    pub fn applications(&self) -> usize {
        self.created.len()
    }

    /// What the control plane refused to create, each with the reason.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// Creates fixtures for a contract. When `stop` becomes true, it ends after the current call or listing.
    ///
    /// # Errors
    /// What failed. The resources created so far have to be [removed](Self::remove), as after a success.
    pub async fn create(
        &mut self,
        contract: &Contract,
        stop: impl Fn() -> bool,
    ) -> Result<Vec<Fixture>, ProvisionError> {
        let limits = NameLimits::of(contract)?;
        check(&stop)?;
        let taken = self.taken_names(&stop).await?;
        let mut deployments = Vec::new();
        for application in planned_applications(&self.label, &limits) {
            deployments.extend(self.create_application(application, &taken, &limits, &stop).await?);
        }
        let mut fixtures = Vec::new();
        for deployment in deployments {
            match self.wait_until_served(&deployment, &stop).await {
                Ok(()) => fixtures.push(deployment.fixture),
                Err(error @ ProvisionError::NotServing { .. }) if deployment.special.is_some() => {
                    self.skip(deployment.special, &error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        check(&stop)?;
        Ok(fixtures)
    }

    /// The ids and names of all applications, or the refusal to list them.
    async fn taken_names(
        &self,
        stop: &impl Fn() -> bool,
    ) -> Result<Result<Vec<String>, CallError>, ProvisionError> {
        let listed = tokio::select! {
            listed = self.control.applications() => listed,
            () = wait_for(stop) => return Err(ProvisionError::Interrupted),
        };
        match listed {
            Ok(listed) => Ok(Ok(listed.into_iter().flat_map(|one| [one.id, one.name]).collect())),
            Err(error) if error.is_refused() => Ok(Err(error)),
            Err(error) => Err(error.into()),
        }
    }

    /// Creates an application and starts its deployments.
    async fn create_application(
        &mut self,
        application: PlannedApplication,
        taken: &Result<Vec<String>, CallError>,
        limits: &NameLimits,
        stop: &impl Fn() -> bool,
    ) -> Result<Vec<Deployment>, ProvisionError> {
        let PlannedApplication { name, special, resources } = application;
        let name = match choose_name(name, taken) {
            Ok(name) => name,
            Err(reason) => {
                self.skip(special, &reason);
                return Ok(Vec::new());
            }
        };
        check(stop)?;
        self.has_sent = true;
        match self.control.create_application(&name, &self.label).await {
            Ok(id) => self.created.push(Application::empty(id, name)),
            Err(error) => {
                self.skip_if_special(special, error)?;
                return Ok(Vec::new());
            }
        }
        let mut deployments = Vec::new();
        for resource in resources {
            check(stop)?;
            match self.deploy(&resource, limits, stop).await {
                Ok(deployment) => deployments.push(Deployment { special, ..deployment }),
                Err(ProvisionError::Call(error)) => self.skip_if_special(special, error)?,
                Err(error) => return Err(error),
            }
        }
        Ok(deployments)
    }

    /// Creates a resource in the last application and starts its deployment.
    async fn deploy(
        &mut self,
        resource: &PlannedResource,
        limits: &NameLimits,
        stop: &impl Fn() -> bool,
    ) -> Result<Deployment, ProvisionError> {
        let Self { control, label, created, .. } = self;
        let Some(application) = created.last_mut() else { return Err(ProvisionError::Interrupted) };
        let id = application.id.clone();
        let environment = control.create_environment(&id, &resource.environment, label).await?;
        application.environments.push(Environment { id: environment.clone(), deployments: Vec::new() });
        check(stop)?;
        let profile = control.create_profile(&id, &resource.profile, label).await?;
        application.profiles.push(Profile { id: profile.clone(), versions: Vec::new() });
        check(stop)?;
        let version = control.create_version(&id, &profile, resource).await?;
        if let Some(profile) = application.profiles.last_mut() {
            profile.versions.push(version);
        }
        check(stop)?;
        let (number, progress) = control.deploy(&id, &environment, &profile, version, label).await?;
        if let Some(environment) = application.environments.last_mut() {
            environment.deployments.push(number);
        }
        let fixture = limits.fixture(&application.name, resource, [&id, &environment, &profile]);
        Ok(Deployment { application: id, environment, number, progress, fixture, special: None })
    }

    /// Waits until a deployment serves its configuration.
    async fn wait_until_served(
        &self,
        deployment: &Deployment,
        stop: &impl Fn() -> bool,
    ) -> Result<(), ProvisionError> {
        let Deployment { application, environment, number, progress, .. } = deployment;
        if *progress == Progress::Serving {
            return Ok(());
        }
        let not_serving =
            |problem: String| ProvisionError::NotServing { place: self.control.place().to_owned(), problem };
        let poll = || async {
            if stop() {
                return Ok(Err(ProvisionError::Interrupted));
            }
            match self.control.progress(application, environment, *number).await {
                Ok(Progress::Serving) => Ok(Ok(())),
                Ok(Progress::Deploying) => Err(()),
                Ok(Progress::Ended(state)) => Ok(Err(not_serving(format!("ended with {state}")))),
                Err(error) => Ok(Err(error.into())),
            }
        };
        poll.retry(UNTIL_SERVING)
            .await
            .unwrap_or_else(|()| Err(not_serving("does not serve after two minutes".into())))
    }

    /// Skips a special application if the control plane refuses its values.
    fn skip_if_special(
        &mut self,
        special: Option<&'static str>,
        error: CallError,
    ) -> Result<(), ProvisionError> {
        if special.is_some() && error.is_about_the_value() {
            self.skip(special, &error.to_string());
            Ok(())
        } else {
            Err(error.into())
        }
    }

    fn skip(&mut self, special: Option<&'static str>, reason: &str) {
        self.skipped.push(format!("{}: {reason}", special.unwrap_or_default()));
    }
}

fn check(stop: &impl Fn() -> bool) -> Result<(), ProvisionError> {
    if stop() { Err(ProvisionError::Interrupted) } else { Ok(()) }
}

/// The name of an application. `taken` are the names that others have.
fn choose_name(name: ApplicationName, taken: &Result<Vec<String>, CallError>) -> Result<String, String> {
    match (name, taken) {
        (ApplicationName::Unique(name), _) => Ok(name),
        (ApplicationName::OneCharacter, Ok(taken)) => free_character(&taken.iter().map(String::as_str))
            .ok_or_else(|| "each of them is taken".to_owned()),
        (ApplicationName::OneCharacter, Err(error)) => Err(error.to_string()),
    }
}
