//! Responses that say nothing about a request prove nothing: neither that it is right, nor that the
//! target responds differently each time. What was seen before them is reported.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use boundstone::client::exchange::Exchange;
use boundstone::client::stack::Client;
use boundstone::client::transport::Transport;
use boundstone::mock::MockConfig;
use boundstone::setup::config::RunConfig;
use boundstone::setup::prepare::RunSetup;
use cases::protocol::{Request, Response};
use reports::model::Verdict;
use reports::summary::{Outcome, outcome};

use crate::support::{prepare, requirement};

const LENGTH: &str = "start-configuration-session/application-identifier/length";

/// Accepts what is wrong, each request once. After that it throttles it.
#[derive(Clone)]
struct Tired {
    target: Client,
    seen: Arc<Mutex<BTreeMap<Vec<u8>, usize>>>,
}

impl Transport for Tired {
    async fn send(&self, request: Request) -> Exchange {
        let is_start = request.method == "POST";
        let mut exchange = self.target.send(request).await;
        if let Ok(response) = &mut exchange.observed
            && is_start
            && response.status == 400
        {
            let mut seen = self.seen.lock().unwrap();
            let times = seen.entry(exchange.request.body.clone()).or_default();
            *times += 1;
            *response = if *times == 1 {
                let body = br#"{"InitialConfigurationToken":"a-token-of-sixteen-characters-or-more"}"#;
                let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                Response { status: 200, headers, body: body.to_vec() }
            } else {
                Response { status: 429, headers: Vec::new(), body: Vec::new() }
            };
        }
        exchange
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_that_throttling_keeps_from_being_reproduced_is_reported() {
    let only = [format!("{LENGTH}/above-max"), "accepts".to_owned()].to_vec();
    let args = RunConfig { only, ..RunConfig::default() };
    let RunSetup { plan, transport, limits, mock: _serving, .. } =
        prepare("page", MockConfig::default(), args).await;
    let tired = Tired { target: transport, seen: Arc::default() };
    let report = boundstone::runner::run::run(Arc::new(plan), Arc::new(tired), limits, |_| {}).await;
    let length = requirement(&report, LENGTH);
    assert_eq!(length.verdict, Verdict::Failed, "{:?}", length.reason);
    assert_eq!(length.findings[0].not_minimized.as_deref(), Some("the target throttled the request"));
    assert_eq!(outcome(&report), Outcome::Failed);
}
