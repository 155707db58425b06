//! Other ways to an endpoint: proxies, IPv6, unix sockets, a base path.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use boundstone::mock::MockConfig;
use boundstone::setup::config::EndpointConfig;
use boundstone::setup::connection_options::ConnectionOptions;
use boundstone::setup::embedded_mock::{Embedded, contract};
use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixListener};

use super::library::{fixtures, holds, refusal};
use super::peer::{Peer, bytes, page, read, relay};
use crate::support::{folder, serve};

fn through(proxy: String) -> ConnectionOptions {
    ConnectionOptions { proxy: Some(proxy), ..ConnectionOptions::default() }
}

fn to(target: String, fixtures_of: &str, name: &str, options: ConnectionOptions) -> EndpointConfig {
    let fixtures = Some(fixtures(name, fixtures_of));
    // What is behind a proxy is another machine, which is asked gently.
    let rate = Some("9999/s".parse().unwrap());
    EndpointConfig { target: Some(target), fixtures, rate, connection: options, ..EndpointConfig::default() }
}

/// A proxy for plain HTTP in front of a mock: what it was asked for, and with which credentials.
async fn forward(mock: Arc<mock::Server>) -> (Peer, Arc<Mutex<Vec<(String, Option<String>)>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let peer = Peer::responding(move |request| {
        let credentials = request.headers().get("proxy-authorization");
        let credentials = credentials.map(|value| value.to_str().unwrap().to_owned());
        log.lock().unwrap().push((request.uri().to_string(), credentials));
        let mut at_origin = Request::builder().method(request.method());
        *at_origin.headers_mut().unwrap() = request.headers().clone();
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        bytes(&mock.respond(&at_origin.uri(path).body(request.body().clone()).unwrap()))
    });
    (peer.await, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_requests_go_to_a_proxy_with_its_credentials() {
    let (mock, text) = page();
    let (proxy, seen) = forward(mock).await;
    let url = format!("http://me:s3cret@{}", proxy.address);
    // Nobody but the proxy could know this host.
    let report = holds(to("http://appconfig.invalid".to_owned(), &text, "forward", through(url))).await;
    assert_eq!(report.target.notes, [format!("Requests go through the proxy http://{}.", proxy.address)]);
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 500);
    for (target, credentials) in &*seen {
        assert!(target.starts_with("http://appconfig.invalid/"), "{target}");
        assert_eq!(credentials.as_deref(), Some("Basic bWU6czNjcmV0"));
    }
    let json = reports::render::json::render(&report);
    assert!(!json.contains("s3cret") && !json.contains("bWU6czNjcmV0"));
}

/// A proxy that opens tunnels, or responds to a request for one with `refusal`.
async fn tunnels(refusal: Option<&'static str>) -> Peer {
    Peer::start(move |mut stream, _| async move {
        let Some(request) = read(&mut stream).await else { return };
        assert_eq!(request.method(), "CONNECT");
        let response = refusal.unwrap_or("HTTP/1.1 200 Connected\r\n\r\n");
        stream.write_all(response.as_bytes()).await.unwrap();
        if refusal.is_none() {
            relay(stream, request.uri().authority().unwrap().as_str().parse().unwrap()).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn secure_requests_go_through_a_tunnel() {
    let authority = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let folder = folder("network/tunnel");
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, authority.cert.pem()).unwrap();
    std::fs::write(&key, authority.signing_key.serialize_pem()).unwrap();
    let tls = boundstone::client::http::tls::acceptor(&certificate, &key).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let page = contract("page").unwrap();
    let config = MockConfig::default();
    let mock = Embedded::start_over(&page, config, address, Some(tls)).await.unwrap();
    let options =
        |proxy: &Peer| ConnectionOptions { ca_cert: Some(certificate.clone()), ..through(proxy.url()) };
    let open = tunnels(None).await;
    holds(to(mock.url(), &mock.fixtures, "tunnel-open", options(&open))).await;
    for (name, refused, says) in [
        ("tunnel-403", "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n", "The proxy does not connect"),
        ("tunnel-407", "HTTP/1.1 407 Proxy\r\ncontent-length: 0\r\n\r\n", "The proxy requires credentials"),
    ] {
        let proxy = tunnels(Some(refused)).await;
        let reason = refusal(to(mock.url(), &mock.fixtures, name, options(&proxy))).await;
        assert!(reason.starts_with(says), "{reason}");
    }
}

/// A SOCKS5 proxy (RFC 1928) without credentials, for IPv4.
async fn socks(mut stream: TcpStream) -> Option<()> {
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await.ok()?;
    stream.read_exact(&mut vec![0; greeting[1].into()]).await.ok()?;
    stream.write_all(&[5, 0]).await.ok()?;
    let mut request = [0; 10];
    stream.read_exact(&mut request).await.ok()?;
    assert_eq!(request[..4], [5, 1, 0, 1]);
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.ok()?;
    let [_, _, _, _, a, b, c, d, high, low] = request;
    relay(stream, SocketAddr::from(([a, b, c, d], u16::from_be_bytes([high, low])))).await;
    Some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_through_socks() {
    let mock = serve("page", MockConfig::default()).await;
    let proxy = Peer::start(|stream, _| async { socks(stream).await.unwrap_or_default() }).await;
    let url = proxy.url().replace("http", "socks5");
    holds(to(mock.url(), &mock.fixtures, "socks", through(url))).await;
    let closed = Peer::start(|_, _| async {}).await;
    let url = closed.url().replace("http", "socks5");
    let reason = refusal(to(mock.url(), &mock.fixtures, "socks-closed", through(url))).await;
    assert!(reason.starts_with("The proxy does not connect"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_may_have_an_address_of_ipv6() {
    let address = SocketAddr::from(([0, 0, 0, 0, 0, 0, 0, 1], 0));
    let page = contract("page").unwrap();
    let mock = Embedded::start_with(&page, MockConfig::default(), address).await;
    // Not every machine has IPv6.
    let Ok(mock) = mock else { return };
    assert!(mock.url().starts_with("http://[::1]:"));
    holds(to(mock.url(), &mock.fixtures, "ipv6", ConnectionOptions::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unix_socket_is_a_way_to_a_target() {
    let mock = serve("page", MockConfig::default()).await;
    // A path of a socket may be no longer than 100 bytes or so.
    let name = format!("boundstone-{}.socket", std::process::id());
    let path = std::env::temp_dir().join(name);
    let listener = UnixListener::bind(&path).unwrap();
    let address = mock.address;
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(relay(stream, address));
        }
    });
    let options = ConnectionOptions { unix_socket: Some(path.clone()), ..ConnectionOptions::default() };
    let endpoint = to("http://nowhere.invalid".to_owned(), &mock.fixtures, "unix", options);
    holds(endpoint.clone()).await;
    task.abort();
    std::fs::remove_file(&path).unwrap();
    let reason = refusal(endpoint).await;
    assert!(reason.starts_with("The target cannot be connected to"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_path_is_kept() {
    let (mock, text) = page();
    let behind = Peer::responding(move |request| {
        let path = request.uri().path_and_query().unwrap().as_str();
        let Some(path) = path.strip_prefix("/stage/config") else {
            return b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
        };
        let mut inner = Request::builder().method(request.method());
        *inner.headers_mut().unwrap() = request.headers().clone();
        let path = if path.is_empty() { "/" } else { path };
        bytes(&mock.respond(&inner.uri(path).body(request.body().clone()).unwrap()))
    })
    .await;
    for (name, path) in [("base-path", "/stage/config"), ("base-path-slash", "/stage/config/")] {
        let target = format!("{}{path}", behind.url());
        holds(to(target, &text, name, ConnectionOptions::default())).await;
    }
    let reason = refusal(to(behind.url(), &text, "base-path-none", ConnectionOptions::default())).await;
    assert!(reason.contains("404: this path does not exist. Check the path prefix of --target"), "{reason}");
}
