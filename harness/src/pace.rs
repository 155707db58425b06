//! How soon a session may call again.
//!
//! Any target may hold its sessions to the interval that its answers carry (contract, section 5). A
//! first session tells: where its second call is refused at once and accepted later, sequences wait
//! before each further call, many of them at the same time.

use std::time::Duration;

use cases::call::{Arg, Call, Step};
use cases::catalogue::Catalogue;
use cases::contract::{Contract, Location};
use cases::sample::{Deviation, World};

use crate::judge::{Excuse, Judgement, says};
use crate::play::Player;
use crate::transport::Transport;

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
    /// How long it is.
    pub length: Duration,
    /// The member that a session sets to be held to no longer interval, and its value.
    pub ask: Option<(String, i64)>,
}

/// What the first session showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// A second call is accepted at once, or refused for another reason.
    Free,
    /// A second call is refused at once: it may have come too early.
    Refused(Interval),
}

impl Interval {
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
            if own != index {
                if let Some(last) = called[own] {
                    now = now.max(last + self.length + MARGIN);
                }
                called[own] = Some(now);
            }
        }
        now
    }
}

/// Plays a first session, to see whether its second call is refused at once.
pub async fn first<T: Transport>(player: &Player<'_, T>, catalogue: &Catalogue) -> First {
    let Some(steps) = session(catalogue, player.world) else { return First::Free };
    let played = player.insist(None, &steps, false).await;
    let Some((second, before)) = played.steps.split_last() else { return First::Free };
    if played.steps.len() != steps.len() || played.succeeded(&steps) {
        return First::Free;
    }
    let Some(length) = before.last().and_then(|answered| answered.carried(&player.world.contract)) else {
        return First::Free;
    };
    if length.is_zero() || !second.expectation.is_success() || names_another_problem(player, second) {
        return First::Free;
    }
    First::Refused(shortest(&player.world.contract, length))
}

/// Whether a session that waits for the interval is served: if so, the target enforces it. If the run
/// ends before that is known it is taken to do so, which accuses nobody.
pub async fn enforces<T: Transport>(player: &Player<'_, T>, catalogue: &Catalogue) -> bool {
    let Some(steps) = session(catalogue, player.world) else { return false };
    let played = player.insist(None, &steps, false).await;
    played.withheld || played.succeeded(&steps)
}

/// The steps of a session with two calls.
fn session(catalogue: &Catalogue, world: &std::sync::Arc<World>) -> Option<Vec<Step>> {
    let chain = catalogue.cases.iter().find(|case| matches!(case.deviation, Deviation::Chain { .. }))?;
    let steps = crate::explore::Samples::new(chain, world, 0).tree(0)?.current().steps;
    Some(steps)
}

/// The interval of an answer, or the least one that a session may ask for if that is shorter.
pub fn shortest(contract: &Contract, carried: Duration) -> Interval {
    let least = contract.operations.iter().flat_map(|operation| &operation.input).find_map(|member| {
        member.rules.minimum_interval.as_ref()?;
        let seconds = member.constraints.range?.min.filter(|_| member.location == Location::Body)?;
        Some((member.name.clone(), seconds))
    });
    match least {
        Some((member, seconds)) if Duration::from_secs(seconds.unsigned_abs()) < carried => {
            Interval { length: Duration::from_secs(seconds.unsigned_abs()), ask: Some((member, seconds)) }
        }
        _ => Interval { length: carried, ask: None },
    }
}

/// Whether a refusal says that something else was wrong with the value.
fn names_another_problem<T: Transport>(player: &Player<'_, T>, refused: &crate::play::PlayedStep) -> bool {
    let contract = &player.world.contract;
    let Ok(response) = &refused.exchange.observed else { return true };
    // What throttles, or refuses the credentials, says nothing about the pace.
    if matches!(&refused.judgement, Judgement::Excused(excuse) if *excuse != Excuse::TooEarly) {
        return true;
    }
    if !(400..500).contains(&response.status) {
        return true;
    }
    let Ok(body) = cases::json::Json::parse(&response.body) else { return false };
    let rule = contract.operation(&refused.step.call.operation).and_then(|operation| operation.single_use());
    rule.is_some_and(|(_, rule)| rule.problems.iter().any(|problem| says(&body, problem)))
}

/// Whether a sequence calls more than once in a session.
pub fn calls_again(steps: &[Step]) -> bool {
    let interval = Interval { length: Duration::from_secs(1), ask: None };
    !interval.time_for(steps).is_zero()
}
