//! Contract files: what can be read makes a catalogue with ids of their own, which does not differ from
//! itself, and samples that are requests.

use std::collections::BTreeSet;
use std::sync::Arc;

use cases::catalogue::{Catalogue, ContractDiff};
use cases::contract::Contract;
use cases::coverage::Coverage;
use cases::generate::World;
use cases::oracle::classify;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::display::shows_safely;

/// So many cases of a contract are sampled; all would take too long.
const SAMPLED: usize = 24;

/// Reads a contract and makes of it what a run makes.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let contract = match Contract::load("fuzz", text) {
        Ok(contract) => contract,
        Err(error) => return shows_safely(&error),
    };
    let catalogue = Catalogue::of(&contract);
    if catalogue.duplicate_id().is_some() {
        return;
    }
    assert!(ContractDiff::between("itself", &catalogue, &Catalogue::of(&contract)).is_empty());
    let requirements: BTreeSet<_> =
        catalogue.requirements.iter().map(|requirement| &requirement.id).collect();
    assert!(catalogue.cases.iter().all(|case| requirements.contains(&case.requirement)));
    let _covered = Coverage::of(&contract, &catalogue);

    let world = Arc::new(World::new(contract, Vec::new()));
    for case in catalogue.cases.iter().filter(|case| case.missing_prerequisite(&[]).is_none()).take(SAMPLED) {
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &case.seed(0).0);
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, rng);
        for strategy in case.strategies(&world) {
            let Ok(tree) = strategy.new_tree(&mut runner) else { continue };
            let sample = tree.current();
            for step in sample.steps.iter().chain(&sample.control) {
                let request = step.call.request(&world.contract, |output| Some(output.placeholder()));
                let _class = request.map(|request| classify(&world.contract, &request).class);
            }
        }
    }
}
