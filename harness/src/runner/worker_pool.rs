//! A pool of a few threads that work on many items at once. Each thread has a runtime and connections of its
//! own, so that what an item needs may stay on its thread and no response has to wake another one.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet, spawn_blocking};
use tokio::time::timeout;

/// How often a worker checks whether more items may be worked on at once.
pub(crate) const CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Works on `items` in their order, on as many at once as `at_once` says. Each thread calls `start` once, and
/// then what that returned for each of its items. If the work on an item panics, the other items continue.
pub(crate) fn run_pool<I, W, F>(
    items: Vec<I>,
    at_once: impl Fn() -> usize + Clone + Send + 'static,
    start: impl Fn() -> W + Clone + Send + 'static,
) where
    I: Send + 'static,
    W: Fn(I) -> F,
    F: Future<Output = ()> + 'static,
{
    let threads = available_parallelism().map_or(1, NonZeroUsize::get).min(at_once()).max(1);
    let items = Arc::new(Mutex::new(items.into_iter()));
    for thread in 0..threads {
        let (items, start, at_once) = (Arc::clone(&items), start.clone(), at_once.clone());
        let share = move || {
            let all = at_once();
            all / threads + usize::from(thread < all % threads)
        };
        let next = move || items.lock().unwrap_or_else(PoisonError::into_inner).next();
        spawn_blocking(move || {
            // Without a runtime the other threads do the work; if no thread has one, nothing is done.
            let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
            LocalSet::new().block_on(&runtime, run_worker(next, share, start()));
        });
    }
}

/// The loop of one thread.
async fn run_worker<I, F>(next: impl Fn() -> Option<I>, at_once: impl Fn() -> usize, work: impl Fn(I) -> F)
where
    F: Future<Output = ()> + 'static,
{
    let mut running = JoinSet::new();
    loop {
        while running.len() < at_once()
            && let Some(item) = next()
        {
            running.spawn_local(work(item));
        }
        if let Ok(None) = timeout(CHECK_INTERVAL, running.join_next()).await {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::mpsc::unbounded_channel;

    use super::*;

    #[tokio::test]
    async fn pool_works_on_every_item_within_its_limit() {
        for at_once in [1, 2, 3, 16] {
            let (done, mut seen) = unbounded_channel();
            let (now, max) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let counts = (Arc::clone(&now), Arc::clone(&max));
            let start = move || {
                let (done, (now, max)) = (done.clone(), counts.clone());
                move |item: usize| {
                    let (done, now, max) = (done.clone(), Arc::clone(&now), Arc::clone(&max));
                    async move {
                        // It cannot move to another thread.
                        let item = Rc::new(item);
                        max.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        now.fetch_sub(1, Ordering::SeqCst);
                        assert!(*item != 5, "it fails");
                        done.send(*item).unwrap();
                    }
                }
            };
            run_pool((0..40).collect(), move || at_once, start);
            let mut items = Vec::new();
            while let Some(item) = seen.recv().await {
                items.push(item);
            }
            items.sort_unstable();
            assert_eq!(items, (0..40).filter(|item| *item != 5).collect::<Vec<_>>());
            assert!((1..=at_once + 1).contains(&max.load(Ordering::SeqCst)), "{at_once}: {max:?}");
        }
    }
}
