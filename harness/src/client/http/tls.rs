//! TLS configuration of client and server.

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

/// Reads the certificates of authorities from a PEM file.
///
/// # Errors
/// The file cannot be read, contains no certificate, or one that cannot be used as an authority.
pub fn read_authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    const SETTING: &str = "ca-cert";
    let certificates = certificates(SETTING, path, &read(SETTING, path)?)?;
    let mut store = RootCertStore::empty();
    for (number, certificate) in (1..).zip(&certificates) {
        store
            .add(certificate.clone())
            .map_err(|error| format!("certificate {number} cannot be used: {error}"))
            .map_err(|problem| TransportError::Pem { setting: SETTING, path: path.to_owned(), problem })?;
    }
    Ok(certificates)
}

/// Reads a client certificate with its chain and its key from one PEM file.
///
/// # Errors
/// The file cannot be read, lacks the certificate or the key, or they do not match.
pub fn read_identity(path: &Path) -> Result<Arc<SingleCertAndKey>, TransportError> {
    const SETTING: &str = "client-cert";
    let text = read(SETTING, path)?;
    let chain = certificates(SETTING, path, &text)?;
    Ok(Arc::new(SingleCertAndKey::from(certified(SETTING, path, chain, &text)?)))
}

/// Creates the acceptor of a server with this certificate, for HTTP/2 and HTTP/1.1.
///
/// # Errors
/// A file cannot be read, contains no certificate or key, or they do not match.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TransportError> {
    const CERTIFICATE: &str = "tls-cert";
    const KEY: &str = "tls-key";
    let chain = certificates(CERTIFICATE, certificate, &read(CERTIFICATE, certificate)?)?;
    let certified = certified(KEY, key, chain, &read(KEY, key)?)?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TransportError::TrustStore)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A certificate with the key in a PEM text. The setting and the path are for errors.
fn certified(
    setting: &'static str,
    path: &Path,
    chain: Vec<CertificateDer<'static>>,
    key: &[u8],
) -> Result<CertifiedKey, TransportError> {
    let invalid = |problem: String| TransportError::Pem { setting, path: path.to_owned(), problem };
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| invalid("it contains no private key; pass a PEM file with one".to_owned()))?;
    CertifiedKey::from_der(chain, key, &ring::default_provider())
        .map_err(|error| invalid(format!("certificate and key cannot be used: {error}")))
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, TransportError> {
    Ok(read_plain(path).map_err(|problem| FileError::of_setting(setting, path, problem))?)
}

fn certificates(
    setting: &'static str,
    path: &Path,
    text: &[u8],
) -> Result<Vec<CertificateDer<'static>>, TransportError> {
    let invalid = |problem: String| TransportError::Pem { setting, path: path.to_owned(), problem };
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(invalid("it contains no certificate; pass a PEM file with one".to_owned())),
        Err(error) => Err(invalid(format!("it is not a PEM file: {error}"))),
    }
}

/// The configuration of every TLS connection, except for the HTTP versions that it offers. It reads the
/// certificates of the system, which is slow.
pub(crate) fn client_config(trust: &Trust) -> Result<ClientConfig, TransportError> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = if trust.accept_any {
        Arc::new(AcceptAny(Arc::clone(&provider)))
    } else {
        let roots = trust.authorities.iter().cloned();
        let verifier = rustls_platform_verifier::Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
        Arc::new(verifier.map_err(TransportError::TrustStore)?)
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TransportError::TrustStore)?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    Ok(match &trust.identity {
        Some(identity) => builder.with_client_cert_resolver(Arc::clone(identity) as Arc<_>),
        None => builder.with_no_client_auth(),
    })
}

/// Accepts every server certificate.
#[derive(Debug)]
struct AcceptAny(Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptAny {
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
