//! Each case has one snapshot, the snapshot is what the mock answers today, and it does not
//! contradict its contract.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use boundstone::cli::args::EndpointArgs;
use boundstone::cli::connect::Connection;
use boundstone::cli::run::advance;
use boundstone::example::{document, example};
use boundstone::issued::Hidden;
use boundstone::judge::{Judgement, judge};
use boundstone::pace::Pace;
use boundstone::play::Player;
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
async fn snapshots_are_what_the_mock_answers_and_what_the_contract_accepts() {
    for contract in contracts() {
        let signed = cfg!(feature = "aws");
        let endpoint = EndpointArgs { contract: Some(contract.name), sigv4: signed, ..Default::default() };
        let Connection { transport, world, mock, .. } =
            Connection::open(&endpoint, std::sync::Arc::default()).await.unwrap();
        let catalogue = Catalogue::of(&world.contract);
        let hidden = Hidden::default();
        let mock = mock.unwrap();
        let clock = advance(&mock);
        let player = Player {
            transport: &transport,
            world: &world,
            hidden: &hidden,
            pace: &Pace::Free,
            clock: Some(&clock),
        };
        let shown = |case: &&Case| signed || case.signing() == Signing::Valid;
        for case in catalogue.cases.iter().filter(shown) {
            let Some(committed) = snapshots::find(&world.contract.name, &case.id) else { continue };
            let committed = committed.unwrap();
            let played = example(&player, case).await.unwrap();
            for (step, shown) in played.steps.iter().zip(&committed.exchanges) {
                let judgement = judge(&step.step.requirement, &step.expectation, None, &shown.outcome);
                let Judgement::Judged { differences, .. } = judgement else { continue };
                assert!(
                    differences.is_empty(),
                    "the snapshot {}/{} contradicts its contract: {differences:#?}",
                    world.contract.name,
                    case.id
                );
            }
            assert_eq!(
                document(&catalogue, case, &played).to_string(),
                committed.to_string(),
                "the snapshot {}/{} is out of date (cargo xtask bless)",
                world.contract.name,
                case.id
            );
        }
    }
}
