//! Explains in one sentence what responded to a valid call, and what to try.

use cases::contract::Contract;
use cases::protocol::{Json, Response, media_type};
use reqwest::Url;

use crate::client::exchange::{TlsProblem, TransportFailure};
use crate::client::response::error_type;
use crate::execute::executed::ExecutedStep;
use crate::redact::Redactor;

/// Maximum number of characters of the target's text that are shown. The caller escapes it.
const MAX_SHOWN_CHARS: usize = 80;

/// How HTTPS servers respond to a request without TLS.
const HTTPS_ONLY: [&str; 3] =
    ["http request to an https server", "plain http request was sent to https port", "speaking plain http"];

/// Explains the response to the first step and what to try, without secrets.
pub(crate) fn explain(contract: &Contract, step: &ExecutedStep, base: &str, redactor: &Redactor) -> String {
    let request = format!("{} {}", step.display_request().method, step.display_request().target);
    match &step.exchange.observed {
        Err(failure) => without_response(*failure, &request, base),
        Ok(response) => {
            let Description { response, advice } = describe(contract, &redacted(response, redactor), base);
            format!("The target responds to a valid {request} with {response}: {advice}")
        }
    }
}

/// A response without secrets. It is redacted before it is truncated, so no part of a secret remains.
fn redacted(response: &Response, redactor: &Redactor) -> Response {
    let headers = response.headers.iter();
    Response {
        status: response.status,
        headers: headers.map(|(name, value)| (name.clone(), redactor.redact(value))).collect(),
        body: redactor.redact_bytes(&response.body).into_bytes(),
    }
}

/// A response in a few words, and what to try.
struct Description {
    response: String,
    advice: String,
}

/// The format of a response body.
#[derive(PartialEq, Eq)]
enum BodyFormat {
    Html,
    /// XML with the error code, as XML services write it.
    Xml(Option<String>),
    Other,
}

fn describe(contract: &Contract, response: &Response, base: &str) -> Description {
    let status = response.status;
    let body = Json::parse(&response.body).ok();
    if says_https(response) && base.starts_with("http://") {
        let base = base.replacen("http", "https", 1);
        return Description {
            response: format!("{status}, and says that it requires https"),
            advice: format!("try --target {base}."),
        };
    }
    if (300..400).contains(&status) {
        return redirect(response, base);
    }
    if let Some(name) = error_type(response, body.as_ref()) {
        return Description {
            response: format!("{status} {}", clip(&name)),
            advice: refused(contract, status, &name),
        };
    }
    let format = BodyFormat::of(response);
    let advice = match (&format, status) {
        (BodyFormat::Html, 502..=504) => {
            "a proxy or gateway responds that cannot reach the target. Is the target running?".to_owned()
        }
        (BodyFormat::Html, _) => {
            "a web server, a proxy or a login page responds. Check host, port and path of --target."
                .to_owned()
        }
        (BodyFormat::Xml(_), _) => another_service(contract),
        (BodyFormat::Other, status) => by_status(contract, status),
    };
    let described = match format {
        BodyFormat::Html => format!("{status} and an HTML page"),
        BodyFormat::Xml(Some(code)) => format!("{status} and XML ({})", clip(&code)),
        BodyFormat::Xml(None) => format!("{status} and XML"),
        BodyFormat::Other => match response.header("content-type") {
            Some(value) if !response.body.is_empty() => format!("{status} and {}", clip(&media_type(value))),
            _ => status.to_string(),
        },
    };
    Description { response: described, advice }
}

/// What to try if a valid call is refused with an error type.
fn refused(contract: &Contract, status: u16, name: &str) -> String {
    if contract.error(name).is_some() && (400..500).contains(&status) && status != 429 {
        return if status == 404 {
            "the resources of --fixtures may not exist in this region and account. Check --fixtures."
                .to_owned()
        } else {
            "no valid call is accepted, so nothing can be tested. Check that the resources of --fixtures exist.".to_owned()
        };
    }
    match contract.advice(name) {
        Some(advice) => advice.to_owned(),
        None if matches!(status, 401 | 403 | 429 | 500 | 502..) => by_status(contract, status),
        None => another_service(contract),
    }
}

/// What to try if another service of the same endpoint responds.
fn another_service(contract: &Contract) -> String {
    let scope = match &contract.signing_name {
        Some(name) => format!(
            " Requests may also have to name their service: pass --sigv4, or --header 'Authorization: …' with the credential scope {name}."
        ),
        None => String::new(),
    };
    format!("another service responds. Check host, port and path of --target.{scope}")
}

fn by_status(contract: &Contract, status: u16) -> String {
    match status {
        401 | 403 => "credentials are missing or insufficient. Pass --sigv4, or --header 'Authorization: …'."
            .to_owned(),
        404 => format!(
            "this path does not exist. Check the path prefix of --target, and --contract {}.",
            contract.name
        ),
        405 | 501 => format!(
            "this path does not support the request. Check the path of --target, and --contract {}.",
            contract.name
        ),
        407 => {
            "a proxy requires credentials. Pass them with --proxy http://user:password@host:port.".to_owned()
        }
        429 => "it throttles. Try again later.".to_owned(),
        502..=504 => "the service is unavailable. Is it running, and is its upstream reachable?".to_owned(),
        500.. => "it fails on a valid call. Check its log.".to_owned(),
        _ => format!(
            "this is not an endpoint of the contract `{}`. Check --target with its path, --contract and the headers.",
            contract.name
        ),
    }
}

/// Redirects are not followed, so the data of a request goes only where the user sent it.
fn redirect(response: &Response, base: &str) -> Description {
    let status = response.status;
    let location = response.header("location");
    let to = Url::parse(base).ok().zip(location).and_then(|(base, to)| Some((base.join(to).ok()?, base)));
    let Some((to, base)) = to else {
        return Description {
            response: format!("the redirect {status} to nowhere"),
            advice: "check host, port and path of --target.".to_owned(),
        };
    };
    if to.origin() == base.origin() {
        return Description {
            response: format!("the redirect {status} to another path"),
            advice: "boundstone does not follow redirects. Check the path of --target, and whether a login is missing."
                .to_owned(),
        };
    }
    // Paths and queries may contain secrets.
    let origin = to.origin().ascii_serialization();
    Description {
        response: format!("the redirect {status} to {}", clip(&origin)),
        advice: "boundstone does not follow redirects, so that credentials and tokens stay with --target. If that is your endpoint, pass it with --target.".to_owned(),
    }
}

fn without_response(failure: TransportFailure, request: &str, base: &str) -> String {
    let is_secure = base.starts_with("https://");
    match failure {
        TransportFailure::NotConnected => {
            "The target cannot be connected to. Is it running? Check host and port, or those of the proxy, or the path of the socket.".to_owned()
        }
        TransportFailure::NoAddress => {
            "The host name of --target (or of the proxy) cannot be resolved. Check the name and the DNS of this machine.".to_owned()
        }
        TransportFailure::Proxy => {
            "The proxy does not connect to the target. Check that it may reach this host and port, and --proxy.".to_owned()
        }
        TransportFailure::ProxyCredentials => {
            "The proxy requires credentials. Pass them with --proxy http://user:password@host:port.".to_owned()
        }
        TransportFailure::Tls(problem) => format!("No TLS connection to the target, because {problem}: {}", for_tls(problem)),
        TransportFailure::TimedOut => format!(
            "The target does not respond to a valid {request} in time. Check that it can be reached, or pass a longer --timeout."
        ),
        TransportFailure::NotHttp if is_secure => format!(
            "The response to a valid {request} is not HTTP. Check host and port, and the HTTP version (--http)."
        ),
        TransportFailure::NotHttp => format!(
            "The response to a valid {request} is not HTTP. Does the port use https (--target https://…), another HTTP version (--http), or another protocol?"
        ),
        TransportFailure::Closed if is_secure => format!(
            "The target closes the connection on a valid {request} without a response. Does it require a certificate (--client-cert), and is it a server of this contract?"
        ),
        TransportFailure::Closed => format!(
            "The target closes the connection on a valid {request} without a response. Is it an HTTP server, with the HTTP version of --http, and without TLS (--target https://…)?"
        ),
        TransportFailure::NotSigned => {
            "The request could not be signed. The credentials may have expired: renew them.".to_owned()
        }
        TransportFailure::CutShort | TransportFailure::Garbled | TransportFailure::Reset | TransportFailure::TooLarge | TransportFailure::GivenUp(_) | TransportFailure::NotSent | TransportFailure::Withheld => format!(
            "The target does not complete its response to a valid {request}: {failure}. Is it a server of this contract?"
        ),
    }
}

fn for_tls(problem: TlsProblem) -> &'static str {
    match problem {
        TlsProblem::UnknownIssuer => "pass its authority with --ca-cert FILE, or --insecure for a test.",
        TlsProblem::OtherName => {
            "check that the certificate names the host of --target; --insecure accepts any."
        }
        TlsProblem::Expired | TlsProblem::NotYetValid => {
            "renew it, or check the clock of this machine; --insecure accepts any."
        }
        TlsProblem::Authority => {
            "issue one for the server (basicConstraints CA:FALSE), or pass --insecure for a test."
        }
        TlsProblem::OtherCertificate => {
            "pass its authority with --ca-cert FILE, or renew it; --insecure accepts any."
        }
        TlsProblem::ClientCertificate => "pass a certificate that it accepts with --client-cert FILE.",
        TlsProblem::OtherVersion => "try another --http.",
        TlsProblem::NotTls => "try --target http://….",
        TlsProblem::Closed | TlsProblem::Refused | TlsProblem::Other => {
            "check host and port, that it supports TLS 1.2 or 1.3, and whether it requires a certificate (--client-cert)."
        }
    }
}

impl BodyFormat {
    fn of(response: &Response) -> Self {
        let content_type = response.header("content-type").map(media_type).unwrap_or_default();
        let start: String = String::from_utf8_lossy(&response.body[..response.body.len().min(4096)]).into();
        let begins = start.trim_start().get(..14).unwrap_or(start.trim_start()).to_ascii_lowercase();
        if content_type == "text/html" || begins.starts_with("<!doctype html") || begins.starts_with("<html")
        {
            return Self::Html;
        }
        if content_type.ends_with("/xml") || content_type.ends_with("+xml") || begins.starts_with("<?xml") {
            let code = start.split_once("<Code>").and_then(|(_, rest)| Some(rest.split_once("</Code>")?.0));
            return Self::Xml(code.map(str::to_owned));
        }
        Self::Other
    }
}

fn says_https(response: &Response) -> bool {
    let text = String::from_utf8_lossy(&response.body[..response.body.len().min(4096)]).to_ascii_lowercase();
    response.status == 400 && HTTPS_ONLY.iter().any(|says| text.contains(says))
}

fn clip(text: &str) -> String {
    text.chars().take(MAX_SHOWN_CHARS).collect()
}
