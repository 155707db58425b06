//! A call that did not do what it was to do, in one sentence.

use std::fmt;

use aws_sdk_appconfig::config::http::HttpResponse;
use aws_sdk_appconfig::error::{ProvideErrorMetadata, SdkError};

/// The most characters that are shown of what the control plane says.
const LONGEST_MESSAGE: usize = 200;
const LONGEST_CODE: usize = 80;

/// The operation that tells whose credentials these are. It is of another service, STS.
pub(crate) const IDENTITY: &str = "GetCallerIdentity";

/// A call of the control plane that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// The operation.
    pub(crate) call: &'static str,
    /// Where it was called.
    pub(crate) place: String,
    pub(crate) failure: Failure,
}

/// How a call fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing was sent.
    NotSent,
    /// There is no connection.
    Unreachable,
    /// No answer came in time.
    TimedOut,
    /// What came cannot be read.
    Unreadable,
    /// An error, by its status, its type, and what it says.
    Refused { status: u16, code: Option<String>, message: Option<String> },
}

impl CallError {
    /// What became of a call. `secrets` are never shown.
    pub(crate) fn new<E: ProvideErrorMetadata>(
        call: &'static str,
        place: &str,
        error: &SdkError<E, HttpResponse>,
        secrets: &[String],
    ) -> Self {
        let failure = match error {
            SdkError::TimeoutError(_) => Failure::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Failure::TimedOut,
            SdkError::DispatchFailure(failure) if failure.is_io() => Failure::Unreachable,
            SdkError::ResponseError(_) => Failure::Unreadable,
            SdkError::ServiceError(refusal) => {
                let shown = |text: &str, longest: usize| {
                    let line = text.lines().next().unwrap_or_default();
                    let line = secrets.iter().fold(line.to_owned(), |line, secret| line.replace(secret, "…"));
                    line.chars().take(longest).collect::<String>()
                };
                Failure::Refused {
                    status: refusal.raw().status().as_u16(),
                    code: error.code().map(|code| shown(code, LONGEST_CODE)),
                    message: error.message().map(|message| shown(message, LONGEST_MESSAGE)),
                }
            }
            _ => Failure::NotSent,
        };
        Self { call, place: place.to_owned(), failure }
    }

    /// A success that lacks what it has to say.
    pub(crate) fn unreadable(call: &'static str, place: &str) -> Self {
        Self { call, place: place.to_owned(), failure: Failure::Unreadable }
    }

    fn is_refused_with(&self, of: impl Fn(u16, &str) -> bool) -> bool {
        matches!(&self.failure, Failure::Refused { status, code, .. } if of(*status, code.as_deref().unwrap_or_default()))
    }

    /// Whether what was named does not exist.
    pub(crate) fn is_absent(&self) -> bool {
        self.is_refused_with(|status, _| status == 404)
    }

    /// Whether the control plane may not have the operation at all.
    pub(crate) fn is_unknown(&self) -> bool {
        self.is_refused_with(|status, _| matches!(status, 404 | 405 | 501))
    }

    /// Whether it could be done later, once something else has come to its end.
    pub(crate) fn is_conflict(&self) -> bool {
        self.is_refused_with(|status, _| status == 409)
    }

    /// Whether it is just this that is not wanted: the value is not allowed, or there are too many.
    pub(crate) fn is_about_the_value(&self) -> bool {
        self.is_refused_with(|status, code| match status {
            400 => code.starts_with("BadRequest") || code.starts_with("Validation"),
            402 | 409 | 413 => true,
            _ => false,
        })
    }

    /// Whether the operation is refused, whatever it is about.
    pub(crate) fn is_refused(&self) -> bool {
        matches!(self.failure, Failure::Refused { .. })
    }

    /// Whether further calls would fail in the same way.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.failure, Failure::Unreachable | Failure::TimedOut | Failure::NotSent)
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
            Failure::TimedOut => f.write_str(" got no answer in time")?,
            Failure::Unreadable => f.write_str(" got an answer that cannot be read")?,
            Failure::Refused { status, code, message } => {
                write!(f, " was refused with {status}")?;
                let named = code.as_deref().filter(|code| !code.is_empty());
                for part in named.into_iter().map(|code| format!(" {code}")) {
                    f.write_str(&part)?;
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

const LATER: &str = "try again later";
const CREDENTIALS: &str = "are the credentials valid, not expired, and is the clock of this machine right?";
const PROXY: &str = "does --proxy name credentials that the proxy takes?";
const ANOTHER: &str = "is this the control plane? --control-plane URL names another one";

impl CallError {
    /// What to try.
    fn advice(&self) -> String {
        let is_secure = self.place.starts_with("https:");
        match &self.failure {
            Failure::Refused { status: 407, .. } => PROXY.to_owned(),
            failure if self.call == IDENTITY => advice_on_identity(failure).to_owned(),
            Failure::NotSent => "are --control-plane, --region and the credentials right?".to_owned(),
            Failure::Unreachable if is_secure => {
                "is the control plane running there, and its certificate one that --ca-cert or the system \
                 trusts? --control-plane URL names another one"
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

/// What to try if it is not known whose credentials these are. No permission is needed for that.
fn advice_on_identity(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotSent => "are --region and the credentials right?",
        Failure::Unreachable | Failure::TimedOut | Failure::Unreadable => {
            "can STS be reached from here? It tells the account that tags are kept under"
        }
        Failure::Refused { status, code, .. } => {
            let is_throttled = code.as_deref().is_some_and(|code| code.contains("Throttl"));
            if is_throttled || matches!(status, 429 | 500..) { LATER } else { CREDENTIALS }
        }
    }
}

/// What to try after the refusal of a call of the control plane.
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
        "try again later, or look into its log".to_owned()
    } else {
        "does the control plane know this call as AWS does?".to_owned()
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
    fn an_error_says_which_call_failed_and_what_to_try() {
        for (status, code, advice) in [
            (403, Some("AccessDeniedException"), "do the credentials allow CreateThing in this region?"),
            (403, Some("ExpiredTokenException"), "are the credentials valid"),
            (403, Some("UnrecognizedClientException"), "are the credentials valid"),
            (400, Some("ThrottlingException"), "try again later"),
            (429, None, "try again later"),
            (402, Some("ServiceQuotaExceededException"), "is there room for more?"),
            (404, None, "is this the control plane?"),
            (503, None, "try again later, or look into its log"),
        ] {
            let text = refused(status, code).to_string();
            let start = format!("CreateThing at http://127.0.0.1:1 was refused with {status} ");
            assert!(text.starts_with(&start) && text.contains(&format!("(No.): {advice}")), "{text}");
        }
    }

    #[test]
    fn whoever_does_not_know_the_credentials_is_not_the_control_plane() {
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
    fn only_a_refused_value_makes_a_fixture_dispensable() {
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
