//! Drafts a file of known failures from the findings of a run.

use std::fmt::Write as _;

use cases::id::CaseId;
use reports::model::{Finding, Report, RequirementResult, Verdict};
use reports::render::escape::line;
use reports::summary::{Listed, findings};

use crate::config::report_lookup::{actual, ids};

const HEAD: &str = "\
# Known failures, for `boundstone run --known-failures`. Each entry needs a `reason`. Optional: `actual` (any
# other result is a new failure), `flaky = true` (the case fails now and then), `not_offered = true` (the
# target does not have this), `expires` (a date) and `issue` (a URL).
";

/// A drafted file of known failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The whole file.
    pub text: String,
    /// The number of new entries, which need a reason.
    pub entries: usize,
}

/// An entry that is not written yet.
#[derive(Debug, PartialEq, Eq)]
struct DraftedEntry<'a> {
    /// The failed requirement.
    requirement: &'a str,
    pattern: String,
    /// The cases that it covers; empty if it covers the whole requirement.
    cases: Vec<&'a str>,
    actual: Option<&'a str>,
    flaky: bool,
    comments: Vec<String>,
}

/// Appends entries for the unknown findings of a report to the text `existing`, which does not change. The
/// reasons are blank: the file can be used only once a user has filled them in.
pub fn draft(report: &Report, existing: &str) -> Draft {
    let entries = entries(report);
    let mut text = if existing.is_empty() { HEAD.to_owned() } else { existing.to_owned() };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    for entry in &entries {
        text.push('\n');
        for comment in &entry.comments {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "# {comment}");
        }
        let quoted = |text: &str| toml::Value::String(text.to_owned());
        let _ = writeln!(text, "[[known]]\ncase = {}", quoted(&entry.pattern));
        if let Some(actual) = entry.actual {
            let _ = writeln!(text, "actual = {}", quoted(actual));
        }
        if entry.flaky {
            let _ = writeln!(text, "flaky = true");
        }
        let _ = writeln!(text, "reason = \"\"");
    }
    Draft { text, entries: entries.len() }
}

/// The entries that the report needs; none of them covers another one.
fn entries(report: &Report) -> Vec<DraftedEntry<'_>> {
    let all: Vec<&str> = ids(report).collect();
    let mut entries: Vec<DraftedEntry<'_>> = Vec::new();
    for listed in findings(report).into_iter().filter(|listed| !listed.finding.is_known()) {
        for entry in entries_for(&all, &listed) {
            add(&mut entries, entry);
        }
    }
    let needed: Vec<bool> =
        entries.iter().map(|entry| !entries.iter().any(|other| other.covers_more_than(entry))).collect();
    entries.into_iter().zip(needed).filter(|(_, is_needed)| *is_needed).map(|(entry, _)| entry).collect()
}

/// Adds an entry, or merges it into the one with the same pattern and result.
fn add<'a>(entries: &mut Vec<DraftedEntry<'a>>, entry: DraftedEntry<'a>) {
    match entries.iter_mut().find(|other| (&other.pattern, other.actual) == (&entry.pattern, entry.actual)) {
        Some(other) => {
            other.flaky |= entry.flaky;
            other.comments.extend(entry.comments);
        }
        None => entries.push(entry),
    }
}

/// The entries for one finding. `all` are the ids of the report.
fn entries_for<'a>(all: &[&str], listed: &Listed<'a>) -> Vec<DraftedEntry<'a>> {
    let Listed { requirement, finding, .. } = listed;
    let comment = match finding.differences.first() {
        Some(difference) => {
            format!("{}: {} -> {}", difference.field, difference.expected, difference.actual)
        }
        None => requirement.text.clone(),
    };
    let comment = format!("{} {}, {}", requirement.level, finding.verdict, line(&comment));
    let flaky = finding.verdict == Verdict::Flaky;
    // Other cases may show it in the next run.
    let patterns = if flaky { vec![whole(requirement)] } else { patterns(all, requirement, finding) };
    patterns
        .into_iter()
        .map(|(pattern, cases)| DraftedEntry {
            requirement: requirement.id.as_str(),
            pattern,
            cases,
            actual: actual(finding),
            flaky,
            comments: vec![comment.clone()],
        })
        .collect()
}

impl DraftedEntry<'_> {
    /// Whether it covers everything that the other one covers, and more.
    fn covers_more_than(&self, other: &Self) -> bool {
        let is_whole = self.cases.is_empty();
        let is_larger = is_whole || self.cases.len() > other.cases.len();
        (self.requirement, self.actual) == (other.requirement, other.actual)
            && !other.cases.is_empty()
            && is_larger
            && (is_whole || other.cases.iter().all(|case| self.cases.contains(case)))
    }
}

/// A pattern with the cases that it covers.
type Pattern<'a> = (String, Vec<&'a str>);

fn whole(requirement: &RequirementResult) -> Pattern<'_> {
    (requirement.id.to_string(), Vec::new())
}

/// Patterns which match, among `all` ids, only the cases that showed a finding and are in no entry yet.
fn patterns<'a>(all: &[&str], requirement: &'a RequirementResult, finding: &'a Finding) -> Vec<Pattern<'a>> {
    let uncovered = finding.known.as_ref().map(|covered| &covered.uncovered);
    let cases: Vec<&str> = uncovered.unwrap_or(&finding.cases).iter().map(CaseId::as_str).collect();
    let Some(first) = cases.first() else { return vec![whole(requirement)] };
    let prefix = &first[..cases.iter().map(|case| shared_prefix(first, case)).min().unwrap_or_default()];
    if cases.len() > 1
        && prefix.len() > requirement.id.as_str().len()
        && all.iter().all(|id| !id.starts_with(prefix) || cases.contains(id))
    {
        return vec![(format!("{prefix}*"), cases)];
    }
    cases.into_iter().map(|case| (case.to_owned(), vec![case])).collect()
}

/// The length in bytes of the longest prefix that both texts have.
fn shared_prefix(one: &str, other: &str) -> usize {
    let equal = one.chars().zip(other.chars()).take_while(|(a, b)| a == b);
    equal.map(|(c, _)| c.len_utf8()).sum()
}
