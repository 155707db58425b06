//! How soon a session may call again, and how a run finds out.
//!
//! Any target may hold its sessions to the interval that its responses carry (contract, section 5). A first
//! session tells: where its second call is refused at once and accepted later, sequences wait before each
//! further call, many of them at the same time. What counts is how the target behaves: its interval may be
//! shorter for a session that asks for a shorter one, or its own whatever a session asks for.

use std::time::Duration;

use cases::contract::{Contract, Location};
use cases::generate::Step;
use cases::protocol::{Arg, Call};

/// How long a run waits for intervals if it has no other budget.
pub const PATIENCE: Duration = Duration::from_secs(150);

/// What is waited for may have to be waited for again, to see whether it comes again.
pub const TWICE: u32 = 2;

/// What is waited beyond an interval, since a target may count whole seconds.
pub const MARGIN: Duration = Duration::from_millis(1100);

/// How soon a session may call again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    Free,
    /// When the interval is over.
    Enforced(Interval),
}

/// An interval that a target enforces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// How long it is, as far as is known before a session begins. Sequences wait for as long as the
    /// responses say that they get.
    pub length: Duration,
    /// The member that a session sets to be held to no longer interval, and its value.
    pub ask: Option<(String, i64)>,
    /// How long to wait at least, whatever responses carry.
    pub least: Duration,
}

impl Interval {
    /// An interval that responses carry.
    pub fn carried(length: Duration) -> Self {
        Self { length, ask: None, least: Duration::ZERO }
    }

    /// The same call where it asks for this interval.
    pub fn asked_for(&self, contract: &Contract, call: &Call) -> Option<Call> {
        let (member, seconds) = self.ask.as_ref()?;
        let operation = contract.operation(&call.operation)?;
        let takes = operation.input.iter().any(|input| input.name == *member);
        (takes && call.body.is_none() && call.arg(member).is_none()).then(|| {
            let mut asking = call.clone();
            asking.set(member, Some(Arg::Json(seconds.to_string())));
            asking
        })
    }

    /// How long a sequence takes whose sessions keep to the interval.
    pub fn time_for(&self, steps: &[Step]) -> Duration {
        let mut now = Duration::ZERO;
        // The session that each step belongs to, by its first step, and when it called last.
        let mut session: Vec<usize> = Vec::new();
        let mut called: Vec<Option<Duration>> = vec![None; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            let own = step.call.uses().next().map_or(index, |output| session[output.step]);
            session.push(own);
            now += step.after;
            if own != index {
                if let Some(last) = called[own].filter(|_| !step.early && !step.at_once) {
                    now = now.max(last + self.length + MARGIN);
                }
                called[own] = Some(now);
            }
        }
        now
    }
}

/// The interval of a response, or the least one that a session may ask for if that is shorter.
pub fn shortest(contract: &Contract, carried: Duration) -> Interval {
    let asked = least_to_ask(contract).filter(|asked| asked.length < carried);
    asked.unwrap_or_else(|| Interval::carried(carried))
}

/// The least interval that a session may ask for.
pub(crate) fn least_to_ask(contract: &Contract) -> Option<Interval> {
    let (member, seconds) =
        contract.operations.iter().flat_map(|operation| &operation.input).find_map(|member| {
            member.rules.minimum_interval.as_ref()?;
            let seconds = member.constraints.range?.min.filter(|_| member.location == Location::Body)?;
            Some((member.name.clone(), seconds))
        })?;
    let length = Duration::from_secs(seconds.unsigned_abs());
    Some(Interval { length, ask: Some((member, seconds)), least: Duration::ZERO })
}

/// Whether a sequence calls more than once in a session, other than early or at the same time.
pub fn calls_again(steps: &[Step]) -> bool {
    let calls = Interval::carried(Duration::from_secs(1)).time_for(steps);
    !calls.is_zero()
}
