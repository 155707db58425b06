//! Fixtures by the control plane: made, marked, and removed whatever happens.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

#[cfg(unix)]
mod binary;
mod fake;

use std::collections::BTreeSet;

use boundstone::provision::{ControlPlane, Left, Mark, ProvisionError, Provisioner, leftovers};
use cases::catalogue::Catalogue;
use cases::contract::Contract;
use cases::fixture::Fixture;
use fake::{Fake, Mishap};
use futures_util::future::join_all;

const AT: &str = "2026-01-01T00:00:00Z";
const TAG: &str = "0000002a 2026-01-01T00:00:00Z";

async fn control(fake: &Fake) -> ControlPlane {
    ControlPlane::with(&fake.credentials().await, Some(fake.url())).await.unwrap()
}

async fn provisioner(fake: &Fake) -> Provisioner {
    Provisioner::new(control(fake).await, Mark::new(42, AT.to_owned()))
}

fn model() -> Contract {
    Contract::model().unwrap()
}

async fn create(provisioner: &mut Provisioner) -> Result<Vec<Fixture>, ProvisionError> {
    provisioner.create(&model(), || false).await
}

#[tokio::test]
async fn fixtures_are_made_in_order_and_marked_and_every_case_has_what_it_needs() {
    for contract in [Contract::page().unwrap(), model()] {
        let fake = Fake::start().await;
        let mut provisioner = provisioner(&fake).await;
        let fixtures = provisioner.create(&contract, || false).await.unwrap();
        for case in &Catalogue::of(&contract).cases {
            assert_eq!(case.lacks(&fixtures), None, "{}", case.id);
        }
        assert_eq!((fixtures.len(), provisioner.left_out()), (8, &[][..]));
        assert!(fixtures.iter().flat_map(|fixture| fixture.parts.values()).all(|part| part.name.is_some()));

        let calls = fake.calls();
        let first = ["GET /applications", "POST /applications"];
        assert_eq!(calls[..2], first);
        let ends =
            ["/environments", "/configurationprofiles", "/hostedconfigurationversions", "/deployments"];
        for (call, end) in calls[2..].iter().zip(ends) {
            assert!(call.starts_with("POST ") && call.ends_with(end), "{call}");
        }
        let state = fake.state();
        for application in state.applications.values() {
            assert_eq!(application.tags["boundstone"], TAG);
            assert_eq!(application.description, format!("boundstone {TAG}"));
            let is_named = application.name.starts_with("boundstone-0000002a-");
            assert!(is_named || application.name.chars().count() == 1, "{}", application.name);
            assert!(application.environments.values().all(|one| one.tags["boundstone"] == TAG));
            assert!(application.profiles.values().all(|one| one.tags["boundstone"] == TAG));
        }
        let served: BTreeSet<&Vec<u8>> = state
            .applications
            .values()
            .flat_map(|application| application.profiles.values())
            .flat_map(|profile| profile.versions.values())
            .collect();
        let named: BTreeSet<&Vec<u8>> = fixtures.iter().map(|one| &one.contents["configuration"]).collect();
        assert_eq!(served, named);
    }
}

#[tokio::test]
async fn they_are_removed_in_the_reverse_order() {
    let fake = Fake::start().await;
    let mut provisioner = provisioner(&fake).await;
    create(&mut provisioner).await.unwrap();
    let before = fake.calls().len();
    assert_eq!(provisioner.remove().await, []);
    assert_eq!(fake.left(), Vec::<String>::new());
    let calls = fake.calls();
    let deleted: Vec<&str> =
        calls[before..].iter().filter_map(|call| call.strip_prefix("DELETE /applications/")).collect();
    let applications: Vec<&&str> = deleted.iter().filter(|path| !path.contains('/')).collect();
    assert!(applications.len() == 6 && applications.is_sorted_by(|one, next| one > next), "{applications:?}");
    // The last application has two resources: its deployments stop, then all goes.
    let ends: Vec<usize> = deleted[..9].iter().map(|path| path.split('/').count()).collect();
    assert_eq!(ends, [5, 5, 3, 3, 5, 3, 5, 3, 1], "{deleted:?}");
}

/// Makes and removes, with a mishap at one call; whether there was such a call, and what came of it.
async fn with_mishap(number: usize, mishap: Mishap) -> (bool, Result<(), String>) {
    let fake = Fake::start().await;
    fake.state().mishap = Some((number, mishap));
    // Sending again takes its time, and each sort of call is there with fewer names too.
    fake.state().ascii = mishap == Mishap::Lost;
    let mut provisioner = provisioner(&fake).await;
    let created = create(&mut provisioner).await;
    let left = provisioner.remove().await;
    assert_eq!(left, [], "after {number}: {created:?}");
    assert_eq!(fake.left(), Vec::<String>::new(), "after {number}");
    (fake.calls().len() > number, created.map(drop).map_err(|error| error.to_string()))
}

async fn with_each_mishap(mishap: Mishap) -> Vec<Result<(), String>> {
    let mut all = Vec::new();
    for start in (0..).step_by(12) {
        let some = join_all((start..start + 12).map(|number| with_mishap(number, mishap))).await;
        let goes_on = some.last().is_some_and(|(happened, _)| *happened);
        all.extend(some.into_iter().filter_map(|(happened, created)| happened.then_some(created)));
        if !goes_on {
            break;
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_whichever_call_is_refused() {
    let all = with_each_mishap(Mishap::Refused).await;
    // All calls that make something, and all that remove it.
    assert!(all.len() > 38 + 38, "{}", all.len());
    let refused = all.iter().filter_map(|created| created.as_ref().err());
    assert!(refused.clone().count() >= 38);
    for error in refused {
        assert!(error.contains(" was refused with 403 AccessDeniedException"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_whichever_answer_is_lost() {
    let all = with_each_mishap(Mishap::Lost).await;
    assert!(all.len() > 23 + 20, "{}", all.len());
    // The call is sent again, so that something may have been made twice.
    let errors = all.iter().filter_map(|created| created.as_ref().err());
    for error in errors {
        assert!(error.contains("StartDeployment") && error.contains("409 ConflictException"), "{error}");
    }
}

#[tokio::test]
async fn what_cannot_be_removed_is_named_with_the_reason() {
    let fake = Fake::start().await;
    let mut provisioner = provisioner(&fake).await;
    create(&mut provisioner).await.unwrap();
    fake.state().refuses = Some("DELETE /applications/app0001/environments");
    let left = provisioner.remove().await;
    let [Left { what, reason }] = &left[..] else { panic!("{left:?}") };
    assert_eq!(what, "application boundstone-0000002a-shop (app0001)");
    assert!(reason.starts_with("DeleteEnvironment at http://127.0.0.1:"), "{reason}");
    assert_eq!(fake.left(), ["boundstone-0000002a-shop"]);
}

#[tokio::test]
async fn what_the_control_plane_does_not_want_is_left_out() {
    let fake = Fake::start().await;
    fake.state().ascii = true;
    let mut provisioner = provisioner(&fake).await;
    let fixtures = create(&mut provisioner).await.unwrap();
    assert_eq!(fixtures.len(), 4);
    let left_out = provisioner.left_out();
    let about: Vec<&str> = left_out.iter().filter_map(|one| one.split(':').next()).collect();
    let beyond = "names of the greatest length beyond ASCII";
    assert_eq!(about, ["names beyond ASCII", "names of one character", beyond], "{left_out:?}");
    assert_eq!(provisioner.remove().await, []);
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test]
async fn names_that_others_have_are_not_taken_and_others_are_not_touched() {
    let fake = Fake::start().await;
    for name in ["a", "boundstone-0000002b-shop", "shop"] {
        let application = fake::Application { name: name.to_owned(), ..fake::Application::default() };
        fake.state().applications.insert(format!("own-{name}"), application);
    }
    let mut provisioner = provisioner(&fake).await;
    let fixtures = create(&mut provisioner).await.unwrap();
    let names: Vec<&str> =
        fixtures.iter().filter_map(|fixture| fixture.parts["application"].name.as_deref()).collect();
    assert!(names.contains(&"b") && !names.contains(&"a"), "{names:?}");
    assert_eq!(provisioner.remove().await, []);
    assert_eq!(fake.left(), ["a", "boundstone-0000002b-shop", "shop"]);
}

#[tokio::test]
async fn a_deployment_is_awaited_and_its_failure_named() {
    let fake = Fake::start().await;
    fake.state().slowness = 2;
    let mut patient = provisioner(&fake).await;
    assert_eq!(create(&mut patient).await.unwrap().len(), 8);
    assert_eq!(patient.remove().await, []);

    fake.state().ends = Some("ROLLED_BACK");
    let mut failed = provisioner(&fake).await;
    let error = create(&mut failed).await.unwrap_err().to_string();
    assert!(error.contains("ended with ROLLED_BACK"), "{error}");
    assert_eq!(failed.remove().await, []);
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test]
async fn making_ends_when_it_is_to_stop() {
    let fake = Fake::start().await;
    let mut provisioner = provisioner(&fake).await;
    let stop = || fake.calls().len() >= 5;
    let stopped = provisioner.create(&model(), stop).await;
    assert!(matches!(stopped, Err(ProvisionError::Interrupted)));
    assert_eq!(fake.calls().len(), 5);
    assert_eq!(provisioner.remove().await, []);
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test]
async fn leftovers_are_known_by_their_tag_or_else_by_name_and_description() {
    for tagless in [false, true] {
        let fake = Fake::start().await;
        fake.state().tagless = tagless;
        create(&mut provisioner(&fake).await).await.unwrap();
        let other = fake::Application { name: "boundstone".to_owned(), ..fake::Application::default() };
        fake.state().applications.insert("own0001".to_owned(), other);
        if !tagless {
            for application in fake.state().applications.values_mut() {
                application.description.clear();
            }
        }
        let control = control(&fake).await;
        let found = leftovers(&control).await.unwrap();
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        let shop = format!("application boundstone-0000002a-shop (app0001) of run {TAG}");
        assert!(texts.len() == 6 && texts[0] == shop, "{texts:?}");
        for one in &found {
            one.remove(&control).await.unwrap();
        }
        assert_eq!(fake.left(), ["boundstone"]);
        assert!(leftovers(&control).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_contract_of_another_service_has_no_such_fixtures() {
    let rules = cases::contract::embedded::RULES;
    let other = rules.replace("\"resource\": \"profile\"", "\"resource\": \"flag\"");
    let contract = Contract::load_with_rules("other", cases::contract::embedded::MODEL, &other).unwrap();
    let fake = Fake::start().await;
    let error = provisioner(&fake).await.create(&contract, || false).await.unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("the contract other names other"), "{error}");
    assert!(fake.calls().is_empty());
}
