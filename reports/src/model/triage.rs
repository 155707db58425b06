//! Which requirements are news to the user.

use super::finding::Finding;
use super::report::RequirementResult;
use super::verdict::Verdict;

/// How the result of a requirement relates to the known failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Triage {
    /// It passed.
    Passed,
    /// It failed or is flaky, and known failures cover all of its findings.
    Known,
    /// It failed or is flaky, and at least one of its findings is no known failure.
    New,
    /// It is inconclusive or skipped.
    Open,
}

impl RequirementResult {
    /// How the result relates to the known failures.
    pub fn triage(&self) -> Triage {
        match self.verdict {
            Verdict::Passed => Triage::Passed,
            Verdict::Inconclusive | Verdict::Skipped => Triage::Open,
            Verdict::Failed | Verdict::Flaky => {
                let is_known = !self.findings.is_empty() && self.findings.iter().all(Finding::is_known);
                if is_known { Triage::Known } else { Triage::New }
            }
        }
    }
}
