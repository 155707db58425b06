//! Drafts known failures from what a run found.

use std::fmt::Write as _;

use cases::id::CaseId;
use reports::model::{Finding, Report, RequirementResult, Verdict};
use reports::render::escape::line;
use reports::summary::{Listed, findings};

use crate::config::known_failures::{ids, shown};

const HEAD: &str = "\
# Known failures, for `boundstone run --known-failures`. Each entry needs a reason. Optional: `actual` (any
# other result is new), `flaky = true` (fails now and then), `not_offered = true` (not part of the target),
# `expires` (a date) and `issue` (an address).
";

/// What [`draft`] makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The whole file.
    pub text: String,
    /// How many entries are new, and need a reason.
    pub entries: usize,
}

/// An entry to be.
#[derive(Debug, PartialEq, Eq)]
struct Drafted<'a> {
    /// The requirement that the findings contradict.
    requirement: &'a str,
    pattern: String,
    /// The cases that it stands for; none if it is the whole requirement.
    cases: Vec<&'a str>,
    actual: Option<&'a str>,
    flaky: bool,
    comments: Vec<String>,
}

/// A list of what the run found and does not know, below `existing`, which stays as it is. Its reasons
/// are blank, so that it can be used only once somebody has given them.
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

/// The entries that it takes, none of which another one covers.
fn entries(report: &Report) -> Vec<Drafted<'_>> {
    let all: Vec<&str> = ids(report).collect();
    let mut entries: Vec<Drafted<'_>> = Vec::new();
    for listed in findings(report).into_iter().filter(|listed| !listed.finding.is_known()) {
        for entry in drafted(&all, &listed) {
            let same =
                |other: &&mut Drafted<'_>| (&other.pattern, other.actual) == (&entry.pattern, entry.actual);
            match entries.iter_mut().find(same) {
                Some(known) => {
                    known.flaky |= entry.flaky;
                    known.comments.extend(entry.comments);
                }
                None => entries.push(entry),
            }
        }
    }
    let is_needed = |entry: &Drafted<'_>| !entries.iter().any(|other| other.covers_more_than(entry));
    let needed: Vec<bool> = entries.iter().map(is_needed).collect();
    entries.into_iter().zip(needed).filter(|(_, is_needed)| *is_needed).map(|(entry, _)| entry).collect()
}

/// The entries for one finding.
fn drafted<'a>(all: &[&str], listed: &Listed<'a>) -> Vec<Drafted<'a>> {
    let Listed { requirement, finding, .. } = listed;
    let comment = match finding.differences.first() {
        Some(difference) => {
            format!("{}: {} -> {}", difference.field, difference.expected, difference.actual)
        }
        None => requirement.text.clone(),
    };
    let comment = format!("{} {}, {}", requirement.level, finding.verdict, line(&comment));
    let flaky = finding.verdict == Verdict::Flaky;
    // Which cases show it next time is left to chance.
    let patterns = if flaky { vec![whole(requirement)] } else { patterns(all, requirement, finding) };
    let entry = |(pattern, cases)| Drafted {
        requirement: requirement.id.as_str(),
        pattern,
        cases,
        actual: shown(finding),
        flaky,
        comments: vec![comment.clone()],
    };
    patterns.into_iter().map(entry).collect()
}

impl Drafted<'_> {
    /// Whether it covers all that the other one does, and more.
    fn covers_more_than(&self, other: &Self) -> bool {
        let covers = || self.cases.is_empty() || other.cases.iter().all(|case| self.cases.contains(case));
        let is_more = self.cases.is_empty() || self.cases.len() > other.cases.len();
        (self.requirement, self.actual) == (other.requirement, other.actual)
            && !other.cases.is_empty()
            && is_more
            && covers()
    }
}

/// A pattern with the cases that it stands for.
type Pattern<'a> = (String, Vec<&'a str>);

fn whole(requirement: &RequirementResult) -> Pattern<'_> {
    (requirement.id.to_string(), Vec::new())
}

/// Patterns that match, of `all` ids, just the cases which showed a finding and are in no entry yet.
fn patterns<'a>(all: &[&str], requirement: &'a RequirementResult, finding: &'a Finding) -> Vec<Pattern<'a>> {
    let uncovered = finding.known.as_ref().map(|covered| &covered.uncovered);
    let cases: Vec<&str> = uncovered.unwrap_or(&finding.cases).iter().map(CaseId::as_str).collect();
    let Some(first) = cases.first() else { return vec![whole(requirement)] };
    let shared = |text: &str| {
        let equal = |(a, b): &(char, char)| a == b;
        first.chars().zip(text.chars()).take_while(equal).map(|(c, _)| c.len_utf8()).sum::<usize>()
    };
    let prefix = &first[..cases.iter().map(|case| shared(case)).min().unwrap_or_default()];
    let matches_more = || all.iter().any(|id| id.starts_with(prefix) && !cases.contains(id));
    if cases.len() > 1 && prefix.len() > requirement.id.as_str().len() && !matches_more() {
        return vec![(format!("{prefix}*"), cases)];
    }
    cases.into_iter().map(|case| (case.to_owned(), vec![case])).collect()
}
