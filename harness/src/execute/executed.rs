//! What a sequence of requests showed.

use std::time::Duration;

use cases::contract::Contract;
use cases::generate::Step;
use cases::id::RequirementId;
use cases::oracle::Expectation;
use cases::oracle::{Field, Outcome};
use cases::protocol::{MissingOutput, outputs};
use cases::protocol::{Request, Response};
use sha2::{Digest as _, Sha256};

use crate::client::exchange::{Exchange, Fault};
use crate::judge::judgement::{Difference, Excuse, Explained, Judgement};
use crate::judge::token_checks::Issued;

/// What a sequence showed.
#[derive(Debug, Clone)]
pub struct Played {
    /// The steps that were sent.
    pub steps: Vec<PlayedStep>,
    /// Why the sequence could not go on, if it could not.
    pub missing: Option<MissingOutput>,
    /// Requests of the same sequence that were sent before and show nothing.
    pub in_vain: u64,
    /// Whether it ended since the run may send nothing more.
    pub withheld: bool,
    /// The operation that got no answer the first time, and why, if all went on the second time.
    pub lost: Option<(String, Fault)>,
    /// How long it waited for time to pass.
    pub waited: Duration,
    /// How long it would have had to wait at least, if that is longer than it might.
    pub needs: Option<Duration>,
}

/// What one step showed.
#[derive(Debug, Clone)]
pub struct PlayedStep {
    /// The step.
    pub step: Step,
    /// The request with placeholders for what earlier answers issued, if it has any.
    pub(crate) placeholders: Option<Request>,
    /// What was sent and observed.
    pub exchange: Exchange,
    /// What the contract asks for.
    pub expectation: Expectation,
    /// The answer, normalised. In place of an answer, the status says what came.
    pub outcome: Outcome,
    /// What the answer says.
    pub judgement: Judgement,
    /// The single-use value that the answer issued.
    pub issued: Option<Issued>,
    /// The whole body of the answer, if only its start is kept.
    pub cut: Option<Cut>,
}

/// A body of which only the start is kept. Many sequences are held at once, and each answer of a
/// target may be as large as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Its length in bytes.
    pub bytes: usize,
    /// Its SHA-256.
    digest: [u8; 32],
}

/// The most bytes that are kept of a body once it was judged.
pub(crate) const KEPT: usize = 64 << 10;

impl Cut {
    /// Cuts a body off, if it is longer than `most` bytes.
    pub(crate) fn off(body: &mut Vec<u8>, most: usize) -> Option<Self> {
        if body.len() <= most {
            return None;
        }
        let cut = Self { bytes: body.len(), digest: Sha256::digest(&*body).into() };
        body.truncate(most);
        body.shrink_to_fit();
        Some(cut)
    }
}

impl PlayedStep {
    /// Whether a sequence cannot go on from here: the target is in another state than the contract
    /// has it in, and what follows would only say so again.
    pub(crate) fn ends(&self) -> bool {
        match &self.exchange.observed {
            Ok(response) if response.is_success() => !self.expectation.may_be_success(),
            Ok(_) => self.expectation.is_success(),
            Err(_) => true,
        }
    }

    /// Whether the answer tests a requirement.
    fn tests(&self, requirement: &RequirementId) -> bool {
        matches!(&self.judgement, Judgement::Judged { tested, .. } if tested.contains(requirement))
    }

    /// Whether the answer breaks a requirement in this field, but for what is explained.
    fn breaks(&self, field: &Field, requirement: &RequirementId, explained: &Explained) -> bool {
        let Judgement::Judged { differences, .. } = &self.judgement else { return false };
        let mut left = differences.iter().filter(|difference| !explained.contains_key(*difference));
        left.any(|other| other.field == *field && other.requirement == *requirement)
    }

    /// The request with placeholders for what earlier answers issued.
    pub fn shown(&self) -> &Request {
        self.placeholders.as_ref().unwrap_or(&self.exchange.request)
    }

    /// Keeps no more than so many bytes of the answer's body.
    pub(crate) fn cut_to(&mut self, most: usize) {
        let cut =
            self.exchange.observed.as_mut().ok().and_then(|response| Cut::off(&mut response.body, most));
        self.cut = self.cut.or(cut);
    }

    /// The length of the answer's body in bytes; none if there is no answer.
    pub fn received(&self) -> usize {
        let kept = self.exchange.observed.as_ref().map_or(0, |response| response.body.len());
        self.cut.map_or(kept, |cut| cut.bytes)
    }

    /// The time until the next call that came with the answer.
    pub fn carried(&self, contract: &Contract) -> Option<Duration> {
        let operation = contract.operation(&self.step.call.operation)?;
        let values = outputs(operation, self.exchange.observed.as_ref().ok()?);
        let member = operation.output.iter().find(|member| member.rules.interval.is_some())?;
        values.get(&member.name)?.trim().parse().ok().map(Duration::from_secs)
    }
}

impl Played {
    /// A sequence of which nothing is known, as it was cut off.
    pub fn withheld() -> Self {
        Self {
            steps: Vec::new(),
            missing: None,
            in_vain: 0,
            withheld: true,
            lost: None,
            waited: Duration::ZERO,
            needs: None,
        }
    }

    /// How many requests went out, with those that were sent again.
    pub fn requests(&self) -> u64 {
        self.in_vain + self.steps.iter().map(|step| step.exchange.sent()).sum::<u64>()
    }

    /// Every difference of every step.
    pub fn differences(&self) -> impl Iterator<Item = &Difference> {
        self.steps.iter().flat_map(|step| match &step.judgement {
            Judgement::Judged { differences, .. } => differences.as_slice(),
            Judgement::Excused(_) => &[],
        })
    }

    /// The operation that got no answer, and why, if that may be the fault of the way there and nothing else
    /// was shown.
    pub fn lost_on_the_way(&self) -> Option<(String, Fault)> {
        let last = self.steps.last()?;
        let fault = *last.exchange.observed.as_ref().err().filter(|_| last.exchange.is_lost())?;
        let is_all = self.differences().all(Difference::is_fault);
        is_all.then(|| (last.step.call.operation.clone(), fault))
    }

    /// The excuses of the target.
    pub fn excuses(&self) -> impl Iterator<Item = &Excuse> {
        self.steps.iter().filter_map(|step| match &step.judgement {
            Judgement::Excused(excuse) => Some(excuse),
            Judgement::Judged { .. } => None,
        })
    }

    /// The interval that its sessions are held to, if a call was refused since it came too early.
    pub fn held_to(&self, contract: &Contract) -> Option<Duration> {
        let early = |step: &PlayedStep| step.judgement == Judgement::Excused(Excuse::TooEarly);
        let refused = self.steps.iter().position(early)?;
        self.steps[..refused].iter().rev().find_map(|step| step.carried(contract))
    }

    /// Why the last answer, though it has the right status, is no proof: the request was refused
    /// for another reason than the one that the requirement names, or without one. `explained` are
    /// differences that count elsewhere.
    pub fn other_reason(&self, explained: &Explained) -> Option<String> {
        let last = self.steps.last()?;
        let status = last.outcome.status()?;
        let accept = last.expectation.response(status)?.fields.get(&Field::ErrorType)?;
        let named = last.outcome.get(&Field::ErrorType);
        let is_proof = if last.expectation.identifies_cause(status) {
            // Another type breaks a requirement of its own, and says nothing against this one.
            !last.breaks(&Field::ErrorType, &last.step.requirement, explained)
        } else {
            last.tests(&last.step.requirement)
        };
        (!is_proof && !accept.accepts(named))
            .then(|| format!("refused, but for another reason than the contract's: {named}"))
    }

    /// Whether every step of `steps` was sent and the last one succeeded.
    pub fn succeeded(&self, steps: &[Step]) -> bool {
        self.steps.len() == steps.len()
            && self
                .steps
                .last()
                .is_some_and(|last| last.exchange.observed.as_ref().is_ok_and(Response::is_success))
    }

    /// What the last step that was sent got, in a few words.
    pub fn last_status(&self) -> String {
        self.steps
            .last()
            .map_or_else(|| "nothing".to_owned(), |last| last.outcome.get(&Field::Status).to_owned())
    }

    /// The sequence up to and with the step that shows a difference.
    pub fn up_to(&self, difference: &Difference) -> Option<&[PlayedStep]> {
        let shows = |step: &PlayedStep| matches!(&step.judgement, Judgement::Judged { differences, .. } if differences.iter().any(|other| other.is_like(difference)));
        self.steps.iter().position(shows).map(|index| &self.steps[..=index])
    }
}
