//! The result of executing a sequence of requests.

use std::time::Duration;

use cases::contract::Contract;
use cases::generate::Step;
use cases::id::RequirementId;
use cases::oracle::Expectation;
use cases::oracle::{Field, Outcome};
use cases::protocol::Request;
use cases::protocol::{MissingOutput, outputs};
use sha2::{Digest as _, Sha256};

use crate::client::exchange::{Exchange, TransportFailure};
use crate::judge::judgement::{Difference, Explained, Judgement, NotAttributable};
use crate::judge::token_checks::IssuedToken;

/// The result of a sequence.
#[derive(Debug, Clone)]
pub struct Executed {
    /// The steps that were sent.
    pub steps: Vec<ExecutedStep>,
    /// The output that the next step needed and no response provided.
    pub missing: Option<MissingOutput>,
    /// The number of requests of earlier attempts, which show nothing.
    pub wasted_requests: u64,
    /// Whether the sequence ended because the run may send nothing more.
    pub withheld: bool,
    /// The operation whose first attempt got no response, and why. `None` if nothing was lost.
    pub lost: Option<(String, TransportFailure)>,
    /// How long it waited for time to pass.
    pub waited: Duration,
    /// The minimum time that it would have had to wait, if that exceeds the limit.
    pub required_wait: Option<Duration>,
}

/// The result of one step.
#[derive(Debug, Clone)]
pub struct ExecutedStep {
    /// The step.
    pub step: Step,
    /// The request with placeholders for the outputs of earlier responses, if it uses any.
    pub(crate) placeholders: Option<Request>,
    /// What was sent and observed.
    pub exchange: Exchange,
    /// What the contract expects.
    pub expectation: Expectation,
    /// The normalized response. Without a response, the status is the transport failure.
    pub outcome: Outcome,
    /// The comparison of the outcome with the expectation.
    pub judgement: Judgement,
    /// The single-use value that the response issued.
    pub issued: Option<IssuedToken>,
    /// The whole body of the response, if only its start is kept.
    pub truncated: Option<TruncatedBody>,
}

/// A body whose start alone is kept. Many sequences are in memory at once, and the responses of a
/// target may be large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TruncatedBody {
    /// Its length in bytes.
    pub bytes: usize,
    /// Its SHA-256.
    digest: [u8; 32],
}

/// Maximum number of bytes of a body that are kept once it was judged.
pub(crate) const MAX_KEPT_BODY: usize = 64 << 10;

impl TruncatedBody {
    /// Truncates a body to `max` bytes. Returns `None` if it is not longer.
    pub(crate) fn truncate(body: &mut Vec<u8>, max: usize) -> Option<Self> {
        if body.len() <= max {
            return None;
        }
        let truncated = Self { bytes: body.len(), digest: Sha256::digest(&*body).into() };
        body.truncate(max);
        body.shrink_to_fit();
        Some(truncated)
    }
}

impl ExecutedStep {
    /// Whether the sequence cannot continue. The state of the target differs from that of the contract, and
    /// further steps would show the same difference again.
    pub(crate) fn ends_sequence(&self) -> bool {
        match &self.exchange.observed {
            Ok(response) if response.is_success() => !self.expectation.may_be_success(),
            Ok(_) => self.expectation.is_success(),
            Err(_) => true,
        }
    }

    /// Whether the response shows that the request broke no constraint.
    fn is_accepted(&self) -> bool {
        let Ok(response) = &self.exchange.observed else { return false };
        let accepted = self.expectation.response(response.status);
        let is_untesting = accepted.is_some_and(|accepted| accepted.untested.is_some());
        response.is_success() || is_untesting && self.differences().is_empty()
    }

    /// The differences of the response, if it was compared.
    fn differences(&self) -> &[Difference] {
        match &self.judgement {
            Judgement::Compared { differences, .. } => differences,
            Judgement::NotAttributable(_) => &[],
        }
    }

    /// Whether the response tests a requirement.
    fn tests(&self, requirement: &RequirementId) -> bool {
        matches!(&self.judgement, Judgement::Compared { tested, .. } if tested.contains(requirement))
    }

    /// Whether the response breaks a requirement in this field, not counting explained differences.
    fn breaks(&self, field: &Field, requirement: &RequirementId, explained: &Explained) -> bool {
        let mut left = self.differences().iter().filter(|difference| !explained.contains_key(*difference));
        left.any(|other| other.field == *field && other.requirement == *requirement)
    }

    /// The request with placeholders for the outputs of earlier responses.
    pub fn display_request(&self) -> &Request {
        self.placeholders.as_ref().unwrap_or(&self.exchange.request)
    }

    /// Truncates the body of the response to `max` bytes.
    pub(crate) fn truncate_body(&mut self, max: usize) {
        let truncated = self
            .exchange
            .observed
            .as_mut()
            .ok()
            .and_then(|response| TruncatedBody::truncate(&mut response.body, max));
        self.truncated = self.truncated.or(truncated);
    }

    /// The length of the response body in bytes, or 0 without a response.
    pub fn body_length(&self) -> usize {
        let kept = self.exchange.observed.as_ref().map_or(0, |response| response.body.len());
        self.truncated.map_or(kept, |truncated| truncated.bytes)
    }

    /// The time until the next call that the response carries.
    pub fn carried_interval(&self, contract: &Contract) -> Option<Duration> {
        let operation = contract.operation(&self.step.call.operation)?;
        let values = outputs(operation, self.exchange.observed.as_ref().ok()?);
        let member = operation.output.iter().find(|member| member.rules.interval.is_some())?;
        values.get(&member.name)?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl Executed {
    /// A sequence that was cut off, so nothing is known about it.
    pub fn withheld() -> Self {
        Self {
            steps: Vec::new(),
            missing: None,
            wasted_requests: 0,
            withheld: true,
            lost: None,
            waited: Duration::ZERO,
            required_wait: None,
        }
    }

    /// The number of requests sent, including retries.
    pub fn requests(&self) -> u64 {
        self.wasted_requests + self.steps.iter().map(|step| step.exchange.sent()).sum::<u64>()
    }

    /// All differences of all steps.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.steps.iter().flat_map(ExecutedStep::differences)
    }

    /// The operation that got no response and why, if the network may have caused it and there is no other
    /// difference.
    pub fn lost_in_transit(&self) -> Option<(String, TransportFailure)> {
        let last = self.steps.last()?;
        let failure = *last.exchange.observed.as_ref().err().filter(|_| last.exchange.is_lost())?;
        let is_all = self.differences().all(Difference::is_no_response);
        is_all.then(|| (last.step.call.operation.clone(), failure))
    }

    /// The reasons why responses say nothing about their requests.
    pub fn not_attributable(&self) -> impl Iterator<Item = &NotAttributable> {
        self.steps.iter().filter_map(|step| match &step.judgement {
            Judgement::NotAttributable(reason) => Some(reason),
            Judgement::Compared { .. } => None,
        })
    }

    /// The interval that the target enforces, if it refused a call because it came too early.
    pub fn enforced_interval(&self, contract: &Contract) -> Option<Duration> {
        let too_early = Judgement::NotAttributable(NotAttributable::TooEarly);
        let refused = self.steps.iter().position(|step| step.judgement == too_early)?;
        self.steps[..refused].iter().rev().find_map(|step| step.carried_interval(contract))
    }

    /// Why the last response proves nothing although its status is right: the target refused the request for
    /// another reason than the one under test, or without a reason. `explained` are differences that count
    /// elsewhere.
    pub fn refused_for_other_reason(&self, explained: &Explained) -> Option<String> {
        let last = self.steps.last()?;
        let status = last.outcome.status()?;
        let accept = last.expectation.response(status)?.fields.get(&Field::ErrorType)?;
        let named = last.outcome.get(&Field::ErrorType);
        let is_proof = if last.expectation.identifies_cause(status) {
            // Another type breaks a requirement of its own, and does not speak against this one.
            !last.breaks(&Field::ErrorType, &last.step.requirement, explained)
        } else {
            last.tests(&last.step.requirement)
        };
        (!is_proof && !accept.accepts(named))
            .then(|| format!("refused, but for another reason than the one in the contract: {named}"))
    }

    /// Whether every step of `steps` was sent and the target accepted the last one: it succeeded, or was refused with
    /// an error that the contract accepts for a valid call.
    pub fn succeeded(&self, steps: &[Step]) -> bool {
        self.steps.len() == steps.len() && self.steps.last().is_some_and(ExecutedStep::is_accepted)
    }

    /// The status of the last step that was sent, as text.
    pub fn last_status(&self) -> String {
        self.steps
            .last()
            .map_or_else(|| "nothing".to_owned(), |last| last.outcome.get(&Field::Status).to_string())
    }

    /// The sequence up to and including the step that shows a difference.
    pub fn prefix_showing(&self, difference: &Difference) -> Option<&[ExecutedStep]> {
        let showing = self
            .steps
            .iter()
            .position(|step| step.differences().iter().any(|other| other.is_like(difference)));
        showing.map(|index| &self.steps[..=index])
    }
}
