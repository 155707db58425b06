//! What a behaviour remembers from one request to the next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::behaviour::{Behaviour, Reference};
use super::fault::{Fault, Problem};
use super::token::{Claims, Nonce, Sealer};

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

/// Issues tokens as they are, and compares something made of each.
pub(super) struct Compares {
    part: fn(&str) -> Option<String>,
    issued: Register,
}

impl Compares {
    /// Compares what `part` makes of a token; of what it makes nothing is no token.
    pub(super) fn new(part: fn(&str) -> Option<String>) -> Self {
        Self { part, issued: Register::default() }
    }
}

impl Behaviour for Compares {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        if let Some(part) = (self.part)(&token) {
            self.issued.issue(part, claims);
        }
        token
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.issued.open(&(self.part)(token).unwrap_or_default())
    }
}
