//! What a behaviour remembers from one request to the next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::{Fault, Problem};
use super::token::Claims;

/// The value of a mutex, whether or not a thread panicked with it.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Comes true every so many times.
pub(super) struct Every {
    times: u64,
    seen: AtomicU64,
}

impl Every {
    pub(super) fn new(times: u64) -> Self {
        Self { times, seen: AtomicU64::new(0) }
    }

    pub(super) fn hit(&self) -> bool {
        (self.seen.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.times)
    }
}

/// What each token was issued for, where tokens do not carry it. Nothing is forgotten.
#[derive(Default)]
pub(super) struct Register(Mutex<HashMap<String, Claims>>);

impl Register {
    /// Notes what `token` is for, in place of what it was for before, and returns it.
    pub(super) fn issue(&self, token: String, claims: &Claims) -> String {
        locked(&self.0).insert(token.clone(), claims.clone());
        token
    }

    pub(super) fn open(&self, token: &str) -> Result<Claims, Fault> {
        locked(&self.0).get(token).cloned().ok_or(Fault::Token(Problem::Corrupted))
    }
}
