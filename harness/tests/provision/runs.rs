//! Fixtures by the control plane: made, marked, and removed whatever happens.

use std::collections::{BTreeMap, BTreeSet};

use super::fake::{Fake, Mishap, REGION};
use boundstone::client::sign::credentials::access::Access;
use boundstone::provision::{
    ControlPlane, NotRemoved, ProvisionError, Provisioner, Removal, RunLabel, find_leftovers,
};
use cases::catalogue::Catalogue;
use cases::contract::Contract;
use cases::fixture::Fixture;
use futures_util::future::join_all;
use serde_json::json;

const AT: &str = "2026-01-01T00:00:00Z";
const TAG: &str = "0000002a 2026-01-01T00:00:00Z";

fn access() -> Access {
    Access::new(REGION, Fake::credentials())
}

async fn control(fake: &Fake) -> ControlPlane {
    ControlPlane::with(&access(), Some(fake.url())).await.unwrap()
}

async fn provisioner(fake: &Fake) -> Provisioner {
    Provisioner::new(control(fake).await, RunLabel::new(42, AT.to_owned()))
}

fn model() -> Contract {
    Contract::model().unwrap()
}

/// Removes all, and leaves nothing.
async fn remove(provisioner: &mut Provisioner) {
    assert_eq!(provisioner.remove().await, Removal::default());
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
            assert_eq!(case.missing_prerequisite(&fixtures), None, "{}", case.id);
        }
        assert_eq!((fixtures.len(), provisioner.skipped()), (8, &[][..]));
        assert!(
            fixtures
                .iter()
                .flat_map(|fixture| fixture.resources.values())
                .all(|resource| resource.name.is_some())
        );

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
    remove(&mut provisioner).await;
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

/// A call of a run of the provisioner that nothing hinders.
struct Usual {
    number: usize,
    /// What it is, without the ids in it.
    sort: String,
    /// Whether it is one of those that make something, and not one of those that remove it.
    makes: bool,
}

/// The first and the last call of each sort, while fixtures are made and while they are removed. What
/// stands between them meets what the first has met.
async fn usual_calls(access: &Access) -> Vec<Usual> {
    let (fake, mut provisioner) = with_few_names(access).await;
    create(&mut provisioner).await.unwrap();
    let made = fake.calls().len();
    remove(&mut provisioner).await;
    let is_id = |part: &&str| part.bytes().any(|byte| byte.is_ascii_digit());
    let mut sorts: BTreeMap<(bool, String), Vec<usize>> = BTreeMap::new();
    for (number, call) in fake.calls().iter().enumerate() {
        let parts: Vec<&str> = call.split('/').filter(|part| !is_id(part)).collect();
        sorts.entry((number < made, parts.join("/"))).or_default().push(number);
    }
    let ends = |numbers: &[usize]| BTreeSet::from([numbers[0], numbers[numbers.len() - 1]]);
    let usual = sorts.into_iter().flat_map(|((makes, sort), numbers)| {
        ends(&numbers).into_iter().map(move |number| Usual { number, sort: sort.clone(), makes })
    });
    usual.collect()
}

/// A control plane that refuses the non-ASCII names: each sort of call is there with the others too.
async fn with_few_names(access: &Access) -> (Fake, Provisioner) {
    let fake = Fake::start().await;
    fake.state().ascii = true;
    let control = ControlPlane::with(access, Some(fake.url())).await.unwrap();
    (fake, Provisioner::new(control, RunLabel::new(42, AT.to_owned())))
}

/// Makes and removes, with a mishap at one call, and gives what came of making and what is not known
/// after removing.
async fn with_mishap(access: &Access, call: &Usual, mishap: Mishap) -> (Result<(), String>, Option<String>) {
    let Usual { number, sort, .. } = call;
    let (fake, mut provisioner) = with_few_names(access).await;
    fake.state().mishap = Some((*number, mishap));
    let created = create(&mut provisioner).await;
    let removal = provisioner.remove().await;
    assert_eq!(removal.not_removed, [], "after {number}, {sort}: {created:?}");
    assert_eq!(fake.left(), Vec::<String>::new(), "after {number}, {sort}");
    assert!(fake.calls().len() > *number, "{number}, {sort}");
    (created.map(drop).map_err(|error| error.to_string()), removal.not_searched)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_whichever_call_is_refused() {
    const LISTING: &str = "GET /applications";
    const REFUSAL: &str = " was refused with 403 AccessDeniedException";
    let access = access();
    let calls = usual_calls(&access).await;
    let sorts: BTreeSet<(bool, &str)> = calls.iter().map(|call| (call.makes, call.sort.as_str())).collect();
    // Six sorts for making, and six for removing and looking whether anything is left.
    assert_eq!(sorts.len(), 12, "{sorts:?}");
    let outcomes = join_all(calls.iter().map(|call| with_mishap(&access, call, Mishap::Refused))).await;
    for (Usual { sort, makes, .. }, (created, not_searched)) in calls.iter().zip(outcomes) {
        let error = created.err().unwrap_or_default();
        assert_eq!(error.contains(REFUSAL), *makes && sort != LISTING, "{sort}: {error}");
        let unknown = not_searched.unwrap_or_default();
        assert_eq!(unknown.contains(REFUSAL), !makes && sort == LISTING, "{sort}: {unknown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_whichever_response_is_lost() {
    let access = access();
    let calls = usual_calls(&access).await;
    let outcomes = join_all(calls.iter().map(|call| with_mishap(&access, call, Mishap::Lost))).await;
    for (created, not_searched) in outcomes {
        assert_eq!(not_searched, None);
        // The call is sent again, so that something may have been made twice.
        if let Err(error) = created {
            assert!(error.contains("StartDeployment") && error.contains("409 ConflictException"), "{error}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_removed_is_named_with_the_reason() {
    let fake = Fake::start().await;
    let mut provisioner = provisioner(&fake).await;
    create(&mut provisioner).await.unwrap();
    fake.state().refuses = Some("DELETE /applications/app0001/environments");
    let Removal { not_removed, not_searched } = provisioner.remove().await;
    assert_eq!(not_searched, None);
    let [NotRemoved { what, reason }] = &not_removed[..] else { panic!("{not_removed:?}") };
    assert_eq!(what, "application boundstone-0000002a-shop (app0001)");
    assert!(reason.starts_with("DeleteEnvironment at http://127.0.0.1:"), "{reason}");
    assert_eq!(fake.left(), ["boundstone-0000002a-shop"]);
}

#[tokio::test]
async fn what_the_control_plane_does_not_want_is_skipped() {
    let fake = Fake::start().await;
    fake.state().ascii = true;
    let mut provisioner = provisioner(&fake).await;
    let fixtures = create(&mut provisioner).await.unwrap();
    assert_eq!(fixtures.len(), 4);
    let skipped = provisioner.skipped();
    let about: Vec<&str> = skipped.iter().filter_map(|one| one.split(':').next()).collect();
    let beyond = "non-ASCII names of maximum length";
    assert_eq!(about, ["non-ASCII names", "names of one character", beyond], "{skipped:?}");
    remove(&mut provisioner).await;
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test]
async fn names_that_others_have_are_not_taken_and_others_are_not_touched() {
    let fake = Fake::start().await;
    for name in ["a", "boundstone-0000002b-shop", "shop"] {
        let application =
            super::fake::Application { name: name.to_owned(), ..super::fake::Application::default() };
        fake.state().applications.insert(format!("own-{name}"), application);
    }
    let mut provisioner = provisioner(&fake).await;
    let fixtures = create(&mut provisioner).await.unwrap();
    let names: Vec<&str> =
        fixtures.iter().filter_map(|fixture| fixture.resources["application"].name.as_deref()).collect();
    assert!(names.contains(&"b") && !names.contains(&"a"), "{names:?}");
    remove(&mut provisioner).await;
    assert_eq!(fake.left(), ["a", "boundstone-0000002b-shop", "shop"]);
}

#[tokio::test]
async fn a_deployment_is_awaited_and_its_failure_named() {
    let fake = Fake::start().await;
    fake.state().slowness = 2;
    let mut retrying = provisioner(&fake).await;
    assert_eq!(create(&mut retrying).await.unwrap().len(), 8);
    remove(&mut retrying).await;

    fake.state().ends = Some("ROLLED_BACK");
    let mut failed = provisioner(&fake).await;
    let error = create(&mut failed).await.unwrap_err().to_string();
    assert!(error.contains("ended with ROLLED_BACK"), "{error}");
    remove(&mut failed).await;
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
    remove(&mut provisioner).await;
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_not_taken_for_removed() {
    let fake = Fake::start().await;
    let mut provisioner = provisioner(&fake).await;
    create(&mut provisioner).await.unwrap();
    fake.state().refuses = Some("GET /applications");
    let removal = provisioner.remove().await;
    assert!(removal.not_removed.is_empty() && !removal.is_complete());
    let reason = removal.not_searched.unwrap();
    assert!(reason.starts_with("ListApplications at http://127.0.0.1:"), "{reason}");
}

#[tokio::test]
async fn a_listing_without_end_ends() {
    let fake = Fake::start().await;
    fake.state().endless = true;
    let error = find_leftovers(&control(&fake).await).await.unwrap_err().to_string();
    assert!(error.starts_with("ListApplications at ") && error.contains("cannot be parsed"), "{error}");

    let before = fake.calls().len();
    let stop = || fake.calls().len() >= before + 5;
    let stopped = provisioner(&fake).await.create(&model(), stop).await;
    assert!(matches!(stopped, Err(ProvisionError::Interrupted)), "{stopped:?}");
}

#[tokio::test]
async fn leftovers_are_known_by_their_tag_or_else_by_their_description_or_else_by_their_name() {
    for (tagless, undescribed) in [(false, false), (false, true), (true, false), (true, true)] {
        let fake = Fake::start().await;
        fake.state().tagless = tagless;
        fake.state().undescribed = undescribed;
        create(&mut provisioner(&fake).await).await.unwrap();
        let other =
            super::fake::Application { name: "boundstone".to_owned(), ..super::fake::Application::default() };
        fake.state().applications.insert("own0001".to_owned(), other);
        let control = control(&fake).await;
        let found = find_leftovers(&control).await.unwrap();
        assert!(found.unknown.is_empty(), "{found:?}");
        let texts: Vec<String> = found.leftovers.iter().map(ToString::to_string).collect();
        let by_name = tagless && undescribed;
        let run = if by_name { "0000002a" } else { TAG };
        let shop = format!("application boundstone-0000002a-shop (app0001) of run {run}");
        // The name of one character says nothing of the run.
        let count = if by_name { 5 } else { 6 };
        assert!(texts.len() == count && texts[0] == shop, "{texts:?}");
        for one in &found.leftovers {
            one.remove(&control).await.unwrap();
        }
        assert_eq!(fake.left().len(), 7 - count);
        assert!(find_leftovers(&control).await.unwrap().leftovers.is_empty());
    }
}

#[tokio::test]
async fn what_others_have_made_is_no_leftover_whatever_it_is_called() {
    const NAME: &str = "boundstone-0000002b-shop";
    const DESCRIPTION: &str = "boundstone 0000002b 2026-01-01T00:00:00Z";
    const OWN: &str = "0000002b 2026-01-01T00:00:00Z";
    for (tagless, name, description, tags, is_leftover) in [
        // What is said of it is somebody else's.
        (true, NAME, "the shop", json!({}), false),
        (true, "boundstone-20250912-prod", "", json!({}), false),
        (true, "shop", "boundstone 20250912 of production", json!({}), false),
        // The name is not enough where there could be tags.
        (false, NAME, "", json!({}), false),
        (false, NAME, DESCRIPTION, json!({ "team": "shop" }), false),
        (false, NAME, "", json!({ "boundstone": "in production" }), false),
        // It is a run's.
        (true, NAME, "", json!({}), true),
        (true, "shop", DESCRIPTION, json!({}), true),
        (false, "shop", DESCRIPTION, json!({}), true),
        (false, "shop", "", json!({ "team": "shop", "boundstone": OWN }), true),
    ] {
        let fake = Fake::start().await;
        fake.state().tagless = tagless;
        let other = super::fake::Application {
            name: name.to_owned(),
            description: description.to_owned(),
            tags: tags.clone(),
            ..super::fake::Application::default()
        };
        fake.state().applications.insert("own0001".to_owned(), other);
        let found = find_leftovers(&control(&fake).await).await.unwrap();
        assert_eq!(found.leftovers.len(), usize::from(is_leftover), "{name} {description} {tags}");
        assert!(found.unknown.is_empty(), "{found:?}");
    }
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_named() {
    let fake = Fake::start().await;
    create(&mut provisioner(&fake).await).await.unwrap();
    for application in fake.state().applications.values_mut() {
        application.description.clear();
    }
    fake.state().refuses = Some("GET /tags/");
    let found = find_leftovers(&control(&fake).await).await.unwrap();
    assert_eq!((found.leftovers.len(), found.unknown.len()), (0, 6), "{found:?}");
    let NotRemoved { what, reason } = &found.unknown[0];
    assert_eq!(what, "application boundstone-0000002a-shop (app0001)");
    assert!(reason.starts_with("ListTagsForResource at ") && reason.contains(" was refused with 403 "));
}

#[tokio::test]
async fn a_contract_of_another_service_has_no_such_fixtures() {
    let rules = cases::contract::embedded::RULES;
    let other = rules.replace("\"resource\": \"profile\"", "\"resource\": \"flag\"");
    let contract = Contract::load_with_rules("other", cases::contract::embedded::MODEL, &other).unwrap();
    let fake = Fake::start().await;
    let error = provisioner(&fake).await.create(&contract, || false).await.unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("--contract other: it has other"), "{error}");
    assert!(fake.calls().is_empty());
}
