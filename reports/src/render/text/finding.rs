//! Findings as text.

use std::collections::HashSet;

use crate::model::{Difference, Finding};
use crate::render::escape::line;
use crate::summary::Listed;

use super::abbreviate::{abbreviated, clip};
use super::exchange::sent;

/// One line of the expected or of the actual response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub text: String,
    /// Whether the other response does not have it.
    pub differs: bool,
}

/// The expected and the actual response, line by line.
pub fn sides(finding: &Finding) -> (Vec<Line>, Vec<Line>) {
    let lines = |own: &str, other: &str| {
        let other: HashSet<&str> = other.lines().collect();
        own.lines()
            .map(|text| Line { differs: !other.contains(text), text: abbreviated(text, 2_000) })
            .collect()
    };
    (lines(&finding.expected, &finding.actual), lines(&finding.actual, &finding.expected))
}

/// The expected and the actual value of each field that differs; the whole responses if the finding names no
/// field.
pub fn expected_and_received(finding: &Finding) -> (String, String) {
    const LIMIT: usize = 500;
    if finding.differences.is_empty() {
        return (abbreviated(&finding.expected, LIMIT), abbreviated(&finding.actual, LIMIT));
    }
    let side = |value: fn(&Difference) -> &str| {
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

/// What is wrong, in a line: `status is 404, not 400`. None if the finding names no field.
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

/// A finding in titled sections, from the requirement to the replay command. A body is shown in about `limit`
/// characters at most.
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

/// The sections of a finding that differ from those of `first`, the first finding of its group: the request,
/// the replay command, and what else is not the same. Its requirement is named elsewhere.
pub fn own_sections(listed: &Listed<'_>, first: &Listed<'_>, limit: usize) -> Vec<(&'static str, String)> {
    let of_first = sections(first, limit);
    let mut own = sections(listed, limit);
    own.retain(|section| match section.0 {
        "Requirement" | "Source" => false,
        "Sent" | "Replay" => true,
        _ => !of_first.contains(section),
    });
    own
}

/// Why the counterexample may not be the smallest, if so.
pub fn not_minimized(finding: &Finding) -> Option<String> {
    let why = finding.not_minimized.as_ref()?;
    Some(format!("not minimized: {}", line(&clip(why, 400))))
}

/// Why a finding is known, or in which cases it is not: a title and its lines. None if no known failure
/// covers any of it.
pub fn known(listed: &Listed<'_>) -> Option<(&'static str, String)> {
    let (title, lines) = listed.known()?;
    let lines: Vec<String> = lines.iter().map(|text| line(&clip(text, 1_000))).collect();
    Some((title, lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Verdict, sample};

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
