//! Endpoints that are none: each is named, with what to try.

use std::time::Duration;

use boundstone::mock::{MockConfig, Reference};
use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::embedded_mock::{contract, server};
use reports::model::Ending;
use reports::summary::{Outcome, outcome};

use super::library::{fixtures, refusal, run};
use super::peer::{Peer, bytes};
use crate::support::{FIXTURES, serve};

fn endpoint(target: String, name: &str, contract: &str) -> EndpointConfig {
    EndpointConfig {
        target: Some(target),
        contract: contract.to_owned(),
        fixtures: Some(fixtures(name, FIXTURES)),
        ..EndpointConfig::default()
    }
}

/// A response with a body.
fn response(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

const HTML: &str = "content-type: text/html; charset=utf-8\r\n";
const XML: &str = "content-type: application/xml\r\n";
const JSON: &str = "content-type: application/json\r\n";

#[expect(clippy::too_many_lines, reason = "a table")]
#[tokio::test(flavor = "multi_thread")]
async fn the_peer_is_named_with_what_to_try() {
    let login = "location: https://login.example.com/s3cret?token=s3cret\r\n";
    let typed = |status: &str, name: &str| {
        response(status, &format!("{JSON}x-amzn-errortype: {name}\r\n"), r#"{"message":"no"}"#)
    };
    let s3 = "<?xml version=\"1.0\"?>\n<Error><Code>MethodNotAllowed</Code><Message>no</Message></Error>";
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let go = "Client sent an HTTP request to an HTTPS server.\n";
    let nginx = "<html><h1>400</h1>The plain HTTP request was sent to HTTPS port</html>";
    for (number, (response, saw, advice)) in [
        (
            response("200 OK", HTML, "<p>hello"),
            "200 and an HTML page: ",
            "a web server, a proxy or a login page responds",
        ),
        (
            response("200 OK", "", "<!DOCTYPE html><p>"),
            "200 and an HTML page: ",
            "Check host, port and path of --target.",
        ),
        (
            response("403 Forbidden", HTML, "<p>WAF"),
            "403 and an HTML page: ",
            "a web server, a proxy or a login page",
        ),
        (
            response("502 Bad", HTML, "<p>nginx"),
            "502 and an HTML page: ",
            "a proxy or gateway responds that cannot reach",
        ),
        (
            response("405 Not", XML, s3),
            "405 and XML (MethodNotAllowed): ",
            "another service responds. Check host, port",
        ),
        (response("403 No", XML, denied), "403 and XML (AccessDenied): ", "credential scope appconfig"),
        (
            response("501 Not", JSON, "{}"),
            "501 and application/json: ",
            "Check the path of --target, and --contract page.",
        ),
        (response("405 Not", "", ""), "405: ", "this path does not support the request"),
        (response("404 Not", "", ""), "404: ", "Check the path prefix of --target"),
        (response("404 Not", JSON, "{}"), "404 and application/json: ", "this path does not exist"),
        (
            typed("404 Not", "UnknownOperationException"),
            "404 UnknownOperationException: ",
            "another service responds",
        ),
        (typed("400 Bad", "UnknownService"), "400 UnknownService: ", "with the credential scope appconfig"),
        (
            typed("403 No", "MissingAuthenticationTokenException"),
            "403 MissingAuthenticationTokenException: ",
            "pass --sigv4, or --header 'Authorization: …'",
        ),
        (
            typed("403 No", "InvalidSignatureException"),
            "403 InvalidSignatureException: ",
            "are secret key, --region and the clock",
        ),
        (typed("403 No", "AccessDeniedException"), "403 AccessDeniedException: ", "do their policies allow"),
        (typed("403 No", "ExpiredTokenException"), "403 ExpiredTokenException: ", "obtain new ones"),
        (
            typed("403 No", "UnrecognizedClientException"),
            "403 UnrecognizedClientException: ",
            "is not known there",
        ),
        (typed("403 No", "OddException"), "403 OddException: ", "Pass --sigv4, or --header"),
        (
            typed("400 Bad", "IncompleteSignatureException"),
            "400 IncompleteSignatureException: ",
            "sign with --sigv4",
        ),
        (typed("400 Bad", "BadRequestException"), "400 BadRequestException: ", "no valid call is accepted"),
        (
            typed("404 Not", "ResourceNotFoundException"),
            "404 ResourceNotFoundException: ",
            "the resources of --fixtures may not exist",
        ),
        (response("401 No", "", ""), "401: ", "credentials are missing"),
        (
            response("403 No", JSON, r#"{"message":"Missing Authentication Token"}"#),
            "403 and application/json: ",
            "credentials are missing",
        ),
        (
            response("302 Found", login, ""),
            "the redirect 302 to https://login.example.com: ",
            "boundstone does not follow redirects",
        ),
        (
            response("307 Found", "location: /other\r\n", ""),
            "the redirect 307 to another path: ",
            "Check the path of --target",
        ),
        (response("301 Moved", "", ""), "the redirect 301 to nowhere: ", "check host, port and path"),
        (
            response("400 Bad Request", "", go),
            "400, and says that it requires https: ",
            "try --target https://127.0.0.1:",
        ),
        (
            response("400 Bad Request", HTML, nginx),
            "400, and says that it requires https: ",
            "try --target https://127.0.0.1:",
        ),
        (response("429 Slow", "", ""), "429: ", "it throttles. Try again later."),
        (response("500 No", "", ""), "500: ", "Check its log"),
        (typed("500 No", "InternalServerException"), "500 InternalServerException: ", "Check its log"),
        (response("503 No", "", ""), "503: ", "the service is unavailable"),
        (
            response("200 OK", "content-type: text/plain\r\n", "ok"),
            "200 and text/plain: ",
            "this is not an endpoint of the contract `page`",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let peer = Peer::responding(move |_| response.clone()).await;
        let reason = refusal(endpoint(peer.url(), &format!("contact-{number}"), "page")).await;
        let begins = format!("The target responds to a valid POST / with {saw}");
        assert!(reason.starts_with(&begins) && reason.contains(advice), "{saw}{advice}: {reason}");
        assert!(!reason.contains("s3cret"), "{reason}");
    }
}

/// An error of the contract with a status that the contract does not have for it is the response to nothing,
/// whatever is missing: who gives it to all that is asked is such an endpoint, and wrong.
#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_contradicts_its_contract_is_judged() {
    let typed = |status: &str, name: &str| {
        response(status, &format!("{JSON}X-AMZN-ErrorType: {name}\r\n"), r#"{"message":"no"}"#)
    };
    for (number, (contract, response, status)) in [
        ("model", typed("404 Not", "BadRequestException"), "404"),
        ("page", typed("404 Not", "com.amazonaws.appconfigdata#BadRequestException:http://x"), "404"),
        ("model", typed("400 Bad", "ResourceNotFoundException"), "400"),
        ("page", typed("500 No", "BadRequestException"), "500"),
        ("model", typed("403 No", "InternalServerException"), "403"),
        ("model", response("404 Not", JSON, r#"{"__type":"a#BadRequestException","message":"no"}"#), "404"),
    ]
    .into_iter()
    .enumerate()
    {
        let peer = Peer::responding(move |_| response.clone()).await;
        let endpoint = endpoint(peer.url(), &format!("contradiction-{number}"), contract);
        let args = RunConfig { endpoint, samples: 2, ..RunConfig::default() };
        let report = run(args).await.unwrap();
        assert_eq!(outcome(&report), Outcome::Failed, "{number}");
        let accepts = report.requirements.iter().find(|it| it.id.as_str().ends_with("-session/accepts"));
        let finding = &accepts.unwrap().findings[0];
        assert_eq!(finding.differences[0].actual, status);
        assert!(finding.actual.contains("error type: "), "{}", finding.actual);
        assert_eq!(report.ending, Ending::Complete, "{number}");
    }
}

/// What comes from something in between says nothing of the endpoint, whatever it is called.
#[tokio::test(flavor = "multi_thread")]
async fn an_outage_in_between_is_no_contradiction() {
    for (number, status) in ["502 Bad", "503 No", "504 Late"].into_iter().enumerate() {
        let headers = format!("{JSON}x-amzn-errortype: InternalServerException\r\n");
        let response = response(status, &headers, "{}");
        let peer = Peer::responding(move |_| response.clone()).await;
        let reason = refusal(endpoint(peer.url(), &format!("between-{number}"), "model")).await;
        assert!(reason.contains(&status[..3]), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_contract_is_recognized_whatever_its_path_returns() {
    for (own, other) in [("page", "model"), ("model", "page")] {
        for (number, elsewhere) in [
            response("404 Not", "", ""),
            response("405 Not", XML, "<Error><Code>MethodNotAllowed</Code></Error>"),
            response("400 Bad", JSON, "{}"),
            response("200 OK", HTML, "<p>hello"),
            response("403 No", JSON, "{}"),
            response("501 No", "", ""),
            response("404 Not", &format!("{JSON}x-amzn-errortype: UnknownOperationException\r\n"), "{}"),
        ]
        .into_iter()
        .enumerate()
        {
            let mock = server(&contract(other).unwrap(), Box::new(Reference)).unwrap();
            let known = mock.resources().to_fixtures();
            let path = if other == "model" { "/configurationsessions" } else { "/" };
            let peer = Peer::responding(move |request| {
                if request.uri().path() == path { bytes(&mock.respond(request)) } else { elsewhere.clone() }
            })
            .await;
            // Also where the resources of the fixtures are not there.
            for (which, text) in [known.as_str(), FIXTURES].into_iter().enumerate() {
                let name = format!("other-{own}-{number}-{which}");
                let endpoint = EndpointConfig {
                    fixtures: Some(fixtures(&name, text)),
                    ..endpoint(peer.url(), &name, own)
                };
                let reason = refusal(endpoint).await;
                assert_eq!(
                    reason,
                    format!(
                        "The target refuses calls of the contract `{own}` but accepts those of `{other}`. Try --contract {other}."
                    )
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_that_are_not_there_do_not_look_like_another_contract() {
    let mock = serve("model", MockConfig::default()).await;
    let reason = refusal(endpoint(mock.url(), "not-there", "model")).await;
    assert!(
        reason.contains("404 ResourceNotFoundException: the resources of --fixtures may not exist"),
        "{reason}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_an_address_is_named() {
    let mut endpoint = endpoint("http://boundstone.invalid".to_owned(), "no-address", "page");
    // A resolver may take its time.
    endpoint.timeout = Some(Duration::from_mins(1));
    let reason = refusal(endpoint).await;
    assert!(reason.starts_with("The host name of --target (or of the proxy) cannot be resolved"), "{reason}");
}
