//! Removes what was made, in the reverse order.

use std::collections::BTreeMap;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};

use super::call::CallError;
use super::held::Application;
use super::wanted::marked;
use super::{ControlPlane, Provisioner};

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
    pub async fn remove(&mut self) -> Vec<Left> {
        if !self.began {
            return Vec::new();
        }
        match tokio::time::timeout(LONGEST, self.remove_all()).await {
            Ok(left) => left,
            Err(_) => self.left(&BTreeMap::new()),
        }
    }

    async fn remove_all(&mut self) -> Vec<Left> {
        let mut reasons = self.remove_held().await;
        if reasons.values().any(CallError::is_final) {
            return self.left(&reasons);
        }
        // A control plane that does not list leaves what is known.
        let Ok(listed) = self.control.applications().await else { return self.left(&reasons) };
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
        self.left(&reasons)
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
            None => format!("the time of {} s was over", LONGEST.as_secs()),
        };
        self.held.iter().map(|held| Left { what: held.title(), reason: reason(held) }).collect()
    }
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
/// On AWS only what carries the tag counts. Emulators may keep no tags: there the description or the
/// name is enough.
///
/// # Errors
/// The call that failed.
pub async fn leftovers(control: &ControlPlane) -> Result<Vec<Leftover>, CallError> {
    let listed = control.applications().await?;
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let tagged = match control.tagged().await {
        Err(error) if control.is_aws() || error.is_final() => return Err(error),
        tagged => tagged.ok(),
    };
    let mut leftovers = Vec::new();
    for one in listed {
        let tag = match &tagged {
            Some(start) => match control.tag(&format!("{start}{}", one.id)).await {
                Ok(tag) => tag,
                // It was removed meanwhile, or it is one that these credentials may not look at.
                Err(error) if error.is_refused() => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        let by_name = || marked(&one.name, &one.description).filter(|_| !control.is_aws());
        if let Some(mark) = tag.or_else(by_name) {
            leftovers.push(Leftover { id: one.id, name: one.name, mark });
        }
    }
    Ok(leftovers)
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
