//! What a counterexample holds is needed: without any of its steps, arguments or waits the difference no
//! longer shows. The requests are taken from the report, and judged from their bytes.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::sync::Arc;
use std::time::Duration;

use boundstone::client::stack::Client;
use boundstone::client::transport::Transport as _;
use boundstone::execute::clock::Advance;
use boundstone::judge::judgement::{Difference, Judgement, judge};
use boundstone::judge::normalize::normalize;
use boundstone::judge::token_checks;
use boundstone::judge::token_checks::Identifiers;
use boundstone::mock::mutant;
use boundstone::mock::mutant::Mutant;
use boundstone::redact::RedactionSet;
use boundstone::setup::config::RunConfig;
use boundstone::setup::embedded_mock::Embedded;
use boundstone::setup::prepare::RunSetup;
use cases::generate::World;
use cases::id::RequirementId;
use cases::oracle::{Class, Field, Oracle, Value, classify};
use cases::protocol::{Json, Request, Response};
use futures_util::future::join_all;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reports::model::{Finding, Payload, RecordedExchange, RecordedRequest, Report, Source, Use, Verdict};

use crate::support::prepare;

/// What goes as it is in a query.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How often a race is tried that should not show anything any more.
const RACES: usize = 8;

/// A target that errs, and what is known of it.
struct Target {
    client: Client,
    world: Arc<World>,
    clock: Option<Advance>,
    report: Report,
    _serving: Option<Embedded>,
}

impl Target {
    /// A run at the default settings against a mutant.
    async fn judged(mutant: &Mutant, name: &str) -> Self {
        // What shows in sessions shows there alone.
        let is_of_sessions = mutant.must_fail.iter().all(|it| it.starts_with("get-latest-configuration/"));
        let only = if is_of_sessions { vec!["get-latest-configuration/".to_owned()] } else { Vec::new() };
        let args = RunConfig { only, ..RunConfig::default() };
        let RunSetup { plan, transport, limits, mock, .. } = prepare(name, mutant.config(), args).await;
        let (world, clock, client) = (Arc::clone(&plan.world), plan.clock.clone(), transport.clone());
        let report = boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await;
        Self { client, world, clock, report, _serving: mock }
    }

    /// Sends requests, and gives the class of the last one if its response shows the difference.
    async fn shows(
        &self,
        requests: &[RecordedRequest],
        finding: &Finding,
        requirement: &RequirementId,
    ) -> Option<Option<Class>> {
        let contract = &self.world.contract;
        let identifiers = Identifiers::new(&self.world, &RedactionSet::default());
        let mut oracle = Oracle::new(contract, &self.world.fixtures);
        let (mut responses, mut issued) = (Vec::new(), Vec::new());
        let client = if requests.iter().any(|request| request.at_once) {
            self.client.clone()
        } else {
            self.client.single_connection()
        };
        let mut rest = requests;
        while let Some(first) = rest.first() {
            let together = 1 + rest[1..].iter().take_while(|request| request.at_once).count();
            let (group, after) = rest.split_at(together);
            rest = after;
            if let (Some(advance), 1..) = (&self.clock, first.after_seconds) {
                advance(Duration::from_secs(first.after_seconds));
                oracle.advance(Duration::from_secs(first.after_seconds));
            }
            let made: Option<Vec<Request>> = group.iter().map(|request| made(request, &responses)).collect();
            let mut observed = join_all(made?.into_iter().map(|request| client.send(request))).await;
            observed.sort_by_key(|exchange| !exchange.observed.as_ref().is_ok_and(Response::is_success));
            let mut ends = false;
            for (recorded, exchange) in group.iter().zip(observed) {
                let operation = contract.operation(&recorded.operation)?;
                let response = exchange.observed.ok()?;
                let reading = oracle.read(&exchange.request);
                let expectation = oracle.expect(&exchange.request, &reading);
                let mut outcome =
                    normalize(contract, operation, &response, oracle.content(&reading), &|text| {
                        text.to_owned()
                    });
                let outputs = cases::protocol::outputs(operation, &response);
                if let Some(value) =
                    contract.issued_value(operation, &outputs).filter(|_| response.is_success())
                {
                    token_checks::check_token(&mut outcome, value, &issued, &identifiers);
                    issued.push(value.to_owned());
                }
                oracle.observe(&reading, &response);
                let succeeds = response.is_success();
                ends |= if succeeds { !expectation.may_be_success() } else { expectation.is_success() };
                responses.push(response);
                let Judgement::Compared { differences, .. } =
                    judge(contract, requirement, &expectation, None, &outcome)
                else {
                    return None;
                };
                let expected = &finding.differences[0];
                let field = Field::by_name(&expected.field);
                let reported = Difference {
                    requirement: requirement.clone(),
                    expected: Value::read(&field, &expected.expected),
                    actual: Value::read(&field, &expected.actual),
                    field,
                };
                let shown = differences.iter().any(|difference| difference.is_like(&reported));
                if shown && rest.is_empty() {
                    return Some(Some(classify(contract, &exchange.request).class));
                }
            }
            if ends && !rest.is_empty() {
                return None;
            }
        }
        None
    }

    /// The same, several times if it is a race.
    async fn shows_ever(
        &self,
        requests: &[RecordedRequest],
        finding: &Finding,
        requirement: &RequirementId,
    ) -> Option<Option<Class>> {
        let times = if requests.iter().any(|request| request.at_once) { RACES } else { 1 };
        for _ in 0..times {
            let shown = self.shows(requests, finding, requirement).await;
            if shown.is_some() {
                return shown;
            }
        }
        None
    }

    /// What of a counterexample is not needed.
    async fn idle(&self, finding: &Finding, requirement: &RequirementId) -> Vec<String> {
        let requests: Vec<RecordedRequest> = finding
            .counterexample
            .iter()
            .map(|exchange: &RecordedExchange| exchange.request.clone())
            .collect();
        let Some(class) = self.shows_ever(&requests, finding, requirement).await else {
            return vec!["it does not show again".to_owned()];
        };
        // What names a resource is what makes a request right but for one thing.
        let given = |text: &str| self.world.fixtures.iter().any(|fixture| fixture.has(text));
        let mut idle = Vec::new();
        for (what, fewer) in smaller(&requests, given) {
            if self.shows_ever(&fewer, finding, requirement).await.is_some_and(|shown| shown == class) {
                idle.push(what);
            }
        }
        idle
    }
}

/// A recorded request with the values of this session.
fn made(recorded: &RecordedRequest, responses: &[Response]) -> Option<Request> {
    let mut target = recorded.target.clone();
    let mut body = recorded.body.to_bytes(1 << 22).unwrap();
    for used in &recorded.uses {
        let response: &Response = responses.get(used.step)?;
        let value = match &used.from {
            Source::Header(name) => response.header(name)?.to_owned(),
            Source::Member(name) => match Json::parse(&response.body).ok()?.get(name)? {
                Json::String(text) => text.clone(),
                Json::Integer(number) => number.to_string(),
                _ => return None,
            },
        };
        let value = used.alter.map_or(value.clone(), |alter| alter.apply(&value));
        target = target.replace(&used.placeholder, &utf8_percent_encode(&value, RESERVED).to_string());
        if let Ok(text) = std::str::from_utf8(&body) {
            body = text.replace(&used.placeholder, &value).into_bytes();
        }
    }
    Some(Request {
        method: recorded.method.clone(),
        target,
        headers: recorded.headers.clone(),
        body,
        signing: recorded.signing.unwrap_or_default(),
    })
}

/// Each sequence that has one thing less, and what it is.
fn smaller(
    requests: &[RecordedRequest],
    given: impl Fn(&str) -> bool,
) -> Vec<(String, Vec<RecordedRequest>)> {
    let mut smaller = Vec::new();
    for step in 0..requests.len() {
        let number = step + 1;
        if let Some(fewer) = without(requests, step) {
            smaller.push((format!("step {number}"), fewer));
        }
        let mut changed = |what: String, change: &dyn Fn(&mut RecordedRequest)| {
            let mut fewer = requests.to_vec();
            change(&mut fewer[step]);
            smaller.push((what, fewer));
        };
        if requests[step].after_seconds > 0 {
            changed(format!("the wait before step {number}"), &|request| request.after_seconds = 0);
        }
        if requests[step].at_once {
            changed(format!("that step {number} is sent at once"), &|request| request.at_once = false);
        }
        let body = requests[step].body.to_bytes(1 << 22).unwrap();
        let Ok(Json::Object(members)) = Json::parse(&body) else { continue };
        for (name, _) in members.iter().filter(|(_, value)| !value.as_str().is_some_and(&given)) {
            let text = std::str::from_utf8(&body).unwrap();
            let Some(fewer) = without_member(text, name) else { continue };
            changed(format!("{name} of step {number}"), &|request| {
                request.body = Payload::Text(fewer.clone());
            });
        }
    }
    smaller
}

/// The text of an object without a member, where it is written as plainly as it can be.
fn without_member(body: &str, name: &str) -> Option<String> {
    let serde_json::Value::Object(mut members) = serde_json::from_str(body).ok()? else { return None };
    members.remove(name)?;
    Some(serde_json::Value::Object(members).to_string())
}

/// The sequence without a step. What took its value takes the one that it took, and goes if there is none.
fn without(requests: &[RecordedRequest], gone: usize) -> Option<Vec<RecordedRequest>> {
    let mut kept: Vec<RecordedRequest> = Vec::new();
    // Where the value of each step comes from now.
    let mut instead: Vec<Option<(usize, Option<Source>)>> = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        let mut request = request.clone();
        let mut is_whole = index != gone;
        for used in &mut request.uses {
            match &instead[used.step] {
                Some((step, from)) => {
                    used.step = *step;
                    used.from = from.clone().unwrap_or(used.from.clone());
                }
                None => is_whole = false,
            }
        }
        if !is_whole {
            let taken = |used: &Use| (used.step, Some(used.from.clone()));
            let is_there = request.uses.iter().all(|used| used.alter.is_none());
            instead.push(request.uses.first().filter(|_| is_there && index == gone).map(taken));
            continue;
        }
        request.at_once &=
            !kept.is_empty() && instead.last().is_none_or(|last| matches!(last, Some((_, None))));
        instead.push(Some((kept.len(), None)));
        kept.push(request);
    }
    let last = instead.last()?.as_ref()?;
    last.1.is_none().then_some(kept)
}

/// Mutants of each kind that shows in several requests only, and the contract.
const MUTANTS: [(&str, &str); 24] = [
    ("next-token-never-spent", "model"),
    ("old-token-accepted", "page"),
    ("next-token-is-the-old-one", "model"),
    ("one-token-for-all", "page"),
    ("token-not-authenticated", "page"),
    ("used-token-response-repeated", "page"),
    ("initial-token-is-a-number", "page"),
    ("every-50th-token-reissued", "page"),
    ("fifteenth-poll-without-token", "page"),
    ("used-token-accepted-after-three-polls", "model"),
    ("initial-token-accepted-after-ten-polls", "page"),
    ("token-repeats-after-twenty-polls", "model"),
    ("altered-token-uses-up-the-original", "model"),
    ("start-ends-older-session", "page"),
    ("poll-uses-up-token-of-previous-session", "model"),
    ("third-open-session-refused", "page"),
    ("calls-at-once-share-a-token", "model"),
    ("calls-at-once-all-refused", "page"),
    ("losing-call-fails", "page"),
    ("unchanged-returns-204", "page"),
    ("early-poll-accepted", "model"),
    ("expired-token-accepted", "model"),
    ("malformed-body-lingers", "model"),
    ("missing-token-lingers", "model"),
];

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_counterexample_can_be_left_out() {
    let mut problems = Vec::new();
    let mut several = 0;
    for (mutant, contract) in MUTANTS {
        let target = Target::judged(mutant::find(mutant).unwrap(), contract).await;
        for requirement in &target.report.requirements {
            for finding in requirement.findings.iter().filter(|it| it.verdict == Verdict::Failed) {
                several += usize::from(finding.counterexample.len() > 1);
                let idle = target.idle(finding, &requirement.id).await;
                if !idle.is_empty() {
                    let sent = reports::render::text::sent(&finding.counterexample, 200);
                    problems.push(format!("{mutant} {}: {}\n{sent}", requirement.id, idle.join(", ")));
                }
            }
        }
    }
    assert!(several >= MUTANTS.len(), "{several}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
