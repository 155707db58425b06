//! `cargo xtask emulators boto3`: the AWS SDK for Python holds a session with boundstone's mock, which
//! verifies its signatures, and signs what boundstone signs, to the same end.

use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result};
use aws_credential_types::Credentials;
use cases::signing::{Scope, Signing};
use duct::cmd;
use harness::client::sign::signer::{UnsignedRequest, signature};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

use super::{asset, folder, python_programs};
use crate::peer::Peer;
use crate::workspace;
use crate::workspace::write;

/// Compares signatures, then starts the mock and runs the session of `session.py` with it.
pub(super) fn run() -> Result<()> {
    let out = folder("boto3")?;
    let programs = python_programs()?;
    let requests = out.join("requests.json");
    write(&requests, &requests_signed_here()?)?;
    cmd!(programs.join("python"), asset("signatures.py"), &requests)
        .run()
        .context("botocore does not sign as boundstone does")?;

    let boundstone = workspace::build_boundstone()?;
    let mock = Peer::mock(&boundstone, &out, &["--require-sigv4", "--contract=model"])?;
    cmd!(programs.join("python"), asset("session.py"), mock.url(), mock.fixtures())
        .run()
        .context("boto3 and the mock do not agree")?;
    Ok(())
}

/// Names and values.
type Headers = &'static [(&'static str, &'static str)];

/// Requests with the headers that boundstone signs them with, as `signatures.py` reads them.
fn requests_signed_here() -> Result<String> {
    const JSON: (&str, &str) = ("Content-Type", "application/json");
    let body = r#"{"ApplicationIdentifier":"a é水🌊","EnvironmentIdentifier":"b"}"#.as_bytes();
    let requests: [(&str, &str, Headers, &[u8]); 8] = [
        ("POST", "http://127.0.0.1:8787/configurationsessions", &[JSON], body),
        ("POST", "https://appconfigdata.us-east-1.amazonaws.com/configurationsessions", &[JSON], b""),
        ("POST", "https://localhost:443/", &[JSON, ("X-Many", "a   b"), ("x-more", " c ")], b"{}"),
        ("GET", "http://localhost/configuration?configuration_token=abc", &[], b""),
        ("GET", "http://localhost/configuration?configuration_token=a%2B%2F%3D%20~", &[], b""),
        ("GET", "http://localhost/base/path/configuration?b=2&a=1&a=0", &[], b""),
        ("GET", "http://[::1]:8080/a%20b/%C3%A9?x=", &[], b""),
        ("DELETE", "http://localhost/a/../b//c/", &[], b""),
    ];
    let keys = ["AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"];
    let scope = Scope { region: "eu-central-1".to_owned(), service: "appconfig".to_owned() };
    // 2015-08-30, 12:36:00.
    let time = UNIX_EPOCH + Duration::from_mins(24_015_636);
    let mut entries = Vec::new();
    for token in [None, Some("a/session+token==")] {
        let credentials = Credentials::new(keys[0], keys[1], token.map(str::to_owned), None, "xtask");
        for (method, url, given, body) in requests {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.append(HeaderName::try_from(*name)?, HeaderValue::try_from(*value)?);
            }
            let request = UnsignedRequest { method, url, headers: &headers, body };
            let signed = signature(&credentials, &scope, time, Signing::Valid, &request)?;
            let text = |(name, value): (&HeaderName, &HeaderValue)| {
                Ok((name.to_string(), value.to_str()?.to_owned().into()))
            };
            let signed: serde_json::Map<_, _> = signed.iter().map(text).collect::<Result<_>>()?;
            entries.push(json!({
                "method": method, "url": url, "headers": given.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
                "body": body.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat(),
                "access_key_id": keys[0], "secret_access_key": keys[1], "session_token": token,
                "region": scope.region, "service": scope.service, "timestamp": "20150830T123600Z",
                "signed": signed,
            }));
        }
    }
    Ok(serde_json::to_string_pretty(&entries)?)
}
