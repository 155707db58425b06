//! One request sent, and what was observed.

use std::ops::AddAssign;
use std::time::Duration;

use cases::protocol::{Request, Response};

use crate::limits::Stop;

/// A request with its answer, or with what came instead of one.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request as sent.
    pub request: Request,
    /// What came back.
    pub observed: Result<Response, Fault>,
    /// From the first byte sent to the last byte read, of the last time it was sent.
    pub took: Duration,
    /// The times that the request was sent before and that are no observation.
    pub before: Before,
}

/// How often a request was sent without proof of anything, before it was sent once more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// How often the connection closed in place of an answer. A server may close a connection that is
    /// kept and idle at any time (RFC 9112, 9.3.1 and 9.5), and the request may have been under way
    /// just then.
    pub lost: u32,
    /// How often of those nothing came over a kept connection in time.
    pub late: u32,
    /// How often the target asked to send it later, and it was sent later.
    pub throttled: u32,
    /// How often it was refused for the date of its signature, before the target's clock was known.
    pub misdated: u32,
}

impl AddAssign for Before {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.late += other.late;
        self.throttled += other.throttled;
        self.misdated += other.misdated;
    }
}

impl Exchange {
    /// What was observed of a request that was sent once.
    pub fn new(request: Request, observed: Result<Response, Fault>, took: Duration) -> Self {
        Self { request, observed, took, before: Before::default() }
    }

    /// How many requests went out. What a run may not send any more did not.
    pub fn sent(&self) -> u64 {
        let Before { lost, throttled, misdated, late: _ } = self.before;
        let last = !self.observed.as_ref().is_err_and(|fault| fault.is_of_run());
        u64::from(last) + u64::from(lost) + u64::from(throttled) + u64::from(misdated)
    }

    /// Whether there is no answer, and the way there may have lost it.
    pub fn is_lost(&self) -> bool {
        self.observed.as_ref().is_err_and(|fault| fault.may_be_of_way())
    }

    /// Whether the target may have acted upon the request before the one that was answered: it was
    /// lost with its connection, and nobody knows on which way. Then a value that serves once may
    /// have been spent by the first, so that a refusal of the second proves nothing: a sequence with
    /// such a value has to start anew. A request that the target put off is no such case, since it
    /// said that it did nothing.
    pub fn repeated(&self) -> bool {
        self.before.lost > 0
    }
}

/// Why there is no answer. A fault is an observation like an answer, not an error of boundstone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// No connection could be made.
    #[error("no connection")]
    NotConnected,
    /// The connection was closed or reset before an answer, and a fresh one too.
    #[error("connection closed without an answer")]
    Closed,
    /// The answer began, but its body did not come to its end.
    #[error("connection closed within the answer's body")]
    CutShort,
    /// The answer began, but its body is not written as the version of HTTP has it.
    #[error("the answer's body is not written as HTTP has it")]
    Garbled,
    /// The answer began, and the target took it back (HTTP/2).
    #[error("the answer was reset within its body")]
    Reset,
    /// The time for one exchange was over.
    #[error("no answer in time")]
    TimedOut,
    /// The answer is larger than boundstone reads: 100 headers, 400 KiB of head, 4 MiB of body.
    #[error("the answer is larger than 4 MiB, or its head than 400 KiB or 100 headers")]
    TooLarge,
    /// What came is not HTTP.
    #[error("the answer is not HTTP")]
    NotHttp,
    /// No secure connection could be made.
    #[error("no TLS connection: {0}")]
    Tls(TlsProblem),
    /// The run may send nothing more. It says nothing about the target.
    #[error("not sent: a limit of the run was reached")]
    Withheld,
    /// The request could not be signed: the credentials have expired and there are no newer ones.
    #[error("the request could not be signed")]
    NotSigned,
    /// The host's name cannot be looked up.
    #[error("the host name has no address")]
    NoAddress,
    /// The proxy makes no connection to the target.
    #[error("the proxy makes no connection")]
    Proxy,
    /// The proxy asks for credentials.
    #[error("the proxy asks for credentials")]
    ProxyCredentials,
    /// The run was given up, and the target is not asked any more.
    #[error("not sent: {0}")]
    GivenUp(Stop),
    /// The request cannot be sent by this transport.
    #[error("the request could not be sent")]
    NotSent,
}

impl Fault {
    /// Whether it may be the way there that lost something, and not the target.
    pub fn may_be_of_way(self) -> bool {
        matches!(self, Self::NotConnected | Self::Closed | Self::CutShort | Self::Reset | Self::TimedOut)
    }

    /// Whether it says nothing about the target: the run sends nothing more, or could not sign.
    pub fn is_of_run(self) -> bool {
        matches!(self, Self::Withheld | Self::NotSigned | Self::GivenUp(_))
    }
}

/// Why there is no secure connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TlsProblem {
    /// Nobody who is trusted has signed the server's certificate.
    #[error("nobody who is trusted has issued the certificate")]
    UnknownIssuer,
    /// The server's certificate is for another host.
    #[error("the certificate is for another host name")]
    OtherName,
    /// The server's certificate is no longer valid.
    #[error("the certificate has expired")]
    Expired,
    /// The server's certificate is not valid yet.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// The server's certificate is one of an authority, as those are that sign themselves without care.
    #[error("the certificate is an authority's (CA:TRUE) and no server's")]
    Authority,
    /// There is something else about the server's certificate.
    #[error("the certificate is not valid")]
    OtherCertificate,
    /// The server asks for a certificate of the client, or for another one.
    #[error("the server does not accept the client's certificate, or asks for one")]
    ClientCertificate,
    /// The server does not speak the version of HTTP that was asked for.
    #[error("the server does not speak this version of HTTP")]
    OtherVersion,
    /// The server does not speak TLS.
    #[error("the server does not speak TLS")]
    NotTls,
    /// The server closed the connection.
    #[error("the server closed the connection")]
    Closed,
    /// The server refused, and does not say why.
    #[error("the server refused it")]
    Refused,
    /// Anything else.
    #[error("client and server do not agree")]
    Other,
}
