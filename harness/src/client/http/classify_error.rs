//! What an error of the HTTP libraries means for the target.

use std::error::Error;
use std::io;

use rustls::{AlertDescription, CertificateError, InvalidMessage};

use crate::client::exchange::{Fault, TlsProblem};

/// What an error before or in place of an answer means.
pub(crate) fn fault(error: &reqwest::Error) -> Fault {
    if error.is_builder() {
        return Fault::NotSent;
    }
    if error.is_timeout() {
        return Fault::TimedOut;
    }
    caused(error, if error.is_connect() { Fault::NotConnected } else { Fault::Closed })
}

/// What an error means by what caused it, if that has a name, and `otherwise` if not.
pub(crate) fn caused(error: &(dyn Error + 'static), otherwise: Fault) -> Fault {
    causes(error).find_map(named).unwrap_or(otherwise)
}

/// What an error within the body of an answer means.
pub(crate) fn body_fault(error: &(dyn Error + 'static)) -> Fault {
    if error.downcast_ref().is_some_and(reqwest::Error::is_timeout) {
        return Fault::TimedOut;
    }
    let named = |cause: &(dyn Error + 'static)| {
        if let Some(error) = cause.downcast_ref::<io::Error>() {
            // hyper tells by these what is wrong with a chunk.
            let is_garbled = matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
            return is_garbled.then_some(Fault::Garbled);
        }
        let text = cause.to_string();
        let begins = |with: &[&str]| with.iter().any(|with| text.starts_with(with));
        if begins(&["stream error received", "connection error received"]) {
            Some(Fault::Reset)
        } else if begins(&["stream error detected", "connection error detected"]) {
            Some(Fault::Garbled)
        } else {
            None
        }
    };
    causes(error).find_map(named).unwrap_or(Fault::CutShort)
}

/// An error and what caused it.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| {
        // The source of an io::Error is that of what it wraps.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// The fault that a cause names by itself. hyper, h2 and hyper-util tell by their texts only what went
/// wrong; tests hold each of them.
fn named(cause: &(dyn Error + 'static)) -> Option<Fault> {
    if let Some(error) = cause.downcast_ref() {
        return Some(Fault::Tls(problem(error)));
    }
    // Also while the connection is made: somebody was there.
    if cause.downcast_ref().is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset) {
        return Some(Fault::Closed);
    }
    let text = cause.to_string();
    let begins = |with: &[&str]| with.iter().any(|with| text.starts_with(with));
    if begins(&["message head is too large"]) {
        Some(Fault::TooLarge)
    } else if begins(&["invalid HTTP", "invalid content-length", "connection error detected"]) {
        Some(Fault::NotHttp)
    } else if begins(&["dns error"]) {
        Some(Fault::NoAddress)
    } else if begins(&["tunnel error: proxy authorization required"]) {
        Some(Fault::ProxyCredentials)
    } else if begins(&["tunnel error", "socks", "SOCKS"]) {
        Some(Fault::Proxy)
    } else if begins(&["tls handshake eof"]) {
        Some(Fault::Tls(TlsProblem::Closed))
    } else {
        None
    }
}

fn problem(error: &rustls::Error) -> TlsProblem {
    use AlertDescription as Alert;
    use CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            // An authority of the right name did not sign it.
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
            // rustls hands on what it has no name for itself.
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
