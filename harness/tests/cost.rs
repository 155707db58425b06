//! What a run may cost its target: a limit is kept to the request, and little still tells much.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::process::Command;
use std::sync::Arc;

use boundstone::mock::{Serving, deviation};
use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::embedded_mock::{Embedded, contract};
use boundstone::setup::prepare::{Prepared, prepare_for};
use reports::model::{Report, Verdict};
use reports::summary::{Outcome, outcome};

/// A run with so many requests at the most.
async fn judge(serving: Serving, most: u64) -> Report {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let endpoint = EndpointConfig { contract: "model".to_owned(), ..EndpointConfig::default() };
    let mock = Embedded::start_with(&contract("model").unwrap(), serving, address).await.unwrap();
    let args = RunConfig { endpoint, max_requests: NonZeroU64::new(most), ..RunConfig::default() };
    let Prepared { plan, transport, limits, mock: _serving, .. } = prepare_for(args, mock).await.unwrap();
    boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_sent_beyond_the_limit_and_what_is_left_out_is_skipped() {
    for most in [1, 7, 60, 200] {
        let report = judge(Serving::default(), most).await;
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
        let report = judge(deviation::find(name).unwrap().serving(), 200).await;
        assert!(report.totals.requests <= 200);
        assert_eq!(outcome(&report), Outcome::Failed, "{name}");
        let failed = report.requirements.iter().find(|it| it.id.as_str() == requirement).unwrap();
        assert_eq!(failed.verdict, Verdict::Failed, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_interrupts_before_the_first_answer_is_told_so_and_the_target_is_not_blamed() {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let mock = Embedded::start_with(&contract("page").unwrap(), Serving::default(), address).await.unwrap();
    let args = RunConfig { only: vec!["length".to_owned()], ..RunConfig::default() };
    let Prepared { plan, transport, limits, mock: _serving, .. } = prepare_for(args, mock).await.unwrap();
    limits.interrupt();
    let report = boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await;
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
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("dry-run");
    std::fs::create_dir_all(&folder).unwrap();
    let resource = "[[resource]]\napplication = { id = \"abc1234\" }\nenvironment = { id = \"def1234\" }\n\
                    profile = { id = \"ghi1234\" }\n";
    std::fs::write(folder.join("f.toml"), resource).unwrap();
    // Nobody listens on the port 9 of this address, and a first call would end with 3.
    let says = |more: &[&str]| {
        let arguments = ["run", "--dry-run", "--contract", "model", "--target", "http://127.0.0.1:9"];
        let mut command = Command::new(env!("CARGO_BIN_EXE_boundstone"));
        command.current_dir(&folder).args(arguments).args(more);
        if !more.contains(&"--provision") {
            command.args(["--fixtures", "f.toml"]);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = says(&[]);
    assert!(plain.contains("no --rate is set"), "{plain}");
    assert!(plain.contains("for want of a fixture") && plain.contains("more time (--budget)"), "{plain}");
    let limited = says(&["--rate", "10/s", "--max-requests", "600"]);
    assert!(limited.contains("Time: at least 1 min 0 s at 10/s."), "{limited}");
    assert!(limited.contains("--max-requests ends it after 600 requests."), "{limited}");
    // No credentials are asked for, and no control plane is.
    let signed = says(&["--sigv4", "--region", "us-east-1"]);
    assert!(!signed.contains("--sigv4"), "{signed}");
    #[cfg(feature = "aws")]
    let provisioned = says(&["--provision", "--budget", "200h"]);
    #[cfg(feature = "aws")]
    assert!(!provisioned.contains("for want of a fixture"), "{provisioned}");
    // The cases of a shard are chosen before there are fixtures.
    #[cfg(feature = "aws")]
    assert!(says(&["--provision", "--shard", "1/2"]).contains(" cases, "));
    assert!(!folder.join("target").exists());
}
