//! Says in one sentence what answered a valid call, and what to try.

use cases::contract::Contract;
use cases::protocol::{Json, Response, media_type};
use reqwest::Url;

use crate::client::exchange::{Fault, TlsProblem};
use crate::client::response::error_type;
use crate::execute::executed::PlayedStep;
use crate::redact::Secrets;

/// What of the target's text is shown at most; whoever shows it escapes it.
const LONGEST: usize = 80;

/// How servers of https say that they were spoken to without TLS.
const HTTPS_ONLY: [&str; 3] =
    ["http request to an https server", "plain http request was sent to https port", "speaking plain http"];

/// What answered the first step, and what to try, without what is `hidden`.
pub(crate) fn explain(contract: &Contract, step: &PlayedStep, base: &str, hidden: &Secrets) -> String {
    let request = format!("{} {}", step.shown().method, step.shown().target);
    match &step.exchange.observed {
        Err(fault) => without_answer(*fault, &request, base),
        Ok(response) => {
            let Seen { answer, advice } = seen(contract, &cleaned(response, hidden), base);
            format!("The target answers a valid {request} with {answer}: {advice}")
        }
    }
}

/// An answer without secrets. What is cut short afterwards shows no part of one.
fn cleaned(response: &Response, hidden: &Secrets) -> Response {
    let header = |(name, value): &(String, String)| (name.clone(), hidden.clean(value));
    Response {
        status: response.status,
        headers: response.headers.iter().map(header).collect(),
        body: hidden.clean_bytes(&response.body).into_bytes(),
    }
}

/// An answer in a few words, and what to try.
struct Seen {
    answer: String,
    advice: String,
}

/// What the body of an answer is written in.
#[derive(PartialEq, Eq)]
enum Language {
    Html,
    /// With the code of the error, as services write it that speak XML.
    Xml(Option<String>),
    Other,
}

fn seen(contract: &Contract, response: &Response, base: &str) -> Seen {
    let status = response.status;
    let body = Json::parse(&response.body).ok();
    if says_https(response) && base.starts_with("http://") {
        let base = base.replacen("http", "https", 1);
        return Seen {
            answer: format!("{status}, and says that it speaks https"),
            advice: format!("try --target {base}."),
        };
    }
    if (300..400).contains(&status) {
        return redirect(response, base);
    }
    if let Some(name) = error_type(response, body.as_ref()) {
        return Seen {
            answer: format!("{status} {}", clip(&name)),
            advice: refused(contract, status, &name),
        };
    }
    let language = Language::of(response);
    let advice = match (&language, status) {
        (Language::Html, 502..=504) => {
            "a proxy or gateway answers that does not reach the target: is the target running behind it?"
                .to_owned()
        }
        (Language::Html, _) => {
            "a web server, a proxy or a login page answers: are host, port and path of --target right?"
                .to_owned()
        }
        (Language::Xml(_), _) => another_service(contract),
        (Language::Other, status) => by_status(contract, status),
    };
    let answer = match language {
        Language::Html => format!("{status} and an HTML page"),
        Language::Xml(Some(code)) => format!("{status} and XML ({})", clip(&code)),
        Language::Xml(None) => format!("{status} and XML"),
        Language::Other => match response.header("content-type") {
            Some(value) if !response.body.is_empty() => format!("{status} and {}", clip(&media_type(value))),
            _ => status.to_string(),
        },
    };
    Seen { answer, advice }
}

/// What to try if a valid call is refused with an error that says its type.
fn refused(contract: &Contract, status: u16, name: &str) -> String {
    if contract.error(name).is_some() && (400..500).contains(&status) && status != 429 {
        return if status == 404 {
            "do the resources of --fixtures exist there, in this region and account?".to_owned()
        } else {
            "no valid call is accepted, so that nothing can be judged: do the resources of --fixtures exist there?".to_owned()
        };
    }
    match contract.advice(name) {
        Some(advice) => advice.to_owned(),
        None if matches!(status, 401 | 403 | 429 | 500 | 502..) => by_status(contract, status),
        None => another_service(contract),
    }
}

/// What to try if another service of the same endpoint answers.
fn another_service(contract: &Contract) -> String {
    let scope = match &contract.signing_name {
        Some(name) => format!(
            ", and do requests say which service they are for (--sigv4, or --header 'Authorization: …' with the credential scope {name})"
        ),
        None => String::new(),
    };
    format!("another service answers: are host, port and path of --target right{scope}?")
}

fn by_status(contract: &Contract, status: u16) -> String {
    match status {
        401 | 403 => {
            "are credentials missing, or others needed? Pass --sigv4, or --header 'Authorization: …'."
                .to_owned()
        }
        404 => format!(
            "nothing is there: does --target lack a prefix of its path, or have one too many, and is --contract {} right?",
            contract.name
        ),
        405 | 501 => format!(
            "it does not do this here: are the path of --target and --contract {} right?",
            contract.name
        ),
        407 => {
            "a proxy asks for credentials: name them in --proxy http://user:password@host:port.".to_owned()
        }
        429 => "it throttles: try again later.".to_owned(),
        502..=504 => "it does not serve just now: is it up, and what stands behind it?".to_owned(),
        500.. => "it fails on a valid call: look into its log.".to_owned(),
        _ => format!(
            "this is no endpoint of the contract `{}`: are --target, its path, --contract and the headers right?",
            contract.name
        ),
    }
}

/// Redirects are not followed: what a request carries goes where the user said, and nowhere else.
fn redirect(response: &Response, base: &str) -> Seen {
    let status = response.status;
    let location = response.header("location");
    let to = Url::parse(base).ok().zip(location).and_then(|(base, to)| Some((base.join(to).ok()?, base)));
    let Some((to, base)) = to else {
        return Seen {
            answer: format!("the redirect {status} to nowhere"),
            advice: "are host, port and path of --target right?".to_owned(),
        };
    };
    if to.origin() == base.origin() {
        return Seen {
            answer: format!("the redirect {status} to another path"),
            advice: "boundstone follows none: is the path of --target right, or is a login missing?"
                .to_owned(),
        };
    }
    // Paths and queries may hold secrets.
    let origin = to.origin().ascii_serialization();
    Seen {
        answer: format!("the redirect {status} to {}", clip(&origin)),
        advice: "boundstone follows none, so that credentials and tokens stay where you sent them: if that is your endpoint, name it with --target.".to_owned(),
    }
}

fn without_answer(fault: Fault, request: &str, base: &str) -> String {
    let is_secure = base.starts_with("https://");
    match fault {
        Fault::NotConnected => {
            "No connection to the target: is it running, and are host and port (or the proxy's, or the socket's path) right?".to_owned()
        }
        Fault::NoAddress => {
            "The host of --target (or of the proxy) has no address: is its name right, and can it be looked up from here?".to_owned()
        }
        Fault::Proxy => {
            "The proxy makes no connection to the target: may it reach this host and port, and is --proxy right?".to_owned()
        }
        Fault::ProxyCredentials => {
            "The proxy asks for credentials: name them in --proxy http://user:password@host:port.".to_owned()
        }
        Fault::Tls(problem) => format!("No TLS connection to the target, because {problem}: {}", for_tls(problem)),
        Fault::TimedOut => format!(
            "The target gives no answer to a valid {request} in time: can it be reached from here, or does it need a longer --timeout?"
        ),
        Fault::NotHttp if is_secure => format!(
            "What answers a valid {request} is not HTTP: are host and port right, and does it speak the version of --http?"
        ),
        Fault::NotHttp => format!(
            "What answers a valid {request} is not HTTP: does the port speak https (--target https://…), another version (--http), or something else?"
        ),
        Fault::Closed if is_secure => format!(
            "The target closes the connection on a valid {request} without an answer: does it want a certificate (--client-cert), and is it a server of this contract?"
        ),
        Fault::Closed => format!(
            "The target closes the connection on a valid {request} without an answer: is it an HTTP server, of the version of --http, and not one of https (--target https://…)?"
        ),
        Fault::NotSigned => {
            "The request could not be signed: have the credentials expired, without newer ones to be had?".to_owned()
        }
        Fault::CutShort | Fault::Garbled | Fault::Reset | Fault::TooLarge | Fault::GivenUp(_) | Fault::NotSent | Fault::Withheld => format!(
            "The target gives no whole answer to a valid {request}: {fault}. Is it a server of this contract?"
        ),
    }
}

fn for_tls(problem: TlsProblem) -> &'static str {
    match problem {
        TlsProblem::UnknownIssuer => "name its authority with --ca-cert FILE, or use --insecure for a test.",
        TlsProblem::OtherName => {
            "is the host of --target the one that the certificate names? --insecure accepts any."
        }
        TlsProblem::Expired | TlsProblem::NotYetValid => {
            "renew it, or look at the clock of this machine; --insecure accepts any."
        }
        TlsProblem::Authority => {
            "issue one for the server (basicConstraints CA:FALSE), or use --insecure for a test."
        }
        TlsProblem::OtherCertificate => {
            "name its authority with --ca-cert FILE, or renew it; --insecure accepts any."
        }
        TlsProblem::ClientCertificate => "pass the one that it accepts with --client-cert FILE.",
        TlsProblem::OtherVersion => "try another --http.",
        TlsProblem::NotTls => "try --target http://….",
        TlsProblem::Closed | TlsProblem::Refused | TlsProblem::Other => {
            "are host and port right, does it speak TLS 1.2 or 1.3, and does it want a certificate (--client-cert)?"
        }
    }
}

impl Language {
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
    text.chars().take(LONGEST).collect()
}
