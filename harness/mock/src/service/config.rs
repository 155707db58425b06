//! What a mock is started with.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use super::behavior::{Behavior, Reference};
use crate::contract::Dialect;
use crate::resources::Resources;

/// What a conformant server may choose freely.
#[derive(Debug, Clone)]
pub struct Options {
    /// The seconds in `Next-Poll-Interval-In-Seconds` where the session asked for no interval.
    pub poll_interval: NonZeroU32,
    /// Whether `poll_interval` is enforced in sessions that asked for no interval, as on AWS.
    pub enforce_poll_interval: bool,
    /// How many sessions are remembered. The oldest one is forgotten first, and its token is refused.
    pub max_sessions: NonZeroUsize,
    /// The region that requests have to be signed for. Without it they need no signature.
    pub signed_for: Option<String>,
    /// The minimum time before each response. Only the server waits, not
    /// [`Mock::respond`](super::Mock::respond).
    pub latency: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            poll_interval: NonZeroU32::MIN.saturating_add(59),
            enforce_poll_interval: false,
            max_sessions: NonZeroUsize::MIN.saturating_add((1 << 20) - 1),
            signed_for: None,
            latency: Duration::ZERO,
        }
    }
}

/// What a mock is started with. The default is the conformant server with the sample resources.
pub struct MockConfig {
    /// How it decides.
    pub behavior: Box<dyn Behavior>,
    /// What it chooses freely.
    pub options: Options,
    /// What it serves under a dialect.
    pub resources: fn(&Dialect) -> Resources,
}

impl MockConfig {
    /// The default with this behavior.
    pub fn with(behavior: impl Behavior + 'static) -> Self {
        Self { behavior: Box::new(behavior), ..Self::default() }
    }

    /// The same for requests that have to be signed for a region.
    #[must_use]
    pub fn signed_for(mut self, region: &str) -> Self {
        self.options.signed_for = Some(region.to_owned());
        self
    }
}

impl Default for MockConfig {
    fn default() -> Self {
        Self { behavior: Box::new(Reference), options: Options::default(), resources: Resources::sample }
    }
}

impl From<Box<dyn Behavior>> for MockConfig {
    fn from(behavior: Box<dyn Behavior>) -> Self {
        Self { behavior, ..Self::default() }
    }
}
