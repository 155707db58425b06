//! Where no fixture says what a resource serves, sessions still say something of each other.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boundstone::client::exchange::Exchange;
use boundstone::client::transport::{Connections, Transport};
use boundstone::mock::{MockConfig, mutant, variant};
use boundstone::setup::config::RunConfig;
use boundstone::setup::prepare::RunSetup;
use cases::fixture::Fixture;
use cases::generate::World;
use cases::protocol::Request;
use reports::model::{Report, Verdict};
use reports::summary::{Outcome, outcome};

use crate::support::{prepare, requirement};

const CONTENT: &str = "get-latest-configuration/response/configuration";
const SESSIONS: &str = "get-latest-configuration/sessions";

/// A run against a server whose fixtures do not say what they serve, as `through` sends its requests.
async fn run_through<T: Transport + 'static>(
    config: MockConfig,
    name: &str,
    through: impl FnOnce(boundstone::client::stack::Client) -> T,
) -> Report {
    let only = vec!["get-latest-configuration/".to_owned()];
    let args = RunConfig { only, samples: 10, ..RunConfig::default() };
    let RunSetup { mut plan, transport, limits, mock: _serving, .. } = prepare(name, config, args).await;
    let unknown = |fixture: &Fixture| Fixture { resources: fixture.resources.clone(), ..Fixture::default() };
    let fixtures = plan.world.fixtures.iter().map(unknown).collect();
    plan.world = Arc::new(World::new(plan.world.contract.clone(), fixtures));
    boundstone::runner::run::run(Arc::new(plan), Arc::new(through(transport)), limits, |_| {}).await
}

async fn run(config: MockConfig, name: &str) -> Report {
    run_through(config, name, |transport| transport).await
}

/// What is wrong with the content, by the shortest finding: the requests and what differs.
fn shown(report: &Report) -> (Vec<String>, String) {
    let findings = &requirement(report, CONTENT).findings;
    let finding = findings.iter().min_by_key(|finding| finding.counterexample.len()).unwrap();
    let request = |exchange: &reports::model::RecordedExchange| exchange.request.method.clone();
    let difference = &finding.differences[0];
    (
        finding.counterexample.iter().map(request).collect(),
        format!("{} -> {}", difference.expected, difference.actual),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sessions_show_of_each_other_is_checked_against_what_they_were_served() {
    let cases = [
        ("each-session-served-other-bytes", "POST POST GET GET", "<what was served first> -> <other bytes>"),
        ("each-poll-served-other-bytes", "POST GET GET", "<empty> -> <other bytes>"),
        ("last-served-kept-until-start", "POST POST GET GET", "<what was served first> -> <empty>"),
        ("last-started-session-wins", "POST POST GET POST GET", "<what was served first> -> <other bytes>"),
        ("names-lead-to-first-resource", "POST GET POST GET", "<what was served first> -> <other bytes>"),
        ("first-resource-mixed-up", "POST POST GET POST GET", "<what was served first> -> <other bytes>"),
    ];
    for (name, methods, difference) in cases {
        for contract in ["page", "model"] {
            let report = run(mutant::find(name).unwrap().config(), contract).await;
            let requirement = requirement(&report, CONTENT);
            assert_eq!(requirement.verdict, Verdict::Failed, "{name} ({contract})");
            assert_eq!(outcome(&report), Outcome::Failed, "{name} ({contract})");
            let (sent, differs) = shown(&report);
            // Which of two sessions begins is a matter of chance.
            let count = |method: &str, of: &str| of.split(' ').filter(|it| *it == method).count();
            for method in ["POST", "GET"] {
                assert_eq!(count(method, &sent.join(" ")), count(method, methods), "{name}: {sent:?}");
            }
            assert_eq!(differs, difference, "{name} ({contract})");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shows_once_for_each_resource_fails_nothing() {
    let report = run(mutant::find("last-served-kept-by-resource").unwrap().config(), "model").await;
    assert_eq!(outcome(&report), Outcome::Failed);
    let flaky: Vec<_> = report.requirements.iter().filter(|it| it.verdict == Verdict::Flaky).collect();
    let findings = flaky.iter().flat_map(|requirement| &requirement.findings);
    let shown: Vec<_> = findings.map(|finding| (&finding.differences[0], finding.count)).collect();
    let [(difference, count)] = shown[..] else { panic!("{shown:?}") };
    assert_eq!(
        (difference.expected.as_str(), difference.actual.as_str()),
        ("<what was served first>", "<empty>")
    );
    // Once for each resource, in the two sessions after its first one.
    assert!(count >= 8, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_accused_who_serves_what_nobody_says() {
    for (name, is_seen) in [
        (None, true),
        (Some("configuration-on-each-poll"), true),
        // All resources serve the same.
        (Some("binary-configuration"), true),
        (Some("empty-configuration"), false),
        (Some("empty-configuration-without-content-type"), false),
    ] {
        let config = name.map_or_else(MockConfig::default, |name| (variant::find(name).unwrap().config)());
        let report = run(config, "model").await;
        let content = requirement(&report, CONTENT);
        assert_eq!(outcome(&report), Outcome::Passed, "{name:?}: {:?}", content.reason);
        let verdict = if is_seen { Verdict::Passed } else { Verdict::Skipped };
        assert_eq!(content.verdict, verdict, "{name:?}: {:?}", content.reason);
        if !is_seen {
            let reason = content.reason.as_deref().unwrap();
            assert!(reason.ends_with("let the fixtures say what the resources serve"), "{reason}");
        }
        for case in &requirement(&report, SESSIONS).cases {
            assert_eq!(case.verdict, Verdict::Passed, "{name:?}: {}: {:?}", case.id, case.reason);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_serves_nothing_is_not_checked_for_it() {
    let report = run(mutant::find("first-poll-empty").unwrap().config(), "page").await;
    assert_eq!(requirement(&report, CONTENT).verdict, Verdict::Skipped);
}

/// Serves another configuration from some request on: something was deployed.
#[derive(Clone)]
struct Deploys<T> {
    target: T,
    sent: Arc<AtomicUsize>,
    at: usize,
}

impl<T: Transport> Transport for Deploys<T> {
    async fn send(&self, request: Request) -> Exchange {
        let mut exchange = self.target.send(request).await;
        let is_poll = exchange.request.method == "GET";
        if self.sent.fetch_add(1, Ordering::Relaxed) >= self.at
            && is_poll
            && let Ok(response) = &mut exchange.observed
            && response.is_success()
            && !response.body.is_empty()
        {
            response.body.extend_from_slice(b" and more");
        }
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        Self { target: self.target.with_pool(connections), ..self.clone() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_meanwhile_is_no_deterministic_failure() {
    for at in [5, 500, 2000] {
        let deploys = |target| Deploys { target, sent: Arc::default(), at };
        let report = run_through(MockConfig::default(), "model", deploys).await;
        for requirement in &report.requirements {
            assert_ne!(requirement.verdict, Verdict::Failed, "{at}: {}", requirement.id);
        }
        assert_eq!(requirement(&report, CONTENT).verdict, Verdict::Passed, "{at}");
    }
}
