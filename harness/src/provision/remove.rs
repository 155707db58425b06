//! Removes created resources, in reverse order.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use crate::provision::call::CallError;
use crate::provision::control_plane::{ControlPlane, ListedApplication};
use crate::provision::plan::{TAG, run_in_description, run_in_name, run_in_tag};
use crate::provision::provisioner::Provisioner;
use crate::provision::resources::Application;

/// The maximum time to remove the fixtures of a run.
const MAX_REMOVAL: Duration = Duration::from_mins(2);

/// How often a removal that conflicts with another operation is retried: for about half a minute.
const CONFLICT_RETRIES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_secs(5))
    .with_max_times(10);

/// A resource that was not removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRemoved {
    /// The resource, as shown to users.
    pub what: String,
    /// Why it is still there.
    pub reason: String,
}

/// The result of removing the fixtures of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// The resources that were not removed.
    pub not_removed: Vec<NotRemoved>,
    /// Why the control plane could not be searched for further resources of the run.
    pub not_searched: Option<String>,
}

impl Removal {
    /// Whether it is certain that nothing is left.
    pub fn is_complete(&self) -> bool {
        self.not_removed.is_empty() && self.not_searched.is_none()
    }
}

/// The resources that earlier runs left.
#[derive(Debug, Default)]
pub struct Leftovers {
    /// The applications that they left.
    pub leftovers: Vec<Leftover>,
    /// The applications that may belong to a run, and why this cannot be determined.
    pub unknown: Vec<NotRemoved>,
}

/// An application that an earlier run left.
#[derive(Debug, Clone)]
pub struct Leftover {
    id: String,
    name: String,
    /// The run and its time, as far as they are known.
    pub run: String,
}

impl Provisioner {
    /// Removes everything that was created, within two minutes. It also searches the control plane for
    /// resources of the run: a lost response may have reported a creation.
    pub async fn remove(&mut self) -> Removal {
        if !self.has_sent {
            return Removal::default();
        }
        match tokio::time::timeout(MAX_REMOVAL, self.remove_all()).await {
            Ok(removal) => removal,
            Err(_) => {
                Removal { not_removed: self.not_removed(&BTreeMap::new()), not_searched: Some(time_limit()) }
            }
        }
    }

    async fn remove_all(&mut self) -> Removal {
        let mut errors = self.remove_created().await;
        if let Some(error) = errors.values().find(|error| error.is_final()) {
            return Removal { not_searched: Some(error.to_string()), not_removed: self.not_removed(&errors) };
        }
        let listed = match self.control.applications().await {
            Ok(listed) => listed,
            Err(error) => {
                return Removal {
                    not_searched: Some(error.to_string()),
                    not_removed: self.not_removed(&errors),
                };
            }
        };
        for one in listed.iter().filter(|one| self.label.is_of_run(&one.name, &one.description)) {
            if self.created.iter().all(|application| application.id != one.id) {
                self.created.push(Application::empty(one.id.clone(), one.name.clone()));
            }
        }
        for application in &mut self.created {
            if let Ok(contents) = self.control.contents(&application.id, &application.name).await {
                *application = contents;
            }
        }
        if !self.created.is_empty() {
            errors = self.remove_created().await;
        }
        Removal { not_removed: self.not_removed(&errors), not_searched: None }
    }

    /// Removes the created applications, the last first, and returns the errors by the ids of the rest.
    async fn remove_created(&mut self) -> BTreeMap<String, CallError> {
        let mut errors = BTreeMap::new();
        for index in (0..self.created.len()).rev() {
            match self.control.remove(&self.created[index]).await {
                Ok(()) => drop(self.created.remove(index)),
                Err(error) => {
                    let is_final = error.is_final();
                    errors.insert(self.created[index].id.clone(), error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        errors
    }

    fn not_removed(&self, errors: &BTreeMap<String, CallError>) -> Vec<NotRemoved> {
        let any = errors.values().next();
        let reason = |application: &Application| match errors.get(&application.id).or(any) {
            Some(error) => error.to_string(),
            None => time_limit(),
        };
        self.created
            .iter()
            .map(|application| NotRemoved { what: application.title(), reason: reason(application) })
            .collect()
    }
}

fn time_limit() -> String {
    format!("the time limit of {} s was reached", MAX_REMOVAL.as_secs())
}

impl ControlPlane {
    /// Removes an application with its known contents. It tries every removal, and returns the first error
    /// if the application still exists.
    async fn remove(&self, application: &Application) -> Result<(), CallError> {
        let id = &application.id;
        let mut first = Ok(());
        // A deployment that has ended cannot be stopped, but its environment can be deleted.
        for environment in application.environments.iter().rev() {
            for deployment in environment.deployments.iter().rev() {
                let stopped = self.stop(id, &environment.id, *deployment).await;
                stopped.or_else(|error| if error.is_final() { Err(error) } else { Ok(()) })?;
            }
        }
        for environment in application.environments.iter().rev() {
            keep_first(&mut first, retry_conflicts(|| self.delete_environment(id, &environment.id)).await)?;
        }
        for profile in application.profiles.iter().rev() {
            for version in profile.versions.iter().rev() {
                keep_first(
                    &mut first,
                    retry_conflicts(|| self.delete_version(id, &profile.id, *version)).await,
                )?;
            }
            keep_first(&mut first, retry_conflicts(|| self.delete_profile(id, &profile.id)).await)?;
        }
        match retry_conflicts(|| self.delete_application(id)).await {
            // Some control planes delete the contents too.
            Ok(()) => Ok(()),
            Err(error) => first.and(Err(error)),
        }
    }
}

/// Keeps the first error in `first`, and returns an error that all further calls would have.
fn keep_first(first: &mut Result<(), CallError>, result: Result<(), CallError>) -> Result<(), CallError> {
    let Err(error) = result else { return Ok(()) };
    if error.is_final() {
        return Err(error);
    }
    if first.is_ok() {
        *first = Err(error);
    }
    Ok(())
}

async fn retry_conflicts<F: Future<Output = Result<(), CallError>>>(
    delete: impl FnMut() -> F,
) -> Result<(), CallError> {
    delete.retry(CONFLICT_RETRIES).when(CallError::is_conflict).await
}

/// Finds the resources that earlier runs left.
///
/// On AWS, a leftover has the tag. Emulators may keep no tags: there the description is enough, or the name
/// if they keep no descriptions either.
///
/// # Errors
/// The call that failed.
pub async fn find_leftovers(control: &ControlPlane) -> Result<Leftovers, CallError> {
    let mut found = Leftovers::default();
    let listed = control.applications().await?;
    if listed.is_empty() {
        return Ok(found);
    }
    let arn_prefix = match control.application_arn_prefix().await {
        Err(error) if control.is_aws() || error.is_final() => return Err(error),
        prefix => prefix.ok(),
    };
    for one in listed {
        let tags = match &arn_prefix {
            Some(prefix) => match control.tags(&format!("{prefix}{}", one.id)).await {
                Err(error) if error.is_final() => return Err(error),
                tags => Some(tags),
            },
            None => None,
        };
        match run_of(&one, tags, control.is_aws()) {
            Ok(Some(run)) => found.leftovers.push(Leftover { id: one.id, name: one.name, run }),
            Ok(None) => {}
            Err(error) => found.unknown.push(NotRemoved {
                what: Application::empty(one.id, one.name).title(),
                reason: error.to_string(),
            }),
        }
    }
    Ok(found)
}

/// The run that created an application. `tags` is `None` if tags cannot be read at all. An error of reading
/// them is returned if only tags can tell.
fn run_of(
    one: &ListedApplication,
    tags: Option<Result<HashMap<String, String>, CallError>>,
    is_aws: bool,
) -> Result<Option<String>, CallError> {
    let by_description = run_in_description(&one.description);
    let run = match tags {
        Some(Ok(tags)) if is_aws || !tags.is_empty() => {
            return Ok(tags.get(TAG).and_then(|value| run_in_tag(value)).map(str::to_owned));
        }
        // A control plane that keeps no tags may return an empty list.
        Some(Ok(_)) => by_description,
        // The application was removed in the meantime.
        Some(Err(error)) if is_aws && error.is_absent() => None,
        Some(Err(error)) if is_aws || !error.is_unknown() && by_description.is_none() => return Err(error),
        Some(Err(_)) | None => {
            by_description.or_else(|| run_in_name(&one.name).filter(|_| one.description.is_empty()))
        }
    };
    Ok(run.map(str::to_owned))
}

impl Leftover {
    /// Removes the application with everything in it.
    ///
    /// # Errors
    /// The call that failed.
    pub async fn remove(&self, control: &ControlPlane) -> Result<(), CallError> {
        control.remove(&control.contents(&self.id, &self.name).await?).await
    }
}

impl std::fmt::Display for Leftover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "application {} ({}) of run {}", self.name, self.id, self.run)
    }
}
