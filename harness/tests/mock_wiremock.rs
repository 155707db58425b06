//! The mock through its wiremock front.

use std::sync::Arc;

use boundstone::Responder;
use boundstone::mock::{Dialect, Mock, Server};
use http::{Request, StatusCode};
use serde_json::Value;
use wiremock::MockServer;
use wiremock::matchers::any;

use crate::support::{connect, send};

async fn run(dialect: Dialect) -> MockServer {
    let server = Arc::new(Server::new(Mock::reference(dialect, [4; 32])));
    let wiremock = MockServer::start().await;
    wiremock::Mock::given(any()).respond_with(Responder::new(server)).mount(&wiremock).await;
    wiremock
}

#[tokio::test]
async fn a_session_of_each_contract() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let wiremock = run(dialect.clone()).await;
        let mut client = connect(*wiremock.address()).await;
        let start = || Request::post(&dialect.start_path).header("content-type", "application/json");
        let valid = r#"{"ApplicationIdentifier":"a","EnvironmentIdentifier":"é","ConfigurationProfileIdentifier":"🚀"}"#;
        let started = send(&mut client, start(), valid).await;
        assert_eq!(started.status(), dialect.start_status);
        assert_eq!(started.headers()["content-type"], "application/json");
        let body: Value = serde_json::from_slice(started.body()).unwrap();
        let token = body["InitialConfigurationToken"].as_str().unwrap();
        let uri = format!("/configuration?configuration_token={token}");

        let polled = send(&mut client, Request::get(&uri), "").await;
        assert_eq!(polled.status(), StatusCode::OK);
        assert_eq!(polled.body().as_ref(), b"on");
        assert_eq!(polled.headers()["content-type"], "text/plain; charset=utf-8");
        assert_eq!(polled.headers()["version-label"], "release 2026-01-01");
        assert_eq!(polled.headers().get_all("content-type").iter().count(), 1);

        let used_again = send(&mut client, Request::get(&uri), "").await;
        assert_eq!(used_again.status(), StatusCode::BAD_REQUEST);
        assert_eq!(used_again.headers()["x-amzn-errortype"], "BadRequestException");

        let refused = send(&mut client, start(), "[]").await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        let elsewhere = send(&mut client, Request::get("/elsewhere"), "").await;
        assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
        let bare = Request::get("/configuration?configuration_token");
        assert_eq!(send(&mut client, bare, "").await.status(), StatusCode::BAD_REQUEST);
    }
}
