//! Whom a connection over https trusts, and as whom it appears.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use tokio_rustls::TlsAcceptor;

use crate::client::error::TransportError;
use crate::client::http::settings::Trust;
use crate::config::user_file::{FileError, read_plain};

/// The certificates of authorities in a PEM file.
///
/// # Errors
/// The file cannot be read, holds no certificate, or one that cannot stand for an authority.
pub fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    const FLAG: &str = "--ca-cert";
    let wrong = |problem: String| TransportError::Pem { flag: FLAG, path: path.to_owned(), problem };
    let certificates = certificates(FLAG, path, &read(FLAG, path)?)?;
    let mut store = RootCertStore::empty();
    for (number, certificate) in (1..).zip(&certificates) {
        store
            .add(certificate.clone())
            .map_err(|error| wrong(format!("certificate {number} cannot be used: {error}")))?;
    }
    Ok(certificates)
}

/// The certificate of a client with its chain and its key, in one PEM file.
///
/// # Errors
/// The file cannot be read, lacks one of the two, or they do not belong together.
pub fn identity(path: &Path) -> Result<Arc<SingleCertAndKey>, TransportError> {
    const FLAG: &str = "--client-cert";
    let text = read(FLAG, path)?;
    let chain = certificates(FLAG, path, &text)?;
    Ok(Arc::new(SingleCertAndKey::from(certified(FLAG, path, chain, &text)?)))
}

/// What a server needs for https that appears with this certificate, in HTTP/2 or HTTP/1.1.
///
/// # Errors
/// A file cannot be read, holds no certificate or key, or they do not belong together.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TransportError> {
    const CERTIFICATE: &str = "--tls-cert";
    const KEY: &str = "--tls-key";
    let chain = certificates(CERTIFICATE, certificate, &read(CERTIFICATE, certificate)?)?;
    let certified = certified(KEY, key, chain, &read(KEY, key)?)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TransportError::Roots)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate with the key in a PEM text, which the flag and the path name.
fn certified(
    flag: &'static str,
    path: &Path,
    chain: Vec<CertificateDer<'static>>,
    key: &[u8],
) -> Result<CertifiedKey, TransportError> {
    let wrong = |problem: String| TransportError::Pem { flag, path: path.to_owned(), problem };
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| wrong("holds no private key; a PEM file that holds one is expected".to_owned()))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| wrong(format!("certificate and key cannot be used: {error}")))
}

fn read(flag: &'static str, path: &Path) -> Result<Vec<u8>, TransportError> {
    Ok(read_plain(path).map_err(|problem| FileError::of_setting(flag, path, problem))?)
}

fn certificates(
    flag: &'static str,
    path: &Path,
    text: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let wrong = |problem: String| TransportError::Pem { flag, path: path.to_owned(), problem };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(wrong("holds no certificate; a PEM file is expected".to_owned())),
        Err(error) => Err(wrong(format!("is no PEM file: {error}"))),
    }
}

/// The configuration of every connection over https, but for the versions of HTTP that it offers.
/// Reads the system's certificates, which takes a while.
pub(crate) fn config(trust: &Trust) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if trust.anybody {
        Arc::new(Anybody(Arc::clone(&provider)))
    } else {
        let roots = trust.authorities.iter().cloned();
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
        Arc::new(verifier.map_err(TransportError::Roots)?)
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TransportError::Roots)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    Ok(match &trust.identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::clone(identity) as Arc<_>),
        None => builder.with_no_client_auth(),
    })
}

/// Accepts whoever answers.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
