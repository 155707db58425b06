//! Maps errors of the HTTP libraries to transport failures.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::client::exchange::{TlsProblem, TransportFailure};

/// Classifies an error that occurred before the response.
pub(crate) fn transport_failure(error: &reqwest::Error) -> TransportFailure {
    if error.is_builder() {
        return TransportFailure::NotSent;
    }
    if error.is_timeout() {
        return TransportFailure::TimedOut;
    }
    failure_from(
        error,
        if error.is_connect() { TransportFailure::NotConnected } else { TransportFailure::Closed },
    )
}

/// Classifies an error by the first of its causes that is recognized, or as `otherwise`.
pub(crate) fn failure_from(error: &(dyn Error + 'static), otherwise: TransportFailure) -> TransportFailure {
    causes(error).find_map(failure_of).unwrap_or(otherwise)
}

/// Classifies an error within the body of a response.
pub(crate) fn body_failure(error: &(dyn Error + 'static)) -> TransportFailure {
    if error.downcast_ref().is_some_and(reqwest::Error::is_timeout) {
        return TransportFailure::TimedOut;
    }
    causes(error).find_map(body_failure_of).unwrap_or(TransportFailure::CutShort)
}

/// The failure within a body of a cause, if it is recognized.
fn body_failure_of(cause: &(dyn Error + 'static)) -> Option<TransportFailure> {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        // hyper uses these kinds for invalid chunks.
        let is_garbled = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
        return is_garbled.then_some(TransportFailure::Garbled);
    }
    let text = cause.to_string();
    let begins = |with: &[&str]| with.iter().any(|with| text.starts_with(with));
    if begins(&["stream error received", "connection error received"]) {
        Some(TransportFailure::Reset)
    } else if begins(&["stream error detected", "connection error detected"]) {
        Some(TransportFailure::Garbled)
    } else {
        None
    }
}

/// An error and its causes.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // The source of an io::Error is that of the error that it wraps.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// The transport failure of a cause, if it is recognized. hyper, h2 and hyper-util distinguish
/// some errors by their texts only. Tests cover each of these texts.
fn failure_of(cause: &(dyn Error + 'static)) -> Option<TransportFailure> {
    if let Some(error) = cause.downcast_ref() {
        return Some(TransportFailure::Tls(tls_problem(error)));
    }
    // A reset while connecting counts too, because something accepted the connection.
    if cause.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset) {
        return Some(TransportFailure::Closed);
    }
    let text = cause.to_string();
    let begins = |with: &[&str]| with.iter().any(|with| text.starts_with(with));
    if begins(&["message head is too large"]) {
        Some(TransportFailure::TooLarge)
    } else if begins(&["invalid HTTP", "invalid content-length", "connection error detected"]) {
        Some(TransportFailure::NotHttp)
    } else if begins(&["dns error"]) {
        Some(TransportFailure::NoAddress)
    } else if begins(&["tunnel error: proxy authorization required"]) {
        Some(TransportFailure::ProxyCredentials)
    } else if begins(&["tunnel error", "socks", "SOCKS"]) {
        Some(TransportFailure::Proxy)
    } else if begins(&["tls handshake eof"]) {
        Some(TransportFailure::Tls(TlsProblem::Closed))
    } else {
        None
    }
}

fn tls_problem(error: &rustls::Error) -> TlsProblem {
    use AlertDescription as Alert;
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            // The certificate names the right authority but is not signed by it.
            Certificate::UnknownIssuer
            | Certificate::BadSignature
            | Certificate::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
                TlsProblem::UnknownIssuer
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                TlsProblem::OtherName
            }
            Certificate::Expired | Certificate::ExpiredContext { .. } => TlsProblem::Expired,
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => TlsProblem::NotYetValid,
            // rustls passes on errors that it has no name for.
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => TlsProblem::Authority,
            _ => TlsProblem::OtherCertificate,
        },
        rustls::Error::AlertReceived(alert) => match alert {
            Alert::CertificateRequired
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied => TlsProblem::ClientCertificate,
            Alert::NoApplicationProtocol => TlsProblem::OtherVersion,
            _ => TlsProblem::Refused,
        },
        rustls::Error::NoApplicationProtocol => TlsProblem::OtherVersion,
        rustls::Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        ) => TlsProblem::NotTls,
        _ => TlsProblem::Other,
    }
}
