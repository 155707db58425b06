//! A difference keeps the level of its requirement, and one bug is told once.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use boundstone::mock::mutant;
use boundstone::setup::config::RunConfig;
use reports::model::{Report, RequirementResult, Verdict};
use reports::summary::groups;
use reports::summary::{Outcome, outcome};

use crate::support::{finish, prepare};

/// A run at the default settings against the mock with a mutant.
async fn run(mutant: &str, name: &str) -> Report {
    let config = mutant::find(mutant).unwrap().config();
    finish(prepare(name, config, RunConfig::default()).await).await
}

/// What is failed or flaky.
fn bad(report: &Report) -> Vec<(&str, Verdict)> {
    let is_bad = |it: &&RequirementResult| matches!(it.verdict, Verdict::Failed | Verdict::Flaky);
    report.requirements.iter().filter(is_bad).map(|it| (it.id.as_str(), it.verdict)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_should_that_is_broken_now_and_then_stays_a_should() {
    for name in ["page", "model"] {
        let mut report = run("every-10th-error-without-type-header", name).await;
        assert_eq!(
            bad(&report),
            [
                ("start-configuration-session/errors/type-header", Verdict::Flaky),
                ("get-latest-configuration/errors/type-header", Verdict::Flaky),
            ]
        );
        for finding in report.requirements.iter().flat_map(|it| &it.findings) {
            assert!(finding.of.is_some_and(|of| of > finding.count), "{finding:?}");
            assert_eq!(finding.counterexample.len(), 1, "{finding:?}");
        }
        assert_eq!(groups(&report).len(), 1);
        assert_eq!(outcome(&report), Outcome::Passed);
        assert!(!reports::render::junit::render(&report).contains("<failure"));
        report.strict = true;
        assert_eq!(outcome(&report), Outcome::Failed);
        assert!(reports::render::junit::render(&report).contains(" type=\"SHOULD flaky\""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_must_that_is_broken_now_and_then_is_a_matter_of_stability() {
    let report = run("every-200th-request-fails", "model").await;
    assert!(!bad(&report).is_empty());
    for (id, verdict) in bad(&report) {
        assert!(id.ends_with("/stability") && verdict == Verdict::Flaky, "{id} {verdict}");
    }
    assert_eq!(outcome(&report), Outcome::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_token_that_succeeds_again_is_one_finding() {
    for name in ["page", "model"] {
        let report = run("used-token-response-repeated", name).await;
        assert_eq!(
            bad(&report),
            [("get-latest-configuration/configuration-token/single-use", Verdict::Failed)]
        );
        let [group] = &groups(&report)[..] else { panic!("{name}: {:?}", groups(&report)) };
        let requests = &group.first.finding.counterexample;
        assert!(group.others.is_empty() && requests.len() == 3, "{requests:?}");
        assert!(requests.iter().all(|exchange| !exchange.request.at_once), "{requests:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_several_members_lack_is_one_group() {
    for (mutant, name, members) in [
        ("length-max-not-enforced", "model", 3),
        ("length-min-not-enforced", "page", 3),
        ("error-type-in-body-only", "model", 2),
    ] {
        let report = run(mutant, name).await;
        let sizes: Vec<usize> = groups(&report).iter().map(|group| group.all().count()).collect();
        assert_eq!(sizes, [members], "{mutant}: {:?}", bad(&report));
    }
}
