//! What a run may cost its target: a limit is kept to the request, and little still tells much.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::num::NonZeroU64;

use boundstone::mock::{MockConfig, mutant};
use boundstone::setup::config::RunConfig;
use reports::model::{Report, Verdict};
use reports::summary::{Outcome, outcome};

use crate::support;
use crate::support::{FIXTURES, boundstone, finish, folder, output, prepare};

/// A run with so many requests at the most.
async fn judge(config: MockConfig, most: u64) -> Report {
    let args = RunConfig { max_requests: NonZeroU64::new(most), ..RunConfig::default() };
    finish(prepare("model", config, args).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_sent_beyond_the_limit_and_what_is_left_out_is_skipped() {
    for most in [1, 7, 60, 200] {
        let report = judge(MockConfig::default(), most).await;
        assert!(report.totals.requests <= most, "{} of {most}", report.totals.requests);
        let counts = report.totals.requirements;
        let open =
            report.requirements.iter().filter(|it| !matches!(it.verdict, Verdict::Passed | Verdict::Skipped));
        let open: Vec<_> = open.map(|it| (&it.id, it.verdict, &it.reason)).collect();
        assert!(open.is_empty(), "{most}: {open:?}");
        assert!(counts.skipped > 0);
        let left_out = |reason: &String| reason.contains("--max-requests");
        let skipped = report.requirements.iter().filter(|it| it.verdict == Verdict::Skipped);
        assert!(skipped.filter_map(|it| it.reason.as_ref()).any(left_out));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn few_requests_find_what_shows_at_a_boundary_and_confirm_it() {
    for (name, requirement) in [
        ("length-min-not-enforced", "start-configuration-session/application-identifier/length"),
        ("token-never-spent", "get-latest-configuration/configuration-token/single-use"),
    ] {
        let report = judge(mutant::find(name).unwrap().config(), 200).await;
        assert!(report.totals.requests <= 200);
        assert_eq!(outcome(&report), Outcome::Failed, "{name}");
        assert_eq!(support::requirement(&report, requirement).verdict, Verdict::Failed, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_before_the_first_response_is_reported_and_fails_nothing() {
    let args = RunConfig { only: vec!["length".to_owned()], ..RunConfig::default() };
    let setup = prepare("page", MockConfig::default(), args).await;
    setup.limits.interrupt();
    let report = finish(setup).await;
    assert_eq!((outcome(&report), report.totals.requests), (Outcome::Interrupted, 0));
    let counts = report.totals.requirements;
    assert_eq!((counts.inconclusive, counts.passed), (0, 0), "{counts:?}");
    let reasons: Vec<_> =
        report.requirements.iter().flat_map(|it| &it.cases).map(|case| &case.reason).collect();
    let given = |text: &str| reasons.iter().filter(|reason| reason.as_deref() == Some(text)).count();
    assert!(given("stopped by Ctrl-C") > 10 && given("not selected") > 10, "{reasons:?}");
}

#[test]
fn a_dry_run_sends_nothing_and_says_what_it_would_take() {
    let folder = folder("cost/dry-run");
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    // Nobody listens on the port 9 of this address, and a first call would end with 3.
    let says = |more: &[&str]| {
        let arguments = ["run", "--dry-run", "--contract", "model", "--target", "http://127.0.0.1:9"];
        let mut command = boundstone(&folder, &[&arguments[..], more].concat());
        if !more.contains(&"--provision") {
            command.args(["--fixtures", "f.toml"]);
        }
        let (code, stdout, stderr) = output(&mut command);
        assert_eq!(code, 0, "{stderr}");
        stdout
    };
    let plain = says(&[]);
    assert!(plain.contains("there is no rate limit (--rate)"), "{plain}");
    assert!(plain.contains("that need a fixture") && plain.contains("more time (--budget)"), "{plain}");
    let limited = says(&["--rate", "10/s", "--max-requests", "600"]);
    assert!(limited.contains("Time: at least 1 min 0 s at 10/s."), "{limited}");
    assert!(limited.contains("--max-requests ends the run after 600 requests."), "{limited}");
    // No credentials are asked for, and no control plane is.
    let signed = says(&["--sigv4", "--region", "us-east-1"]);
    assert!(!signed.contains("--sigv4"), "{signed}");
    #[cfg(feature = "aws")]
    let provisioned = says(&["--provision", "--budget", "200h"]);
    #[cfg(feature = "aws")]
    assert!(!provisioned.contains("need a fixture"), "{provisioned}");
    // The cases of a shard are chosen before there are fixtures.
    #[cfg(feature = "aws")]
    assert!(says(&["--provision", "--shard", "1/2"]).contains(" cases, "));
    assert!(!folder.join("target").exists());
}
