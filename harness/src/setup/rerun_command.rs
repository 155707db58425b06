//! Shell commands that repeat what a run did.

use std::path::Path;

use jiff::SignedDuration;
use reports::render::command::{from_environment, quoted};
use reports::summary::Replay;

use crate::client::http::proxy::Proxy;
use crate::setup::config::EndpointConfig;
use crate::setup::connection_options::{ConnectionOptions, HttpVersion};

/// Replaces the URL of a proxy that has credentials.
const PROXY: &str = "\"${BOUNDSTONE_PROXY:?}\"";

/// How the user called boundstone, if it can be called so from the same folder.
pub(crate) fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    let relative = Path::new(&called).is_relative() && called.contains('/');
    if relative { called } else { "boundstone".to_owned() }
}

/// The parts of commands that replay findings of the report in a folder.
pub(crate) fn replay(folder: &Path) -> Replay {
    let report = folder.join("report.json").display().to_string();
    Replay { program: quoted(&program()), report: quoted(&report) }
}

/// The connection flags that a report does not record, as words of a shell. Values that may be secrets come
/// from the environment.
pub(crate) fn connection_flags(endpoint: &EndpointConfig) -> String {
    if endpoint.target.is_some() { flags(endpoint).join(" ") } else { String::new() }
}

fn flags(endpoint: &EndpointConfig) -> Vec<String> {
    let EndpointConfig {
        target: _,
        contract: _,
        fixtures,
        timeout,
        wait: _,
        headers,
        allow_writes,
        rate,
        sigv4: _,
        region,
        connection,
    } = endpoint;
    let ConnectionOptions { ca_cert, client_cert, insecure, http, proxy, unix_socket } = connection;
    let path = |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let given = [
        ("--fixtures", path(fixtures)),
        (
            "--timeout",
            timeout
                .and_then(|timeout| SignedDuration::try_from(timeout).ok())
                .map(|timeout| format!("{timeout:#}")),
        ),
        ("--rate", rate.map(|rate| rate.to_string())),
        ("--region", region.clone()),
        ("--ca-cert", path(ca_cert)),
        ("--client-cert", path(client_cert)),
        ("--http", http.map(|version| version.number().to_owned())),
        ("--unix-socket", path(unix_socket)),
    ];
    let mut words: Vec<String> = given
        .into_iter()
        .filter_map(|(flag, value)| Some([flag.to_owned(), quoted(&value?)]))
        .flatten()
        .collect();
    words.extend(allow_writes.then(|| "--allow-writes".to_owned()));
    words.extend(insecure.then(|| "--insecure".to_owned()));
    let parsed = proxy.as_deref().and_then(|proxy| Proxy::parse(proxy).ok());
    words.extend(parsed.iter().flat_map(|proxy| ["--proxy".to_owned(), proxy_word(proxy)]));
    let names = headers.iter().filter_map(|header| header.split_once(':'));
    words.extend(names.flat_map(|(name, _)| ["--header".to_owned(), from_environment(name.trim())]));
    words
}

/// The options with which curl connects as boundstone does, each a word of a shell.
pub(crate) fn for_curl(options: &ConnectionOptions, proxy: Option<&Proxy>, base_url: &str) -> Vec<String> {
    let ConnectionOptions { ca_cert, client_cert, insecure, http, proxy: _, unix_socket } = options;
    let mut words = Vec::new();
    for (option, path) in [("--cacert", ca_cert), ("--cert", client_cert), ("--unix-socket", unix_socket)] {
        words.extend(path.iter().flat_map(|path| [option.to_owned(), quoted(&path.display().to_string())]));
    }
    words.extend(insecure.then(|| "--insecure".to_owned()));
    words.extend(http.map(|version| match version {
        HttpVersion::Http1 => "--http1.1".to_owned(),
        HttpVersion::Http2 if base_url.starts_with("https:") => "--http2".to_owned(),
        HttpVersion::Http2 => "--http2-prior-knowledge".to_owned(),
    }));
    words.extend(proxy.iter().flat_map(|proxy| ["--proxy".to_owned(), proxy_word(proxy)]));
    words
}

/// A proxy as a word of a shell, without its credentials.
pub(crate) fn proxy_word(proxy: &Proxy) -> String {
    if proxy.has_credentials() { PROXY.to_owned() } else { quoted(proxy.shown()) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn endpoint() -> EndpointConfig {
        EndpointConfig {
            target: Some("https://target.example".to_owned()),
            fixtures: Some("my fixtures.toml".into()),
            headers: vec!["Authorization: s3cret".to_owned()],
            timeout: Some(Duration::from_secs(2)),
            rate: Some("90/m".parse().unwrap()),
            region: Some("eu-west-1".to_owned()),
            connection: ConnectionOptions {
                ca_cert: Some("ca.pem".into()),
                client_cert: Some("me.pem".into()),
                insecure: true,
                http: Some(HttpVersion::Http2),
                proxy: Some("http://me:s3cret@proxy:1".to_owned()),
                unix_socket: Some("a.socket".into()),
            },
            ..EndpointConfig::default()
        }
    }

    #[test]
    fn replay_command_connects_without_secrets() {
        assert_eq!(
            connection_flags(&endpoint()),
            "--fixtures 'my fixtures.toml' --timeout 2s --rate 90/m --region eu-west-1 --ca-cert ca.pem \
             --client-cert me.pem --http 2 --unix-socket a.socket --insecure \
             --proxy \"${BOUNDSTONE_PROXY:?}\" --header \"Authorization: ${AUTHORIZATION:?}\""
        );
        assert_eq!(connection_flags(&EndpointConfig { target: None, ..endpoint() }), "");
        assert_eq!(replay(Path::new("my out")).report, "'my out/report.json'");
    }

    #[test]
    fn curl_options_match_connection() {
        let options = endpoint().connection;
        let proxy = Proxy::parse("http://proxy:1").unwrap();
        assert_eq!(
            for_curl(&options, Some(&proxy), "https://a").join(" "),
            "--cacert ca.pem --cert me.pem --unix-socket a.socket --insecure --http2 --proxy http://proxy:1"
        );
        let options = ConnectionOptions { http: Some(HttpVersion::Http2), ..ConnectionOptions::default() };
        assert_eq!(for_curl(&options, None, "http://a"), ["--http2-prior-knowledge"]);
        let secret = Proxy::parse("http://me:s3cret@proxy:1").unwrap();
        assert_eq!(for_curl(&ConnectionOptions::default(), Some(&secret), "http://a"), ["--proxy", PROXY]);
    }
}
