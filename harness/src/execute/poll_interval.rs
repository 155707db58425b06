//! How soon a session may call again.
//!
//! A target may enforce the poll interval that its responses carry (contract, section 5). Where a second call
//! is refused at once and accepted later, sequences wait before each further call, many of them at the same
//! time. Only the behavior of the target counts: its interval may be shorter for a session that requests a
//! shorter one, or the same whatever a session requests.

use std::time::Duration;

use cases::contract::{Contract, Location};
use cases::generate::Step;
use cases::protocol::{Arg, Call};

/// How long a run waits for intervals if it has no other budget.
pub const DEFAULT_WAIT_LIMIT: Duration = Duration::from_secs(150);

/// A wait may be needed again to reproduce what it showed.
pub const WAIT_AND_REPLAY: u32 = 2;

/// The time to wait beyond an interval, because a target may count whole seconds.
pub const INTERVAL_MARGIN: Duration = Duration::from_millis(1100);

/// How soon a session may call again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PollPolicy {
    /// At once.
    Unlimited,
    /// When the interval is over.
    Enforced(Interval),
}

/// An interval that a target enforces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// Its length as far as it is known before a session starts. Sequences wait as long as the responses say.
    pub length: Duration,
    /// The member that a session sets to request this interval, and its value in seconds.
    pub request: Option<(String, i64)>,
    /// The minimum time to wait, whatever responses carry.
    pub min_wait: Duration,
}

impl Interval {
    /// An interval that responses carry.
    pub fn carried(length: Duration) -> Self {
        Self { length, request: None, min_wait: Duration::ZERO }
    }

    /// The call with a request for this interval, if its operation takes one.
    pub fn requesting(&self, contract: &Contract, call: &Call) -> Option<Call> {
        let (member, seconds) = self.request.as_ref()?;
        let operation = contract.operation(&call.operation)?;
        let takes = operation.input.iter().any(|input| input.name == *member);
        (takes && call.body.is_none() && call.arg(member).is_none()).then(|| {
            let mut asking = call.clone();
            asking.set(member, Some(Arg::Json(seconds.to_string())));
            asking
        })
    }

    /// How long a sequence takes whose sessions wait for the interval.
    pub fn duration_of(&self, steps: &[Step]) -> Duration {
        let mut now = Duration::ZERO;
        // The session of each step, by the index of its first step, and when it called last.
        let mut session: Vec<usize> = Vec::new();
        let mut called: Vec<Option<Duration>> = vec![None; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            let own = step.call.uses().next().map_or(index, |output| session[output.step]);
            session.push(own);
            now += step.after;
            if own != index {
                if let Some(last) = called[own].filter(|_| !step.early && !step.with_previous) {
                    now = now.max(last + self.length + INTERVAL_MARGIN);
                }
                called[own] = Some(now);
            }
        }
        now
    }
}

/// The interval that responses carry, or the minimum that a session may request if that is shorter.
pub fn shortest_interval(contract: &Contract, carried: Duration) -> Interval {
    let asked = min_requestable_interval(contract).filter(|asked| asked.length < carried);
    asked.unwrap_or_else(|| Interval::carried(carried))
}

/// The minimum interval that a session may request.
pub(crate) fn min_requestable_interval(contract: &Contract) -> Option<Interval> {
    let (member, seconds) =
        contract.operations.iter().flat_map(|operation| &operation.input).find_map(|member| {
            member.rules.minimum_interval.as_ref()?;
            let seconds = member.constraints.range?.min.filter(|_| member.location == Location::Body)?;
            Some((member.name.clone(), seconds))
        })?;
    let length = Duration::from_secs(seconds.unsigned_abs());
    Some(Interval { length, request: Some((member, seconds)), min_wait: Duration::ZERO })
}

/// Whether a sequence calls more than once in a session, not counting early and simultaneous calls.
pub fn has_repeated_calls(steps: &[Step]) -> bool {
    let calls = Interval::carried(Duration::from_secs(1)).duration_of(steps);
    !calls.is_zero()
}
