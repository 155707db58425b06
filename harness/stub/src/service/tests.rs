//! The outputs of published models are valid by their own constraints.

#![allow(clippy::print_stdout, reason = "a test")]

use std::path::Path;

use cases::contract::{Contract, Operation};

use super::stub::Stub;
use crate::bug::Place;
use crate::mutant::mutants;
use crate::validate::validate;

/// Names a folder of models.
const VARIABLE: &str = "BOUNDSTONE_MODELS";

/// How many seeds each operation has an output of.
const SEEDS: u64 = 4;

/// What the operations of models have.
#[derive(Default)]
struct Count {
    operations: usize,
    outputs: usize,
    /// Outputs that break a constraint, since no valid value is found.
    invalid: usize,
    mutants: usize,
}

#[test]
fn outputs_of_published_models_are_valid() {
    let Some(folder) = std::env::var_os(VARIABLE) else {
        println!("skipped: {VARIABLE} does not name a folder of models");
        return;
    };
    let mut count = Count::default();
    for entry in std::fs::read_dir(folder).unwrap() {
        if let Some(contract) = read(&entry.unwrap().path()) {
            serve(&contract, &mut count);
        }
    }
    let Count { operations, outputs, invalid, mutants } = count;
    println!("{operations} operations, {outputs} outputs, {invalid} of them invalid, {mutants} mutants");
    assert!(operations > 0, "no model of the folder is a contract");
    assert!(invalid * 100 < outputs, "{invalid} of {outputs} outputs are invalid");
}

/// The contract of a file; none if it has another protocol.
fn read(path: &Path) -> Option<Contract> {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.to_string_lossy();
    text.contains("\"aws.protocols#restJson1\"").then(|| Contract::load(&name, &text).ok()).flatten()
}

fn serve(contract: &Contract, count: &mut Count) {
    let seeded = (0..SEEDS).map(|seed| Stub::new(contract.clone(), seed));
    for stub in [Stub::least(contract.clone())].into_iter().chain(seeded) {
        for operation in &contract.operations {
            count.outputs += 1;
            count.invalid += usize::from(!is_valid(&stub, operation));
            assert!(stub.success(operation).body().len() < 16 << 20, "{}", operation.name);
        }
    }
    count.operations += contract.operations.len();
    count.mutants += mutants(contract).count();
}

fn is_valid(stub: &Stub, operation: &Operation) -> bool {
    let output = stub.output(operation, None);
    match validate(stub.contract(), &operation.output, &output, &Place::root(None)) {
        Ok(()) => true,
        Err(refusal) => {
            println!("{} {}: {:?}", stub.contract().name, operation.name, refusal.cause);
            false
        }
    }
}
