//! The requirements by operation.

use crate::model::{Report, RequirementResult, Verdict};

use super::number::number;
use super::tally::Tally;

/// The requirements of one operation.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Its name in the model.
    pub name: &'a str,
    /// The requirements in the order of the contract.
    pub requirements: Vec<&'a RequirementResult>,
}

impl Operation<'_> {
    /// `12 of 14 passed (1 failed, 1 skipped)`.
    pub fn passed(&self) -> String {
        let tally = Tally::of(self.requirements.iter().copied());
        let (passed, all) = (number(tally.all.passed), number(tally.all.total()));
        format!("{passed} of {all} passed{}", tally.others(Verdict::Passed))
    }
}

/// The operations, in the order in which the contract first names them.
pub fn operations(report: &Report) -> Vec<Operation<'_>> {
    let mut operations: Vec<Operation<'_>> = Vec::new();
    for requirement in &report.requirements {
        match operations.iter_mut().find(|operation| operation.name == requirement.operation) {
            Some(operation) => operation.requirements.push(requirement),
            None => {
                operations.push(Operation { name: &requirement.operation, requirements: vec![requirement] });
            }
        }
    }
    operations
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn operations_keep_the_order_of_the_contract() {
        let report = sample::all_passed();
        let operations = operations(&report);
        let shown: Vec<_> = operations.iter().map(|o| (o.name, o.passed())).collect();
        assert_eq!(
            shown,
            [
                ("StartConfigurationSession", "2 of 2 passed".to_owned()),
                ("GetLatestConfiguration", "1 of 1 passed".to_owned()),
            ]
        );
    }
}
