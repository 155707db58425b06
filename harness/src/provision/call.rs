//! A failed call of the control plane, described in one sentence.

use std::fmt;

use cases::protocol::{Json, Response};

use crate::client::exchange::TransportFailure;
use crate::client::response::error_type;
use crate::client::sign::query::text;

/// Characters of a message and an error code of the control plane that are shown.
const MAX_MESSAGE: usize = 200;
const MAX_CODE: usize = 80;

/// The members of an error response that may contain its message.
const MESSAGES: [&str; 3] = ["message", "Message", "errorMessage"];

/// Parts of the error types of throttling.
const THROTTLING: [&str; 6] = [
    "Throttl",
    "TooManyRequests",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "SlowDown",
    "RequestTimeout",
];

/// The operation that returns the account of the credentials. It belongs to another service, STS.
pub(crate) const IDENTITY: &str = "GetCallerIdentity";

/// A call of the control plane that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The operation.
    pub(crate) call: &'static str,
    /// The endpoint, as shown to users.
    pub(crate) place: String,
    pub(crate) failure: Failure,
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was sent.
    NotSent,
    /// There is no connection.
    Unreachable,
    /// No response came in time.
    TimedOut,
    /// The response cannot be parsed.
    Unreadable,
    /// An error response.
    Refused { status: u16, code: Option<String>, message: Option<String> },
}

impl CallError {
    /// The error for an error response, which is JSON, or XML from STS. The message does not show `secrets`.
    pub(crate) fn refused(call: &'static str, place: &str, response: &Response, secrets: &[String]) -> Self {
        let body = Json::parse(&response.body).ok();
        let of_body = |name| body.as_ref().and_then(|body| body.get(name)).and_then(Json::as_str);
        let message = MESSAGES.into_iter().find_map(of_body).map(str::to_owned);
        let message = message.or_else(|| text(&response.body, "Message"));
        let code = error_type(response, body.as_ref()).or_else(|| text(&response.body, "Code"));
        let failure = Failure::Refused {
            status: response.status,
            code: code.map(|code| redacted_line(&code, secrets, MAX_CODE)),
            message: message.map(|message| redacted_line(&message, secrets, MAX_MESSAGE)),
        };
        Self { call, place: place.to_owned(), failure }
    }

    fn is_refused_with(&self, of: impl Fn(u16, &str) -> bool) -> bool {
        matches!(&self.failure, Failure::Refused { status, code, .. } if of(*status, code.as_deref().unwrap_or_default()))
    }

    /// Whether the resource does not exist.
    pub(crate) fn is_absent(&self) -> bool {
        self.is_refused_with(|status, _| status == 404)
    }

    /// Whether the control plane may not implement the operation.
    pub(crate) fn is_unknown(&self) -> bool {
        self.is_refused_with(|status, _| matches!(status, 404 | 405 | 501))
    }

    /// Whether the call may succeed later, after another operation has ended.
    pub(crate) fn is_conflict(&self) -> bool {
        self.is_refused_with(|status, _| status == 409)
    }

    /// Whether only this resource is refused: its value is not allowed, or a quota is reached.
    pub(crate) fn is_about_the_value(&self) -> bool {
        self.is_refused_with(|status, code| match status {
            400 => code.starts_with("BadRequest") || code.starts_with("Validation"),
            402 | 409 | 413 => true,
            _ => false,
        })
    }

    /// Whether the same call may succeed soon.
    pub(crate) fn is_transient(&self) -> bool {
        match &self.failure {
            Failure::Unreachable | Failure::TimedOut => true,
            Failure::NotSent | Failure::Unreadable => false,
            Failure::Refused { .. } => self.is_refused_with(|status, code| {
                matches!(status, 429 | 500 | 502..=504) || THROTTLING.iter().any(|part| code.contains(part))
            }),
        }
    }

    /// Whether the control plane returned an error.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.failure, Failure::Refused { .. })
    }

    /// Whether further calls would fail in the same way.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.failure, Failure::Unreachable | Failure::TimedOut | Failure::NotSent)
    }
}

impl From<TransportFailure> for Failure {
    fn from(failure: TransportFailure) -> Self {
        use TransportFailure as Transport;
        match failure {
            Transport::TimedOut => Self::TimedOut,
            Transport::NotConnected
            | Transport::Closed
            | Transport::NoAddress
            | Transport::Proxy
            | Transport::Tls(_) => Self::Unreachable,
            Transport::ProxyCredentials => Self::Refused { status: 407, code: None, message: None },
            Transport::CutShort
            | Transport::Garbled
            | Transport::Reset
            | Transport::TooLarge
            | Transport::NotHttp => Self::Unreadable,
            Transport::NotSent | Transport::NotSigned | Transport::Withheld | Transport::GivenUp(_) => {
                Self::NotSent
            }
        }
    }
}

impl std::error::Error for CallError {}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, place, failure } = self;
        write!(f, "{call} at {place}")?;
        match failure {
            Failure::NotSent => f.write_str(" could not be sent")?,
            Failure::Unreachable => f.write_str(" got no connection")?,
            Failure::TimedOut => f.write_str(" got no response in time")?,
            Failure::Unreadable => f.write_str(" got a response that cannot be parsed")?,
            Failure::Refused { status, code, message } => {
                write!(f, " was refused with {status}")?;
                if let Some(code) = code.as_deref().filter(|code| !code.is_empty()) {
                    write!(f, " {code}")?;
                }
                if let Some(message) = message.as_deref().filter(|message| !message.is_empty()) {
                    write!(f, " ({message})")?;
                }
            }
        }
        f.write_str(": ")?;
        f.write_str(&self.advice())
    }
}

/// The first line of a text, shortened and without secrets.
fn redacted_line(text: &str, secrets: &[String], max: usize) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line = secrets.iter().fold(line.to_owned(), |line, secret| line.replace(secret, "…"));
    line.chars().take(max).collect()
}

const LATER: &str = "try again later";
const CREDENTIALS: &str =
    "check that the credentials are valid and not expired, and the clock of this machine";
const PROXY: &str = "check the proxy credentials in --proxy";
const ANOTHER: &str = "is this the control plane? --control-plane URL names another one";

impl CallError {
    /// What the user can do.
    fn advice(&self) -> String {
        let is_secure = self.place.starts_with("https:");
        match &self.failure {
            Failure::Refused { status: 407, .. } => PROXY.to_owned(),
            failure if self.call == IDENTITY => advice_on_identity(failure).to_owned(),
            Failure::NotSent => "check --control-plane, --region and the credentials".to_owned(),
            Failure::Unreachable if is_secure => {
                "is the control plane running there, and does --ca-cert or the system trust its certificate? \
                 --control-plane URL names another one"
                    .to_owned()
            }
            Failure::Unreachable => {
                "is the control plane running there? --control-plane URL names another one".to_owned()
            }
            Failure::TimedOut | Failure::Unreadable => ANOTHER.to_owned(),
            Failure::Refused { status, code, .. } => {
                advice(self.call, *status, code.as_deref().unwrap_or_default())
            }
        }
    }
}

/// What the user can do if the account is unknown. The call needs no permission.
fn advice_on_identity(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotSent => "check --region and the credentials",
        Failure::Unreachable | Failure::TimedOut | Failure::Unreadable => {
            "can STS be reached from here? It returns the account of the tags"
        }
        Failure::Refused { status, code, .. } => {
            let is_throttled = code.as_deref().is_some_and(|code| code.contains("Throttl"));
            if is_throttled || matches!(status, 429 | 500..) { LATER } else { CREDENTIALS }
        }
    }
}

/// What the user can do after an error response of the control plane.
fn advice(call: &str, status: u16, code: &str) -> String {
    let is = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if is(&["Throttl", "TooManyRequests"]) || status == 429 {
        LATER.to_owned()
    } else if is(&["Token", "Signature", "UnrecognizedClient", "RequestExpired"]) {
        CREDENTIALS.to_owned()
    } else if is(&["AccessDenied", "NotAuthorized", "OptInRequired"]) || matches!(status, 401 | 403) {
        format!("do the credentials allow {call} in this region?")
    } else if is(&["ServiceQuotaExceeded"]) || status == 402 {
        "is there room for more? `boundstone provision --clean` removes what earlier runs left".to_owned()
    } else if code.is_empty() && status < 500 || status == 501 {
        ANOTHER.to_owned()
    } else if status >= 500 {
        "try again later, or look at its log".to_owned()
    } else {
        "does the control plane implement this call as AWS does?".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, code: Option<&str>) -> CallError {
        let code = code.map(str::to_owned);
        let failure = Failure::Refused { status, code, message: Some("No.".to_owned()) };
        CallError { call: "CreateThing", place: "http://127.0.0.1:1".to_owned(), failure }
    }

    #[test]
    fn error_has_call_and_remedy() {
        for (status, code, advice) in [
            (403, Some("AccessDeniedException"), "do the credentials allow CreateThing in this region?"),
            (403, Some("ExpiredTokenException"), "check that the credentials are valid"),
            (403, Some("UnrecognizedClientException"), "check that the credentials are valid"),
            (400, Some("ThrottlingException"), "try again later"),
            (429, None, "try again later"),
            (402, Some("ServiceQuotaExceededException"), "is there room for more?"),
            (404, None, "is this the control plane?"),
            (503, None, "try again later, or look at its log"),
        ] {
            let text = refused(status, code).to_string();
            let start = format!("CreateThing at http://127.0.0.1:1 was refused with {status} ");
            assert!(text.starts_with(&start), "{text}");
            assert!(text.contains(&format!("(No.): {advice}")), "{text}");
        }
    }

    #[test]
    fn failed_identity_call_does_not_blame_control_plane() {
        let failed = |failure| {
            let place = "STS of AWS (eu-west-1)".to_owned();
            CallError { call: IDENTITY, place, failure }.to_string()
        };
        for failure in [Failure::Unreachable, Failure::TimedOut, Failure::Unreadable] {
            let text = failed(failure);
            assert!(text.starts_with("GetCallerIdentity at STS of AWS (eu-west-1) got "), "{text}");
            assert!(text.contains(": can STS be reached from here?"), "{text}");
        }
        for (status, code, advice) in [
            (403, "InvalidClientTokenId", CREDENTIALS),
            (403, "AccessDenied", CREDENTIALS),
            (404, "", CREDENTIALS),
            (400, "Throttling", LATER),
            (503, "", LATER),
            (407, "", PROXY),
        ] {
            let refused = Failure::Refused { status, code: Some(code.to_owned()), message: None };
            let text = failed(refused);
            assert!(text.ends_with(&format!(": {advice}")), "{text}");
        }
        assert!(!failed(Failure::NotSent).contains("--control-plane"));
    }

    #[test]
    fn error_response_is_json_or_xml_and_shows_no_secret() {
        let secrets = ["AKIDEXAMPLE0".to_owned()];
        let of = |headers: &[(&str, &str)], body: &str| {
            let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let response = Response { status: 403, headers: headers.collect(), body: body.into() };
            CallError::refused("CreateThing", "here", &response, &secrets).to_string()
        };
        let header = ("x-amzn-errortype", "AccessDeniedException:http://a");
        let json = "{\"message\":\"No, AKIDEXAMPLE0.\\nMore.\"}";
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>\
                   <Message>No, AKIDEXAMPLE0.</Message></Error></ErrorResponse>";
        for (text, code) in [(of(&[header], json), "AccessDeniedException"), (of(&[], xml), "AccessDenied")] {
            assert!(text.contains(&format!(" was refused with 403 {code} (No, ….): ")), "{text}");
        }
        let text = of(&[], "<html>");
        assert!(text.contains(" was refused with 403: "), "{text}");
    }

    #[test]
    fn only_refused_value_is_about_the_value() {
        assert!(refused(400, Some("BadRequestException")).is_about_the_value());
        assert!(refused(402, Some("ServiceQuotaExceededException")).is_about_the_value());
        for (status, code) in [
            (400, Some("ThrottlingException")),
            (400, None),
            (403, Some("AccessDeniedException")),
            (404, Some("ResourceNotFoundException")),
            (500, None),
        ] {
            assert!(!refused(status, code).is_about_the_value(), "{status}");
        }
    }
}
