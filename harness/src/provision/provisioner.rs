//! Makes fixtures and removes them.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use cases::contract::Contract;
use cases::fixture::Fixture;

use crate::provision::call::CallError;
use crate::provision::control_plane::{ControlPlane, Progress};
use crate::provision::error::ProvisionError;
use crate::provision::held::{Application, Environment, Profile};
use crate::provision::wanted::{Bounds, Mark, Name, Resource, Wanted, single, wanted};

/// How often a listing looks whether it has to end.
const GLANCE: Duration = Duration::from_millis(50);

/// How often it is asked whether a deployment serves: for about two minutes.
const UNTIL_SERVING: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(200))
    .with_max_delay(Duration::from_secs(4))
    .with_max_times(34);

/// Makes fixtures and removes them.
#[derive(Debug)]
pub struct Provisioner {
    pub(crate) control: ControlPlane,
    pub(crate) mark: Mark,
    /// What was made and not removed yet, in the order in which it was made.
    pub(crate) held: Vec<Application>,
    pub(crate) left_out: Vec<String>,
    /// Whether anything was sent that makes something.
    pub(crate) began: bool,
}

/// A deployment that has to serve before its fixture is one.
struct Deployed {
    application: String,
    environment: String,
    number: i32,
    progress: Progress,
    fixture: Fixture,
    special: Option<&'static str>,
}

/// Comes when it is to stop.
async fn until(stop: &impl Fn() -> bool) {
    while !stop() {
        tokio::time::sleep(GLANCE).await;
    }
}

impl Provisioner {
    /// Makes nothing yet.
    pub fn new(control: ControlPlane, mark: Mark) -> Self {
        Self { control, mark, held: Vec::new(), left_out: Vec::new(), began: false }
    }

    /// Where things are made.
    pub fn control(&self) -> &ControlPlane {
        &self.control
    }

    /// How they are marked.
    pub fn mark(&self) -> &Mark {
        &self.mark
    }

    /// How many applications were made and not removed yet.
    pub fn applications(&self) -> usize {
        self.held.len()
    }

    /// The fixtures that the control plane did not want to make, each with the reason.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Makes fixtures for a contract. `stop` ends this after the call under way, or within a listing.
    ///
    /// # Errors
    /// What failed. What was made until then has to be [removed](Self::remove), as after a success.
    pub async fn create(
        &mut self,
        contract: &Contract,
        stop: impl Fn() -> bool,
    ) -> Result<Vec<Fixture>, ProvisionError> {
        let bounds = Bounds::of(contract)?;
        let going_on = || if stop() { Err(ProvisionError::Interrupted) } else { Ok(()) };
        going_on()?;
        let listed = tokio::select! {
            listed = self.control.applications() => listed,
            () = until(&stop) => return Err(ProvisionError::Interrupted),
        };
        let taken = match listed {
            Ok(listed) => Ok(listed),
            Err(error) if error.is_refused() => Err(error),
            Err(error) => return Err(error.into()),
        };
        let mut deployed = Vec::new();
        for Wanted { name, special, resources } in wanted(&self.mark, &bounds) {
            let name = match name {
                Name::Own(name) => Ok(name),
                Name::Single => match &taken {
                    Ok(listed) => single(&listed.iter().flat_map(|one| [one.id.as_str(), one.name.as_str()]))
                        .ok_or_else(|| "each of them is taken".to_owned()),
                    Err(error) => Err(error.to_string()),
                },
            };
            let name = match name {
                Ok(name) => name,
                Err(reason) => {
                    self.leave_out(special, &reason);
                    continue;
                }
            };
            going_on()?;
            self.began = true;
            let id = match self.control.create_application(&name, &self.mark).await {
                Ok(id) => id,
                Err(error) => {
                    self.unless_special(special, error)?;
                    continue;
                }
            };
            self.held.push(Application::empty(id, name));
            for resource in resources {
                going_on()?;
                match self.deploy(&resource, &bounds, &going_on).await {
                    Ok(one) => deployed.push(Deployed { special, ..one }),
                    Err(ProvisionError::Call(error)) => self.unless_special(special, error)?,
                    Err(error) => return Err(error),
                }
            }
        }
        let mut fixtures = Vec::new();
        for one in deployed {
            match self.serves(&one, &stop).await {
                Ok(()) => fixtures.push(one.fixture),
                Err(error @ ProvisionError::NotServing { .. }) if one.special.is_some() => {
                    self.leave_out(one.special, &error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        going_on()?;
        Ok(fixtures)
    }

    /// Makes a resource in the last application and starts its deployment.
    async fn deploy(
        &mut self,
        resource: &Resource,
        bounds: &Bounds,
        going_on: &impl Fn() -> Result<(), ProvisionError>,
    ) -> Result<Deployed, ProvisionError> {
        let Self { control, mark, held, .. } = self;
        let Some(application) = held.last_mut() else { return Err(ProvisionError::Interrupted) };
        let id = application.id.clone();
        let environment = control.create_environment(&id, &resource.environment, mark).await?;
        application.environments.push(Environment { id: environment.clone(), deployments: Vec::new() });
        going_on()?;
        let profile = control.create_profile(&id, &resource.profile, mark).await?;
        application.profiles.push(Profile { id: profile.clone(), versions: Vec::new() });
        going_on()?;
        let version = control.create_version(&id, &profile, resource).await?;
        if let Some(profile) = application.profiles.last_mut() {
            profile.versions.push(version);
        }
        going_on()?;
        let (number, progress) = control.deploy(&id, &environment, &profile, version, mark).await?;
        if let Some(environment) = application.environments.last_mut() {
            environment.deployments.push(number);
        }
        let fixture = bounds.fixture(&application.name, resource, [&id, &environment, &profile]);
        Ok(Deployed { application: id, environment, number, progress, fixture, special: None })
    }

    /// Waits until a deployment serves.
    async fn serves(&self, deployed: &Deployed, stop: &impl Fn() -> bool) -> Result<(), ProvisionError> {
        let Deployed { application, environment, number, progress, .. } = deployed;
        if *progress == Progress::Serving {
            return Ok(());
        }
        let not = |what: String| ProvisionError::NotServing { place: self.control.place().to_owned(), what };
        let ask = || async {
            if stop() {
                return Ok(Err(ProvisionError::Interrupted));
            }
            match self.control.progress(application, environment, *number).await {
                Ok(Progress::Serving) => Ok(Ok(())),
                Ok(Progress::Coming) => Err(()),
                Ok(Progress::Ended(state)) => Ok(Err(not(format!("ended with {state}")))),
                Err(error) => Ok(Err(error.into())),
            }
        };
        ask.retry(UNTIL_SERVING)
            .await
            .unwrap_or_else(|()| Err(not("does not serve after two minutes".into())))
    }

    /// Does without a special fixture if the control plane does not want what is special to it.
    fn unless_special(
        &mut self,
        special: Option<&'static str>,
        error: CallError,
    ) -> Result<(), ProvisionError> {
        if special.is_some() && error.is_about_the_value() {
            self.leave_out(special, &error.to_string());
            Ok(())
        } else {
            Err(error.into())
        }
    }

    fn leave_out(&mut self, special: Option<&'static str>, reason: &str) {
        self.left_out.push(format!("{}: {reason}", special.unwrap_or_default()));
    }
}
