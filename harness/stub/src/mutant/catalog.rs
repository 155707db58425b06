//! The list of mutants of a contract.

use cases::contract::Contract;

use super::definition::Mutant;
use super::{input, output};

/// Every mutant of a contract, operation by operation. They are generated as the iterator advances.
pub fn mutants(contract: &Contract) -> impl Iterator<Item = Mutant> {
    contract.operations.iter().flat_map(move |operation| {
        let mut mutants = input::mutants(contract, operation);
        mutants.extend(output::mutants(contract, operation));
        mutants
    })
}

/// The mutant with a name.
pub fn find(contract: &Contract, name: &str) -> Option<Mutant> {
    mutants(contract).find(|mutant| mutant.name() == name)
}
