//! Boundstone and a network that disturbs: no conformant server is accused, no run hangs, nothing is lost,
//! and what a server does wrong is found all the same.

use std::net::SocketAddr;
use std::time::Duration;

use boundstone::mock::{MockConfig, mutant};
use reports::model::{Report, Verdict};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::accounts::{accusations, complaints};
use super::proxy::{Passed, Proxy, Rate, TransportFailure};
use crate::network::child::run;
use crate::support::{folder, serve};

/// How long a run may take at most. Most take a second.
const BOUND: Duration = Duration::from_mins(2);
/// The most memory that a run may take.
const MEMORY: u64 = 100 << 20;
/// What would be set where responses may not come. Only what is left half open waits for it.
const SHORT: &str = "300ms";
/// What is so by default.
const LONG: &str = "10s";
/// What is judged where all would show no more.
const PART: [&str; 2] = ["application-identifier", "get-latest-configuration"];
/// The seed of each plan.
const SEED: u64 = 7;

/// So that there are many connections.
const MANY_CONNECTIONS: Rate = (TransportFailure::Closed, 200);

/// Failures that cost nothing but time.
const HARMLESS: [Rate; 8] = [
    (TransportFailure::LateConnection, 100),
    (TransportFailure::Overtaken, 100),
    (TransportFailure::LateRequest, 50),
    (TransportFailure::LateResponse, 50),
    (TransportFailure::LateWithin, 50),
    (TransportFailure::Dribbled, 50),
    (TransportFailure::Closed, 100),
    (TransportFailure::SentAgain, 100),
];

/// Failures that keep a response from coming.
const BREAKING: [Rate; 7] = [
    (TransportFailure::HalfOpen, 20),
    (TransportFailure::Refused, 10),
    (TransportFailure::ResetBefore, 50),
    (TransportFailure::ResetAfter, 50),
    (TransportFailure::ResetWithin, 50),
    (TransportFailure::CutHead, 50),
    (TransportFailure::CutBody, 50),
];

/// A run through the proxy.
struct Disturbed {
    name: String,
    code: i32,
    report: Report,
    passed: Passed,
}

impl Disturbed {
    /// What holds of each run, whatever disturbed it.
    fn is_accounted_for(&self) {
        let Self { name, code, report, passed } = self;
        assert!(!passed.failures.is_empty() && passed.requests > 500, "{name}: {passed:?}");
        assert_eq!(complaints(report), [""; 0], "{name}");
        assert_eq!(i32::from(reports::summary::outcome(report).code()), *code, "{name}");
    }

    /// That nobody is accused, and that all is as it was without the proxy or left open.
    fn accuses_nobody(&self, undisturbed: &Verdicts) {
        self.is_accounted_for();
        assert_eq!(accusations(&self.report), [""; 0], "{}", self.name);
        assert!(matches!(self.code, 0 | 3), "{}: {}", self.name, self.code);
        let verdicts = verdicts(&self.report);
        assert_eq!(verdicts.len(), undisturbed.len(), "{}", self.name);
        for (now, before) in verdicts.iter().zip(undisturbed) {
            assert_eq!(now.0, before.0);
            assert!(now.1 == before.1 || now.1 == Verdict::Inconclusive, "{}: {now:?}", self.name);
        }
    }
}

/// The verdict on each requirement and each case, in order.
type Verdicts = Vec<(String, Verdict)>;

/// The verdicts of a run without a proxy.
async fn undisturbed(contract: &str, whose: &str, only: &[&str]) -> Verdicts {
    let mock = serve(contract, MockConfig::default()).await;
    let name = format!("transport-failures-none-{whose}-{contract}");
    let (code, report) = run_at(&name, contract, (&mock.url(), &mock.fixtures), LONG, only).await;
    assert_eq!(code, 0);
    verdicts(&report)
}

fn verdicts(report: &Report) -> Verdicts {
    let requirements = report.requirements.iter();
    let each = requirements.flat_map(|requirement| {
        let cases = requirement.cases.iter().map(|case| (case.id.to_string(), case.verdict));
        std::iter::once((requirement.id.to_string(), requirement.verdict)).chain(cases)
    });
    each.collect()
}

/// Runs at a URL; the exit code and the report.
async fn run_at(
    name: &str,
    contract: &str,
    (url, fixtures): (&str, &str),
    timeout: &str,
    only: &[&str],
) -> (i32, Report) {
    let folder = folder(&format!("network/{name}"));
    std::fs::write(folder.join("f.toml"), fixtures).unwrap();
    let all = ["--target", url, "--fixtures", "f.toml", "--contract", contract, "--timeout", timeout];
    let only = only.iter().flat_map(|only| ["--only", only]);
    let all = all.into_iter().chain(["--cases", "2"]).chain(only);
    let all: Vec<String> = all.map(str::to_owned).collect();
    let ended = tokio::task::spawn_blocking(move || {
        run(&folder, &all.iter().map(String::as_str).collect::<Vec<_>>(), BOUND)
    });
    let ended = ended.await.unwrap();
    assert!(!ended.said().contains("panicked"), "{name}: {}", ended.said());
    assert!(ended.memory < MEMORY, "{name}: {} bytes", ended.memory);
    // Shown with --nocapture, for the record.
    println!("{name}: exit {}, {:.1?}, {} MiB", ended.code, ended.took, ended.memory >> 20);
    (ended.code, ended.report())
}

/// Runs at a mock behind a proxy that disturbs so often.
async fn disturbed(
    name: &str,
    contract: &str,
    config: impl Into<MockConfig>,
    rates: &[Rate],
    only: &[&str],
) -> Disturbed {
    let waits = rates.iter().any(|(failure, _)| *failure == TransportFailure::HalfOpen);
    let mock = serve(contract, config).await;
    let proxy = Proxy::start(mock.address, SEED, rates).await.unwrap();
    let name = format!("transport-failures-{}-{contract}", name.replace(' ', "-"));
    let timeout = if waits { SHORT } else { LONG };
    let (code, report) = run_at(&name, contract, (&proxy.url(), &mock.fixtures), timeout, only).await;
    let passed = proxy.passed();
    println!("    {:?}, {passed:?}", report.totals);
    for requirement in &report.requirements {
        if !matches!(requirement.verdict, Verdict::Passed | Verdict::Skipped) {
            let found: Vec<_> = requirement.findings.iter().map(|it| (it.count, it.of, &it.actual)).collect();
            println!("    {:?} {} {:?} {found:?}", requirement.verdict, requirement.id, requirement.reason);
        }
    }
    Disturbed { name, code, report, passed }
}

/// All failures but those that spend a token unseen, each so many times as rare as alone.
fn one_of(part: u32) -> Vec<Rate> {
    HARMLESS.iter().chain(&BREAKING).map(|(failure, rate)| (*failure, rate / part)).collect()
}

/// The contract of the run with this number: they take turns.
fn turn(index: usize) -> &'static str {
    ["page", "model"][index % 2]
}

/// Runs with each of these failures, which only the network causes.
async fn each_accuses_nobody(whose: &str, rates: &[Rate], code: impl Fn(i32) -> bool) {
    let undisturbed = [undisturbed("page", whose, &PART).await, undisturbed("model", whose, &PART).await];
    for (index, &rate) in rates.iter().enumerate() {
        let name = rate.0.to_string();
        let run =
            disturbed(&name, turn(index), MockConfig::default(), &[rate, MANY_CONNECTIONS], &PART).await;
        run.accuses_nobody(&undisturbed[index % 2]);
        assert!(run.passed.failures.contains_key(&rate.0), "{:?}", run.passed);
        assert!(code(run.code), "{}: {}", run.name, run.code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_takes_time_changes_nothing() {
    each_accuses_nobody("harmless", &HARMLESS, |code| code == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_accuses_nobody() {
    each_accuses_nobody("breaking", &BREAKING, |code| matches!(code, 0 | 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_at_once_accuses_nobody() {
    for contract in ["page", "model"] {
        let undisturbed = undisturbed(contract, "mixed", &[]).await;
        for (name, part) in [("gentle", 10), ("rough", 3)] {
            let name = format!("mixed-{name}");
            let run = disturbed(&name, contract, MockConfig::default(), &one_of(part), &[]).await;
            run.accuses_nobody(&undisturbed);
            assert!(run.passed.failures.len() > 10, "{:?}", run.passed);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_response_changes_nothing() {
    for contract in ["page", "model"] {
        let undisturbed = undisturbed(contract, "twice", &PART).await;
        let rates = [(TransportFailure::RepeatedResponse, 50)];
        let run = disturbed("repeated-response", contract, MockConfig::default(), &rates, &PART).await;
        run.accuses_nobody(&undisturbed);
        assert_eq!(run.code, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_before_makes_a_target_only_flaky() {
    for contract in ["page", "model"] {
        let run = disturbed(
            "sent-before",
            contract,
            MockConfig::default(),
            &[(TransportFailure::SentBefore, 50)],
            &[],
        )
        .await;
        run.is_accounted_for();
        // What spends a token behind our back is not to be told from a target that refuses some.
        assert_eq!(accusations(&run.report), ["get-latest-configuration/stability Flaky"], "{}", run.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_target_does_wrong_is_found_all_the_same() {
    for (index, (name, broken)) in [
        ("length-max-plus-one-accepted", "start-configuration-session/application-identifier/length"),
        ("used-token-accepted-once-more", "get-latest-configuration/configuration-token/single-use"),
        ("missing-token-fails", "get-latest-configuration/configuration-token/required"),
        ("fifth-poll-fails", "get-latest-configuration/accepts"),
    ]
    .into_iter()
    .enumerate()
    {
        let run = disturbed(name, turn(index), mutant::find(name).unwrap().config(), &one_of(10), &[]).await;
        run.is_accounted_for();
        assert_eq!(run.code, 1, "{}", run.name);
        let found = accusations(&run.report);
        assert!(found.contains(&format!("{broken} Failed")), "{}: {found:?}", run.name);
        assert!(
            found.iter().all(|found| found.starts_with("start-c") == broken.starts_with("start-c")),
            "{found:?}"
        );
    }
}

/// Closes the connection on each request that holds these bytes, and is the server at `to` otherwise.
async fn breaks_on(bytes: &'static [u8], to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = TcpStream::connect(to).await?;
                let ((mut asks, mut hears), (mut responses, mut takes)) = (client.split(), server.split());
                let there = async {
                    let mut buffer = vec![0; 1 << 16];
                    loop {
                        let length = asks.read(&mut buffer).await?;
                        if length == 0 || memchr::memmem::find(&buffer[..length], bytes).is_some() {
                            return Ok::<_, std::io::Error>(());
                        }
                        takes.write_all(&buffer[..length]).await?;
                    }
                };
                tokio::select! {
                    ended = there => ended,
                    ended = tokio::io::copy(&mut responses, &mut hears) => ended.map(drop),
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_response_differs_from_a_lost_one() {
    for (contract, rates) in [("page", Vec::new()), ("model", one_of(10))] {
        let mock = serve(contract, MockConfig::default()).await;
        let breaking = breaks_on(b":null", mock.address).await;
        let proxy = Proxy::start(breaking, SEED, &rates).await.unwrap();
        let name = format!("transport-failures-breaks-{}-{contract}", rates.len());
        let (code, report) =
            run_at(&name, contract, (&proxy.url(), &mock.fixtures), SHORT, &["start-configuration"]).await;
        assert_eq!((code, complaints(&report)), (1, Vec::new()), "{name}");
        let found = report.requirements.iter().flat_map(|requirement| &requirement.findings);
        let found: Vec<_> = found.map(|finding| (finding.case.to_string(), finding.verdict)).collect();
        assert!(!found.is_empty(), "{name}");
        assert!(found.iter().all(|(_, verdict)| *verdict == Verdict::Failed), "{name}: {found:?}");
        // What the way there broke in each reproduction may be left open.
        let told =
            |verdict| verdict == Verdict::Failed || (verdict == Verdict::Inconclusive && !rates.is_empty());
        let nulls: Vec<_> =
            verdicts(&report).into_iter().filter(|(id, _)| id.ends_with("/required/null")).collect();
        assert!(nulls.len() >= 3 && nulls.iter().all(|(_, verdict)| told(*verdict)), "{name}: {nulls:?}");
    }
}
