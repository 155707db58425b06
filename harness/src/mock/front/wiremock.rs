//! The mock as a wiremock responder, for tests.
//!
//! wiremock keeps every request that it matched in memory: for long runs use
//! [`hyper`](super::hyper).
//!
//! ```
//! # use std::sync::Arc;
//! use boundstone::mock::front::wiremock::Responder;
//! use boundstone::mock::{Dialect, Mock, Server};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = Arc::new(Server::new(Mock::reference(Dialect::model(), [0; 32])));
//! let wiremock = wiremock::MockServer::start().await;
//! wiremock::Mock::given(wiremock::matchers::any())
//!     .respond_with(Responder::new(server))
//!     .mount(&wiremock)
//!     .await;
//! # assert!(wiremock.uri().starts_with("http://127.0.0.1"));
//! # }
//! ```

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use wiremock::{Respond, ResponseTemplate};

use super::Server;

/// Answers each request that wiremock hands to it.
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
        let response = self.0.answer(&request);
        let mut template = ResponseTemplate::new(response.status()).set_body_bytes(response.body().to_vec());
        for (name, value) in response.headers() {
            template = template.append_header(name, value.clone());
        }
        template
    }
}
