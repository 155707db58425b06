//! Credentials that are renewed during a run: those that came later are no less secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use boundstone::client::http::client::Http;
use boundstone::client::http::settings::Settings;
use boundstone::client::sign::signer::Signer;
use boundstone::client::stack::client;
use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::prepare::{RunSetup, prepare};
use cases::signing::Scope;
use reports::model::{Ending, Report};

use super::library::fixtures;
use super::peer::{Peer, bytes, page};

/// How long credentials last: a part of a run.
const LIFE: Duration = Duration::from_millis(50);
/// How many of them last no longer than that.
const SHORT_LIVED: usize = 5;

/// Gives other credentials each time, so many times.
#[derive(Debug)]
struct Changing {
    given: Arc<AtomicUsize>,
    most: usize,
}

impl ProvideCredentials for Changing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let nth = self.given.fetch_add(1, Ordering::Relaxed);
        future::ProvideCredentials::ready(if nth < self.most {
            let token = format!("session-token-number-{nth}");
            // Each of them is looked for in each response: a few will do.
            let life = if nth < SHORT_LIVED { LIFE } else { Duration::from_hours(1) };
            let expiry = SystemTime::now() + life;
            Ok(Credentials::new("AKIDEXAMPLE0", "a secret key", Some(token), Some(expiry), "test"))
        } else {
            Err(CredentialsError::not_loaded("there are no more"))
        })
    }
}

/// A run against a target that names each error after the token of its request, and how often
/// credentials were given.
async fn judge(name: &str, most: usize) -> (Report, usize) {
    let (mock, text) = page();
    let peer = Peer::responding(move |request| {
        let mut response = mock.respond(request);
        let token = request.headers().get("x-amz-security-token").map(|value| value.to_str().unwrap());
        if let (Some(token), false) = (token, response.status().is_success()) {
            response.headers_mut().insert("x-amzn-errortype", token.parse().unwrap());
        }
        bytes(&response)
    })
    .await;
    let endpoint = EndpointConfig {
        target: Some(peer.url()),
        fixtures: Some(fixtures(name, &text)),
        ..EndpointConfig::default()
    };
    let args = RunConfig { endpoint, samples: 4, ..RunConfig::default() };
    let RunSetup { mut plan, limits, .. } = prepare(args).await.unwrap();
    let given = Arc::new(AtomicUsize::new(0));
    let provider = SharedCredentialsProvider::new(Changing { given: Arc::clone(&given), most });
    let scope = Scope { region: "us-east-1".to_owned(), service: "appconfigdata".to_owned() };
    let signer = Signer::new(provider, scope, SystemTime::now, |_| false);
    plan.secrets = signer.secrets().clone();
    let settings = Settings { signer: Some(signer), ..Settings::default() };
    let transport = client(Http::new(&peer.url(), &settings).unwrap(), &limits, None, |_| false);
    let report = boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await;
    (report, given.load(Ordering::Relaxed))
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_came_later_are_secrets_too() {
    let (report, given) = judge("renewed", usize::MAX).await;
    assert!(given > 2, "{given}");
    let json = reports::render::json::render(&report);
    assert!(json.contains("<secret ") && !json.contains("session-token-number"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_credentials_are_used_up_ends_and_says_so() {
    let (report, _) = judge("used-up", 2).await;
    let Ending::NotTested { reason } = &report.ending else { panic!("{:?}", report.ending) };
    assert!(
        reason.contains("requests the credentials expired, and no newer ones are available: what"),
        "{reason}"
    );
    let json = reports::render::json::render(&report);
    assert!(!json.contains("could not be signed"));
}
