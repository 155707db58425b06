//! How many requirements have which verdict, and how many of them are known failures.

use crate::model::{RequirementResult, Triage, VERDICTS, Verdict, VerdictCounts};

use super::known_failures::AND_KNOWN;
use super::number::{counted, number};

/// Requirements by verdict, and how many of them are known failures.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) all: VerdictCounts,
    pub(super) known: VerdictCounts,
}

impl Tally {
    pub(super) fn of<'a>(requirements: impl IntoIterator<Item = &'a RequirementResult>) -> Self {
        let mut tally = Self::default();
        requirements.into_iter().for_each(|requirement| tally.add(requirement));
        tally
    }

    pub(super) fn add(&mut self, requirement: &RequirementResult) {
        self.all.add(requirement.verdict);
        if requirement.triage() == Triage::Known {
            self.known.add(requirement.verdict);
        }
    }

    /// The requirements with `verdict` that are no known failures.
    pub(super) fn unknown(&self, verdict: Verdict) -> u64 {
        self.all.of(verdict).saturating_sub(self.known.of(verdict))
    }

    /// `1 of 4 requirements (1 passed, 2 skipped)`: those with `verdict`, and the others.
    pub(super) fn with_verdict(&self, verdict: Verdict) -> String {
        format!("{} of {}{}", number(self.unknown(verdict)), self.requirements(), self.others(verdict))
    }

    /// `12 of 14 requirements passed (1 failed, 1 skipped)`.
    pub(super) fn passed(&self) -> String {
        let passed = number(self.all.passed);
        format!("{passed} of {} passed{}", self.requirements(), self.others(Verdict::Passed))
    }

    /// `14 requirements`.
    pub(super) fn requirements(&self) -> String {
        counted(self.all.total(), "requirement")
    }

    /// ` (1 failed, 3 skipped)`: the requirements without `verdict`; nothing if there are none.
    pub(super) fn others(&self, verdict: Verdict) -> String {
        let known = VERDICTS.into_iter().map(|other| (self.known.of(other), other, AND_KNOWN));
        let others = VERDICTS.into_iter().filter(|other| *other != verdict);
        let unknown = others.map(|other| (self.unknown(other), other, ""));
        let parts: Vec<String> = known
            .chain(unknown)
            .filter(|(n, ..)| *n > 0)
            .map(|(n, verdict, known)| format!("{} {verdict}{known}", number(n)))
            .collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }
}
