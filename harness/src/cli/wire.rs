//! How an endpoint is connected to: TLS, version of HTTP, proxy, socket.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use super::CliError;
use crate::transport::{Proxy, Settings, Trust, Version, tls};

/// How an endpoint is connected to.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct WireArgs {
    /// PEM file with certificates of authorities to trust beside the system's
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_CA_CERT")]
    pub ca_cert: Option<PathBuf>,
    /// PEM file with the client's certificate, its chain and its private key
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_CLIENT_CERT")]
    pub client_cert: Option<PathBuf>,
    /// Accept any certificate of the server: anybody may answer
    #[arg(long, env = "BOUNDSTONE_INSECURE")]
    pub insecure: bool,
    /// Version of HTTP; 2 over http:// without asking [default: over https what the server offers]
    #[arg(long, value_name = "VERSION", env = "BOUNDSTONE_HTTP")]
    pub http: Option<HttpVersion>,
    /// Proxy (http, https, socks5), credentials in its URL. Those of the environment are ignored
    #[arg(long, value_name = "URL", env = "BOUNDSTONE_PROXY", hide_env_values = true)]
    pub proxy: Option<String>,
    /// Unix socket to connect to in place of the target's host and port
    #[arg(long, value_name = "PATH", env = "BOUNDSTONE_UNIX_SOCKET")]
    pub unix_socket: Option<PathBuf>,
}

/// A version of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
pub enum HttpVersion {
    /// HTTP/1.1.
    #[value(name = "1.1")]
    #[serde(rename = "1.1")]
    Http1,
    /// HTTP/2.
    #[value(name = "2")]
    #[serde(rename = "2")]
    Http2,
}

impl HttpVersion {
    /// As the user types it.
    pub(super) fn number(self) -> &'static str {
        match self {
            Self::Http1 => "1.1",
            Self::Http2 => "2",
        }
    }
}

impl WireArgs {
    /// These arguments, and where they say nothing those of `file`.
    #[must_use]
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            ca_cert: self.ca_cert.or(file.ca_cert),
            client_cert: self.client_cert.or(file.client_cert),
            insecure: self.insecure || file.insecure,
            http: self.http.or(file.http),
            proxy: self.proxy.or(file.proxy),
            unix_socket: self.unix_socket.or(file.unix_socket),
        }
    }

    /// Whether requests go by HTTP/2 alone.
    pub(crate) fn is_http2_only(&self) -> bool {
        self.http == Some(HttpVersion::Http2)
    }

    /// How requests go out, the files read that these arguments name.
    pub(super) fn settings(&self) -> Result<Settings, CliError> {
        Ok(Settings {
            version: match self.http {
                None => Version::Negotiated,
                Some(HttpVersion::Http1) => Version::Http1,
                Some(HttpVersion::Http2) => Version::Http2,
            },
            trust: Trust {
                authorities: self.ca_cert.as_deref().map(tls::authorities).transpose()?.unwrap_or_default(),
                identity: self.client_cert.as_deref().map(tls::identity).transpose()?,
                anybody: self.insecure,
            },
            proxy: self.proxy.as_deref().map(Proxy::parse).transpose()?,
            unix_socket: self.unix_socket.clone(),
            ..Settings::default()
        })
    }

    /// The embedded mock is connected to directly.
    pub(super) fn needs_target(&self) -> Result<(), CliError> {
        let flag = if self.proxy.is_some() {
            "--proxy"
        } else if self.unix_socket.is_some() {
            "--unix-socket"
        } else {
            return Ok(());
        };
        Err(CliError::NoTarget { flag })
    }
}

#[cfg(test)]
mod tests {
    use super::super::args::RunArgs;
    use super::*;

    #[test]
    fn a_file_may_say_it_too() {
        let text = "ca-cert = \"ca.pem\"\nhttp = \"1.1\"\ninsecure = true\nunix-socket = \"a.socket\"";
        let file = RunArgs::from_toml(text).unwrap().endpoint.wire;
        let wire = WireArgs { http: Some(HttpVersion::Http2), ..WireArgs::default() }.or(file);
        assert_eq!(wire.ca_cert, Some("ca.pem".into()));
        assert_eq!(wire.http, Some(HttpVersion::Http2));
        assert!(wire.insecure && wire.unix_socket.is_some() && wire.proxy.is_none());
        let wrong = RunArgs::from_toml("http = \"3\"").unwrap_err();
        assert!(wrong.contains("1.1"), "{wrong}");
    }

    #[test]
    fn the_embedded_mock_has_no_way_to_it() {
        for wire in [
            WireArgs { proxy: Some("http://a".to_owned()), ..WireArgs::default() },
            WireArgs { unix_socket: Some("a".into()), ..WireArgs::default() },
        ] {
            assert!(wire.needs_target().unwrap_err().to_string().contains("no --target is named"));
        }
        assert!(WireArgs::default().needs_target().is_ok());
    }
}
