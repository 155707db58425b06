//! What of a contract is tested: each statement of its text and each trait of its model, with the
//! requirements and cases that test it, or the reason why nothing outside of the target can.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;
use wildmatch::WildMatch;

use super::{reasons, traits};
use crate::catalogue::Catalogue;
use crate::contract::{Contract, ShapeId, Statement, Test};
use crate::id::{CaseId, RequirementId};

/// What of a contract is tested.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// What its text says, in the order of the files.
    pub statements: Vec<CoveredStatement>,
    /// What its model says, from the service down.
    pub traits: Vec<CoveredTrait>,
}

/// A statement and what tests it.
#[derive(Debug, Clone)]
pub struct CoveredStatement {
    /// The statement.
    pub statement: Statement,
    /// What tests it.
    pub proof: Proof,
}

/// A trait of a shape or member and what tests it.
#[derive(Debug, Clone)]
pub struct CoveredTrait {
    /// The shape or member.
    pub place: ShapeId,
    /// The absolute id of the trait.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The operations that use the shape, in the order of the contract; none if it is the service's.
    pub operations: Vec<String>,
    /// What tests it, in the messages of these operations.
    pub proof: Proof,
}

/// What tests a part of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// These requirements, at least one.
    Tested(Vec<Tests>),
    /// Nothing, for this reason.
    Untestable(String),
    /// Nothing, and nobody knows why: boundstone misses something.
    Missing,
}

/// A requirement that tests a part of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tests {
    /// The requirement.
    pub requirement: RequirementId,
    /// Those of its cases that do, in the order of the catalogue. A requirement that has none at all
    /// is tested by the answers to the cases of others.
    pub cases: Vec<CaseId>,
    /// How many cases it has.
    pub of: usize,
}

/// How many parts of the contract are tested.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sums {
    /// Tested.
    pub tested: usize,
    /// Not tested, for a reason.
    pub untestable: usize,
    /// Neither.
    pub missing: usize,
}

impl Coverage {
    /// Looks up what the catalogue of a contract tests of it.
    pub fn of(contract: &Contract, catalogue: &Catalogue) -> Self {
        let statements = contract.statements.iter().map(|statement| CoveredStatement {
            proof: match &statement.test {
                Test::By(patterns) => match matching(catalogue, patterns) {
                    tests if tests.is_empty() => Proof::Missing,
                    tests => Proof::Tested(tests),
                },
                Test::Untestable(reason) => Proof::Untestable(reason.clone()),
            },
            statement: statement.clone(),
        });
        Self { statements: statements.collect(), traits: covered_traits(contract, catalogue) }
    }
}

/// A row for each trait of each place. Where some of its uses are tested and others are not, each of
/// the two has a row of its own.
fn covered_traits(contract: &Contract, catalogue: &Catalogue) -> Vec<CoveredTrait> {
    /// How a use of a trait is covered.
    #[derive(PartialEq, Eq, Hash)]
    enum Covered {
        Tested,
        Untestable(&'static str),
        Missing,
    }
    struct Row<'a> {
        value: &'a Value,
        operations: Vec<String>,
        tested_by: BTreeSet<RequirementId>,
    }
    let mut rows: IndexMap<_, Row<'_>> = IndexMap::new();
    for applied in contract.traits.iter().filter(|applied| !traits::is_annotation(&applied.name)) {
        let mut tested_by = traits::requirements(contract, catalogue, applied);
        tested_by.retain(|id| catalogue.requirement(id).is_some());
        let covered = if tested_by.is_empty() {
            reasons::reason(contract, applied).map_or(Covered::Missing, Covered::Untestable)
        } else {
            Covered::Tested
        };
        let row = rows.entry((&applied.place, &applied.name, covered)).or_insert_with(|| Row {
            value: &applied.value,
            operations: Vec::new(),
            tested_by: BTreeSet::new(),
        });
        row.tested_by.extend(tested_by);
        if let Some(operation) = applied.used.operation()
            && row.operations.iter().all(|known| known != operation)
        {
            row.operations.push(operation.to_owned());
        }
    }
    let covered = rows.into_iter().map(|((place, name, covered), row)| CoveredTrait {
        place: place.clone(),
        name: name.clone(),
        value: row.value.clone(),
        operations: row.operations,
        proof: match covered {
            Covered::Tested => {
                let requirements = catalogue.requirements.iter().map(|requirement| &requirement.id);
                let tested_by = requirements.filter(|id| row.tested_by.contains(id));
                Proof::Tested(tested_by.map(|id| tests_of(catalogue, id)).collect())
            }
            Covered::Untestable(reason) => Proof::Untestable(reason.to_owned()),
            Covered::Missing => Proof::Missing,
        },
    });
    covered.collect()
}

/// The requirements and cases whose ids match one of the patterns, in the order of the catalogue.
/// `*` stands for anything. A requirement stands for all its cases.
pub fn matching(catalogue: &Catalogue, patterns: &[String]) -> Vec<Tests> {
    let patterns: Vec<WildMatch> = patterns.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let matches = |id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let tests = catalogue.requirements.iter().filter_map(|requirement| {
        let mut tests = tests_of(catalogue, &requirement.id);
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

/// A requirement with all its cases.
fn tests_of(catalogue: &Catalogue, requirement: &RequirementId) -> Tests {
    let cases = catalogue.cases.iter().filter(|case| case.requirement == *requirement);
    let cases: Vec<CaseId> = cases.map(|case| case.id.clone()).collect();
    Tests { requirement: requirement.clone(), of: cases.len(), cases }
}

impl Sums {
    /// Counts.
    pub fn of<'a>(proofs: impl IntoIterator<Item = &'a Proof>) -> Self {
        let mut sums = Self::default();
        for proof in proofs {
            match proof {
                Proof::Tested(_) => sums.tested += 1,
                Proof::Untestable(_) => sums.untestable += 1,
                Proof::Missing => sums.missing += 1,
            }
        }
        sums
    }

    /// All of them.
    pub fn all(self) -> usize {
        self.tested + self.untestable + self.missing
    }
}
