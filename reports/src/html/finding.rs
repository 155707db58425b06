//! A finding as a page shows it.

use super::anchor::{self, anchor};
use crate::group::Group;
use crate::report::{KnownFailure, RecordedExchange, RecordedResponse};
use crate::show::{self, Line, abbreviated, clip};
use crate::summary::{Listed, counted, times};

/// The characters of a body that are shown; `report.json` has all.
const BODY: usize = 4_000;

pub(super) struct FindingView<'a> {
    pub(super) listed: Listed<'a>,
    pub(super) anchor: String,
    /// Where the page lists the requirement.
    pub(super) requirement_anchor: String,
    /// The name of its case, if that is one of the requirement.
    pub(super) case: Option<&'a str>,
    /// What is wrong, in a line.
    pub(super) gist: String,
    /// What should have come in its place: the first field that differs.
    pub(super) demanded: Option<String>,
    pub(super) times: String,
    pub(super) sent: String,
    pub(super) expected: Vec<Line>,
    pub(super) received: Vec<Line>,
    /// The known failures that cover it; none if it is not.
    pub(super) known: Vec<&'a KnownFailure>,
    /// What the answer says in its own words.
    pub(super) said: Option<String>,
    /// The other cases that show it.
    pub(super) also: String,
    /// Which cases no known failure covers, if one covers others.
    pub(super) uncovered: Option<String>,
    /// That the counterexample may not be the smallest, and why.
    pub(super) not_minimized: Option<String>,
    pub(super) steps: Vec<Step>,
    /// Those that show the same.
    pub(super) others: Vec<FindingView<'a>>,
    /// `The same in 2 more requirements`, if there are others.
    pub(super) more: String,
}

/// A request and its answer.
pub(super) struct Step {
    /// Method and path.
    pub(super) arrow: String,
    /// The beginning of the body.
    pub(super) body: Option<String>,
    /// What is to be known before it is sent, such as that time passes.
    pub(super) before: Option<String>,
    /// The status, or why there is none.
    pub(super) status: String,
    pub(super) request: String,
    pub(super) response: String,
}

impl<'a> FindingView<'a> {
    pub(super) fn new(listed: Listed<'a>) -> Self {
        let finding = listed.finding;
        let exchanges = &finding.counterexample;
        let (expected, received) = show::sides(finding);
        Self {
            anchor: anchor::finding(&listed),
            requirement_anchor: anchor(listed.requirement.id.as_str()),
            case: Some(show::below(listed.requirement, &finding.case))
                .filter(|name| *name != finding.case.as_str()),
            gist: show::gist(finding).unwrap_or_else(|| finding.verdict.to_string()),
            demanded: finding
                .differences
                .first()
                .map(|it| format!("{} {}", clip(&it.field, 80), abbreviated(&it.expected, 120))),
            times: times(finding),
            sent: exchanges.last().map(|last| show::request(&last.request, BODY)).unwrap_or_default(),
            expected,
            received,
            said: exchanges.last().and_then(|last| said(&last.response)),
            also: also(&listed),
            known: listed.entries().filter(|_| finding.is_known()).collect(),
            uncovered: show::known(&listed).filter(|_| !finding.is_known()).map(|(_, text)| text),
            not_minimized: show::not_minimized(finding),
            steps: exchanges.iter().map(step).collect(),
            others: Vec::new(),
            more: String::new(),
            listed,
        }
    }

    /// The first finding of a group with the others.
    pub(super) fn of_group(group: Group<'a>) -> Self {
        let more = group.more().map(|more| more.replacen("the", "The", 1)).unwrap_or_default();
        let others = group.others.into_iter().map(Self::new).collect();
        Self { others, more, ..Self::new(group.first) }
    }
}

/// The beginning of an answer's body, where what is wrong is often said in a sentence.
fn said(response: &RecordedResponse) -> Option<String> {
    match response {
        RecordedResponse::Answer { body, .. } => {
            Some(show::payload(body, 400)).filter(|body| !body.is_empty())
        }
        RecordedResponse::Fault { .. } => None,
    }
}

/// `object, number and 3 more`: the other cases of the requirement.
fn also(listed: &Listed<'_>) -> String {
    const NAMED: usize = 8;
    let others = listed.finding.cases.iter().filter(|case| **case != listed.finding.case);
    let names: Vec<&str> = others.map(|case| show::below(listed.requirement, case)).collect();
    let (named, more) = names.split_at(names.len().min(NAMED));
    let named = named.join(", ");
    if more.is_empty() { named } else { format!("{named} and {} more", more.len()) }
}

fn step(exchange: &RecordedExchange) -> Step {
    let request = &exchange.request;
    let before = if request.at_once {
        Some("at the same time as the request before".to_owned())
    } else if request.after_seconds > 0 {
        Some(format!("{} later", counted(request.after_seconds, "second")))
    } else {
        None
    };
    Step {
        arrow: clip(&show::request_line(request), 160),
        body: Some(show::payload(&request.body, 200)).filter(|body| !body.is_empty()),
        before,
        status: clip(&show::status(&exchange.response), 160),
        request: show::request(request, BODY),
        response: show::response(&exchange.response, BODY),
    }
}
