//! The mock read by a client that this project did not write: the AWS SDK for Rust.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::sync::Arc;

use aws_sdk_appconfigdata::Client;
use aws_sdk_appconfigdata::operation::get_latest_configuration::GetLatestConfigurationError;
use aws_sdk_appconfigdata::operation::start_configuration_session::StartConfigurationSessionError;
use aws_sdk_appconfigdata::types::{BadRequestReason, InvalidParameterProblem, ResourceType};
use boundstone::mock::server::serve;
use boundstone::mock::{Configuration, Dialect, Identifiers, Mock, Server};
use http::HeaderValue;
use tokio::net::TcpListener;

use crate::support::sdk;

async fn run() -> (Arc<Server>, Client) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = sdk(format!("http://{}", listener.local_addr().unwrap()));
    let server = Arc::new(Server::new(Mock::reference(Dialect::model(), [5; 32])));
    tokio::spawn(serve(listener, Arc::clone(&server), std::future::pending()));
    (server, client)
}

async fn start(
    client: &Client,
    identifiers: [&str; 3],
    interval: Option<i32>,
) -> Result<String, StartConfigurationSessionError> {
    client
        .start_configuration_session()
        .application_identifier(identifiers[0])
        .environment_identifier(identifiers[1])
        .configuration_profile_identifier(identifiers[2])
        .set_required_minimum_poll_interval_in_seconds(interval)
        .send()
        .await
        .map(|output| output.initial_configuration_token().unwrap().to_owned())
        .map_err(aws_sdk_appconfigdata::error::SdkError::into_service_error)
}

async fn problem(client: &Client, token: &str) -> InvalidParameterProblem {
    let error = client
        .get_latest_configuration()
        .configuration_token(token)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let GetLatestConfigurationError::BadRequestException(error) = error else {
        panic!("{error:?}");
    };
    assert!(error.message().is_some());
    assert_eq!(error.reason(), Some(&BadRequestReason::InvalidParameters));
    let parameters = error.details().unwrap().as_invalid_parameters().unwrap();
    assert_eq!(parameters.len(), 1);
    parameters["ConfigurationToken"].problem().unwrap().clone()
}

#[tokio::test]
async fn a_session_polls_and_sees_a_deployment() {
    let (server, client) = run().await;
    let place = ["shop", "production", "features"];
    let token = start(&client, place, None).await.unwrap();
    let poll = |token: String| client.get_latest_configuration().configuration_token(token).send();

    let first = poll(token).await.unwrap();
    assert!(first.configuration().unwrap().as_ref().starts_with(b"{\"checkout\""));
    assert_eq!(first.content_type(), Some("application/json"));
    assert_eq!(first.version_label(), Some("v1"));
    assert_eq!(first.next_poll_interval_in_seconds(), 60);

    let second = poll(first.next_poll_configuration_token().unwrap().to_owned()).await.unwrap();
    assert!(second.configuration().is_none_or(|body| body.as_ref().is_empty()));
    assert_eq!(second.version_label(), None);

    let changed = Configuration::text("new", HeaderValue::from_static("text/plain"))
        .labeled(HeaderValue::from_static("v2"));
    server.deploy(&Identifiers::new(place[0], place[1], place[2]), changed).unwrap();
    let third = poll(second.next_poll_configuration_token().unwrap().to_owned()).await.unwrap();
    assert_eq!(third.configuration().unwrap().as_ref(), b"new");
    assert_eq!(third.content_type(), Some("text/plain"));
    assert_eq!(third.version_label(), Some("v2"));
}

#[tokio::test]
async fn a_bad_token_has_its_problem() {
    let (_, client) = run().await;
    let token = start(&client, ["shop", "production", "features"], None).await.unwrap();
    client.get_latest_configuration().configuration_token(&token).send().await.unwrap();
    assert_eq!(problem(&client, &token).await, InvalidParameterProblem::Corrupted);
    assert_eq!(problem(&client, "unknown").await, InvalidParameterProblem::Corrupted);
}

#[tokio::test]
async fn an_early_poll_has_its_problem() {
    let (_, client) = run().await;
    let token = start(&client, ["shop", "production", "features"], Some(86_400)).await.unwrap();
    let first = client.get_latest_configuration().configuration_token(token).send().await.unwrap();
    assert_eq!(first.next_poll_interval_in_seconds(), 86_400);
    let next = first.next_poll_configuration_token().unwrap();
    let early = InvalidParameterProblem::PollIntervalNotSatisfied;
    assert_eq!(problem(&client, next).await, early);
}

#[tokio::test]
async fn what_is_not_found_has_its_type() {
    let (_, client) = run().await;
    for (identifiers, resource_type) in [
        (["none", "production", "features"], ResourceType::Application),
        (["shop", "none", "features"], ResourceType::Environment),
        (["shop", "production", "🚀"], ResourceType::ConfigurationProfile),
        (["shop", "production", "undeployed"], ResourceType::Deployment),
    ] {
        let error = start(&client, identifiers, None).await.unwrap_err();
        let StartConfigurationSessionError::ResourceNotFoundException(error) = error else {
            panic!("{error:?}");
        };
        assert!(error.message().is_some());
        assert_eq!(error.resource_type(), Some(&resource_type));
        let references = error.referenced_by().unwrap();
        assert!(references.values().all(|value| identifiers.contains(&value.as_str())));
    }
}

#[tokio::test]
async fn a_request_outside_a_constraint_is_a_bad_request() {
    let (_, client) = run().await;
    let long = "🚀".repeat(129);
    for (application, interval) in [("", None), (&long, None), ("shop", Some(14))] {
        let error = start(&client, [application, "production", "features"], interval).await;
        let error = error.unwrap_err();
        assert!(error.is_bad_request_exception(), "{error:?}");
        assert!(error.meta().message().is_some());
    }
}
