//! What differs between two reports: the data, its text, and its Markdown.
//!
//! A finding is the same in both reports if it contradicts the same requirement in the same field with the
//! same value. A finding that is gone counts as fixed only if its requirement was tested again.

use std::collections::BTreeMap;

use cases::id::{Level, RequirementId};

use crate::model::{Finding, Report, RequirementResult, Verdict};
use crate::render::escape::{line, markdown_start};
use crate::render::text::{clip, gist};
use crate::summary::{counted, headline, known_mark};

use super::finding_key::FindingKey;

/// The most bytes of the Markdown, so that it fits into a comment on GitHub.
const LIMIT: usize = 60_000;

/// What differs between two reports.
#[derive(Debug)]
pub struct Diff<'a> {
    /// The earlier report.
    pub base: &'a Report,
    /// The later report.
    pub head: &'a Report,
    /// Findings that only the later report has.
    pub new: Vec<DiffEntry<'a>>,
    /// Findings that only the earlier report has, of requirements that were tested again.
    pub fixed: Vec<DiffEntry<'a>>,
    /// Findings of both reports.
    pub still: Vec<DiffEntry<'a>>,
    /// Findings that only the earlier report has, of requirements that were not tested again.
    pub open: Vec<DiffEntry<'a>>,
    /// Requirements that only the later report has.
    pub added: Vec<&'a RequirementResult>,
    /// Requirements that only the earlier report has.
    pub removed: Vec<&'a RequirementResult>,
    /// Requirements that passed before and are open now, or the reverse: their earlier and their later
    /// results.
    pub opened_or_passed: Vec<(&'a RequirementResult, &'a RequirementResult)>,
}

/// A finding and the requirement that it contradicts.
#[derive(Debug, Clone, Copy)]
pub struct DiffEntry<'a> {
    /// The requirement.
    pub requirement: &'a RequirementResult,
    /// The finding.
    pub finding: &'a Finding,
}

impl<'a> Diff<'a> {
    /// Compares an earlier report with a later one.
    pub fn of(base: &'a Report, head: &'a Report) -> Self {
        let before = findings(base);
        let after = findings(head);
        let now: BTreeMap<&RequirementId, &RequirementResult> =
            head.requirements.iter().map(|requirement| (&requirement.id, requirement)).collect();
        let then: BTreeMap<&RequirementId, &RequirementResult> =
            base.requirements.iter().map(|requirement| (&requirement.id, requirement)).collect();
        let gone = before.iter().filter(|(key, _)| !after.contains_key(key)).map(|(_, shown)| *shown);
        // The requirement may have failed again with another finding; this one is fixed all the same.
        let (fixed, open) =
            gone.partition(|shown| now.get(&shown.requirement.id).is_some_and(|now| !now.verdict.is_open()));
        let (still, new) = after.iter().partition::<Vec<_>, _>(|(key, _)| before.contains_key(*key));
        let opened_or_passed = head.requirements.iter().filter_map(|after| {
            let before = *then.get(&after.id)?;
            let opened = before.verdict == Verdict::Passed && after.verdict.is_open();
            let passed = before.verdict.is_open() && after.verdict == Verdict::Passed;
            (opened || passed).then_some((before, after))
        });
        Self {
            new: worst_first(new.into_iter().map(|(_, shown)| *shown).collect()),
            fixed: worst_first(fixed),
            still: worst_first(still.into_iter().map(|(_, shown)| *shown).collect()),
            open: worst_first(open),
            added: head.requirements.iter().filter(|it| !then.contains_key(&it.id)).collect(),
            removed: base.requirements.iter().filter(|it| !now.contains_key(&it.id)).collect(),
            opened_or_passed: opened_or_passed.collect(),
            base,
            head,
        }
    }

    /// Whether a new finding is binding and no known failure.
    pub fn is_worse(&self) -> bool {
        self.new.iter().any(|shown| {
            (shown.requirement.level == Level::Must || self.head.strict) && !shown.finding.is_known()
        })
    }

    /// The number of findings in one line.
    pub fn sentence(&self) -> String {
        let parts = [
            (self.new.len(), "new"),
            (self.fixed.len(), "fixed"),
            (self.still.len(), "still there"),
            (self.open.len(), "not tested again"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if parts.is_empty() {
            "No findings in either report.".to_owned()
        } else {
            format!("Findings: {}.", parts.join(", "))
        }
    }

    /// Other differences, one sentence each.
    fn notes(&self) -> Vec<String> {
        let (base, head) = (self.base, self.head);
        let mut notes = Vec::new();
        let mut differs = |what: &str, a: &str, b: &str| {
            if a != b {
                notes.push(format!("The {what} differs: {a} before, {b} now."));
            }
        };
        differs("target", &base.target.url, &head.target.url);
        differs("seed", &base.seed.to_string(), &head.seed.to_string());
        differs("version of boundstone", &base.boundstone, &head.boundstone);
        if base.contract != head.contract {
            let digest = |report: &Report| report.contract.digest.get(..8).unwrap_or_default().to_owned();
            notes.push(format!(
                "The contract differs: {} ({}) before, {} ({}) now.",
                base.contract.name,
                digest(base),
                head.contract.name,
                digest(head)
            ));
        }
        for (requirements, word) in [(&self.added, "new"), (&self.removed, "no longer in the contract")] {
            for requirement in requirements {
                notes.push(format!("The requirement {} is {word}.", requirement.id));
            }
        }
        for (before, after) in &self.opened_or_passed {
            let reason = after.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            notes.push(format!("{} was {} and is {} now{reason}.", after.id, before.verdict, after.verdict));
        }
        notes
    }

    /// The findings under their titles, the most important first.
    fn groups(&self) -> [(&'static str, &[DiffEntry<'a>]); 4] {
        [
            ("New", &self.new),
            ("Fixed", &self.fixed),
            ("Not tested again", &self.open),
            ("Still there", &self.still),
        ]
    }

    /// The text for a terminal. Ends with a line feed.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for (title, shown) in self.groups().into_iter().filter(|(_, shown)| !shown.is_empty()) {
            out.push_str(&format!("{title}:\n"));
            for shown in shown {
                out.push_str(&format!("  {}\n", line(&clip(&shown.to_line(), 500))));
            }
            out.push('\n');
        }
        for note in self.notes() {
            out.push_str(&format!("{}\n", line(&clip(&note, 500))));
        }
        out + &self.sentence() + "\n"
    }

    /// GitHub-flavored Markdown that fits into a comment, new findings first. Says what is omitted.
    pub fn to_markdown(&self) -> String {
        let mark = if self.is_worse() { "❌" } else { "✅" };
        let mut out = format!(
            "{mark} **{}**\n\n{}\n\n",
            self.sentence(),
            markdown_start(&clip(&headline(self.head), 800))
        );
        for (title, shown) in self.groups().into_iter().filter(|(_, shown)| !shown.is_empty()) {
            out.push_str(&format!("### {title}\n\n"));
            for (at, one) in shown.iter().enumerate() {
                let row = format!("- {}\n", markdown_start(&clip(&one.to_line(), 500)));
                if out.len() + row.len() > LIMIT {
                    out.push_str(&format!(
                        "- {} omitted here\n",
                        counted((shown.len() - at) as u64, "finding")
                    ));
                    break;
                }
                out.push_str(&row);
            }
            out.push('\n');
        }
        let notes = self.notes();
        for (at, note) in notes.iter().enumerate() {
            let row = format!("{}\n\n", markdown_start(&clip(note, 500)));
            if out.len() + row.len() > LIMIT {
                out.push_str(&format!("{} omitted here\n", counted((notes.len() - at) as u64, "note")));
                break;
            }
            out.push_str(&row);
        }
        out
    }
}

impl DiffEntry<'_> {
    /// `MUST failed start/…/length: status is 404, not 400`.
    fn to_line(self) -> String {
        let Self { requirement, finding } = self;
        let at = finding.target.as_ref().map(|target| format!(" at {target}")).unwrap_or_default();
        let known = known_mark(finding.is_known());
        let shown = gist(finding).unwrap_or_else(|| requirement.text.clone());
        format!("{} {}{known} {}{at}: {shown}", requirement.level, finding.verdict, requirement.id)
    }
}

/// Every finding by its key, which is the same in both reports.
fn findings(report: &Report) -> BTreeMap<(&RequirementId, FindingKey), DiffEntry<'_>> {
    report
        .requirements
        .iter()
        .flat_map(|requirement| {
            requirement.findings.iter().map(move |finding| DiffEntry { requirement, finding })
        })
        .map(|shown| ((&shown.requirement.id, FindingKey::of(shown.finding)), shown))
        .collect()
}

fn worst_first(mut shown: Vec<DiffEntry<'_>>) -> Vec<DiffEntry<'_>> {
    shown.sort_by_key(|it| (it.finding.is_known(), it.finding.verdict, it.requirement.level != Level::Must));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{self, HOSTILE};

    fn all_passed(mut report: Report) -> Report {
        for requirement in &mut report.requirements {
            requirement.findings.clear();
            requirement.verdict = Verdict::Passed;
        }
        report
    }

    #[test]
    fn findings_are_new_or_fixed() {
        let bad = sample::failed();
        let good = all_passed(bad.clone());
        let count = findings(&bad).len();
        let worse = Diff::of(&good, &bad);
        assert_eq!((worse.new.len(), worse.fixed.len(), worse.still.len()), (count, 0, 0));
        assert!(worse.is_worse());
        let better = Diff::of(&bad, &good);
        assert_eq!((better.new.len(), better.fixed.len(), better.open.len()), (0, count, 0));
        assert!(!better.is_worse());
        let same = Diff::of(&bad, &bad);
        assert_eq!((same.new.len(), same.fixed.len(), same.still.len()), (0, 0, count));
        assert!(!same.is_worse());
    }

    #[test]
    fn untested_finding_is_not_fixed() {
        let bad = sample::failed();
        let mut skipped = all_passed(bad.clone());
        skipped.requirements.iter_mut().for_each(|it| it.verdict = Verdict::Skipped);
        let diff = Diff::of(&bad, &skipped);
        assert_eq!((diff.fixed.len(), diff.open.len()), (0, findings(&bad).len()));
        assert!(diff.to_text().contains("was passed and is skipped now"), "{}", diff.to_text());
    }

    #[test]
    fn changes_of_the_contract_are_named() {
        let base = sample::all_passed();
        let mut head = base.clone();
        let gone = head.requirements.remove(0);
        head.contract.digest = "00".repeat(32);
        let text = Diff::of(&base, &head).to_text();
        assert!(
            text.contains(&format!("The requirement {} is no longer in the contract.", gone.id)),
            "{text}"
        );
        assert!(text.contains("The contract differs: "), "{text}");
    }

    #[test]
    fn markdown_is_safe_and_fits_into_a_comment() {
        let mut bad = sample::failed();
        let mut many = Vec::new();
        for number in 0..2_000 {
            let mut finding = bad.requirements[0].findings[0].clone();
            finding.differences[0].actual = format!("{HOSTILE} {number}");
            many.push(finding);
        }
        bad.requirements[0].findings = many;
        let good = all_passed(bad.clone());
        let diff = Diff::of(&good, &bad);
        assert!(!diff.to_text().contains('\u{1b}'));
        let markdown = diff.to_markdown();
        assert!(markdown.len() < 65_536, "{}", markdown.len());
        assert!(markdown.contains("omitted here"), "{}", markdown.len());
        assert!(!markdown.replace("\\<", "").contains("<script>"));
        assert!(!markdown.contains("\n::error"));
    }
}
