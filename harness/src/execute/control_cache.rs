//! The controls that cases share, and whether the target accepts each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cases::generate::Step;
use tokio::sync::OnceCell;

use crate::judge::judgement::Blockers;

/// The valid twins that cases share where requests are few, and whether the target accepts each, once
/// that is known.
#[derive(Debug, Default)]
pub struct Twins(Mutex<HashMap<Vec<Step>, Arc<OnceCell<Twin>>>>);

/// Whether the target accepts a twin, and what is wrong if it does not.
pub(crate) type Twin = Result<(), Option<Blockers>>;

impl Twins {
    /// Whether a twin is accepted, as is known already or as `play` tells. Who comes meanwhile waits.
    pub(crate) async fn accepted(&self, steps: &[Step], play: impl Future<Output = Twin>) -> Twin {
        let answer = {
            let mut twins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(twins.entry(steps.to_vec()).or_default())
        };
        answer.get_or_init(|| play).await.clone()
    }
}
