//! `cargo xtask emulators boto3` compares the signatures of the AWS SDK for Python with those of boundstone, and runs a
//! session of the SDK with boundstone's mock, which verifies its signatures.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use cases::signing::{Scope, Signing};
use duct::cmd;
use harness::client::sign::signer::{UnsignedRequest, signature};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

use super::assets::{asset, folder, python_programs};
use crate::support::hex::hex;
use crate::support::test_server::TestServer;
use crate::support::workspace::{self, write};

/// Compares signatures, then starts the mock and runs the session in `session.py` with it.
pub(super) fn run() -> Result<()> {
    let out = folder("boto3")?;
    let programs = python_programs()?;
    let requests = out.join("requests.json");
    write(&requests, &requests_signed_here()?)?;
    cmd!(programs.join("python"), asset("signatures.py"), &requests)
        .run()
        .context("the signatures of botocore and boundstone differ")?;

    let boundstone = workspace::build_boundstone()?;
    let mock = TestServer::mock(&boundstone, &out, &["--require-sigv4", "--contract=model"])?;
    cmd!(programs.join("python"), asset("session.py"), mock.url(), mock.fixtures())
        .run()
        .context("boto3 does not work with the mock")?;
    Ok(())
}

/// A request to sign.
struct Request {
    method: &'static str,
    url: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The requests that both sides sign.
const REQUESTS: [Request; 8] = [
    Request {
        method: "POST",
        url: "http://127.0.0.1:8787/configurationsessions",
        headers: &[JSON],
        body: r#"{"ApplicationIdentifier":"a é水🌊","EnvironmentIdentifier":"b"}"#,
    },
    Request {
        method: "POST",
        url: "https://appconfigdata.us-east-1.amazonaws.com/configurationsessions",
        headers: &[JSON],
        body: "",
    },
    Request {
        method: "POST",
        url: "https://localhost:443/",
        headers: &[JSON, ("X-Many", "a   b"), ("x-more", " c ")],
        body: "{}",
    },
    get("http://localhost/configuration?configuration_token=abc"),
    get("http://localhost/configuration?configuration_token=a%2B%2F%3D%20~"),
    get("http://localhost/base/path/configuration?b=2&a=1&a=0"),
    get("http://[::1]:8080/a%20b/%C3%A9?x="),
    Request { method: "DELETE", url: "http://localhost/a/../b//c/", headers: &[], body: "" },
];

const fn get(url: &'static str) -> Request {
    Request { method: "GET", url, headers: &[], body: "" }
}

const ACCESS_KEY_ID: &str = "AKIDEXAMPLE";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// When the requests are signed: 2015-08-30 12:36:00 UTC.
const TIME: Duration = Duration::from_mins(24_015_636);
const TIMESTAMP: &str = "20150830T123600Z";

/// The requests with the headers that boundstone signs them with, as `signatures.py` reads them.
fn requests_signed_here() -> Result<String> {
    let mut entries = Vec::new();
    for session_token in [None, Some("a/session+token==")] {
        for request in &REQUESTS {
            entries.push(signed_request(request, session_token)?);
        }
    }
    Ok(serde_json::to_string_pretty(&entries)?)
}

/// One request, who signs it and when, and the headers that boundstone adds.
fn signed_request(request: &Request, session_token: Option<&str>) -> Result<Value> {
    let Request { method, url, headers, body } = request;
    let credentials =
        Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, session_token.map(str::to_owned), None, "xtask");
    let scope = Scope { region: "eu-central-1".to_owned(), service: "appconfig".to_owned() };
    let mut own = HeaderMap::new();
    for (name, value) in *headers {
        own.append(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
    }
    let body = body.as_bytes();
    let time = UNIX_EPOCH + TIME;
    let mut signed = Map::new();
    let request = UnsignedRequest { method, url, headers: &own, body };
    for (name, value) in &signature(&credentials, &scope, time, Signing::Valid, &request)? {
        signed.insert(name.to_string(), value.to_str()?.into());
    }
    let headers: Map<_, _> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    Ok(json!({
        "method": method,
        "url": url,
        "headers": headers,
        "body": hex(body),
        "access_key_id": ACCESS_KEY_ID,
        "secret_access_key": SECRET_ACCESS_KEY,
        "session_token": session_token,
        "region": scope.region,
        "service": scope.service,
        "timestamp": TIMESTAMP,
        "signed": signed,
    }))
}
