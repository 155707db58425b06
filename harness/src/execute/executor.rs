//! Plays a sequence of steps: sends each request, asks the oracle, judges each answer.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use cases::generate::Step;
use cases::generate::World;
use cases::oracle::Oracle;
use cases::oracle::{Field, Outcome};
use cases::protocol::{Call, Outputs};
use cases::protocol::{Request, Response};
use futures_util::future::join_all;
use snapshots::Document;

use crate::client::exchange::{Exchange, Fault};
use crate::client::layers::throttling::puts_off;
use crate::client::transport::Transport;
use crate::execute::clock::Clock;
use crate::execute::executed::{Cut, KEPT, Played, PlayedStep};
use crate::execute::poll_interval::{MARGIN, Pace};
use crate::judge::judgement::{Excuse, Judgement, excuse, judge};
use crate::judge::normalize::normalise;
use crate::judge::token_checks;
use crate::judge::token_checks::{Hidden, Issued};
use crate::limits::{Limits, Stop};

/// Requests that a sequence may cost in vain before it is taken as it is.
const MOST_IN_VAIN: u64 = 200;

/// How often a sequence is played again of which each time something else was lost.
const MOST_LOST: usize = 5;

/// How long it waits before that.
const MOMENT: Duration = Duration::from_millis(100);

/// Plays sequences against a target.
pub struct Player<'a, T> {
    /// Where requests go.
    pub transport: &'a T,
    /// Contract and fixtures.
    pub world: &'a Arc<World>,
    /// What no single-use value may show.
    pub hidden: &'a Hidden,
    /// How soon a session may call again.
    pub pace: &'a Pace,
    /// The time of the run.
    pub clock: &'a Clock,
    /// What bounds the run.
    pub limits: &'a Limits,
    /// How long one sequence may wait for time to pass, if that is limited.
    pub wait_limit: Option<Duration>,
}

/// A sequence under way.
struct Sequence<'a> {
    oracle: Oracle<'a>,
    /// What each answer gives to later steps.
    outputs: Vec<Outputs>,
    /// The single-use values issued so far.
    issued: Vec<String>,
    /// When the last answer came.
    answered: Duration,
    played: Played,
}

impl<T: Transport> Player<'_, T> {
    /// Whether calls of a session have to be waited for.
    pub fn waits(&self) -> bool {
        *self.pace != Pace::Free
    }

    /// Plays `steps` over one connection, if so told.
    pub async fn play_over(
        &self,
        snapshot: Option<&Document>,
        steps: &[Step],
        one_connection: bool,
    ) -> Played {
        if !one_connection {
            return self.play(snapshot, steps).await;
        }
        let alone = self.transport.alone();
        Player { transport: &alone, ..*self }.play(snapshot, steps).await
    }

    /// Plays `steps` over one connection, if so told, and again after a moment if one of them got no answer: a
    /// network loses something now and then, which says nothing of the target. What is lost at the same step
    /// twice may be its doing.
    pub async fn insist(&self, snapshot: Option<&Document>, steps: &[Step], one_connection: bool) -> Played {
        let mut places = BTreeSet::new();
        let mut lost = None;
        let mut played = self.play_over(snapshot, steps, one_connection).await;
        while let Some(here) = played.lost_on_the_way() {
            if places.len() == MOST_LOST || !places.insert(played.steps.len()) {
                return played;
            }
            lost.get_or_insert(here);
            tokio::time::sleep(MOMENT).await;
            let in_vain = played.requests();
            played = self.play_over(snapshot, steps, one_connection).await;
            played.in_vain += in_vain;
        }
        Played { lost, ..played }
    }

    /// Sends `steps` in order and judges each answer, the snapshot of the step beside it. A sequence
    /// ends early when a call that has to succeed does not or the reverse, when an answer lacks what
    /// the next step needs, or when there is none: what would follow is not what the case is about.
    ///
    /// It starts anew when a single-use value was lost with its connection, and nobody knows whether
    /// it is spent.
    pub async fn play(&self, snapshot: Option<&Document>, steps: &[Step]) -> Played {
        let mut in_vain = 0;
        loop {
            let played = self.play_once(snapshot, steps).await;
            let is_doubtful = |step: &PlayedStep| is_doubtful(&step.step.call, &step.exchange);
            if in_vain < MOST_IN_VAIN && played.steps.iter().any(is_doubtful) {
                in_vain += played.requests();
            } else {
                return Played { in_vain: in_vain + played.in_vain, ..played };
            }
        }
    }

    async fn play_once(&self, snapshot: Option<&Document>, steps: &[Step]) -> Played {
        let _under_way = self.clock.begin();
        let mut sequence = Sequence {
            oracle: self.oracle(),
            outputs: Vec::new(),
            issued: Vec::new(),
            answered: self.clock.now(),
            played: Played { steps: Vec::with_capacity(steps.len()), withheld: false, ..Played::withheld() },
        };
        let mut rest = steps;
        while let Some(first) = rest.first() {
            let together = 1 + rest[1..].iter().take_while(|step| step.at_once).count();
            let (group, after) = rest.split_at(together);
            rest = after;
            let calls: Vec<Call> = group.iter().map(|step| self.paced(&step.call)).collect();
            let requests: Result<Vec<Request>, _> = calls
                .iter()
                .map(|call| call.request(&self.world.contract, |output| output.resolve(&sequence.outputs)))
                .collect();
            let requests = match requests {
                Ok(requests) => requests,
                Err(missing) => {
                    sequence.played.missing = Some(missing);
                    break;
                }
            };
            if let Err(needs) = self.wait(&mut sequence, first, &requests[0]).await {
                (sequence.played.needs, sequence.played.withheld) = (Some(needs), true);
                break;
            }
            let mut exchanges = self.send(requests, first.early).await;
            if exchanges.iter().any(|exchange| exchange.observed == Err(Fault::Withheld)) {
                sequence.played.withheld = true;
                break;
            }
            if exchanges.iter().any(Exchange::is_lost) {
                // Of calls at the same time it may be this one that was served: the others show nothing.
                for answered in exchanges.extract_if(.., |exchange| !exchange.is_lost()) {
                    sequence.played.in_vain += answered.sent();
                }
            }
            let doubtful = calls.iter().zip(&exchanges).any(|(call, exchange)| is_doubtful(call, exchange));
            let position = sequence.played.steps.len();
            sequence.oracle.advance(self.clock.now().saturating_sub(sequence.answered));
            for (offset, ((step, call), exchange)) in group.iter().zip(calls).zip(exchanges).enumerate() {
                let reviewed = snapshot.and_then(|document| document.outcome(position + offset));
                self.take(&mut sequence, step.with(call), exchange, doubtful, reviewed);
            }
            sequence.answered = self.clock.now();
            if sequence.played.steps[position..].iter().any(PlayedStep::ends) {
                break;
            }
        }
        sequence.played
    }

    /// The call as the pace has it.
    fn paced(&self, call: &Call) -> Call {
        let asking = match self.pace {
            Pace::Free => None,
            Pace::Enforced(interval) => interval.asked_for(&self.world.contract, call),
        };
        asking.unwrap_or_else(|| call.clone())
    }

    /// What knows the contract and what a sequence was answered.
    fn oracle(&self) -> Oracle<'_> {
        let oracle = Oracle::new(&self.world.contract, &self.world.fixtures);
        match self.pace {
            Pace::Free => oracle,
            Pace::Enforced(interval) => oracle.enforcing_interval(interval.least),
        }
    }

    /// Lets the time pass that the step asks for, and the interval that the target may enforce. Where that is
    /// longer than a sequence may wait, it is an error that says how long it would be in all.
    async fn wait(
        &self,
        sequence: &mut Sequence<'_>,
        step: &Step,
        request: &Request,
    ) -> Result<(), Duration> {
        let elapsed = self.clock.now().saturating_sub(sequence.answered);
        let due = match self.pace {
            Pace::Enforced(_) if !step.early => {
                sequence.oracle.time_until_due(&sequence.oracle.read(request)).saturating_sub(elapsed)
            }
            _ => Duration::ZERO,
        };
        let time = if due.is_zero() { step.after } else { step.after.max(due + MARGIN) };
        let total = sequence.played.waited + time;
        if self.wait_limit.is_some_and(|limit| total > limit) {
            return Err(total);
        }
        sequence.played.waited = total;
        self.clock.sleep(time).await;
        Ok(())
    }

    /// Sends requests at the same time. Of several answers those that tell success come first: the
    /// requests are equal, and one of them has to be served. A call that is `early` on purpose is sent once:
    /// to be put off is what it may be answered.
    async fn send(&self, requests: Vec<Request>, early: bool) -> Vec<Exchange> {
        let impatient = early.then(|| self.transport.impatient());
        let transport = impatient.as_ref().unwrap_or(self.transport);
        let exchanges = requests.into_iter().map(|request| transport.send(request));
        let mut exchanges = join_all(exchanges).await;
        exchanges.sort_by_key(|exchange| !exchange.observed.as_ref().is_ok_and(Response::is_success));
        exchanges
    }

    /// A text of an answer without what the sequence was issued up to it, and without credentials. The
    /// same answer to the same call reads the same in each sequence.
    fn clean(&self, steps: &[PlayedStep], last: (&Call, &Response), text: &str) -> String {
        let mut secrets = self.hidden.secrets();
        let before = steps.iter().map(|step| (&step.step.call, step.exchange.observed.as_ref().ok()));
        secrets.hide_sequence(&self.world.contract, before.chain([(last.0, Some(last.1))]));
        secrets.clean(text)
    }

    /// Judges an answer and takes note of it. `doubtful` says whether its single-use value may have been spent
    /// by a sending that was lost.
    fn take(
        &self,
        sequence: &mut Sequence<'_>,
        step: Step,
        mut exchange: Exchange,
        doubtful: bool,
        reviewed: Option<&Outcome>,
    ) {
        let contract = &self.world.contract;
        let request = &exchange.request;
        let placeholders = step
            .call
            .uses()
            .next()
            .and_then(|_| step.call.request(contract, |output| Some(output.placeholder())).ok());
        let reading = sequence.oracle.read(request);
        let expectation = sequence.oracle.expect(request, &reading);
        let content = sequence.oracle.content(&reading);
        let mut outcome = Outcome::default();
        let mut excused = None;
        let mut outputs = Outputs::new();
        let mut issued = None;
        match (&exchange.observed, contract.operation(&step.call.operation)) {
            (Ok(response), Some(operation)) => {
                let clean = |text: &str| self.clean(&sequence.played.steps, (&step.call, response), text);
                outcome = normalise(contract, operation, response, content, &clean);
                excused = if doubtful && expectation.is_success() && !response.is_success() {
                    Some(Excuse::Spent)
                } else if step.early && puts_off(contract, response) && !self.limits.is_throttled() {
                    // Nothing else is put off: that the call comes early is why it is refused.
                    None
                } else {
                    excuse(contract, operation, &expectation, response)
                };
                outputs = cases::protocol::outputs(operation, response);
                if let Some(value) =
                    contract.issued_value(operation, &outputs).filter(|_| response.is_success())
                {
                    token_checks::describe(&mut outcome, value, &sequence.issued, self.hidden);
                    issued = Issued::by(contract, operation, value, &sequence.issued);
                    sequence.issued.push(value.to_owned());
                }
                sequence.oracle.observe(&reading, response);
            }
            (Err(fault), _) => {
                outcome.set(Field::Status, &format!("<{fault}>"));
                excused = match *fault {
                    Fault::GivenUp(stop) => Some(Excuse::GivenUp(stop)),
                    Fault::NotSigned => Some(Excuse::GivenUp(Stop::Unsigned)),
                    Fault::NotConnected => Some(Excuse::Unreached),
                    _ => None,
                };
            }
            // Steps are made from the operations of the contract.
            (Ok(_), None) => {}
        }
        sequence.outputs.push(outputs);
        let mut judgement = excused.map_or_else(
            || judge(contract, &step.requirement, &expectation, reviewed, &outcome),
            Judgement::Excused,
        );
        if let (Judgement::Judged { tested, .. }, Some(issued)) = (&mut judgement, &issued) {
            tested.extend(issued.tests.iter().cloned());
        }
        let cut = exchange.observed.as_mut().ok().and_then(|response| Cut::off(&mut response.body, KEPT));
        let step = PlayedStep { step, placeholders, exchange, expectation, outcome, judgement, issued, cut };
        sequence.played.steps.push(step);
    }
}

/// Whether nobody knows if the single-use value of a call was spent before it was answered.
fn is_doubtful(call: &Call, exchange: &Exchange) -> bool {
    exchange.repeated() && call.uses().next().is_some()
}
