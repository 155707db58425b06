//! Finds out whether a target holds sessions to a poll interval, and to which.

use std::time::Duration;

use cases::catalogue::Catalogue;
use cases::generate::Step;
use cases::generate::World;
use futures_util::future::{Either, select};

use crate::client::layers::throttling::puts_off;
use crate::client::transport::Transport;
use crate::execute::executed::{Played, PlayedStep};
use crate::execute::executor::Player;
use crate::execute::poll_interval::{Interval, MARGIN, Pace, least_to_ask};
use crate::judge::judgement::{Excuse, Judgement, says};

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
    let steps = crate::execute::samples::Samples::new(chain, world, 0).tree(0)?.current().steps;
    Some(steps)
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
