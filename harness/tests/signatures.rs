//! Signed requests, the cases about signatures, and credentials.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use boundstone::client::http::client::Http;
use boundstone::client::http::settings::Settings;
use boundstone::client::layers::retry::Retry;
use boundstone::client::sign::signer::Signer;
use boundstone::client::transport::Transport as _;
use boundstone::mock::signature::{DEFAULT_REGION, RequiredSignature};
use boundstone::mock::{Clock, Dialect, Mock, MockConfig, Server, mutant};
use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::embedded_mock::{Embedded, contract};
use boundstone::setup::prepare::{prepare, prepare_for};
use cases::protocol::Request;
use cases::signing::{Scope, Signing};
use reports::model::{Report, RequirementResult, Verdict};
use reports::summary::{Outcome, outcome};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::support::{self, Served, boundstone_without_aws, finish, folder, output, serve};

/// Runs the cases about signatures, and the plain ones on acceptance.
async fn judge(args: RunConfig, mock: Option<Embedded>) -> Report {
    let only = ["/signature/", "/accepts"].map(str::to_owned).to_vec();
    let args = RunConfig { only, strict: true, ..args };
    let setup = match mock {
        Some(mock) => prepare_for(args, mock).await,
        None => prepare(args).await,
    };
    finish(setup.unwrap()).await
}

fn endpoint() -> EndpointConfig {
    EndpointConfig { contract: "model".to_owned(), ..EndpointConfig::default() }
}

fn signatures(report: &Report) -> impl Iterator<Item = &RequirementResult> {
    report.requirements.iter().filter(|requirement| requirement.id.as_str().contains("/signature/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_verifies_holds_all_there_is_to_say_of_them() {
    for contract in ["page", "model"] {
        let endpoint = EndpointConfig { contract: contract.to_owned(), sigv4: true, ..endpoint() };
        let report = judge(RunConfig { endpoint, ..RunConfig::default() }, None).await;
        assert_eq!(outcome(&report), Outcome::Passed);
        assert!(signatures(&report).count() >= 12);
        for requirement in signatures(&report) {
            assert_eq!(requirement.verdict, Verdict::Passed, "{}: {:?}", requirement.id, requirement.reason);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_verifies_none_is_told_so_once() {
    let mut setup = support::prepare("model", MockConfig::default(), RunConfig::default()).await;
    let plan = &mut setup.plan;
    // To a server that does not look, a signature makes no difference.
    plan.route.scope = Some(Scope { region: DEFAULT_REGION.to_owned(), service: "bakery".to_owned() });
    plan.select(|case| case.id.as_str().contains("/signature/"));
    let report = finish(setup).await;
    // It is an emulator, say: that it wants no signature is a finding, but none that binds.
    assert_eq!(outcome(&report), Outcome::Passed);
    for requirement in signatures(&report) {
        let is_required = requirement.id.as_str().ends_with("/required");
        let expected = if is_required { Verdict::Failed } else { Verdict::Skipped };
        assert_eq!(requirement.verdict, expected, "{}", requirement.id);
        assert!(is_required || requirement.reason.as_ref().unwrap().contains("verifies no signatures"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_shows_how_it_was_signed_and_no_secret() {
    for (name, id, signing, shown) in [
        ("signature-not-compared", "key", Signing::WrongSecret, "--user \"$AWS_ACCESS_KEY_ID:boundstone\""),
        ("unknown-access-key-accepted", "key", Signing::UnknownKey, "--user \"AKIA0BOUNDSTONE00000:$AWS"),
        ("signature-date-not-checked", "time", Signing::Expired, "# boundstone sent the next request signed"),
        (
            "signature-service-not-checked",
            "service",
            Signing::OtherService,
            "--aws-sigv4 aws:amz:us-east-1:boundstone ",
        ),
        ("body-hash-trusted", "integrity", Signing::TamperedBody, "curl cannot do that"),
        ("unsigned-accepted", "required", Signing::Absent, "curl -sS -i -g --path-as-is -H"),
    ] {
        let mock = serve("model", mutant::find(name).unwrap().config()).await;
        let required = mock.required_signature().unwrap().clone();
        let report = judge(RunConfig { endpoint: endpoint(), ..RunConfig::default() }, Some(mock)).await;
        let id = format!("start-configuration-session/signature/{id}");
        let requirement = signatures(&report).find(|requirement| requirement.id.as_str() == id).unwrap();
        assert_eq!(requirement.verdict, Verdict::Failed, "{name}");
        let finding = &requirement.findings[0];
        assert_eq!(finding.counterexample.last().unwrap().request.signing, Some(signing), "{name}");
        assert!(finding.curl.contains(shown), "{name}: {}", finding.curl);
        let texts = [
            reports::render::json::render(&report),
            reports::render::markdown::render(&report),
            reports::render::html::render(&report),
            reports::render::terminal::render(&report, reports::render::terminal::Style::default()),
        ];
        let keys = &required.credentials;
        for text in texts {
            for secret in [&keys.access_key_id, &keys.secret_access_key, &keys.session_token] {
                assert!(!text.contains(secret.as_str()), "{name}");
            }
        }
    }
}

/// Sends signed requests by the clock of the system: the statuses, and how often each was sent in vain.
async fn send(url: &str, required: &RequiredSignature, requests: usize) -> Vec<(u16, u32)> {
    let keys = required.credentials.clone();
    let credentials =
        Credentials::new(keys.access_key_id, keys.secret_access_key, Some(keys.session_token), None, "test");
    let scope = Scope { region: required.region.clone(), service: required.service.clone() };
    let contract = contract("model").unwrap();
    let provider = SharedCredentialsProvider::new(credentials);
    let signer = Signer::new(provider, scope, SystemTime::now, move |response| {
        boundstone::client::response::is_common_error(&contract, response)
    });
    let http = Http::new(url, &Settings { signer: Some(signer.clone()), ..Settings::default() }).unwrap();
    let http = Retry::new(http, Some(signer));
    let mut seen = Vec::new();
    for _ in 0..requests {
        let target = "/configuration?configuration_token=none".to_owned();
        let exchange = http.send(Request { method: "GET".to_owned(), target, ..Request::default() }).await;
        assert_eq!(exchange.sent(), 1 + u64::from(exchange.attempts.misdated));
        seen.push((exchange.observed.unwrap().status, exchange.attempts.misdated));
    }
    seen
}

/// A mock that verifies signatures and whose clock is so far ahead.
async fn ahead(by: Duration) -> (String, RequiredSignature) {
    let clock = Clock::default();
    clock.advance(by);
    let mock = Mock::from_config(Dialect::model(), MockConfig::default().signed_for(DEFAULT_REGION), [5; 32]);
    let server = Server::with_clock(mock, move || clock.now());
    let required = server.required_signature().unwrap().clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(mock::server::serve(listener, Arc::new(server), std::future::pending()));
    (url, required)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_the_target_is_learnt_once() {
    // The token is unknown: 400 BadRequestException is the response to a good signature.
    let (url, required) = ahead(Duration::ZERO).await;
    assert_eq!(send(&url, &required, 2).await, [(400, 0), (400, 0)]);
    let (url, required) = ahead(Duration::from_hours(3)).await;
    assert_eq!(send(&url, &required, 3).await, [(400, 1), (400, 0), (400, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_runs_away_is_not_followed() {
    let (_, required) = ahead(Duration::ZERO).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        // Each response is dated an hour later than the one before.
        for hours in 1_u64.. {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _read = socket.read(&mut [0; 8192]).await;
            let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(hours));
            let response = format!(
                "HTTP/1.1 403 Forbidden\r\nx-amzn-errortype: InvalidSignatureException\r\ndate: {date}\r\n\
                 content-length: 0\r\nconnection: close\r\n\r\n"
            );
            let _written = socket.write_all(response.as_bytes()).await;
        }
    });
    assert_eq!(send(&url, &required, 3).await, [(403, 1), (403, 0), (403, 0)]);
}

#[test]
fn the_environment_s_credentials_sign_and_a_finding_is_replayed_so() {
    let folder = folder("signatures/served");
    let served = Served::start(&folder, &["--mutant", "signature-not-compared"]);
    let fixtures = std::fs::read_to_string(folder.join("fixtures.toml")).unwrap();
    let exports = fixtures.lines().filter_map(|line| line.strip_prefix("# export ")?.split_once('='));
    let exports: Vec<(&str, &str)> = exports.collect();
    assert_eq!(exports.len(), 4, "{fixtures}");
    let run = |arguments: &[&str], exports: &[(&str, &str)]| {
        output(boundstone_without_aws(&folder, arguments).envs(exports.iter().copied()))
    };
    let only = [
        "run",
        "--contract",
        "page",
        "--target",
        &served.url,
        "--fixtures",
        "fixtures.toml",
        "--only",
        "*/signature/key/*",
    ];
    let signed = [&only[..], &["--sigv4"]].concat();
    let (code, stdout, stderr) = run(&signed, &exports);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("signature/key"), "{stdout}");
    let (code, stdout, stderr) = run(&["replay", "target/boundstone/report.json", "1"], &exports);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("1. still fails: ") && stdout.contains("/signature/key"), "{stdout}");
    let written = std::fs::read_to_string(folder.join("target/boundstone/report.json")).unwrap();
    for (_, secret) in &exports[..3] {
        assert!(!written.contains(secret) && !stdout.contains(secret));
    }

    // Credentials or the region are missing, or wrong.
    let (code, _, stderr) = run(&signed, &exports[3..]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.starts_with("error: sigv4: no credentials: "), "{stderr}");
    let (code, _, stderr) = run(&signed, &exports[..3]);
    assert_eq!(
        (code, stderr.as_str()),
        (2, "error: sigv4: no region; set `region`, AWS_REGION, or the region of the profile\n")
    );
    let region = [&signed[..], &["--region", "us-east-1"]].concat();
    assert_eq!(run(&region, &exports[..3]).0, 1);
    let (code, stdout, _) = run(&only, &exports);
    assert_eq!(code, 3, "{stdout}");
}
