//! Credentials and region from the AWS SDK, and its HTTP client.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{RuntimeComponents, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;

use crate::client::error::TransportError;
use crate::client::http::proxy::Proxy;

const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

/// Loads the default provider chain: environment, profile, SSO, web identity, container, instance. `region`
/// overrides the region of the chain.
pub async fn config(region: Option<&str>) -> SdkConfig {
    let client = Builder::new().tls_provider(TLS).build_https();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(client);
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    loader.load().await
}

/// Creates an HTTP client that trusts these authorities in addition to those of the system, and sends all
/// requests through the proxy.
///
/// # Errors
/// The AWS SDK does not support the kind of the proxy, or cannot use the authorities.
pub fn client(
    authorities: &[CertificateDer<'static>],
    proxy: Option<&Proxy>,
) -> Result<SharedHttpClient, TransportError> {
    let trusted = authorities.iter().fold(TrustStore::default(), |trusted, authority| {
        trusted.with_pem_certificate(format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD.encode(authority)
        ))
    });
    let context = TlsContext::builder().with_trust_store(trusted).build();
    let context = context.map_err(|_| {
        TransportError::Unsupported(
            "--ca-cert: the AWS SDK cannot use this file; pass a PEM file with certificates",
        )
    })?;
    let proxy = proxy.map(|proxy| ProxyConfig::all(proxy.url().as_str())).transpose().map_err(|_| {
        TransportError::Unsupported(
            "--proxy: the control plane can be reached through http and https proxies only; pass one of these, or \
             create fixtures separately and pass them with --fixtures FILE",
        )
    })?;
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().tls_provider(TLS).tls_context(context.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.set_proxy_config(proxy.clone());
        connector.build()
    }))
}
