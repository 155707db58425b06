//! Determines whether a target enforces a poll interval, and which.

use std::time::Duration;

use cases::catalogue::Catalogue;
use cases::generate::Step;
use cases::generate::World;
use futures_util::future::{Either, select};

use crate::client::layers::throttling::is_throttled;
use crate::client::transport::Transport;
use crate::execute::executed::{Executed, ExecutedStep};
use crate::execute::executor::Executor;
use crate::execute::poll_interval::{INTERVAL_MARGIN, Interval, PollPolicy, min_requestable_interval};
use crate::judge::judgement::{Judgement, NotAttributable, contains_string};

/// What the first session showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntervalProbe {
    /// A second call is accepted at once, or refused for another reason.
    NotEnforced,
    /// A second call is refused at once.
    Refused(EarlyRefusal),
}

/// A second call that was refused at once, maybe because it came too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlyRefusal {
    /// The interval that the response before it carried.
    pub carried: Duration,
    /// Whether the refusal says that the call came too early.
    pub is_named: bool,
}

/// What a session showed whose second call waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WaitResult {
    /// It was accepted after the interval that the first response carried.
    Served(Duration),
    /// It was refused nevertheless.
    Refused,
    /// It was not sent, because that would have taken too long or the run ended.
    Unsent,
}

/// The poll policy of a target, and how long it takes to determine it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeasuredInterval {
    /// The poll policy.
    pub policy: PollPolicy,
    /// The duration of the sessions that determine it.
    pub takes: Duration,
}

/// Executes a first session to see whether its second call is refused at once.
pub async fn probe_interval<T: Transport>(
    executor: &Executor<'_, T>,
    catalogue: &Catalogue,
) -> IntervalProbe {
    let Some(mut steps) = session(catalogue, executor.world) else { return IntervalProbe::NotEnforced };
    if let Some(second) = steps.last_mut() {
        // It is sent once, whatever the response.
        second.early = true;
    }
    let executed = executor.execute_with_retry(None, &steps, false).await;
    let Some((second, before)) = executed.steps.split_last() else { return IntervalProbe::NotEnforced };
    if executed.steps.len() != steps.len() || executed.succeeded(&steps) || !second.expectation.is_success() {
        return IntervalProbe::NotEnforced;
    }
    let carried = before.last().and_then(|step| step.carried_interval(&executor.world.contract));
    let Some(carried) = carried.filter(|carried| !carried.is_zero()) else {
        return IntervalProbe::NotEnforced;
    };
    match reason(executor, second) {
        Reason::Early => IntervalProbe::Refused(EarlyRefusal { carried, is_named: true }),
        Reason::Unknown => IntervalProbe::Refused(EarlyRefusal { carried, is_named: false }),
        Reason::Other => IntervalProbe::NotEnforced,
    }
}

/// Determines how long sessions have to wait whose second call is refused at once: the minimum interval that
/// a session may request if the target honors it, otherwise the interval that responses carry. No session
/// waits longer than `limit`. A target that always refuses a second call, and does not say that it comes too
/// early, enforces no interval.
pub async fn measure_interval<T: Transport>(
    executor: &Executor<'_, T>,
    catalogue: &Catalogue,
    refused: EarlyRefusal,
    limit: Duration,
) -> MeasuredInterval {
    let own = Interval::carried(refused.carried);
    let asked = min_requestable_interval(&executor.world.contract).filter(|asked| asked.length < own.length);
    let asking = Box::pin(async {
        match &asked {
            Some(asked) => call_after(executor, catalogue, asked, limit).await,
            None => WaitResult::Unsent,
        }
    });
    let waiting = Box::pin(async {
        // A refusal that names the reason needs no proof, unless a session may request less.
        if refused.is_named && asked.is_none() {
            WaitResult::Served(own.length)
        } else {
            call_after(executor, catalogue, &own, limit).await
        }
    });
    let (asking, waiting) = match select(asking, waiting).await {
        Either::Left((WaitResult::Served(carried), _)) => (WaitResult::Served(carried), WaitResult::Unsent),
        Either::Left((asking, waiting)) => (asking, waiting.await),
        Either::Right((waiting, asking)) => (asking.await, waiting),
    };
    let time = |interval: &Interval| interval.length + INTERVAL_MARGIN;
    let takes = match (&asked, refused.is_named) {
        (Some(asked), true) => time(asked),
        (None, true) => Duration::ZERO,
        (_, false) => time(&own),
    };
    let policy = match (asked, asking, waiting) {
        (Some(asked), WaitResult::Served(carried), _) => {
            PollPolicy::Enforced(Interval { length: asked.length.max(carried), ..asked })
        }
        // It carries the interval that the session requested, but enforces its own.
        (_, WaitResult::Refused, WaitResult::Served(_)) => {
            PollPolicy::Enforced(Interval { min_wait: own.length, ..own })
        }
        (_, _, WaitResult::Refused) if !refused.is_named => PollPolicy::Unlimited,
        _ => PollPolicy::Enforced(own),
    };
    MeasuredInterval { policy, takes }
}

/// Executes a session that waits for `interval` before its second call.
async fn call_after<T: Transport>(
    executor: &Executor<'_, T>,
    catalogue: &Catalogue,
    interval: &Interval,
    limit: Duration,
) -> WaitResult {
    let Some(steps) = session(catalogue, executor.world) else { return WaitResult::Unsent };
    let policy = PollPolicy::Enforced(interval.clone());
    let executor = Executor { poll_policy: &policy, wait_limit: Some(limit), ..*executor };
    let executed = executor.execute_with_retry(None, &steps, false).await;
    if executed.withheld {
        return WaitResult::Unsent;
    }
    if !executed.succeeded(&steps) {
        return WaitResult::Refused;
    }
    WaitResult::Served(
        second_last(&executed)
            .and_then(|step| step.carried_interval(&executor.world.contract))
            .unwrap_or_default(),
    )
}

/// The step before the last one.
fn second_last(executed: &Executed) -> Option<&ExecutedStep> {
    executed.steps.iter().rev().nth(1)
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
    /// For another reason, as the refusal says.
    Other,
}

fn reason<T: Transport>(executor: &Executor<'_, T>, refused: &ExecutedStep) -> Reason {
    let contract = &executor.world.contract;
    let Ok(response) = &refused.exchange.observed else { return Reason::Other };
    if refused.judgement == Judgement::NotAttributable(NotAttributable::TooEarly) {
        return Reason::Early;
    }
    // A call that came at once is throttled for that, if the target has throttled nothing else.
    if is_throttled(contract, response) && !executor.limits.was_throttled() {
        return Reason::Unknown;
    }
    // Throttling and refused credentials say nothing about the interval.
    if matches!(refused.judgement, Judgement::NotAttributable(_)) || !(400..500).contains(&response.status) {
        return Reason::Other;
    }
    let Ok(body) = cases::protocol::Json::parse(&response.body) else { return Reason::Unknown };
    let rule = contract.operation(&refused.step.call.operation).and_then(|operation| operation.single_use());
    let names_another =
        rule.is_some_and(|(_, rule)| rule.problems.iter().any(|problem| contains_string(&body, problem)));
    if names_another { Reason::Other } else { Reason::Unknown }
}
