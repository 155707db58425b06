//! `boundstone replay`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use cases::contract::{Contract, Operation};
use cases::fixture::Fixture;
use cases::oracle::{ABSENT, CONTENT, Content, EMPTY, Field, Oracle, Outcome, SERVED, Status};
use cases::protocol::{Json, Request, Response};
use futures_util::future::join_all;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reports::model::{
    Difference, RecordedExchange, RecordedRequest, RecordedResponse, Report, Source, TargetInfo, TargetKind,
    Use,
};
use reports::summary::{Listed, counted, findings};

use crate::cli::args::{EndpointArgs, ReplayArgs};
use crate::cli::commands::report::read;
use crate::cli::error::CliError;
use crate::cli::terminal::{print, print_error, warn_of_unverified};
use crate::client::transport::Transport;
use crate::judge::normalize::normalize;
use crate::judge::token_checks;
use crate::judge::token_checks::Identifiers;
use crate::redact::RedactionSet;
use crate::setup::config::EndpointConfig;
use crate::setup::connection::Connection;
use crate::setup::wait::Wait;

/// The most bytes of a body that is sent again.
const LARGEST_BODY: usize = 64 << 20;
/// What RFC 3986 calls unreserved goes as it is, as in the run.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// How often an flaky finding is tried.
const TRIES: usize = 20;

/// What became of a finding.
enum Replayed {
    Holds(String),
    Mended,
    Unknown(String),
}

pub(crate) async fn main(args: &ReplayArgs) -> Result<u8, CliError> {
    let report = read(&args.report)?;
    let of_report = (report.target.kind == TargetKind::Url).then(|| report.target.url.clone());
    let contract = args.endpoint.contract.clone().or(Some(report.contract.name.clone()));
    let given = EndpointArgs { contract, ..args.endpoint.clone() }.config()?;
    let endpoint = EndpointConfig {
        target: given.target.clone().or(of_report),
        sigv4: given.sigv4 || is_signed(&report),
        ..given
    };
    let all = findings(&report);
    let wanted: Vec<&Listed<'_>> =
        all.iter().filter(|listed| args.finding.is_none_or(|number| number.get() == listed.number)).collect();
    if let (Some(number), true) = (args.finding, wanted.is_empty()) {
        return Err(CliError::Finding { number: number.get(), count: counted(all.len() as u64, "finding") });
    }
    let (mut holds, mut unknown) = (0, 0);
    // A report may be of several targets.
    let mut connections: BTreeMap<Option<&String>, Connection> = BTreeMap::new();
    for listed in &wanted {
        let own = listed.finding.target.as_ref().filter(|_| args.endpoint.target.is_none());
        let connection = match connections.entry(own) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let own_url = |own: &String| Some(own.clone()).filter(|own| own != TargetInfo::MOCK);
                let target = own.map_or_else(|| endpoint.target.clone(), own_url);
                let endpoint = EndpointConfig { target, ..endpoint.clone() };
                let connection = Connection::open(&endpoint, Arc::default()).await?;
                if connection.is_unverified {
                    warn_of_unverified();
                }
                let (http, contract) = (&connection.http, &connection.world.contract);
                Wait::of(&endpoint).until_up(http, contract, print_error).await;
                new.insert(connection)
            }
        };
        let replayed = replay(connection, listed).await;
        let (verdict, detail) = match replayed {
            Replayed::Holds(actual) => {
                holds += 1;
                ("still holds", actual)
            }
            Replayed::Mended => (
                "no longer",
                format!(
                    "{} is {}",
                    listed.finding.differences[0].field, listed.finding.differences[0].expected
                ),
            ),
            Replayed::Unknown(reason) => {
                unknown += 1;
                ("cannot be told", reason)
            }
        };
        print(&reports::render::escape::line(&format!(
            "{}. {verdict}: {}: {detail}",
            listed.number, listed.requirement.id
        )));
        print("\n");
    }
    let hold = if holds == 1 { "holds" } else { "hold" };
    print(&format!("{holds} of {} still {hold}.\n", counted(wanted.len() as u64, "finding")));
    Ok(if holds > 0 {
        reports::summary::Outcome::Failed.code()
    } else if unknown > 0 {
        reports::summary::Outcome::NotTested.code()
    } else {
        reports::summary::Outcome::Passed.code()
    })
}

/// Whether the run of a report signed its requests.
fn is_signed(report: &Report) -> bool {
    let findings = report.requirements.iter().flat_map(|requirement| &requirement.findings);
    findings.flat_map(|finding| &finding.counterexample).any(|exchange| exchange.request.signing.is_some())
}

/// Sends a counterexample again, an flaky one several times.
async fn replay(connection: &Connection, listed: &Listed<'_>) -> Replayed {
    let Connection { transport, world, secrets, .. } = connection;
    let contract = &world.contract;
    let fixtures = &world.fixtures;
    let Some(difference) = listed.finding.differences.first() else {
        return Replayed::Unknown("the report does not say what differs".to_owned());
    };
    let tries = if listed.finding.verdict == reports::model::Verdict::Flaky { TRIES } else { 1 };
    let mut replayed = Replayed::Mended;
    let exchanges = &listed.finding.counterexample;
    for _ in 0..tries {
        let outcomes = match send(transport, contract, fixtures, secrets, exchanges).await {
            Ok(outcomes) => outcomes,
            Err(reason) => return Replayed::Unknown(reason),
        };
        let Some(outcome) = outcomes.get(place(exchanges, difference)) else {
            return Replayed::Unknown("the report has no request to send".to_owned());
        };
        let field = Field::by_name(&difference.field);
        let actual = outcome.get(&field);
        if difference.expected == CONTENT && contents(fixtures).next().is_none() && actual != EMPTY {
            return Replayed::Unknown("name the content with --fixtures".to_owned());
        }
        // An outcome has these only where they are not as they should be.
        let is_noted = matches!(field, Field::Freshness | Field::Opacity | Field::Succession);
        if !(is_noted && actual == ABSENT || meets(&difference.expected, actual)) {
            replayed = Replayed::Holds(format!("{field} is {actual}, not {}", difference.expected));
            break;
        }
    }
    replayed
}

/// Whether a field is as the finding expects it; a status may be a class.
fn meets(expected: &str, actual: &str) -> bool {
    let in_class = |status: Status| actual.parse().is_ok_and(|code| status.includes(code));
    // What has been delivered may be left out or repeated.
    let is_whole = [CONTENT, SERVED].contains(&actual) && [CONTENT, SERVED, EMPTY].contains(&expected);
    actual == expected || is_whole || Status::by_name(expected).is_some_and(in_class)
}

/// Which of the outcomes is about the difference, where calls were sent at the same time: what succeeds comes
/// first, and of calls one of which has to be served it is the first that is.
fn place(exchanges: &[RecordedExchange], difference: &Difference) -> usize {
    let together = exchanges.iter().rev().take_while(|exchange| exchange.request.at_once).count();
    let group = &exchanges[exchanges.len().saturating_sub(together + 1)..];
    let is_success = |exchange: &&RecordedExchange| {
        matches!(exchange.response, RecordedResponse::Response { status: 200..300, .. })
    };
    let wants_success = difference.field == Field::Status.to_string() && difference.expected.starts_with('2');
    match group.iter().filter(is_success).count() {
        _ if wants_success => 0,
        served if group.last().as_ref().is_some_and(is_success) => served - 1,
        _ => together,
    }
}

/// Sends the requests in order, over one connection where they follow each other, and gives the
/// outcomes of those that were sent last, at the same time, what succeeded first.
async fn send(
    transport: &impl Transport,
    contract: &Contract,
    fixtures: &[Fixture],
    secrets: &RedactionSet,
    exchanges: &[RecordedExchange],
) -> Result<Vec<Outcome>, String> {
    let transport = transport.single_connection();
    let hidden = Identifiers::from_texts(strings(exchanges).iter().map(String::as_str), secrets);
    let mut secrets = hidden.redactor();
    let mut oracle = Oracle::new(contract, fixtures);
    let mut answers: Vec<Response> = Vec::new();
    let mut issued: Vec<String> = Vec::new();
    let mut outcomes = Vec::new();
    let mut rest = exchanges;
    while let Some(first) = rest.first() {
        let together = 1 + rest[1..].iter().take_while(|exchange| exchange.request.at_once).count();
        let (group, after) = rest.split_at(together);
        rest = after;
        let operation = contract
            .operation(&first.request.operation)
            .ok_or_else(|| format!("the contract has no operation {}", first.request.operation))?;
        tokio::time::sleep(Duration::from_secs(first.request.after_seconds)).await;
        let requests: Vec<Request> =
            group.iter().map(|recorded| request(&recorded.request, &answers)).collect::<Result<_, _>>()?;
        for used in group.iter().flat_map(|recorded| &recorded.request.uses) {
            if let (Some(alter), Some(value)) = (used.alter, value(used, &answers)) {
                secrets.add(&alter.apply(&value), &used.placeholder);
            }
        }
        let mut observed: Vec<_> =
            join_all(requests.into_iter().map(|request| transport.send(request))).await;
        observed.sort_by_key(|exchange| !exchange.observed.as_ref().is_ok_and(Response::is_success));
        outcomes.clear();
        for exchange in observed {
            let mut outcome = Outcome::default();
            match exchange.observed {
                Ok(response) => {
                    secrets.add_issued(operation, answers.len(), &response);
                    let reading = oracle.read(&exchange.request);
                    let content =
                        oracle.content(&reading).or_else(|| content(operation, &response, fixtures));
                    outcome =
                        normalize(contract, operation, &response, content, &|text| secrets.redact(text));
                    oracle.observe(&reading, &response);
                    let outputs = cases::protocol::outputs(operation, &response);
                    let value = contract.issued_value(operation, &outputs).filter(|_| response.is_success());
                    if let Some(value) = value {
                        token_checks::check_token(&mut outcome, value, &issued, &hidden);
                        issued.push(value.to_owned());
                    }
                    answers.push(response);
                }
                Err(fault) if rest.is_empty() && !fault.is_local() => {
                    outcome.set(Field::Status, &format!("<{fault}>"));
                }
                Err(fault) => return Err(format!("step {}: {fault}", answers.len() + 1)),
            }
            outcomes.push(outcome);
        }
    }
    Ok(outcomes)
}

/// The strings in the bodies of requests, which no single-use value may show.
fn strings(exchanges: &[RecordedExchange]) -> Vec<String> {
    let bodies = exchanges.iter().filter_map(|exchange| exchange.request.body.to_bytes(LARGEST_BODY));
    let members = bodies.filter_map(|body| match Json::parse(&body) {
        Ok(Json::Object(members)) => Some(members),
        _ => None,
    });
    members.flatten().filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

/// The known content that an answer carries: any fixture's will do.
fn content<'a>(operation: &Operation, response: &Response, fixtures: &'a [Fixture]) -> Option<Content<'a>> {
    operation.output_payload()?;
    contents(fixtures)
        .find(|content| *content == response.body)
        .or(contents(fixtures).next())
        .map(Content::Known)
}

fn contents(fixtures: &[Fixture]) -> impl Iterator<Item = &[u8]> {
    fixtures.iter().flat_map(|fixture| fixture.contents.values()).map(Vec::as_slice)
}

/// A recorded request with the values of this session.
fn request(recorded: &RecordedRequest, answers: &[Response]) -> Result<Request, String> {
    let mut target = recorded.target.clone();
    let mut body = recorded.body.to_bytes(LARGEST_BODY).ok_or("the report's body cannot be read")?;
    for used in &recorded.uses {
        let value = value(used, answers)
            .ok_or_else(|| format!("answer {} has no {}", used.step + 1, used.placeholder))?;
        let value = used.alter.map_or(value.clone(), |alter| alter.apply(&value));
        target = target.replace(&used.placeholder, &utf8_percent_encode(&value, RESERVED).to_string());
        if let Ok(text) = std::str::from_utf8(&body) {
            body = text.replace(&used.placeholder, &value).into_bytes();
        }
    }
    Ok(Request {
        method: recorded.method.clone(),
        target,
        headers: recorded.headers.clone(),
        body,
        signing: recorded.signing.unwrap_or_default(),
    })
}

fn value(used: &Use, answers: &[Response]) -> Option<String> {
    let answer = answers.get(used.step)?;
    match &used.from {
        Source::Header(name) => answer.header(name).map(str::to_owned),
        Source::Member(name) => match Json::parse(&answer.body).ok()?.get(name)? {
            Json::String(text) => Some(text.clone()),
            Json::Integer(number) => Some(number.to_string()),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_calls_at_the_same_time_the_one_is_looked_at_that_showed_the_difference() {
        let exchange = |(status, at_once): (u16, bool)| RecordedExchange {
            request: RecordedRequest {
                operation: "Get".to_owned(),
                method: "GET".to_owned(),
                target: "/".to_owned(),
                headers: Vec::new(),
                body: reports::model::Payload::default(),
                after_seconds: 0,
                at_once,
                signing: None,
                uses: Vec::new(),
            },
            response: RecordedResponse::Response {
                status,
                headers: Vec::new(),
                body: reports::model::Payload::default(),
            },
        };
        let place = |expected: &str, statuses: &[(u16, bool)]| {
            let exchanges: Vec<_> = statuses.iter().copied().map(exchange).collect();
            let (field, actual) = (Field::Status.to_string(), "any".to_owned());
            place(&exchanges, &Difference { field, expected: expected.to_owned(), actual })
        };
        assert_eq!(place("400", &[(201, false), (200, false)]), 0);
        // Two were served, of three; none was; the one that was not failed.
        assert_eq!(place("400", &[(201, false), (200, false), (400, true), (200, true)]), 1);
        assert_eq!(place("200", &[(201, false), (400, false), (400, true)]), 0);
        assert_eq!(place("400", &[(201, false), (200, false), (500, true)]), 1);
    }

    #[test]
    fn a_class_of_statuses_is_met_by_each_of_them() {
        assert!(meets("below 500", "404") && !meets("below 500", "500"));
        assert!(meets("4xx", "413") && !meets("4xx", "200"));
        assert!(meets("400", "400") && !meets("400", "404"));
        assert!(meets("<string>", "<string>") && !meets("<string>", "<absent>"));
    }

    #[test]
    fn content_may_be_left_out_or_repeated_once_it_was_delivered() {
        assert!(meets(SERVED, CONTENT) && meets(SERVED, SERVED) && meets(EMPTY, SERVED));
        assert!(!meets(SERVED, EMPTY) && !meets(EMPTY, cases::oracle::OTHER_CONTENT));
    }
}
