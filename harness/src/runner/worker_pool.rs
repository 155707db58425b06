//! Works on many items at once on a few threads. What an item needs may stay on its thread, and so may
//! its connections: each thread has a runtime of its own, so that no answer has to wake another thread.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::task::{JoinSet, LocalSet, spawn_blocking};
use tokio::time::timeout;

/// How long nothing may be done before it is looked at whether more may be worked on at once.
pub(crate) const LOOK: Duration = Duration::from_millis(20);

/// Lets the threads work on `items` in their order, on as many of them at the same time as `at_once` says. Each
/// thread calls `start` once and then what that returned for each of its items. An item whose work panics is
/// left where it is; the others go on.
pub(crate) fn work<I, W, F>(
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
            // Without a runtime the other threads do the work; if none has one, it is not done.
            let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
            LocalSet::new().block_on(&runtime, shift(next, share, start()));
        });
    }
}

/// The work of one thread.
async fn shift<I, F>(next: impl Fn() -> Option<I>, at_once: impl Fn() -> usize, work: impl Fn(I) -> F)
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
        if let Ok(None) = timeout(LOOK, running.join_next()).await {
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
    async fn every_item_is_worked_on_and_never_too_many_at_once() {
        for at_once in [1, 2, 3, 16] {
            let (done, mut seen) = unbounded_channel();
            let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let counts = (Arc::clone(&now), Arc::clone(&most));
            let start = move || {
                let (done, (now, most)) = (done.clone(), counts.clone());
                move |item: usize| {
                    let (done, now, most) = (done.clone(), Arc::clone(&now), Arc::clone(&most));
                    async move {
                        // It cannot move to another thread.
                        let item = Rc::new(item);
                        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(1)).await;
                        now.fetch_sub(1, Ordering::SeqCst);
                        assert!(*item != 5, "it fails");
                        done.send(*item).unwrap();
                    }
                }
            };
            work((0..40).collect(), move || at_once, start);
            let mut items = Vec::new();
            while let Some(item) = seen.recv().await {
                items.push(item);
            }
            items.sort_unstable();
            assert_eq!(items, (0..40).filter(|item| *item != 5).collect::<Vec<_>>());
            assert!((1..=at_once + 1).contains(&most.load(Ordering::SeqCst)), "{at_once}: {most:?}");
        }
    }
}
