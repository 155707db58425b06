//! The calls of the control plane: signatures, retries, and limits.

use std::str::FromStr as _;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use boundstone::client::sign::credentials::access::Access;
use boundstone::provision::{ControlPlane, Provisioner, Removal, RunLabel, find_leftovers};
use bytes::Bytes;
use cases::contract::Contract;
use http::Request;
use scratchstack_aws_signature::principal::{Principal, User};
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS, SignatureOptions,
    service_for_signing_key_fn, sigv4_validate_request,
};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::fake::{Fake, REGION};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

type Refusal = Box<dyn std::error::Error + Send + Sync>;

async fn signing_key(asked: GetSigningKeyRequest) -> Result<GetSigningKeyResponse, Refusal> {
    assert_eq!(asked.access_key(), KEY);
    let secret: KSecretKey = KSecretKey::from_str(SECRET)?;
    let key = secret.to_ksigning(asked.request_date(), asked.region(), asked.service());
    let user = User::new("aws", "123456789012", "/", "boundstone")?;
    Ok(GetSigningKeyResponse::builder().principal(Principal::from(user)).signing_key(key).build()?)
}

async fn control(url: &str) -> ControlPlane {
    let credentials = Credentials::new(KEY, SECRET, None, None, "test");
    let access = Access::new(REGION, SharedCredentialsProvider::new(credentials));
    ControlPlane::with(&access, Some(url.parse().unwrap())).await.unwrap()
}

#[tokio::test]
async fn signatures_convince_a_verifier_that_is_not_ours() {
    let fake = Fake::start().await;
    let control = control(fake.url().as_str()).await;
    let mut provisioner =
        Provisioner::new(control.clone(), RunLabel::new(42, "2026-01-01T00:00:00Z".to_owned()));
    provisioner.create(&Contract::model().unwrap(), || false).await.unwrap();
    assert_eq!(find_leftovers(&control).await.unwrap().leftovers.len(), 6);
    assert_eq!(provisioner.remove().await, Removal::default());

    let mut service = service_for_signing_key_fn(signing_key);
    let mut paths = Vec::new();
    for received in fake.requests().await {
        let path = received.url.path().to_owned();
        // A signature covers the path encoded twice, and this verifier encodes it once, as S3 does.
        let target = received.url.as_str().replacen(&path, &path.replace('%', "%25"), 1);
        let mut request = Request::builder().method(received.method.as_str()).uri(target);
        request.headers_mut().unwrap().extend(received.headers);
        let verified = sigv4_validate_request(
            request.body(Bytes::from(received.body)).unwrap(),
            REGION,
            if path == "/" { "sts" } else { "appconfig" },
            &mut service,
            chrono::Utc::now(),
            &NO_ADDITIONAL_SIGNED_HEADERS,
            SignatureOptions::default(),
        );
        let verified = verified.await.map(drop).map_err(|error| error.to_string());
        assert_eq!(verified, Ok(()), "{path}");
        paths.push(path);
    }
    for known in ["/", "/applications", "/tags/arn%3Aaws%3Aappconfig%3A"] {
        assert!(paths.iter().any(|path| path.starts_with(known)), "{paths:?}");
    }
}

/// Lists the applications of a control plane with these responses. The last one repeats. Returns the
/// error and the number of requests.
async fn list(responses: Vec<ResponseTemplate>) -> (Option<String>, usize) {
    let server = MockServer::start().await;
    let last = responses.len() - 1;
    for (number, response) in responses.into_iter().enumerate() {
        let mock = Mock::given(any()).respond_with(response);
        if number == last { mock } else { mock.up_to_n_times(1) }.mount(&server).await;
    }
    let listed = find_leftovers(&control(&server.uri()).await).await;
    (listed.err().map(|error| error.to_string()), server.received_requests().await.unwrap().len())
}

fn refused(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).insert_header("x-amzn-errortype", code)
}

#[tokio::test]
async fn throttled_calls_and_server_errors_are_retried() {
    let empty = || ResponseTemplate::new(200).set_body_string("{\"Items\":[]}");
    let (error, requests) = list(vec![refused(400, "ThrottlingException"), refused(500, ""), empty()]).await;
    assert_eq!((error, requests), (None, 3));
    let (error, requests) = list(vec![refused(429, "TooManyRequestsException")]).await;
    let error = error.unwrap();
    assert!(error.contains("was refused with 429 TooManyRequestsException: try again later"), "{error}");
    assert_eq!(requests, 4);
    let (error, requests) = list(vec![refused(400, "BadRequestException"), empty()]).await;
    assert!(error.is_some() && requests == 1, "{error:?}");
}

#[tokio::test]
async fn response_that_is_too_large_or_no_json_is_an_error() {
    for body in [format!("{{\"Items\":[]}}{}", " ".repeat(5 << 20)), "<html>".to_owned()] {
        let (error, requests) = list(vec![ResponseTemplate::new(200).set_body_string(body)]).await;
        let error = error.unwrap();
        assert!(error.starts_with("ListApplications at http://127.0.0.1:"), "{error}");
        assert!(error.contains(" got a response that cannot be parsed: "), "{error}");
        assert_eq!(requests, 1);
    }
}
