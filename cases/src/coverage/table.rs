//! The statements and traits of a contract with their proofs.

use std::collections::{BTreeSet, HashSet};

use indexmap::IndexMap;
use serde_json::Value;

use super::places::Places;
use super::proof::{CoveringRequirement, Proof, matching};
use super::{reasons, traits};
use crate::catalogue::Catalogue;
use crate::contract::{AppliedTrait, Contract, ShapeId, Statement, Test};
use crate::id::RequirementId;

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
    /// What tests it in the messages of these operations.
    pub proof: Proof,
}

/// What tests a trait at one site.
#[derive(PartialEq, Eq, Hash)]
enum SiteProof {
    Tested,
    Untestable(&'static str),
    Missing,
}

/// The sites of a trait with the same kind of proof.
struct Row<'a> {
    value: &'a Value,
    operations: Vec<String>,
    tested_by: BTreeSet<RequirementId>,
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

/// A row for each trait of each place. If the trait is tested at some sites and not at others, each of the two has a
/// row of its own.
fn covered_traits(contract: &Contract, catalogue: &Catalogue) -> Vec<CoveredTrait> {
    let mut rows: IndexMap<_, Row<'_>> = IndexMap::new();
    let known: HashSet<&RequirementId> =
        catalogue.requirements.iter().map(|requirement| &requirement.id).collect();
    let places = Places::of(contract);
    for applied in contract.traits.iter().filter(|applied| !traits::is_annotation(&applied.name)) {
        let (proof, tested_by) = site_proof(contract, catalogue, &places, &known, applied);
        let row = rows.entry((&applied.place, &applied.name, proof)).or_insert_with(|| Row {
            value: &applied.value,
            operations: Vec::new(),
            tested_by: BTreeSet::new(),
        });
        row.tested_by.extend(tested_by);
        if let Some(operation) = applied.site.operation()
            && row.operations.iter().all(|known| known != operation)
        {
            row.operations.push(operation.to_owned());
        }
    }
    let covered = rows.into_iter().map(|((place, name, proof), row)| CoveredTrait {
        place: place.clone(),
        name: name.clone(),
        value: row.value.clone(),
        operations: row.operations,
        proof: match proof {
            SiteProof::Tested => Proof::Tested(in_order(catalogue, &row.tested_by)),
            SiteProof::Untestable(reason) => Proof::Untestable(reason.to_owned()),
            SiteProof::Missing => Proof::Missing,
        },
    });
    covered.collect()
}

/// What tests a trait at its site, with the requirements that do.
fn site_proof(
    contract: &Contract,
    catalogue: &Catalogue,
    places: &Places,
    known: &HashSet<&RequirementId>,
    applied: &AppliedTrait,
) -> (SiteProof, Vec<RequirementId>) {
    let mut tested_by = traits::requirements(contract, catalogue, applied);
    tested_by.extend(places.requirements(applied));
    tested_by.retain(|id| known.contains(id));
    let proof = if !tested_by.is_empty() {
        SiteProof::Tested
    } else if let Some(reason) = reasons::reason(contract, applied) {
        SiteProof::Untestable(reason)
    } else {
        SiteProof::Missing
    };
    (proof, tested_by)
}

/// Requirements with all their cases, in the order of the catalogue.
fn in_order(catalogue: &Catalogue, tested_by: &BTreeSet<RequirementId>) -> Vec<CoveringRequirement> {
    let requirements = catalogue.requirements.iter().map(|requirement| &requirement.id);
    let tested_by = requirements.filter(|id| tested_by.contains(id));
    tested_by.map(|id| CoveringRequirement::all_cases(catalogue, id)).collect()
}
