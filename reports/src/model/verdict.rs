//! The verdict on a requirement or on a case.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The verdict on a requirement or on a case. A lesser value is a worse verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A response contradicts the requirement, and the difference was reproduced.
    Failed,
    /// A response contradicted the requirement, but the difference was not reproduced.
    Flaky,
    /// No response tested the requirement, although requests were sent.
    Inconclusive,
    /// Not tested; the reason says what would test it.
    Skipped,
    /// Every response was as the requirement demands.
    Passed,
}

/// The verdicts, worst first.
pub const VERDICTS: [Verdict; 5] =
    [Verdict::Failed, Verdict::Flaky, Verdict::Inconclusive, Verdict::Skipped, Verdict::Passed];

impl Verdict {
    /// The word for it, in texts and as a class of HTML elements.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Failed => "failed",
            Verdict::Flaky => "flaky",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Skipped => "skipped",
            Verdict::Passed => "passed",
        }
    }

    /// Whether a response contradicted the requirement.
    pub(crate) fn is_failure(self) -> bool {
        matches!(self, Verdict::Failed | Verdict::Flaky)
    }

    /// Whether it is unknown if the requirement is met.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Verdict::Inconclusive | Verdict::Skipped)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Number of requirements by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictCounts {
    /// See [`Verdict::Passed`].
    pub passed: u64,
    /// See [`Verdict::Failed`].
    pub failed: u64,
    /// See [`Verdict::Flaky`].
    pub flaky: u64,
    /// See [`Verdict::Inconclusive`].
    pub inconclusive: u64,
    /// See [`Verdict::Skipped`].
    pub skipped: u64,
}

impl VerdictCounts {
    /// The number of requirements with `verdict`.
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Failed => self.failed,
            Verdict::Flaky => self.flaky,
            Verdict::Inconclusive => self.inconclusive,
            Verdict::Skipped => self.skipped,
            Verdict::Passed => self.passed,
        }
    }

    /// The number of requirements with any verdict.
    pub(crate) fn total(&self) -> u64 {
        VERDICTS.into_iter().map(|verdict| self.of(verdict)).sum()
    }

    /// Counts one more requirement.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Failed => &mut self.failed,
            Verdict::Flaky => &mut self.flaky,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Passed => &mut self.passed,
        } += 1;
    }
}
