//! What a run against a mutant or a variant showed.

use harness::mock::mutant::Mutant;
use harness::mock::variant::Variant;

use super::comparison::{self, Comparison, Tested};
use super::consistency;
use super::observe::Observed;

/// The run against one mutant under one contract.
pub(super) struct MutantRun {
    pub(super) mutant: &'static Mutant,
    pub(super) contract: &'static str,
    pub(super) comparison: Comparison,
    /// What is wrong with the report itself, if anything.
    pub(super) complaint: Option<String>,
    pub(super) observed: Observed,
}

impl MutantRun {
    pub(super) fn new(mutant: &'static Mutant, contract: &'static str, observed: Observed) -> Self {
        let comparison =
            comparison::compare(mutant.must_fail, mutant.may_fail, &Tested::of(&observed.report));
        let complaint = consistency::complaint(&observed.report);
        Self { mutant, contract, comparison, complaint, observed }
    }
}

/// The run against one variant under one contract.
pub(super) struct VariantRun {
    pub(super) variant: &'static Variant,
    pub(super) contract: &'static str,
    pub(super) seed: u64,
    pub(super) observed: Observed,
}
