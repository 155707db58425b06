//! Replays findings against a target by the rules of a run: with its poll interval, its retries, and as many
//! tries as reproducing takes.

use cases::catalogue::Catalogue;
use cases::oracle::{ContentState, Field, Value};
use reports::model::{Difference, Verdict};
use reports::summary::Listed;

use crate::cli::commands::replay::recorded_sequence::RecordedSequence;
use crate::client::stack::Client;
use crate::execute::clock::Clock;
use crate::execute::executed::Executed;
use crate::execute::executor::Executor;
use crate::execute::poll_interval::{
    DEFAULT_WAIT_LIMIT, PollPolicy, WAIT_AND_REPLAY, has_repeated_calls, shortest_interval,
};
use crate::judge::judgement::Judgement;
use crate::judge::token_checks::Identifiers;
use crate::probe::poll_interval::{IntervalProbe, measure_interval, probe_interval};
use crate::reproduce::shrink::{MAX_RACES, MIN_REPEATS, is_race};
use crate::setup::connection::Connection;
use crate::setup::prepare::advance;

/// The result of a replay.
pub(crate) enum Replayed {
    /// The finding still fails, and how.
    Fails(String),
    /// The response is as expected.
    Passes,
    /// It is unknown, and why.
    Inconclusive(String),
}

/// A target that findings are replayed against.
pub(crate) struct Target {
    connection: Connection,
    clock: Clock,
    /// The poll interval of the target, once it is known.
    poll_policy: Option<PollPolicy>,
}

impl Target {
    pub(crate) fn new(connection: Connection) -> Self {
        let clock = Clock::new(connection.mock.as_ref().map(advance));
        Self { connection, clock, poll_policy: None }
    }

    /// Replays a finding.
    pub(crate) async fn replay(&mut self, finding: &Listed<'_>) -> Replayed {
        match self.failure(finding).await {
            Ok(Some(failure)) => Replayed::Fails(failure),
            Ok(None) => Replayed::Passes,
            Err(reason) => Replayed::Inconclusive(reason),
        }
    }

    /// How the finding fails, if it does.
    ///
    /// # Errors
    /// Why this is unknown.
    async fn failure(&mut self, finding: &Listed<'_>) -> Result<Option<String>, String> {
        let difference = finding.finding.differences.first();
        let difference = difference.ok_or("the report does not say what differs")?;
        let sequence = RecordedSequence::new(&self.connection.world.contract, finding, difference)?;
        if self.poll_policy.is_none() && has_repeated_calls(&sequence.steps) {
            self.poll_policy = Some(self.detect_poll_policy().await);
        }
        for _ in 0..self.tries(&sequence, difference, finding.finding.verdict) {
            let executed = self.execute_in_time(&sequence).await;
            let actual = self.actual(&executed, &sequence, difference)?;
            if !actual.is_expected {
                return Ok(Some(format!(
                    "{} is {}, not {}",
                    difference.field, actual.text, difference.expected
                )));
            }
        }
        Ok(None)
    }

    /// How often a sequence is sent that shows its difference by chance.
    fn tries(&self, sequence: &RecordedSequence, difference: &Difference, verdict: Verdict) -> usize {
        let actual = Value::read(&Field::by_name(&difference.field), &difference.actual);
        let is_chance = verdict == Verdict::Flaky || is_race(&sequence.steps, &actual);
        match (is_chance, self.poll_policy()) {
            (false, _) => 1,
            (true, PollPolicy::Unlimited) => MAX_RACES,
            (true, PollPolicy::Enforced(_)) => MIN_REPEATS,
        }
    }

    fn poll_policy(&self) -> &PollPolicy {
        self.poll_policy.as_ref().unwrap_or(&PollPolicy::Unlimited)
    }

    /// The poll interval that the target enforces.
    async fn detect_poll_policy(&self) -> PollPolicy {
        let Connection { world, secrets, .. } = &self.connection;
        let identifiers = Identifiers::new(world, secrets);
        let catalogue = Catalogue::of(&world.contract);
        let executor = self.executor(&identifiers, &PollPolicy::Unlimited);
        match probe_interval(&executor, &catalogue).await {
            IntervalProbe::NotEnforced => PollPolicy::Unlimited,
            IntervalProbe::Refused(refusal) => {
                let limit = DEFAULT_WAIT_LIMIT / WAIT_AND_REPLAY;
                measure_interval(&executor, &catalogue, refusal, limit).await.policy
            }
        }
    }

    /// Sends a sequence. If the target turns out to enforce its poll interval, it sends the sequence again and
    /// waits.
    async fn execute_in_time(&mut self, sequence: &RecordedSequence) -> Executed {
        let contract = &self.connection.world.contract;
        let executed = self.execute(sequence).await;
        match executed.enforced_interval(contract).filter(|_| *self.poll_policy() == PollPolicy::Unlimited) {
            Some(interval) => {
                self.poll_policy = Some(PollPolicy::Enforced(shortest_interval(contract, interval)));
                self.execute(sequence).await
            }
            None => executed,
        }
    }

    async fn execute(&self, sequence: &RecordedSequence) -> Executed {
        let strings = sequence.strings.iter().map(String::as_str);
        let identifiers = Identifiers::from_texts(strings, &self.connection.secrets);
        let executor = Executor {
            recorded: Some(&sequence.requests),
            ..self.executor(&identifiers, self.poll_policy())
        };
        // A target may close a connection that waits.
        let one_connection = !sequence.is_simultaneous() && *self.poll_policy() == PollPolicy::Unlimited;
        executor.execute_with_retry(None, &sequence.steps, one_connection).await
    }

    fn executor<'a>(
        &'a self,
        identifiers: &'a Identifiers,
        poll_policy: &'a PollPolicy,
    ) -> Executor<'a, Client> {
        let Connection { transport, world, limits, .. } = &self.connection;
        Executor {
            transport,
            world,
            identifiers,
            poll_policy,
            clock: &self.clock,
            limits,
            wait_limit: None,
            recorded: None,
        }
    }

    /// What the field of the difference is now.
    ///
    /// # Errors
    /// Why this is unknown.
    fn actual(
        &self,
        executed: &Executed,
        sequence: &RecordedSequence,
        difference: &Difference,
    ) -> Result<Actual, String> {
        if let Some(missing) = &executed.missing {
            return Err(missing.to_string());
        }
        let Some(step) = executed.steps.get(sequence.position) else {
            return Err(format!("step {}: {}", executed.steps.len(), executed.last_status()));
        };
        if let Judgement::NotAttributable(reason) = &step.judgement {
            return Err(reason.to_string());
        }
        let field = Field::by_name(&difference.field);
        let (expected, actual) = (Value::read(&field, &difference.expected), step.outcome.get(&field));
        let is_empty = *actual == ContentState::Empty.into();
        if expected == ContentState::OfFixture.into() && !self.knows_content() && !is_empty {
            return Err("the content is unknown; name it with --fixtures".to_owned());
        }
        // An outcome has these fields only if they are wrong.
        let is_optional = matches!(field, Field::Freshness | Field::Opacity | Field::Succession);
        let is_expected = is_optional && *actual == Value::Absent || meets(&expected, actual);
        Ok(Actual { text: actual.to_string(), is_expected })
    }

    fn knows_content(&self) -> bool {
        self.connection.world.fixtures.iter().any(|fixture| !fixture.contents.is_empty())
    }
}

/// What a field is now.
struct Actual {
    text: String,
    is_expected: bool,
}

/// Whether a value is as expected. A status may be expected as a class.
fn meets(expected: &Value, actual: &Value) -> bool {
    use ContentState::{Empty, OfFixture, ServedFirst};

    match (expected, actual) {
        (Value::Status(status), actual) => actual.as_code().is_some_and(|code| status.includes(code)),
        // Content that was delivered before may be omitted or repeated.
        (Value::Content(OfFixture | ServedFirst | Empty), Value::Content(OfFixture | ServedFirst)) => true,
        _ => actual == expected,
    }
}

#[cfg(test)]
mod tests {
    use ContentState::{Empty, OfFixture, Other, ServedFirst};

    use super::*;

    #[test]
    fn status_meets_its_class() {
        let meets = |expected: &str, actual: &str| {
            meets(&Value::read(&Field::Status, expected), &Value::read(&Field::Status, actual))
        };
        assert!(meets("below 500", "404"));
        assert!(!meets("below 500", "500"));
        assert!(!meets("below 500", "<timed out>"));
        assert!(meets("4xx", "413"));
        assert!(!meets("4xx", "200"));
        assert!(meets("400", "400"));
        assert!(!meets("400", "404"));
        assert!(meets("<string>", "<string>"));
        assert!(!meets("<string>", "<absent>"));
    }

    #[test]
    fn delivered_content_may_be_omitted_or_repeated() {
        let meets = |expected: ContentState, actual: ContentState| meets(&expected.into(), &actual.into());
        assert!(meets(ServedFirst, OfFixture));
        assert!(meets(ServedFirst, ServedFirst));
        assert!(meets(Empty, ServedFirst));
        assert!(!meets(ServedFirst, Empty));
        assert!(!meets(Empty, Other));
    }
}
