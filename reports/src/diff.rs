//! What is not the same in two reports: the data, its text, and its Markdown.
//!
//! A finding is the same in both if it contradicts the same requirement in the same field with the same
//! answer. What is gone counts as fixed only if the requirement was judged: what was not tried is not fixed.

use std::collections::BTreeMap;

use cases::id::{Level, RequirementId};

use crate::escape::{line, markdown_start};
use crate::merge::Key;
use crate::report::{Finding, Report, RequirementResult, Verdict};
use crate::show::{clip, gist};
use crate::summary::{answer, counted};

/// The most bytes of the Markdown, so that it fits into a comment.
const LIMIT: usize = 60_000;

/// What is not the same in two reports.
#[derive(Debug)]
pub struct Diff<'a> {
    /// The earlier report.
    pub base: &'a Report,
    /// The later report.
    pub head: &'a Report,
    /// Findings that only the later report has.
    pub new: Vec<Shown<'a>>,
    /// Findings that only the earlier report has, of requirements that were judged again.
    pub fixed: Vec<Shown<'a>>,
    /// Findings of both.
    pub still: Vec<Shown<'a>>,
    /// Findings that only the earlier report has, of requirements of which nothing is known now.
    pub open: Vec<Shown<'a>>,
    /// Requirements that only the later report has.
    pub added: Vec<&'a RequirementResult>,
    /// Requirements that only the earlier report has.
    pub removed: Vec<&'a RequirementResult>,
    /// Requirements that passed and of which nothing is known now, or the reverse.
    pub turned: Vec<(&'a RequirementResult, &'a RequirementResult)>,
}

/// A finding and the requirement that it contradicts.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
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
        let holds = |shown: &Shown<'_>| {
            // Another finding of the same requirement may have come, and this one is gone all the same.
            now.get(&shown.requirement.id)
                .is_some_and(|now| !matches!(now.verdict, Verdict::Inconclusive | Verdict::Skipped))
        };
        let (fixed, open) = gone.partition(holds);
        let now_there = |known: bool| {
            let of = after.iter().filter(|(key, _)| before.contains_key(*key) == known);
            of.map(|(_, shown)| *shown).collect()
        };
        let is_known = |verdict| matches!(verdict, Verdict::Passed | Verdict::Failed | Verdict::Flaky);
        let turned = head.requirements.iter().filter_map(|after| {
            let before = *then.get(&after.id)?;
            let lost = before.verdict == Verdict::Passed && !is_known(after.verdict);
            let found = !is_known(before.verdict) && after.verdict == Verdict::Passed;
            (lost || found).then_some((before, after))
        });
        Self {
            new: worst_first(now_there(false)),
            fixed: worst_first(fixed),
            still: worst_first(now_there(true)),
            open: worst_first(open),
            added: head.requirements.iter().filter(|it| !then.contains_key(&it.id)).collect(),
            removed: base.requirements.iter().filter(|it| !now.contains_key(&it.id)).collect(),
            turned: turned.collect(),
            base,
            head,
        }
    }

    /// Whether something binding is new and no known failure.
    pub fn is_worse(&self) -> bool {
        self.new.iter().any(|shown| {
            (shown.requirement.level == Level::Must || self.head.strict) && !shown.finding.is_known()
        })
    }

    /// The sum in a line.
    pub fn sentence(&self) -> String {
        let parts = [
            (self.new.len(), "new"),
            (self.fixed.len(), "fixed"),
            (self.still.len(), "still there"),
            (self.open.len(), "not judged any more"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if parts.is_empty() {
            "No findings in either report.".to_owned()
        } else {
            format!("Findings: {}.", parts.join(", "))
        }
    }

    /// What else is to be said, one sentence each.
    fn notes(&self) -> Vec<String> {
        let (base, head) = (self.base, self.head);
        let mut notes = Vec::new();
        let mut differs = |what: &str, a: &str, b: &str| {
            if a != b {
                notes.push(format!("The {what} is not the same: {a} before, {b} now."));
            }
        };
        differs("target", &base.target.url, &head.target.url);
        differs("seed", &base.seed.to_string(), &head.seed.to_string());
        differs("version of boundstone", &base.boundstone, &head.boundstone);
        if base.contract != head.contract {
            let digest = |report: &Report| report.contract.digest.get(..8).unwrap_or_default().to_owned();
            notes.push(format!(
                "The contract is not the same: {} ({}) before, {} ({}) now.",
                base.contract.name,
                digest(base),
                head.contract.name,
                digest(head)
            ));
        }
        for (requirements, word) in [(&self.added, "new"), (&self.removed, "gone")] {
            for requirement in requirements {
                notes.push(format!("The requirement {} is {word}.", requirement.id));
            }
        }
        for (before, after) in &self.turned {
            let reason = after.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            notes.push(format!("{} was {}, is {}{reason}.", after.id, before.verdict, after.verdict));
        }
        notes
    }

    /// The findings under their titles, what matters most first.
    fn groups(&self) -> [(&'static str, &[Shown<'a>]); 4] {
        [
            ("New", &self.new),
            ("Fixed", &self.fixed),
            ("Not judged any more", &self.open),
            ("Still there", &self.still),
        ]
    }

    /// Safe for a terminal; ends with a line feed.
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

    /// GitHub-flavoured Markdown that fits into a comment, what is new first; says what was left out.
    pub fn to_markdown(&self) -> String {
        let mark = if self.is_worse() { "❌" } else { "✅" };
        let mut out = format!(
            "{mark} **{}**\n\n{}\n\n",
            self.sentence(),
            markdown_start(&clip(&answer(self.head), 800))
        );
        for (title, shown) in self.groups().into_iter().filter(|(_, shown)| !shown.is_empty()) {
            out.push_str(&format!("### {title}\n\n"));
            for (at, one) in shown.iter().enumerate() {
                let row = format!("- {}\n", markdown_start(&clip(&one.to_line(), 500)));
                if out.len() + row.len() > LIMIT {
                    out.push_str(&format!(
                        "- {} left out here\n",
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
                out.push_str(&format!("{} left out here\n", counted((notes.len() - at) as u64, "note")));
                break;
            }
            out.push_str(&row);
        }
        out
    }
}

impl Shown<'_> {
    /// `MUST failed start/…/length: status is 404, not 400`.
    fn to_line(self) -> String {
        let Self { requirement, finding } = self;
        let at = finding.target.as_ref().map(|target| format!(" at {target}")).unwrap_or_default();
        let known = if finding.is_known() { ", known" } else { "" };
        let shown = gist(finding).unwrap_or_else(|| requirement.text.clone());
        format!("{} {}{known} {}{at}: {shown}", requirement.level, finding.verdict, requirement.id)
    }
}

/// Every finding by what makes it the same in two reports.
fn findings(report: &Report) -> BTreeMap<(&RequirementId, Key), Shown<'_>> {
    report
        .requirements
        .iter()
        .flat_map(|requirement| {
            requirement.findings.iter().map(move |finding| Shown { requirement, finding })
        })
        .map(|shown| ((&shown.requirement.id, Key::of(shown.finding)), shown))
        .collect()
}

fn worst_first(mut shown: Vec<Shown<'_>>) -> Vec<Shown<'_>> {
    shown.sort_by_key(|it| (it.finding.is_known(), it.finding.verdict, it.requirement.level != Level::Must));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{self, HOSTILE};

    fn holding(mut report: Report) -> Report {
        for requirement in &mut report.requirements {
            requirement.findings.clear();
            requirement.verdict = Verdict::Passed;
        }
        report
    }

    #[test]
    fn what_comes_is_new_and_what_goes_is_fixed() {
        let bad = sample::failed();
        let good = holding(bad.clone());
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
    fn what_was_not_tried_is_not_fixed() {
        let bad = sample::failed();
        let mut skipped = holding(bad.clone());
        skipped.requirements.iter_mut().for_each(|it| it.verdict = Verdict::Skipped);
        let diff = Diff::of(&bad, &skipped);
        assert_eq!((diff.fixed.len(), diff.open.len()), (0, findings(&bad).len()));
        assert!(diff.to_text().contains("was passed, is skipped"), "{}", diff.to_text());
    }

    #[test]
    fn a_catalogue_that_changed_is_named() {
        let base = sample::all_held();
        let mut head = base.clone();
        let gone = head.requirements.remove(0);
        head.contract.digest = "00".repeat(32);
        let text = Diff::of(&base, &head).to_text();
        assert!(text.contains(&format!("The requirement {} is gone.", gone.id)), "{text}");
        assert!(text.contains("The contract is not the same: "), "{text}");
    }

    #[test]
    fn hostile_text_stays_text_and_all_fits_into_a_comment() {
        let mut bad = sample::failed();
        let mut many = Vec::new();
        for number in 0..2_000 {
            let mut finding = bad.requirements[0].findings[0].clone();
            finding.differences[0].actual = format!("{HOSTILE} {number}");
            many.push(finding);
        }
        bad.requirements[0].findings = many;
        let good = holding(bad.clone());
        let diff = Diff::of(&good, &bad);
        assert!(!diff.to_text().contains('\u{1b}'));
        let markdown = diff.to_markdown();
        assert!(markdown.len() < 65_536 && markdown.contains("left out here"), "{}", markdown.len());
        assert!(!markdown.replace("\\<", "").contains("<script>") && !markdown.contains("\n::error"));
    }
}
