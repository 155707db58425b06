//! Executes a sequence of steps: sends each request, queries the oracle, and judges each response.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use cases::generate::{Sample, Step, World};
use cases::oracle::{Expectation, Field, Oracle, Outcome, Reading, Value};
use cases::protocol::{Call, MissingOutput, Outputs, Request, Response};
use futures_util::future::join_all;
use snapshots::Document;

use crate::client::exchange::{Exchange, TransportFailure};
use crate::client::layers::throttling::is_throttled;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::executed::{Executed, ExecutedStep, MAX_KEPT_BODY, TruncatedBody};
use crate::execute::poll_interval::{INTERVAL_MARGIN, PollPolicy};
use crate::execute::recorded_request::fill;
use crate::execute::samples::Variation;
use crate::judge::judgement::{self, Judgement, NotAttributable, judge};
use crate::judge::normalize::normalize;
use crate::judge::token_checks::{self, Identifiers, IssuedToken};
use crate::limits::{Limits, StopReason};

/// Maximum number of requests in the earlier attempts of a sequence.
const MAX_WASTED_REQUESTS: u64 = 200;

/// Maximum number of retries of a sequence that loses a different step each time.
const MAX_RETRIES: usize = 5;

/// The delay before a retry.
const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Executes sequences against a target.
pub struct Executor<'a, T> {
    /// Sends the requests.
    pub transport: &'a T,
    /// Contract and fixtures.
    pub world: &'a Arc<World>,
    /// The identifiers and credentials that no single-use value may contain.
    pub identifiers: &'a Identifiers,
    /// How soon a session may call again.
    pub poll_policy: &'a PollPolicy,
    /// The clock of the run.
    pub clock: &'a Clock,
    /// The limits of the run.
    pub limits: &'a Limits,
    /// How long one sequence may wait for time to pass. `None` if that is not limited.
    pub wait_limit: Option<Duration>,
    /// Requests of a report that replace those of the calls, one for each step. A recorded sequence continues
    /// after an unexpected response.
    pub recorded: Option<&'a [Request]>,
}

/// A sequence in progress.
struct Sequence<'a> {
    oracle: Oracle<'a>,
    /// The outputs of each response for later steps.
    outputs: Vec<Outputs>,
    /// The single-use values issued so far.
    issued: Vec<String>,
    /// The time of the last response.
    last_response: Duration,
    executed: Executed,
}

impl<T: Transport> Executor<'_, T> {
    /// Whether the calls of a session have to wait for an interval.
    pub fn waits(&self) -> bool {
        *self.poll_policy != PollPolicy::Unlimited
    }

    /// Executes `steps`, over a connection of their own if `one_connection` is set.
    pub async fn execute_over(
        &self,
        snapshot: Option<&Document>,
        steps: &[Step],
        one_connection: bool,
    ) -> Executed {
        if !one_connection {
            return self.execute(snapshot, steps).await;
        }
        let single = self.transport.single_connection();
        Executor { transport: &single, ..*self }.execute(snapshot, steps).await
    }

    /// Executes `steps` as [`execute_over`](Self::execute_over) does, and retries after a delay if a step got
    /// no response. A network loses a message now and then, which says nothing about the target. Two losses at the
    /// same step may be caused by the target, and is not retried.
    pub async fn execute_with_retry(
        &self,
        snapshot: Option<&Document>,
        steps: &[Step],
        one_connection: bool,
    ) -> Executed {
        let mut lost_at = BTreeSet::new();
        let mut lost = None;
        let mut executed = self.execute_over(snapshot, steps, one_connection).await;
        while let Some(lost_operation) = executed.lost_in_transit() {
            if lost_at.len() == MAX_RETRIES || !lost_at.insert(executed.steps.len()) {
                return executed;
            }
            lost.get_or_insert(lost_operation);
            tokio::time::sleep(RETRY_DELAY).await;
            let wasted_requests = executed.requests();
            executed = self.execute_over(snapshot, steps, one_connection).await;
            executed.wasted_requests += wasted_requests;
        }
        Executed { lost, ..executed }
    }

    /// Executes one of the sequences of a sample, with [retries](Self::execute_with_retry).
    pub async fn execute_variation(
        &self,
        snapshot: Option<&Document>,
        sample: &Sample,
        variation: Variation,
    ) -> Executed {
        self.execute_with_retry(snapshot, variation.steps_of(sample), sample.one_connection).await
    }

    /// Sends `steps` in order and judges each response, against the snapshot of the step too. A sequence ends
    /// early if a call unexpectedly succeeds or fails, if a response lacks an output that the next step
    /// needs, or if there is no response. Further steps would not be what the case is about.
    ///
    /// It starts again if a single-use value was lost with its connection, because it may be spent.
    pub async fn execute(&self, snapshot: Option<&Document>, steps: &[Step]) -> Executed {
        let mut wasted_requests = 0;
        loop {
            let executed = self.execute_once(snapshot, steps).await;
            let may_be_spent = |step: &ExecutedStep| may_be_spent(&step.step.call, &step.exchange);
            if wasted_requests < MAX_WASTED_REQUESTS && executed.steps.iter().any(may_be_spent) {
                wasted_requests += executed.requests();
            } else {
                return Executed { wasted_requests: wasted_requests + executed.wasted_requests, ..executed };
            }
        }
    }

    async fn execute_once(&self, snapshot: Option<&Document>, steps: &[Step]) -> Executed {
        let _under_way = self.clock.begin();
        let mut sequence = Sequence {
            oracle: self.oracle(),
            outputs: Vec::new(),
            issued: Vec::new(),
            last_response: self.clock.now(),
            executed: Executed {
                steps: Vec::with_capacity(steps.len()),
                withheld: false,
                ..Executed::withheld()
            },
        };
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let together = 1 + rest[1..].iter().take_while(|step| step.with_previous).count();
            let (group, after) = rest.split_at(together);
            rest = after;
            if self.execute_group(&mut sequence, snapshot, first, group).await.is_break() {
                break;
            }
        }
        sequence.executed
    }

    /// Executes the `group` of simultaneous steps that `first` leads. Breaks if the sequence ends with it.
    async fn execute_group(
        &self,
        sequence: &mut Sequence<'_>,
        snapshot: Option<&Document>,
        first: &Step,
        group: &[Step],
    ) -> ControlFlow<()> {
        let calls: Vec<Call> = group.iter().map(|step| self.with_requested_interval(&step.call)).collect();
        let position = sequence.executed.steps.len();
        let requests = match self.requests(position, &calls, &sequence.outputs) {
            Ok(requests) => requests,
            Err(missing) => {
                sequence.executed.missing = Some(missing);
                return ControlFlow::Break(());
            }
        };
        if let Err(required_wait) = self.wait(sequence, first, &requests[0]).await {
            (sequence.executed.required_wait, sequence.executed.withheld) = (Some(required_wait), true);
            return ControlFlow::Break(());
        }
        let mut exchanges = self.send(requests, first.early).await;
        if exchanges.iter().any(|exchange| exchange.observed == Err(TransportFailure::Withheld)) {
            sequence.executed.withheld = true;
            return ControlFlow::Break(());
        }
        if exchanges.iter().any(Exchange::is_lost) {
            // Of simultaneous calls the lost one may be the one that was served, so the others show nothing.
            for served in exchanges.extract_if(.., |exchange| !exchange.is_lost()) {
                sequence.executed.wasted_requests += served.sent();
            }
        }
        let doubtful = calls.iter().zip(&exchanges).any(|(call, exchange)| may_be_spent(call, exchange));
        sequence.oracle.advance(self.clock.now().saturating_sub(sequence.last_response));
        for (offset, ((step, call), exchange)) in group.iter().zip(calls).zip(exchanges).enumerate() {
            let reviewed = snapshot.and_then(|document| document.outcome(position + offset));
            self.record(sequence, Sent { step: step.with(call), exchange, doubtful }, reviewed);
        }
        sequence.last_response = self.clock.now();
        if sequence.executed.steps[position..].iter().any(|step| self.ends_sequence(step)) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// The requests of simultaneous calls; the first one is the step at `position`.
    fn requests(
        &self,
        position: usize,
        calls: &[Call],
        outputs: &[Outputs],
    ) -> Result<Vec<Request>, MissingOutput> {
        let calls = (position..).zip(calls);
        calls
            .map(|(index, call)| match self.recorded.and_then(|all| all.get(index)) {
                Some(recorded) => fill(recorded, call.uses(), outputs),
                None => call.request(&self.world.contract, |output| output.resolve(outputs)),
            })
            .collect()
    }

    fn ends_sequence(&self, step: &ExecutedStep) -> bool {
        if self.recorded.is_some() { step.exchange.observed.is_err() } else { step.ends_sequence() }
    }

    /// The call, with the interval that the poll policy requests.
    fn with_requested_interval(&self, call: &Call) -> Call {
        let asking = match self.poll_policy {
            PollPolicy::Unlimited => None,
            PollPolicy::Enforced(interval) => interval.requesting(&self.world.contract, call),
        };
        asking.unwrap_or_else(|| call.clone())
    }

    /// The oracle for a new sequence.
    fn oracle(&self) -> Oracle<'_> {
        let oracle = Oracle::new(&self.world.contract, &self.world.fixtures);
        match self.poll_policy {
            PollPolicy::Unlimited => oracle,
            PollPolicy::Enforced(interval) => oracle.enforcing_interval(interval.min_wait),
        }
    }

    /// Waits for the time that the step requires and for the interval that the target may enforce. If the
    /// sequence would wait longer than its limit, the error is the total time.
    async fn wait(
        &self,
        sequence: &mut Sequence<'_>,
        step: &Step,
        request: &Request,
    ) -> Result<(), Duration> {
        let elapsed = self.clock.now().saturating_sub(sequence.last_response);
        let due = match self.poll_policy {
            PollPolicy::Enforced(_) if !step.early => {
                sequence.oracle.time_until_due(&sequence.oracle.read(request)).saturating_sub(elapsed)
            }
            _ => Duration::ZERO,
        };
        let time = if due.is_zero() { step.after } else { step.after.max(due + INTERVAL_MARGIN) };
        let total = sequence.executed.waited + time;
        if self.wait_limit.is_some_and(|limit| total > limit) {
            return Err(total);
        }
        sequence.executed.waited = total;
        self.clock.sleep(time).await;
        Ok(())
    }

    /// Sends requests at the same time. Successful responses come first: the requests are equal, and one of
    /// them has to be served. A call that is `early` on purpose is sent once, because it may be throttled for
    /// that.
    async fn send(&self, requests: Vec<Request>, early: bool) -> Vec<Exchange> {
        let once = early.then(|| self.transport.without_throttling());
        let transport = once.as_ref().unwrap_or(self.transport);
        let exchanges = requests.into_iter().map(|request| transport.send(request));
        let mut exchanges = join_all(exchanges).await;
        exchanges.sort_by_key(|exchange| !exchange.observed.as_ref().is_ok_and(Response::is_success));
        exchanges
    }

    /// A text of a response without credentials and without the values that were issued to the sequence so
    /// far. So the same response to the same call reads the same in each sequence.
    fn clean(&self, steps: &[ExecutedStep], last: (&Call, &Response), text: &str) -> String {
        let mut redactor = self.identifiers.redactor();
        let before = steps.iter().map(|step| (&step.step.call, step.exchange.observed.as_ref().ok()));
        redactor.add_sequence(&self.world.contract, before.chain([(last.0, Some(last.1))]));
        redactor.redact(text)
    }

    /// Judges the response to a step and records the result. `reviewed` is the outcome in the snapshot.
    fn record(&self, sequence: &mut Sequence<'_>, sent: Sent, reviewed: Option<&Outcome>) {
        let contract = &self.world.contract;
        let reading = sequence.oracle.read(&sent.exchange.request);
        let expectation = sequence.oracle.expect(&sent.exchange.request, &reading);
        let observation = match &sent.exchange.observed {
            Ok(response) => {
                let observation = self.read_response(sequence, &sent, &reading, &expectation, response);
                sequence.oracle.observe(&reading, response);
                observation
            }
            Err(failure) => Observation::of_failure(*failure),
        };
        let Observation { outcome, reason, outputs, issued } = observation;
        sequence.outputs.push(outputs);
        sequence.issued.extend(issued.iter().map(|issued| issued.value.clone()));
        let Sent { step, mut exchange, .. } = sent;
        let mut judgement = reason.map_or_else(
            || judge(contract, &step.requirement, &expectation, reviewed, &outcome),
            Judgement::NotAttributable,
        );
        if let (Judgement::Compared { tested, .. }, Some(issued)) = (&mut judgement, &issued) {
            tested.extend(issued.tests.iter().cloned());
        }
        let body = exchange.observed.as_mut().ok().map(|response| &mut response.body);
        let truncated = body.and_then(|body| TruncatedBody::truncate(body, MAX_KEPT_BODY));
        let uses_output = step.call.uses().next().is_some();
        let placeholders =
            uses_output.then(|| step.call.request(contract, |output| Some(output.placeholder())));
        let placeholders = placeholders.and_then(Result::ok);
        let step =
            ExecutedStep { step, placeholders, exchange, expectation, outcome, judgement, issued, truncated };
        sequence.executed.steps.push(step);
    }

    fn read_response(
        &self,
        sequence: &Sequence<'_>,
        sent: &Sent,
        reading: &Reading<'_>,
        expectation: &Expectation,
        response: &Response,
    ) -> Observation {
        let contract = &self.world.contract;
        let Some(operation) = contract.operation(&sent.step.call.operation) else {
            // This cannot happen: steps are made from the operations of the contract.
            return Observation::default();
        };
        let clean = |text: &str| self.clean(&sequence.executed.steps, (&sent.step.call, response), text);
        let mut outcome = normalize(contract, operation, response, sequence.oracle.content(reading), &clean);
        let reason = if sent.doubtful && expectation.is_success() && !response.is_success() {
            Some(NotAttributable::Spent)
        } else if sent.step.early && is_throttled(contract, response) && !self.limits.was_throttled() {
            // The target throttles nothing else, so it refuses the call because it comes early.
            None
        } else {
            judgement::not_attributable(contract, operation, expectation, response)
        };
        let outputs = cases::protocol::outputs(operation, response);
        let value = contract.issued_value(operation, &outputs).filter(|_| response.is_success());
        let issued = value.and_then(|value| {
            token_checks::check_token(&mut outcome, value, &sequence.issued, self.identifiers);
            IssuedToken::new(contract, operation, value, &sequence.issued)
        });
        Observation { outcome, reason, outputs, issued }
    }
}

/// A step that was sent.
struct Sent {
    step: Step,
    exchange: Exchange,
    /// Whether its single-use value may have been spent by an attempt that was lost.
    doubtful: bool,
}

/// What was observed of a step.
#[derive(Default)]
struct Observation {
    outcome: Outcome,
    /// Why it says nothing about the request, if it does not.
    reason: Option<NotAttributable>,
    outputs: Outputs,
    issued: Option<IssuedToken>,
}

impl Observation {
    fn of_failure(failure: TransportFailure) -> Self {
        let mut outcome = Outcome::default();
        outcome.set(Field::Status, Value::no_response(&failure.to_string()));
        let reason = match failure {
            TransportFailure::GivenUp(stop) => Some(NotAttributable::GivenUp(stop)),
            TransportFailure::NotSigned => Some(NotAttributable::GivenUp(StopReason::Unsigned)),
            TransportFailure::NotConnected => Some(NotAttributable::Unreached),
            _ => None,
        };
        Self { outcome, reason, ..Self::default() }
    }
}

/// Whether the single-use value of a call may have been spent by an attempt that was lost.
fn may_be_spent(call: &Call, exchange: &Exchange) -> bool {
    exchange.was_lost_once() && call.uses().next().is_some()
}
