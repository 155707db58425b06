//! How soon a session may call again, and how a run finds out.
//!
//! Any target may hold its sessions to the interval that its responses carry (contract, section 5). A first
//! session tells: where its second call is refused at once and accepted later, sequences wait before each
//! further call, many of them at the same time. What counts is how the target behaves: its interval may be
//! shorter for a session that asks for a shorter one, or its own whatever a session asks for.

use std::time::Duration;

use cases::catalogue::Catalogue;
use cases::contract::{Contract, Location};
use cases::generate::{Step, World};
use cases::protocol::{Arg, Call};
use futures_util::future::{Either, select};

use crate::judge::{Excuse, Judgement, says};
use crate::play::{Played, PlayedStep, Player};
use crate::transport::{Transport, puts_off};

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

/// What the first session showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum First {
    /// A second call is accepted at once, or refused for another reason.
    Free,
    /// A second call is refused at once.
    Refused(Refused),
}

/// A second call that was refused at once: it may have come too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The interval that the response before it carried.
    pub carried: Duration,
    /// Whether the refusal says that the call came too early.
    pub is_named: bool,
}

/// What a session showed whose second call waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waited {
    /// It was accepted after the interval that its first response carried.
    Served(Duration),
    /// It was refused all the same.
    Refused,
    /// It was not sent, as that would have taken too long or the run ended.
    Unsent,
}

/// The pace of a target, and how long it takes to find that out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The pace.
    pub pace: Pace,
    /// How long the sessions take that show it.
    pub takes: Duration,
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

/// Plays a first session, to see whether its second call is refused at once.
pub async fn first<T: Transport>(player: &Player<'_, T>, catalogue: &Catalogue) -> First {
    let Some(mut steps) = session(catalogue, player.world) else { return First::Free };
    if let Some(second) = steps.last_mut() {
        // It is sent once, whatever the answer.
        second.early = true;
    }
    let played = player.insist(None, &steps, false).await;
    let Some((second, before)) = played.steps.split_last() else { return First::Free };
    if played.steps.len() != steps.len() || played.succeeded(&steps) || !second.expectation.is_success() {
        return First::Free;
    }
    let carried = before.last().and_then(|answered| answered.carried(&player.world.contract));
    let Some(carried) = carried.filter(|carried| !carried.is_zero()) else { return First::Free };
    match reason(player, second) {
        Reason::Early => First::Refused(Refused { carried, is_named: true }),
        Reason::Unknown => First::Refused(Refused { carried, is_named: false }),
        Reason::Other => First::Free,
    }
}

/// Finds out how long sessions have to wait whose second call is refused at once: the least interval that a
/// session may ask for, if that is kept to, or else the one that responses carry. No session waits longer than
/// `limit`. A target that refuses a second call however long it waits, and does not say that it comes too
/// early, enforces no interval.
pub async fn measure<T: Transport>(
    player: &Player<'_, T>,
    catalogue: &Catalogue,
    refused: Refused,
    limit: Duration,
) -> Measured {
    let own = Interval::carried(refused.carried);
    let asked = least_to_ask(&player.world.contract).filter(|asked| asked.length < own.length);
    let asking = Box::pin(async {
        match &asked {
            Some(asked) => waits(player, catalogue, asked, limit).await,
            None => Waited::Unsent,
        }
    });
    let waiting = Box::pin(async {
        // A refusal that says why needs no proof, unless a session that asks for less may be told apart.
        if refused.is_named && asked.is_none() {
            Waited::Served(own.length)
        } else {
            waits(player, catalogue, &own, limit).await
        }
    });
    let (asking, waiting) = match select(asking, waiting).await {
        Either::Left((Waited::Served(carried), _)) => (Waited::Served(carried), Waited::Unsent),
        Either::Left((asking, waiting)) => (asking, waiting.await),
        Either::Right((waiting, asking)) => (asking.await, waiting),
    };
    let time = |interval: &Interval| interval.length + MARGIN;
    let takes = match (&asked, refused.is_named) {
        (Some(asked), true) => time(asked),
        (None, true) => Duration::ZERO,
        (_, false) => time(&own),
    };
    let pace = match (asked, asking, waiting) {
        (Some(asked), Waited::Served(carried), _) => {
            Pace::Enforced(Interval { length: asked.length.max(carried), ..asked })
        }
        // It carries what the session asked for, and holds it to its own interval.
        (_, Waited::Refused, Waited::Served(_)) => Pace::Enforced(Interval { least: own.length, ..own }),
        (_, _, Waited::Refused) if !refused.is_named => Pace::Free,
        _ => Pace::Enforced(own),
    };
    Measured { pace, takes }
}

/// Plays a session that waits for `interval` before its second call.
async fn waits<T: Transport>(
    player: &Player<'_, T>,
    catalogue: &Catalogue,
    interval: &Interval,
    limit: Duration,
) -> Waited {
    let Some(steps) = session(catalogue, player.world) else { return Waited::Unsent };
    let pace = Pace::Enforced(interval.clone());
    let player = Player { pace: &pace, wait_limit: Some(limit), ..*player };
    let played = player.insist(None, &steps, false).await;
    if played.withheld {
        return Waited::Unsent;
    }
    if !played.succeeded(&steps) {
        return Waited::Refused;
    }
    Waited::Served(
        second_last(&played).and_then(|step| step.carried(&player.world.contract)).unwrap_or_default(),
    )
}

/// The step before the last one.
fn second_last(played: &Played) -> Option<&PlayedStep> {
    played.steps.iter().rev().nth(1)
}

/// The steps of a session with two calls.
fn session(catalogue: &Catalogue, world: &std::sync::Arc<World>) -> Option<Vec<Step>> {
    let chain = catalogue.cases.iter().find(|case| case.is_valid_chain())?;
    let steps = crate::explore::Samples::new(chain, world, 0).tree(0)?.current().steps;
    Some(steps)
}

/// The interval of a response, or the least one that a session may ask for if that is shorter.
pub fn shortest(contract: &Contract, carried: Duration) -> Interval {
    let asked = least_to_ask(contract).filter(|asked| asked.length < carried);
    asked.unwrap_or_else(|| Interval::carried(carried))
}

/// The least interval that a session may ask for.
fn least_to_ask(contract: &Contract) -> Option<Interval> {
    let (member, seconds) =
        contract.operations.iter().flat_map(|operation| &operation.input).find_map(|member| {
            member.rules.minimum_interval.as_ref()?;
            let seconds = member.constraints.range?.min.filter(|_| member.location == Location::Body)?;
            Some((member.name.clone(), seconds))
        })?;
    let length = Duration::from_secs(seconds.unsigned_abs());
    Some(Interval { length, ask: Some((member, seconds)), least: Duration::ZERO })
}

/// Why a call was refused.
enum Reason {
    /// It came too early, as the refusal says.
    Early,
    /// The refusal does not say.
    Unknown,
    /// Something else, as it says.
    Other,
}

fn reason<T: Transport>(player: &Player<'_, T>, refused: &PlayedStep) -> Reason {
    let contract = &player.world.contract;
    let Ok(response) = &refused.exchange.observed else { return Reason::Other };
    if refused.judgement == Judgement::Excused(Excuse::TooEarly) {
        return Reason::Early;
    }
    // A call that came at once is put off for that, if nothing else was.
    if puts_off(contract, response) && !player.limits.is_throttled() {
        return Reason::Unknown;
    }
    // What throttles, or refuses the credentials, says nothing about the pace.
    if matches!(refused.judgement, Judgement::Excused(_)) || !(400..500).contains(&response.status) {
        return Reason::Other;
    }
    let Ok(body) = cases::protocol::Json::parse(&response.body) else { return Reason::Unknown };
    let rule = contract.operation(&refused.step.call.operation).and_then(|operation| operation.single_use());
    let names_another =
        rule.is_some_and(|(_, rule)| rule.problems.iter().any(|problem| says(&body, problem)));
    if names_another { Reason::Other } else { Reason::Unknown }
}

/// Whether a sequence calls more than once in a session, other than early or at the same time.
pub fn calls_again(steps: &[Step]) -> bool {
    let calls = Interval::carried(Duration::from_secs(1)).time_for(steps);
    !calls.is_zero()
}
