//! Arguments about the connection to an endpoint.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::setup::connection_options::{ConnectionOptions, HttpVersion};

/// Arguments about the connection to an endpoint.
#[derive(Debug, Default, Clone, Args, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ConnectionArgs {
    /// Trust the authorities in a PEM file, in addition to those of the system
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_CA_CERT", help_heading = "Connection")]
    pub ca_cert: Option<PathBuf>,
    /// Present the client certificate in a PEM file, with its chain and private key
    #[arg(long, value_name = "FILE", env = "BOUNDSTONE_CLIENT_CERT", help_heading = "Connection")]
    pub client_cert: Option<PathBuf>,
    /// Accept any certificate of the server
    #[arg(long, env = "BOUNDSTONE_INSECURE", help_heading = "Connection")]
    pub insecure: bool,
    /// Use an HTTP version; `2` has no upgrade over http:// [default: negotiated over https, else 1.1]
    #[arg(long, value_name = "VERSION", env = "BOUNDSTONE_HTTP", help_heading = "Connection")]
    pub http: Option<HttpVersionArg>,
    /// Use a proxy (http, https, socks5); proxies of the environment are ignored
    #[arg(
        long,
        value_name = "URL",
        env = "BOUNDSTONE_PROXY",
        hide_env_values = true,
        help_heading = "Connection"
    )]
    pub proxy: Option<String>,
    /// Connect to a unix socket instead of the host and port of the target
    #[arg(long, value_name = "PATH", env = "BOUNDSTONE_UNIX_SOCKET", help_heading = "Connection")]
    pub unix_socket: Option<PathBuf>,
}

/// An HTTP version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
pub enum HttpVersionArg {
    /// HTTP/1.1.
    #[value(name = "1.1")]
    #[serde(rename = "1.1")]
    Http1,
    /// HTTP/2.
    #[value(name = "2")]
    #[serde(rename = "2")]
    Http2,
}

impl ConnectionArgs {
    /// These arguments, with those of `file` where they are missing.
    #[must_use]
    pub(crate) fn or(self, file: Self) -> Self {
        Self {
            ca_cert: self.ca_cert.or(file.ca_cert),
            client_cert: self.client_cert.or(file.client_cert),
            insecure: self.insecure || file.insecure,
            http: self.http.or(file.http),
            proxy: self.proxy.or(file.proxy),
            unix_socket: self.unix_socket.or(file.unix_socket),
        }
    }
}

impl From<ConnectionArgs> for ConnectionOptions {
    fn from(args: ConnectionArgs) -> Self {
        let ConnectionArgs { ca_cert, client_cert, insecure, http, proxy, unix_socket } = args;
        let http = http.map(|version| match version {
            HttpVersionArg::Http1 => HttpVersion::Http1,
            HttpVersionArg::Http2 => HttpVersion::Http2,
        });
        Self { ca_cert, client_cert, insecure, http, proxy, unix_socket }
    }
}
