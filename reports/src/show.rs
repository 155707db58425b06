//! Exchanges and findings as readable text, the same in every rendering.
//!
//! All texts are safe for a terminal (see [`crate::escape::visible`]); a format with markup of its
//! own escapes them once more.

use std::collections::HashSet;

use cases::id::CaseId;
use cases::signing::Signing;

use crate::escape::{line, visible};
use crate::report::{
    Finding, KnownFailure, Payload, RecordedExchange, RecordedRequest, RecordedResponse, RequirementResult,
    Source,
};
use crate::summary::{Listed, counted, number};

/// How many characters of a repeating piece are shown.
const RUN_SHOWN: usize = 4;
/// A run of at most this many characters is shown whole.
const RUN_WHOLE: u64 = 24;

/// `POST /configurationsessions`.
pub fn request_line(request: &RecordedRequest) -> String {
    format!("{} {}", line(&request.method), abbreviated(&request.target, 2_000).replace('\n', "\\n"))
}

/// The request line, the headers, and after an empty line at most `limit` characters of the body.
/// A line for each placeholder says where its value comes from.
pub fn request(request: &RecordedRequest, limit: usize) -> String {
    let mut lines = vec![request_line(request)];
    lines.extend(request.headers.iter().map(header));
    push_body(&mut lines, &request.body, limit);
    for value in &request.uses {
        let (sort, name) = match &value.from {
            Source::Member(name) => ("member", name),
            Source::Header(name) => ("header", name),
        };
        let altered = value.alter.map(|alter| format!(", {}", alter.description())).unwrap_or_default();
        lines.push(format!(
            "({} is the {sort} {} of answer {}{altered})",
            line(&value.placeholder),
            line(name),
            value.step + 1,
        ));
    }
    if let Some(signing) = request.signing.filter(|signing| *signing != Signing::Valid) {
        lines.push(format!("({})", signing.description()));
    }
    if request.at_once {
        lines.push("(sent at the same time as the request before)".to_owned());
    }
    if request.after_seconds > 0 {
        lines.push(format!("(sent {} later)", counted(request.after_seconds, "second")));
    }
    lines.join("\n")
}

/// The status, the headers, and after an empty line at most `limit` characters of the body; or
/// what happened instead.
pub fn response(response: &RecordedResponse, limit: usize) -> String {
    let (headers, body) = match response {
        RecordedResponse::Answer { headers, body, .. } => (headers, body),
        RecordedResponse::Fault { .. } => return status(response),
    };
    let mut lines = vec![status(response)];
    lines.extend(headers.iter().map(header));
    push_body(&mut lines, body, limit);
    lines.join("\n")
}

/// `status 200`, or why there is none.
pub fn status(response: &RecordedResponse) -> String {
    match response {
        RecordedResponse::Answer { status, .. } => format!("status {status}"),
        RecordedResponse::Fault { fault } => format!("no answer: {}", line(&clip(fault, 500))),
    }
}

fn header((name, value): &(String, String)) -> String {
    format!("{}: {}", line(&clip(name, 200)), line(&clip(value, 500)))
}

fn push_body(lines: &mut Vec<String>, body: &Payload, limit: usize) {
    if !body.is_empty() {
        lines.push(String::new());
        lines.push(payload(body, limit));
    }
}

/// A body in at most about `limit` characters: long runs are abbreviated like
/// `"aaaa…" (65 characters)`, and a cut is marked.
pub fn payload(payload: &Payload, limit: usize) -> String {
    if let Some(runs) = payload.text_runs() {
        return visible(&abbreviate(&runs, limit));
    }
    let Some(runs) = payload.byte_runs() else { return "bytes that are not readable".to_owned() };
    let text: String = runs
        .iter()
        .map(|(piece, times)| readable(piece).repeat(usize::try_from(*times).unwrap_or(1)))
        .collect();
    format!("{} ({}, not UTF-8)", visible(&clip(&text, limit)), counted(payload.byte_len(), "byte"))
}

/// Bytes as text, those that are none as `\\xff`.
fn readable(bytes: &[u8]) -> String {
    bytes.utf8_chunks().map(|chunk| format!("{}{}", chunk.valid(), chunk.invalid().escape_ascii())).collect()
}

/// A text as [`payload`] shows it.
pub fn abbreviated(text: &str, limit: usize) -> String {
    payload(&Payload::Text(text.to_owned()), limit)
}

fn abbreviate(runs: &[(&str, u64)], limit: usize) -> String {
    let mut out = String::new();
    let mut shown = 0;
    let mut rest = runs.iter().copied().peekable();
    // A quote that was already written behind an abbreviated value.
    let mut quoted = false;
    while let Some((piece, times)) = rest.next() {
        let piece = if std::mem::take(&mut quoted) { &piece[1..] } else { piece };
        let chars = piece.chars().count() as u64;
        let total = chars.saturating_mul(times);
        let before = out.len();
        if times > 1 && total > RUN_WHOLE {
            out.extend(piece.chars().cycle().take(RUN_SHOWN));
            out.push('…');
            let is_value = out[..before].ends_with('"')
                && rest.peek().is_some_and(|(next, times)| *times == 1 && next.starts_with('"'));
            if is_value {
                quoted = true;
                out.push_str(&format!("\" ({} characters)", number(total)));
            } else {
                out.push_str(&format!("({} characters)", number(total)));
            }
        } else if total > 0 {
            for _ in 0..times {
                out.push_str(piece);
            }
        }
        shown += out[before..].chars().count();
        if shown > limit {
            break;
        }
    }
    let all = runs.iter().fold(0u64, |sum, (piece, times)| {
        sum.saturating_add((piece.chars().count() as u64).saturating_mul(*times))
    });
    match out.char_indices().nth(limit) {
        Some((end, _)) => format!("{}… (cut, {} characters in all)", &out[..end], number(all)),
        None => out,
    }
}

/// The first `limit` characters; a cut is marked.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => {
            let all = text.chars().count() as u64;
            format!("{}… (cut, {} characters in all)", &text[..end], number(all))
        }
        None => text.to_owned(),
    }
}

/// The requests of a counterexample in order; between two of them stands the status of the answer.
pub fn sent(exchanges: &[RecordedExchange], limit: usize) -> String {
    let [first, rest @ ..] = exchanges else {
        return String::new();
    };
    if rest.is_empty() {
        return request(&first.request, limit);
    }
    let last = exchanges.len();
    let mut lines = Vec::new();
    for (step, exchange) in (1..).zip(exchanges) {
        lines.push(format!("{step}. {}", request(&exchange.request, limit)));
        if step < last {
            lines.push(format!("→ {}", status(&exchange.response)));
        }
    }
    lines.join("\n")
}

/// One line of what was expected or came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub text: String,
    /// Whether the other side lacks it.
    pub differs: bool,
}

/// The expected and the actual answer, line by line.
pub fn sides(finding: &Finding) -> (Vec<Line>, Vec<Line>) {
    let lines = |own: &str, other: &str| {
        let other: HashSet<&str> = other.lines().collect();
        own.lines()
            .map(|text| Line { differs: !other.contains(text), text: abbreviated(text, 2_000) })
            .collect()
    };
    (lines(&finding.expected, &finding.actual), lines(&finding.actual, &finding.expected))
}

/// What was expected and what came, of each field that differs; of the whole answer if the
/// finding names none.
pub fn expected_and_received(finding: &Finding) -> (String, String) {
    const LIMIT: usize = 500;
    if finding.differences.is_empty() {
        return (abbreviated(&finding.expected, LIMIT), abbreviated(&finding.actual, LIMIT));
    }
    let side = |value: fn(&crate::report::Difference) -> &str| {
        finding
            .differences
            .iter()
            .map(|difference| {
                let field = line(&clip(&difference.field, 200));
                format!("{field}: {}", line(&abbreviated(value(difference), LIMIT)))
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    (side(|difference| &difference.expected), side(|difference| &difference.actual))
}

/// What is wrong, in a line: `status is 404, not 400`; nothing if the finding names no field.
pub fn gist(finding: &Finding) -> Option<String> {
    const LIMIT: usize = 200;
    let difference = finding.differences.first()?;
    Some(format!(
        "{} is {}, not {}",
        clip(&difference.field, LIMIT),
        abbreviated(&difference.actual, LIMIT),
        abbreviated(&difference.expected, LIMIT)
    ))
}

/// A finding under its titles, from the requirement to the way to see it again. A body is shown in
/// at most about `limit` characters.
pub fn sections(listed: &Listed<'_>, limit: usize) -> Vec<(&'static str, String)> {
    let Listed { requirement, finding, .. } = listed;
    let (expected, received) = expected_and_received(finding);
    let text = |text: &str| line(&clip(text, 1_000));
    let mut sections = vec![
        ("Requirement", format!("{} {}", requirement.level, text(&requirement.text))),
        ("Source", text(&requirement.source)),
        ("Sent", sent(&finding.counterexample, limit)),
        ("Expected", expected),
        ("Received", received),
        ("Replay", text(&finding.replay)),
    ];
    sections.extend(not_minimized(finding).map(|text| ("Note", text)));
    sections.extend(known(listed));
    sections
}

/// Of a finding that shows the same as `first`, the sections that are its own: what was sent, how to see it
/// again, and what else is not as it is there. The requirement is named elsewhere.
pub fn own_sections(listed: &Listed<'_>, first: &Listed<'_>, limit: usize) -> Vec<(&'static str, String)> {
    let known = sections(first, limit);
    let mut own = sections(listed, limit);
    own.retain(|section| match section.0 {
        "Requirement" | "Source" => false,
        "Sent" | "Replay" => true,
        _ => !known.contains(section),
    });
    own
}

/// That the counterexample may not be the smallest, and why.
pub fn not_minimized(finding: &Finding) -> Option<String> {
    let why = finding.not_minimized.as_ref()?;
    Some(format!("not minimized: {}", line(&clip(why, 400))))
}

/// What known failures have on a finding: why it is known, or in which cases it is not.
pub fn known(listed: &Listed<'_>) -> Option<(&'static str, String)> {
    let Listed { requirement, finding, .. } = listed;
    let covered = finding.known.as_ref()?;
    let entries = |about: fn(&KnownFailure) -> String| -> Vec<String> {
        listed.entries().map(|entry| line(&clip(&about(entry), 1_000))).collect()
    };
    if covered.uncovered.is_empty() {
        return Some(("Known", entries(KnownFailure::about).join("\n")));
    }
    let uncovered: Vec<String> =
        covered.uncovered.iter().map(|id| line(&clip(below(requirement, id), 200))).collect();
    let places = entries(KnownFailure::place).join(", ");
    Some(("Not known", format!("{places} does not cover {}", uncovered.join(", "))))
}

/// The name of a case below a requirement; the whole id if it is a case of another one.
pub fn below<'a>(requirement: &RequirementResult, id: &'a CaseId) -> &'a str {
    let id = id.as_str();
    let below = id.strip_prefix(requirement.id.as_str()).and_then(|rest| rest.strip_prefix('/'));
    below.unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Report, Verdict};
    use crate::sample;

    #[test]
    fn a_long_value_is_abbreviated_with_its_length() {
        assert_eq!(
            request(&sample::too_long(), 300),
            "POST /\ncontent-type: application/json\n\n\
             {\"ApplicationIdentifier\":\"aaaa…\" (65 characters),\
             \"ConfigurationProfileIdentifier\":\"p\",\"EnvironmentIdentifier\":\"e\"}"
        );
        let mut text = format!("{{\"a\":\"{}\"}}", "ü".repeat(129));
        assert_eq!(abbreviated(&text, 99), "{\"a\":\"üüüü…\" (129 characters)}");
        text.insert(6, 'x');
        assert_eq!(abbreviated(&text, 99), "{\"a\":\"xüüüü…(129 characters)\"}");
    }

    #[test]
    fn a_run_of_any_length_costs_nothing() {
        let runs = vec![("ab".to_owned(), u64::MAX), ("c".to_owned(), 1)];
        assert_eq!(payload(&Payload::Runs { runs }, 99), "abab…(18,446,744,073,709,551,615 characters)c");
        let runs = vec![(String::new(), u64::MAX), ("c".to_owned(), 2)];
        assert_eq!(payload(&Payload::Runs { runs }, 99), "cc");
    }

    #[test]
    fn a_cut_is_marked() {
        assert_eq!(abbreviated("abcdefgh", 3), "abc… (cut, 8 characters in all)");
        assert_eq!(
            payload(&Payload::Bytes { hex: "00ff0a".into() }, 4),
            "\\0\\xf… (cut, 6 characters in all) (3 bytes, not UTF-8)"
        );
        assert_eq!(payload(&Payload::Bytes { hex: "0".into() }, 4), "bytes that are not readable");
    }

    #[test]
    fn a_request_says_how_it_is_signed_wrongly() {
        let signed = |signing| request(&RecordedRequest { signing, ..sample::too_long() }, 300);
        assert!(signed(Some(Signing::OtherService)).ends_with("\n(signed for another service)"));
        assert_eq!(signed(Some(Signing::Valid)), signed(None));
    }

    #[test]
    fn a_sequence_names_each_step() {
        let report = sample::failed();
        let finding = &report.requirements[0].findings[0];
        let sent = sent(&finding.counterexample, 300);
        assert!(sent.starts_with("1. POST /\n"), "{sent}");
        assert!(sent.contains("\n→ status 201\n2. GET /configuration?configuration_token={token}"));
        assert!(sent.ends_with(
            "({token} is the member InitialConfigurationToken of answer 1, \
             the character behind 128 of 256 parts of it changed)\n(sent at the same time as the request before)\n(sent 86,401 \
             seconds later)"
        ));
    }

    #[test]
    fn what_is_known_is_told_with_reason_link_and_place() {
        let mut report = sample::known();
        let told = |report: &Report| known(&crate::summary::findings(report)[0]).expect("covered");
        assert_eq!(
            told(&report),
            (
                "Known",
                "The limit comes with version 3. https://issues.example/7 (known.toml:3, until 2026-12-31)"
                    .to_owned()
            )
        );
        let requirement = &mut report.requirements[0];
        let covered = requirement.findings[0].known.as_mut().expect("covered");
        covered.uncovered.push(requirement.cases[0].id.clone());
        assert_eq!(told(&report), ("Not known", "known.toml:3 does not cover above-max".to_owned()));
    }

    #[test]
    fn only_differing_lines_are_marked() {
        let finding = &sample::mixed().requirements[0].findings[0];
        assert_eq!(finding.verdict, Verdict::Flaky);
        let (expected, actual) = sides(finding);
        let marks = |lines: &[Line]| lines.iter().map(|line| line.differs).collect::<Vec<_>>();
        assert_eq!(marks(&expected), [true, true, false]);
        assert_eq!(marks(&actual), [true, true, false]);
        assert_eq!(
            expected_and_received(finding),
            (
                "status: 400\nerror type: BadRequestException".to_owned(),
                "status: 200\nerror type: (none)".to_owned()
            )
        );
    }
}
