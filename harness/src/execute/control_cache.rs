//! Shares the outcome of controls between cases.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cases::generate::Step;
use tokio::sync::OnceCell;

use crate::judge::judgement::Blockers;

/// The controls that cases share if requests are limited, and whether the target accepts each.
#[derive(Debug, Default)]
pub struct ControlCache(Mutex<HashMap<Vec<Step>, Arc<OnceCell<ControlOutcome>>>>);

/// Whether the target accepts a control, and the differences if it does not.
pub(crate) type ControlOutcome = Result<(), Option<Blockers>>;

impl ControlCache {
    /// The outcome of a control: the known one, or that of `execute`. Concurrent callers wait for the same
    /// one.
    pub(crate) async fn get_or_execute(
        &self,
        steps: &[Step],
        execute: impl Future<Output = ControlOutcome>,
    ) -> ControlOutcome {
        let outcome = {
            let mut controls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(controls.entry(steps.to_vec()).or_default())
        };
        outcome.get_or_init(|| execute).await.clone()
    }
}
