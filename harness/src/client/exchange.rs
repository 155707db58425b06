//! One request and what was observed.

use std::ops::AddAssign;
use std::time::Duration;

use cases::protocol::{Request, Response};

use crate::limits::StopReason;

/// A request with its response or its transport failure.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The request as sent.
    pub request: Request,
    /// What came back.
    pub observed: Result<Response, TransportFailure>,
    /// The time from the first byte sent to the last byte received, of the last attempt.
    pub took: Duration,
    /// The earlier attempts, which are not observations.
    pub attempts: Attempts,
}

/// How often a request was sent before the attempt that was observed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Attempts whose connection closed before a response. A server may close an idle connection at any time
    /// (RFC 9112, 9.3.1 and 9.5), and the request may have been in flight at that moment.
    pub lost: u32,
    /// Of the lost attempts, those that timed out on a reused connection.
    pub late: u32,
    /// Attempts that the target throttled.
    pub throttled: u32,
    /// Attempts that were refused for the date of their signature, before the target's clock was known.
    pub misdated: u32,
}

impl AddAssign for Attempts {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.late += other.late;
        self.throttled += other.throttled;
        self.misdated += other.misdated;
    }
}

impl Exchange {
    /// Creates an exchange of a request that was sent once.
    pub fn new(request: Request, observed: Result<Response, TransportFailure>, took: Duration) -> Self {
        Self { request, observed, took, attempts: Attempts::default() }
    }

    /// The number of requests that were sent. A request that was withheld does not count.
    pub fn sent(&self) -> u64 {
        let Attempts { lost, throttled, misdated, late: _ } = self.attempts;
        let last = !self.observed.as_ref().is_err_and(|failure| failure.is_local());
        u64::from(last) + u64::from(lost) + u64::from(throttled) + u64::from(misdated)
    }

    /// Whether there is no response and the network may have lost it.
    pub fn is_lost(&self) -> bool {
        self.observed.as_ref().is_err_and(|failure| failure.may_be_network_loss())
    }

    /// Whether an earlier attempt was lost with its connection, so that the target may have processed the
    /// request twice. That attempt may have spent a single-use value. A refusal of the retry then proves
    /// nothing, and the sequence has to start again. A throttled attempt is not counted, because the target
    /// did not process it.
    pub fn was_lost_once(&self) -> bool {
        self.attempts.lost > 0
    }
}

/// Why there is no response. A transport failure is an observation like a response, not an error of
/// boundstone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TransportFailure {
    /// No connection could be made.
    #[error("no connection")]
    NotConnected,
    /// The connection was closed or reset before a response, on a new connection too.
    #[error("connection closed without a response")]
    Closed,
    /// The connection closed within the body of the response.
    #[error("connection closed within the response body")]
    CutShort,
    /// The framing of the response body is not valid HTTP.
    #[error("the framing of the response body is not valid HTTP")]
    Garbled,
    /// The target reset the stream within the body of the response (HTTP/2).
    #[error("the response was reset within its body")]
    Reset,
    /// The timeout of the exchange expired.
    #[error("timed out")]
    TimedOut,
    /// The response is larger than boundstone reads: 100 headers, 400 KiB of head, 4 MiB of body.
    #[error("the response is larger than 4 MiB, or its head is larger than 400 KiB or 100 headers")]
    TooLarge,
    /// The bytes received are not HTTP.
    #[error("the response is not HTTP")]
    NotHttp,
    /// The TLS handshake failed.
    #[error("no TLS connection: {0}")]
    Tls(TlsProblem),
    /// A limit of the run was reached. This says nothing about the target.
    #[error("not sent: a limit of the run was reached")]
    Withheld,
    /// The request could not be signed: the credentials have expired and no newer ones are available.
    #[error("the request could not be signed")]
    NotSigned,
    /// The host name cannot be resolved.
    #[error("the host name cannot be resolved")]
    NoAddress,
    /// The proxy does not connect to the target.
    #[error("the proxy does not connect to the target")]
    Proxy,
    /// The proxy requires credentials.
    #[error("the proxy requires credentials")]
    ProxyCredentials,
    /// The run gave up on the target.
    #[error("not sent: {0}")]
    GivenUp(StopReason),
    /// This transport cannot send the request.
    #[error("the request could not be sent")]
    NotSent,
}

impl TransportFailure {
    /// Whether the network may have caused it.
    pub fn may_be_network_loss(self) -> bool {
        matches!(self, Self::NotConnected | Self::Closed | Self::CutShort | Self::Reset | Self::TimedOut)
    }

    /// Whether it says nothing about the target: the run sends nothing more, or cannot sign.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Withheld | Self::NotSigned | Self::GivenUp(_))
    }
}

/// Why the TLS handshake failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TlsProblem {
    /// No trusted authority issued the server's certificate.
    #[error("the certificate was not issued by a trusted authority")]
    UnknownIssuer,
    /// The server's certificate is for another host name.
    #[error("the certificate is for another host name")]
    OtherName,
    /// The server's certificate has expired.
    #[error("the certificate has expired")]
    Expired,
    /// The server's certificate is not valid yet.
    #[error("the certificate is not valid yet")]
    NotYetValid,
    /// The server's certificate is that of an authority, as is common for self-signed ones.
    #[error("the certificate is that of an authority (CA:TRUE), not of a server")]
    Authority,
    /// The server's certificate is invalid for another reason.
    #[error("the certificate is not valid")]
    OtherCertificate,
    /// The server requires a client certificate or rejects the given one.
    #[error("the server requires a client certificate, or rejects the given one")]
    ClientCertificate,
    /// The server does not support the requested HTTP version.
    #[error("the server does not support this HTTP version")]
    OtherVersion,
    /// The server does not use TLS.
    #[error("the server does not use TLS")]
    NotTls,
    /// The server closed the connection.
    #[error("the server closed the connection")]
    Closed,
    /// The server refused the handshake without a reason.
    #[error("the server refused the handshake")]
    Refused,
    /// Any other reason.
    #[error("client and server cannot agree on parameters")]
    Other,
}
