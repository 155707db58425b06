//! A whole run, as AWS is spoken to: over TLS with an authority of our own, every request signed, and
//! each signature verified by code that is not ours (scratchstack-aws-signature). What it lets in goes
//! to the mock; what it refuses is told by the errors that it names.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boundstone::client::http::tls::acceptor;
use boundstone::mock::{Reference, Server};
use boundstone::setup::embedded_mock::{contract, server};
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use reports::model::Verdict;
use reports::summary::{Outcome, outcome};
use scratchstack_aws_signature::errors::ServiceError as _;
use scratchstack_aws_signature::principal::{Principal, User};
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS, SignatureError,
    SignatureOptions, service_for_signing_key_fn, sigv4_validate_request,
};
use tokio::net::TcpListener;

use crate::support::{boundstone_without_aws, folder, output, report};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const REGION: &str = "eu-central-1";
const SERVICE: &str = "appconfig";

/// How many requests were let in, and how many were not.
#[derive(Default)]
struct Count {
    admitted: AtomicUsize,
    refused: AtomicUsize,
}

type Refusal = Box<dyn std::error::Error + Send + Sync>;

async fn signing_key(asked: GetSigningKeyRequest) -> Result<GetSigningKeyResponse, Refusal> {
    if asked.access_key() != KEY {
        return Err(Box::new(SignatureError::InvalidClientTokenId("There is no such key.".to_owned())));
    }
    let secret: KSecretKey = KSecretKey::from_str(SECRET)?;
    let key = secret.to_ksigning(asked.request_date(), asked.region(), asked.service());
    let user = User::new("aws", "123456789012", "/", "boundstone")?;
    Ok(GetSigningKeyResponse::builder().principal(Principal::from(user)).signing_key(key).build()?)
}

/// Verifies a request, and responds as the mock does or says why not.
async fn respond(mock: &Server, count: &Count, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (mut parts, body) = request.into_parts();
    // HTTP/2 says it in the target.
    if let Some(authority) = parts.uri.authority() {
        let host = HeaderValue::from_str(authority.as_str()).unwrap();
        parts.headers.entry(HOST).or_insert(host);
    }
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let request = Request::from_parts(parts, body);
    let mut service = service_for_signing_key_fn(signing_key);
    let verified = sigv4_validate_request(
        request.clone(),
        REGION,
        SERVICE,
        &mut service,
        chrono::Utc::now(),
        &NO_ADDITIONAL_SIGNED_HEADERS,
        SignatureOptions::default(),
    );
    match verified.await {
        Ok(_) => {
            count.admitted.fetch_add(1, Ordering::Relaxed);
            mock.respond(&request).map(Full::new)
        }
        Err(error) => {
            count.refused.fetch_add(1, Ordering::Relaxed);
            refusal(&SignatureError::from(error))
        }
    }
}

/// The errors of the library as services name them that speak JSON.
fn refusal(error: &SignatureError) -> Response<Full<Bytes>> {
    let (status, name) = match (error.http_status().as_u16(), error.error_code()) {
        (status, "SignatureDoesNotMatch") => (status, "InvalidSignatureException"),
        (_, "MissingAuthenticationToken") => (403, "MissingAuthenticationTokenException"),
        (status, name) => (status, name),
    };
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-amzn-errortype", name)
        .body(Full::new(Bytes::from(format!("{{\"message\":{:?}}}", error.to_string()))))
        .unwrap()
}

/// A folder with the certificate of an authority, and one for 127.0.0.1 that it has issued.
fn certificates(name: &str) -> PathBuf {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let folder = folder(&format!("verifier/{name}"));
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    std::fs::write(folder.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(folder.join("server.pem"), params.signed_by(&own, &issuer).unwrap().pem()).unwrap();
    std::fs::write(folder.join("key.pem"), own.serialize_pem()).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_judged_behind_a_verifier_that_is_not_ours() {
    for name in ["page", "model"] {
        let folder = certificates(name);
        let mock = Arc::new(server(&contract(name).unwrap(), Box::new(Reference)).unwrap());
        std::fs::write(folder.join("fixtures.toml"), mock.resources().to_fixtures()).unwrap();
        let tls = acceptor(&folder.join("server.pem"), &folder.join("key.pem")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let count = Arc::new(Count::default());
        let seen = Arc::clone(&count);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, mock, count) = (tls.clone(), Arc::clone(&mock), Arc::clone(&seen));
                tokio::spawn(async move {
                    let Ok(stream) = tls.accept(stream).await else { return };
                    let service = service_fn(|request| {
                        let (mock, count) = (Arc::clone(&mock), Arc::clone(&count));
                        async move { Ok::<_, Infallible>(respond(&mock, &count, request).await) }
                    });
                    let connection = auto::Builder::new(TokioExecutor::new());
                    let _closed = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });

        let arguments = ["run", "--contract", name, "--target", &url, "--fixtures", "fixtures.toml"];
        let flags = ["--ca-cert", "ca.pem", "--sigv4", "--out", "out", "--strict"];
        let mut command = boundstone_without_aws(&folder, &[&arguments[..], &flags].concat());
        command.envs([("AWS_ACCESS_KEY_ID", KEY), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_REGION", REGION)]);
        let ended = tokio::task::spawn_blocking(move || output(&mut command)).await;
        serving.abort();

        let (code, stdout, stderr) = ended.unwrap();
        assert_eq!(code, 0, "{stdout}{stderr}");
        let report = report(&folder.join("out"));
        assert_eq!(outcome(&report), Outcome::Passed);
        // All but what needs a day to pass.
        for requirement in report.requirements.iter().filter(|it| it.verdict != Verdict::Passed) {
            let reason = requirement.reason.as_deref().unwrap_or_default();
            assert!(reason.contains("time has to pass"), "{}: {reason}", requirement.id);
        }
        let signatures = report.requirements.iter().filter(|it| it.id.as_str().contains("/signature/"));
        assert!(signatures.count() >= 12);
        let [admitted, refused] = [&count.admitted, &count.refused].map(|one| one.load(Ordering::Relaxed));
        assert!(admitted > 1_000 && refused > 50, "{admitted} and {refused}");
    }
}
