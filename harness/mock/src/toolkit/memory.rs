//! What a behavior remembers from one request to the next.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::protocol::{ApiError, TokenProblem};
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Nonce, Sealer};

/// The value of a mutex, whether or not a thread panicked while it held the lock.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Selects every n-th event.
pub(crate) struct EveryNth {
    n: u64,
    events: AtomicU64,
}

impl EveryNth {
    pub(crate) fn new(n: u64) -> Self {
        Self { n, events: AtomicU64::new(0) }
    }

    /// Counts an event, and says whether it is an n-th one.
    pub(crate) fn hit(&self) -> bool {
        (self.events.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(self.n)
    }
}

/// The claims of each issued token, for tokens that do not carry them. No token is ever forgotten.
#[derive(Default)]
pub(crate) struct IssuedTokens(Mutex<HashMap<String, Claims>>);

impl IssuedTokens {
    /// Stores the claims of `token`, replaces those that it had before, and returns the token.
    pub(crate) fn issue(&self, token: String, claims: &Claims) -> String {
        locked(&self.0).insert(token.clone(), claims.clone());
        token
    }

    /// The claims of `token`.
    pub(crate) fn open(&self, token: &str) -> Result<Claims, ApiError> {
        locked(&self.0).get(token).cloned().ok_or(ApiError::Token(TokenProblem::Corrupted))
    }
}

/// Issues ordinary tokens, and compares only a part of each, or another text that is derived from it.
pub(crate) struct ComparesTokens {
    part: fn(&str) -> Option<String>,
    issued: IssuedTokens,
}

impl ComparesTokens {
    /// Compares what `part` returns for a token. Where it returns `None`, the token is refused.
    pub(crate) fn by(part: fn(&str) -> Option<String>) -> Self {
        Self { part, issued: IssuedTokens::default() }
    }
}

impl Behavior for ComparesTokens {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let token = Reference.seal(sealer, claims, nonce);
        if let Some(part) = (self.part)(&token) {
            self.issued.issue(part, claims);
        }
        token
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.issued.open(&(self.part)(token).unwrap_or_default())
    }
}
