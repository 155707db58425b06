//! What the author of a client writes to test it against the mock, on a wiremock server of their own.
//!
//! The client is the AWS SDK for Rust.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::time::Duration;

use aws_sdk_appconfigdata::Client;
use boundstone::mount;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::sdk;

async fn start(client: &Client, [application, environment, profile]: [&str; 3]) -> String {
    client
        .start_configuration_session()
        .application_identifier(application)
        .environment_identifier(environment)
        .configuration_profile_identifier(profile)
        .send()
        .await
        .unwrap()
        .initial_configuration_token()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_client_receives_what_the_fixtures_name() {
    let server = MockServer::start().await;
    let mounted = mount(&server, "model").await.unwrap();
    let fixtures: toml::Table = toml::from_str(&mounted.fixtures).unwrap();
    let resource = &fixtures["resource"][0];
    let id = |part: &str| resource[part]["id"].as_str().unwrap();

    let client = sdk(server.uri());
    let token = start(&client, [id("application"), id("environment"), id("profile")]).await;
    let poll = client.get_latest_configuration().configuration_token(token).send().await.unwrap();
    let received = poll.configuration().unwrap().as_ref();
    assert_eq!(received, resource["configuration"].as_str().unwrap().as_bytes());
}

#[tokio::test]
async fn a_client_meets_a_token_that_has_expired() {
    let server = MockServer::start().await;
    let mounted = mount(&server, "model").await.unwrap();
    let client = sdk(server.uri());
    let token = start(&client, ["shop", "production", "features"]).await;
    mounted.clock.advance(Duration::from_hours(25));
    let poll = client.get_latest_configuration().configuration_token(token).send().await;
    assert!(poll.unwrap_err().into_service_error().is_bad_request_exception());
}

#[tokio::test]
async fn mocks_of_the_test_s_own_come_first() {
    let server = MockServer::start().await;
    mount(&server, "model").await.unwrap();
    let own = serde_json::json!({ "InitialConfigurationToken": "a token of the test" });
    let own = ResponseTemplate::new(201).set_body_json(own);
    Mock::given(path("/configurationsessions")).respond_with(own).mount(&server).await;
    let client = sdk(server.uri());
    assert_eq!(start(&client, ["shop", "production", "features"]).await, "a token of the test");
}

#[tokio::test]
async fn a_contract_that_does_not_exist_is_named() {
    let server = MockServer::start().await;
    let error = mount(&server, "nowhere.json").await.unwrap_err().to_string();
    assert!(error.starts_with("contract nowhere.json: "), "{error}");
}
