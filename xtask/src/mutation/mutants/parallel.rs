//! Runs several runs at the same time.

use std::num::NonZeroUsize;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::observe::Observed;

/// Executes runs, up to `jobs` of them at the same time, and returns the results in the order of `runs`.
///
/// # Errors
/// A run fails.
pub(super) async fn run_parallel<R, F>(
    jobs: NonZeroUsize,
    runs: Vec<R>,
    observe: impl Fn(R) -> F,
) -> Result<Vec<(R, Observed)>>
where
    R: Copy,
    F: Future<Output = Result<Observed>> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(jobs.get()));
    let mut running = JoinSet::new();
    for (index, run) in runs.iter().enumerate() {
        let (permits, observing) = (Arc::clone(&permits), observe(*run));
        running.spawn(async move {
            let _permit = permits.acquire_owned().await?;
            Ok::<_, anyhow::Error>((index, observing.await?))
        });
    }
    let mut observed = Vec::new();
    while let Some(finished) = running.join_next().await {
        let (index, seen) = finished??;
        observed.push((index, seen));
    }
    observed.sort_by_key(|(index, _)| *index);
    Ok(observed.into_iter().map(|(index, observed)| (runs[index], observed)).collect())
}
