//! The proof that a part of a contract is tested.

use wildmatch::WildMatch;

use crate::catalogue::Catalogue;
use crate::id::{CaseId, RequirementId};

/// What tests a part of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// These requirements, at least one.
    Tested(Vec<CoveringRequirement>),
    /// Nothing, for this reason.
    Untestable(String),
    /// Nothing, without a reason: boundstone misses something.
    Missing,
}

/// A requirement that tests a part of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveringRequirement {
    /// The requirement.
    pub requirement: RequirementId,
    /// Those of its cases that test the part, in the order of the catalogue. A requirement that has no cases at all
    /// is tested by the responses to the cases of others.
    pub cases: Vec<CaseId>,
    /// The number of all its cases.
    pub case_count: usize,
}

/// How many parts of the contract are tested.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct ProofCounts {
    /// Tested.
    pub tested: usize,
    /// Not tested, for a reason.
    pub untestable: usize,
    /// Neither.
    pub missing: usize,
}

impl CoveringRequirement {
    /// A requirement with all its cases.
    pub(super) fn all_cases(catalogue: &Catalogue, requirement: &RequirementId) -> Self {
        let cases = catalogue.cases.iter().filter(|case| case.requirement == *requirement);
        let cases: Vec<CaseId> = cases.map(|case| case.id.clone()).collect();
        Self { requirement: requirement.clone(), case_count: cases.len(), cases }
    }
}

/// The requirements and cases whose ids match one of the patterns, in the order of the catalogue. `*` matches any
/// text. A requirement that matches includes all its cases.
pub fn matching(catalogue: &Catalogue, patterns: &[String]) -> Vec<CoveringRequirement> {
    let patterns: Vec<WildMatch> = patterns.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let matches = |id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let tests = catalogue.requirements.iter().filter_map(|requirement| {
        let mut tests = CoveringRequirement::all_cases(catalogue, &requirement.id);
        if !matches(requirement.id.as_str()) {
            tests.cases.retain(|case| matches(case.as_str()));
            if tests.cases.is_empty() {
                return None;
            }
        }
        Some(tests)
    });
    tests.collect()
}

impl ProofCounts {
    /// Counts proofs.
    pub fn of<'a>(proofs: impl IntoIterator<Item = &'a Proof>) -> Self {
        let mut counts = Self::default();
        for proof in proofs {
            match proof {
                Proof::Tested(_) => counts.tested += 1,
                Proof::Untestable(_) => counts.untestable += 1,
                Proof::Missing => counts.missing += 1,
            }
        }
        counts
    }

    /// The sum.
    pub fn total(self) -> usize {
        self.tested + self.untestable + self.missing
    }
}
