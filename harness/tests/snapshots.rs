//! Each case has one snapshot, the snapshot is what the mock returns today, and it does not
//! contradict its contract.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use boundstone::judge::judgement::{Judgement, judge};
use boundstone::library::examples::{Examples, document};
use cases::catalogue::{Case, Catalogue};
use cases::contract::Contract;
use cases::signing::Signing;

fn contracts() -> [Contract; 2] {
    [Contract::page().unwrap(), Contract::model().unwrap()]
}

#[test]
fn each_case_has_one_snapshot_and_each_snapshot_its_case() {
    let cases: BTreeSet<String> = contracts()
        .iter()
        .flat_map(|contract| {
            let catalogue = Catalogue::of(contract);
            catalogue
                .cases
                .into_iter()
                .map(|case| format!("{}/{}", contract.name, case.id))
                .collect::<Vec<_>>()
        })
        .collect();
    let snapshots: BTreeSet<String> = snapshots::paths().map(str::to_owned).collect();
    let missing: Vec<_> = cases.difference(&snapshots).collect();
    let orphans: Vec<_> = snapshots.difference(&cases).collect();
    assert!(missing.is_empty(), "without a snapshot (cargo xtask bless records them): {missing:#?}");
    assert!(orphans.is_empty(), "snapshots without a case (delete them): {orphans:#?}");
}

#[tokio::test]
async fn snapshots_are_what_the_mock_returns_and_the_contract_accepts() {
    for contract in contracts() {
        let examples = Examples::of(&contract.name).await.unwrap();
        let shown = |case: &&Case| cfg!(feature = "aws") || case.signing() == Signing::Valid;
        for case in examples.catalogue.cases.iter().filter(shown) {
            let Some(committed) = snapshots::find(&contract.name, &case.id) else { continue };
            let committed = committed.unwrap();
            let executed = examples.execute(case).await.unwrap();
            for (step, shown) in executed.steps.iter().zip(&committed.exchanges) {
                let judgement =
                    judge(&contract, &step.step.requirement, &step.expectation, None, &shown.outcome);
                let Judgement::Compared { differences, .. } = judgement else { continue };
                assert!(
                    differences.is_empty(),
                    "the snapshot {}/{} contradicts its contract: {differences:#?}",
                    contract.name,
                    case.id
                );
            }
            assert_eq!(
                document(&examples.catalogue, case, &executed).to_string(),
                committed.to_string(),
                "the snapshot {}/{} is out of date (cargo xtask bless)",
                contract.name,
                case.id
            );
        }
    }
}
