//! The mock as a wiremock responder, for tests.
//!
//! wiremock keeps every matched request in memory: for long runs use [`mock::server::serve`], or
//! `MockServer::builder().disable_request_recording()`.
//!
//! Most tests need only [`mount`]. [`Responder`] mounts another mock, for example one with a deliberate bug:
//!
//! ```
//! # use std::sync::Arc;
//! use boundstone::Responder;
//! use boundstone::mock::{Dialect, Mock, Server, mutant};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let config = mutant::find("first-poll-empty")?.config();
//! let mock = Mock::from_config(Dialect::model(), config, [0; 32]);
//! let server = wiremock::MockServer::start().await;
//! wiremock::Mock::given(wiremock::matchers::any())
//!     .respond_with(Responder::new(Arc::new(Server::new(mock))))
//!     .mount(&server)
//!     .await;
//! # assert!(server.uri().starts_with("http://127.0.0.1"));
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use wiremock::matchers::any;
use wiremock::{MockServer, Respond, ResponseTemplate};

use mock::{Clock, MockConfig, Server};

use crate::setup::embedded_mock;
use crate::setup::error::SetupError;

/// A mock that is mounted on a server.
#[derive(Debug, Clone)]
pub struct Mounted {
    /// Its resources as the text of a fixtures file.
    pub fixtures: String,
    /// The clock of its sessions; it can be set forward.
    pub clock: Clock,
}

/// Mounts the conformant mock of a contract (`page`, `model`, or the path of a Smithy 2.0 JSON AST) on a
/// server. It responds to requests that no other mock of the server matches.
///
/// # Errors
/// The contract cannot be used.
pub async fn mount(server: &MockServer, contract: &str) -> Result<Mounted, SetupError> {
    let mock = embedded_mock::mock(&embedded_mock::contract(contract)?, MockConfig::default())?;
    let (clock, fixtures) = (Clock::default(), mock.resources().to_fixtures());
    let mock = Server::with_clock(mock, {
        let clock = clock.clone();
        move || clock.now()
    });
    let responder = Responder::new(Arc::new(mock));
    wiremock::Mock::given(any()).respond_with(responder).with_priority(u8::MAX).mount(server).await;
    Ok(Mounted { fixtures, clock })
}

/// Responds to each request of wiremock with the mock.
pub struct Responder(Arc<Server>);

impl Responder {
    /// A responder for `server`.
    pub fn new(server: Arc<Server>) -> Self {
        Self(server)
    }
}

impl Respond for Responder {
    fn respond(&self, received: &wiremock::Request) -> ResponseTemplate {
        let path_and_query = &received.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request = Request::new(Bytes::copy_from_slice(&received.body));
        let Ok(uri) = path_and_query.parse() else {
            return ResponseTemplate::new(StatusCode::URI_TOO_LONG);
        };
        *request.uri_mut() = uri;
        *request.method_mut() = received.method.clone();
        *request.headers_mut() = received.headers.clone();
        let response = self.0.respond(&request);
        let mut template = ResponseTemplate::new(response.status()).set_body_bytes(response.body().to_vec());
        for (name, value) in response.headers() {
            template = template.append_header(name, value.clone());
        }
        template
    }
}
