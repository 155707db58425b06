//! Removes what was made, in the reverse order.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use crate::provision::call::CallError;
use crate::provision::control_plane::{ControlPlane, Listed};
use crate::provision::held::Application;
use crate::provision::provisioner::Provisioner;
use crate::provision::wanted::{TAG, described, named, tagged};

/// The longest that the removal of a run's fixtures may take.
const LONGEST: Duration = Duration::from_mins(2);

/// How often something is tried again that something else still stands in the way of: for about half
/// a minute.
const UNTIL_FREE: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_secs(5))
    .with_max_times(10);

/// Something that could not be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// What it is.
    pub what: String,
    /// Why it is still there.
    pub reason: String,
}

/// What is known once a run's fixtures have been removed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// What could not be removed.
    pub left: Vec<Left>,
    /// Why it is not known whether anything else is left, if it is not.
    pub not_looked_for: Option<String>,
}

impl Removal {
    /// Whether nothing is left for sure.
    pub fn is_complete(&self) -> bool {
        self.left.is_empty() && self.not_looked_for.is_none()
    }
}

/// What earlier runs left, as far as it can be told.
#[derive(Debug, Default)]
pub struct Found {
    /// What they left.
    pub leftovers: Vec<Leftover>,
    /// What may be of a run or not, and why that cannot be told.
    pub unknown: Vec<Left>,
}

/// An application that an earlier run left.
#[derive(Debug, Clone)]
pub struct Leftover {
    id: String,
    name: String,
    /// The run and its time, as far as they are known.
    pub mark: String,
}

impl Provisioner {
    /// Removes all that was made, within two minutes. What is left is also looked for at the control
    /// plane: an answer that was lost may have told of something that was made.
    pub async fn remove(&mut self) -> Removal {
        if !self.began {
            return Removal::default();
        }
        match tokio::time::timeout(LONGEST, self.remove_all()).await {
            Ok(removal) => removal,
            Err(_) => Removal { left: self.left(&BTreeMap::new()), not_looked_for: Some(time_is_over()) },
        }
    }

    async fn remove_all(&mut self) -> Removal {
        let mut reasons = self.remove_held().await;
        if let Some(error) = reasons.values().find(|error| error.is_final()) {
            return Removal { not_looked_for: Some(error.to_string()), left: self.left(&reasons) };
        }
        let listed = match self.control.applications().await {
            Ok(listed) => listed,
            Err(error) => {
                return Removal { not_looked_for: Some(error.to_string()), left: self.left(&reasons) };
            }
        };
        for one in listed.iter().filter(|one| self.mark.is_of_run(&one.name, &one.description)) {
            if self.held.iter().all(|held| held.id != one.id) {
                self.held.push(Application::empty(one.id.clone(), one.name.clone()));
            }
        }
        for held in &mut self.held {
            if let Ok(contents) = self.control.contents(&held.id, &held.name).await {
                *held = contents;
            }
        }
        if !self.held.is_empty() {
            reasons = self.remove_held().await;
        }
        Removal { left: self.left(&reasons), not_looked_for: None }
    }

    /// Removes what is held, the last first, and gives the reasons why the rest could not be.
    async fn remove_held(&mut self) -> BTreeMap<String, CallError> {
        let mut reasons = BTreeMap::new();
        for index in (0..self.held.len()).rev() {
            match self.control.remove(&self.held[index]).await {
                Ok(()) => drop(self.held.remove(index)),
                Err(error) => {
                    let is_final = error.is_final();
                    reasons.insert(self.held[index].id.clone(), error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        reasons
    }

    fn left(&self, reasons: &BTreeMap<String, CallError>) -> Vec<Left> {
        let any = reasons.values().next();
        let reason = |held: &Application| match reasons.get(&held.id).or(any) {
            Some(error) => error.to_string(),
            None => time_is_over(),
        };
        self.held.iter().map(|held| Left { what: held.title(), reason: reason(held) }).collect()
    }
}

fn time_is_over() -> String {
    format!("the time of {} s was over", LONGEST.as_secs())
}

impl ControlPlane {
    /// Removes an application with what is known to be in it. Tries everything, and gives the first
    /// error if the application is still there.
    async fn remove(&self, application: &Application) -> Result<(), CallError> {
        let id = &application.id;
        let mut first = Ok(());
        // A refusal to stop what does not go on is none to delete it.
        for environment in application.environments.iter().rev() {
            for deployment in environment.deployments.iter().rev() {
                let stopped = self.stop(id, &environment.id, *deployment).await;
                stopped.or_else(|error| if error.is_final() { Err(error) } else { Ok(()) })?;
            }
        }
        for environment in application.environments.iter().rev() {
            keep(&mut first, until_free(|| self.delete_environment(id, &environment.id)).await)?;
        }
        for profile in application.profiles.iter().rev() {
            for version in profile.versions.iter().rev() {
                keep(&mut first, until_free(|| self.delete_version(id, &profile.id, *version)).await)?;
            }
            keep(&mut first, until_free(|| self.delete_profile(id, &profile.id)).await)?;
        }
        match until_free(|| self.delete_application(id)).await {
            // Some control planes delete all that is within.
            Ok(()) => Ok(()),
            Err(error) => first.and(Err(error)),
        }
    }
}

/// Notes the first error, and ends with one that all further calls would end with.
fn keep(first: &mut Result<(), CallError>, result: Result<(), CallError>) -> Result<(), CallError> {
    let Err(error) = result else { return Ok(()) };
    if error.is_final() {
        return Err(error);
    }
    if first.is_ok() {
        *first = Err(error);
    }
    Ok(())
}

async fn until_free<F: Future<Output = Result<(), CallError>>>(
    delete: impl FnMut() -> F,
) -> Result<(), CallError> {
    delete.retry(UNTIL_FREE).when(CallError::is_conflict).await
}

/// What earlier runs left, whoever made them.
///
/// On AWS only what carries the tag counts. Emulators may keep no tags: there the description is
/// enough, and the name where not even descriptions are kept.
///
/// # Errors
/// The call that failed.
pub async fn leftovers(control: &ControlPlane) -> Result<Found, CallError> {
    let mut found = Found::default();
    let listed = control.applications().await?;
    if listed.is_empty() {
        return Ok(found);
    }
    let start = match control.tagged().await {
        Err(error) if control.is_aws() || error.is_final() => return Err(error),
        start => start.ok(),
    };
    for one in listed {
        let tags = match &start {
            Some(start) => match control.tags(&format!("{start}{}", one.id)).await {
                Err(error) if error.is_final() => return Err(error),
                tags => Some(tags),
            },
            None => None,
        };
        match mark_of(&one, tags, control.is_aws()) {
            Ok(Some(mark)) => found.leftovers.push(Leftover { id: one.id, name: one.name, mark }),
            Ok(None) => {}
            Err(error) => found
                .unknown
                .push(Left { what: Application::empty(one.id, one.name).title(), reason: error.to_string() }),
        }
    }
    Ok(found)
}

/// The mark of an application, by its tags as they were read, if there are tags at all. The error is
/// given back where only tags could tell.
fn mark_of(
    one: &Listed,
    tags: Option<Result<HashMap<String, String>, CallError>>,
    is_aws: bool,
) -> Result<Option<String>, CallError> {
    let described = described(&one.description);
    let mark = match tags {
        Some(Ok(tags)) if is_aws || !tags.is_empty() => {
            return Ok(tags.get(TAG).and_then(|value| tagged(value)).map(str::to_owned));
        }
        // Who keeps no tags may still answer that there are none.
        Some(Ok(_)) => described,
        // It was removed meanwhile.
        Some(Err(error)) if is_aws && error.is_absent() => None,
        Some(Err(error)) if is_aws || !error.is_unknown() && described.is_none() => return Err(error),
        Some(Err(_)) | None => described.or_else(|| named(&one.name).filter(|_| one.description.is_empty())),
    };
    Ok(mark.map(str::to_owned))
}

impl Leftover {
    /// Removes it with all that is in it.
    ///
    /// # Errors
    /// The call that failed.
    pub async fn remove(&self, control: &ControlPlane) -> Result<(), CallError> {
        control.remove(&control.contents(&self.id, &self.name).await?).await
    }
}

impl std::fmt::Display for Leftover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "application {} ({}) of run {}", self.name, self.id, self.mark)
    }
}
