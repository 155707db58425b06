//! The HTTP transport: hyper for plain TCP, reqwest for everything else.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use cases::protocol::{Request, Response};
use http_body_util::{Either, Full};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    TRANSFER_ENCODING,
};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Method, Url};
use rustls::ClientConfig;

use crate::client::error::TransportError;
use crate::client::exchange::{Exchange, TlsProblem, TransportFailure};
use crate::client::http::chunked::Chunked;
use crate::client::http::classify_error::transport_failure;
use crate::client::http::connection::{IdleConnections, PlainConnector};
use crate::client::http::proxy::Proxy;
use crate::client::http::read_response::Reader;
use crate::client::http::settings::{Settings, Version};
use crate::client::http::tls;
use crate::client::sign::signer::Signer;
use crate::client::transport::{Connections, NewConnection, Transport};

/// Maximum number of idle connections.
const MAX_IDLE: usize = 64;

/// reqwest needs a moment to return a connection to its pool after a response, and opens another one if the
/// next request is faster. Under load, with 16 concurrent sequences, a tenth of this delay is enough.
const POOL_RETURN_DELAY: Duration = Duration::from_millis(1);

/// Headers that describe a body, which differ between requests.
const BODY_HEADERS: [HeaderName; 3] = [CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING];

/// No content coding. Responses are not decompressed, and a server may choose any coding if this is not
/// requested (RFC 9110, 12.5.3).
pub const IDENTITY: &str = "identity";

/// Sends requests over HTTP. Connections are reused, redirects are not followed, and no proxy is read from
/// the environment.
///
/// A request with the header `transfer-encoding: chunked` is sent in chunks. Header names are sent in lower
/// case, or all in title case (`Content-Type`) if a header name of the request has a capital letter.
#[derive(Debug, Clone)]
pub struct Http {
    target: Arc<Target>,
    /// The pool that connections come from.
    pool: Arc<Pool>,
    /// A pool that makes a connection for each request.
    fresh: Arc<Pool>,
}

/// Where requests go.
#[derive(Debug)]
struct Target {
    /// Scheme, authority and base path without a final slash.
    base: String,
    /// The base path.
    path: String,
    /// Headers for every request that has none of the same name.
    headers: HeaderMap,
    timeout: Duration,
    signer: Option<Signer>,
    version: Version,
    /// The TLS configuration of all connections, if any may use TLS.
    tls: Option<ClientConfig>,
    proxy: Option<Proxy>,
    unix_socket: Option<PathBuf>,
    /// The fast path for HTTP/1.1 over TCP: no TLS, signature, proxy or unix socket.
    plain: Option<PlainConnector>,
    reader: Reader,
}

/// Connections, and the clients of reqwest with theirs, made on demand. In reqwest, the HTTP version and the
/// case of header names are properties of a client.
#[derive(Debug)]
struct Pool {
    max_idle: usize,
    idle: IdleConnections,
    clients: [OnceLock<Client>; 3],
}

/// The capabilities that a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClientKind {
    /// Nothing special.
    Default,
    /// HTTP/1.1, whatever ALPN would agree on.
    Http1,
    /// HTTP/1.1 with header names in title case.
    TitleCase,
}

impl Http {
    /// Creates a transport to the server at `url`, which may have a base path.
    ///
    /// # Errors
    /// The URL is not a base URL, a header cannot be set, or the connection options cannot be used.
    pub fn new(url: &str, settings: &Settings) -> Result<Self, TransportError> {
        let parsed = parse_base_url(url)?;
        let headers = settings
            .headers
            .iter()
            .map(|(name, value)| user_header(name, value))
            .collect::<Result<_, _>>()?;
        if settings.proxy.is_some() && settings.unix_socket.is_some() {
            return Err(TransportError::Unsupported(
                "proxy and unix-socket cannot be used together; omit one of them",
            ));
        }
        if cfg!(not(unix)) && settings.unix_socket.is_some() {
            return Err(TransportError::Unsupported(
                "unix-socket: this system does not support unix sockets; omit it",
            ));
        }
        // Reading the certificates of the system takes a thousand times longer than the rest.
        let is_secure =
            parsed.scheme() == "https" || settings.proxy.as_ref().is_some_and(|proxy| proxy.is_secure);
        let is_plain = !is_secure
            && settings.version != Version::Http2
            && settings.signer.is_none()
            && settings.proxy.is_none()
            && settings.unix_socket.is_none();
        let plain = is_plain.then(|| PlainConnector::new(&parsed)).flatten();
        let target = Target {
            base: parsed.as_str().trim_end_matches('/').to_owned(),
            path: parsed.path().trim_end_matches('/').to_owned(),
            headers,
            timeout: settings.timeout,
            signer: settings.signer.clone(),
            version: settings.version,
            tls: is_secure.then(|| tls::client_config(&settings.trust)).transpose()?,
            proxy: settings.proxy.clone(),
            unix_socket: settings.unix_socket.clone(),
            plain,
            reader: Reader::default(),
        };
        let (pool, fresh) = (Pool::new(MAX_IDLE), Pool::new(0));
        if target.plain.is_none() {
            // The clients of the other kinds are built the same way.
            pool.client(&target, ClientKind::Default).map_err(TransportError::Client)?;
        }
        Ok(Self { target: Arc::new(target), pool: Arc::new(pool), fresh: Arc::new(fresh) })
    }

    /// The base URL.
    pub fn base(&self) -> &str {
        &self.target.base
    }

    /// The signer of the requests, if they are signed.
    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.target.signer.as_ref()
    }

    async fn exchange(&self, request: &Request) -> Result<Response, TransportFailure> {
        if let Some(plain) = &self.target.plain {
            let exchange = self.exchange_over_tcp(plain, request);
            return tokio::time::timeout(self.target.timeout, exchange)
                .await
                .unwrap_or(Err(TransportFailure::TimedOut));
        }
        let kind = self.target.kind(request);
        match self.exchange_with(kind, request).await {
            // The server does not support HTTP/1.1, and the request means the same without the features of
            // HTTP/1.1.
            Err(TransportFailure::Tls(TlsProblem::OtherVersion)) if kind != ClientKind::Default => {
                self.exchange_with(ClientKind::Default, request).await
            }
            observed => observed,
        }
    }

    async fn exchange_over_tcp(
        &self,
        plain: &PlainConnector,
        request: &Request,
    ) -> Result<Response, TransportFailure> {
        let body = if is_chunked(request) {
            Either::Right(Chunked::new(request.body.clone()))
        } else {
            Either::Left(Full::from(request.body.clone()))
        };
        let mut message = http::Request::new(body);
        *message.method_mut() =
            Method::from_bytes(request.method.as_bytes()).map_err(|_| TransportFailure::NotSent)?;
        let target = format!("{}{}", self.target.path, request.target);
        *message.uri_mut() = target.parse().map_err(|_| TransportFailure::NotSent)?;
        *message.headers_mut() = self.target.headers_for(request)?;
        message.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        plain.exchange(&self.pool.idle, has_capital(request), message, &self.target.reader).await
    }

    async fn exchange_with(&self, kind: ClientKind, request: &Request) -> Result<Response, TransportFailure> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| TransportFailure::NotSent)?;
        let client = self.pool.client(&self.target, kind).map_err(|_| TransportFailure::NotSent)?;
        let mut builder = client
            .request(method, format!("{}{}", self.target.base, request.target))
            .headers(self.target.headers_for(request)?);
        if is_chunked(request) {
            builder = builder.body(Body::wrap(Chunked::new(request.body.clone())));
        } else if !request.body.is_empty() || request.method == "POST" {
            builder = builder.body(request.body.clone());
        }
        let mut built = builder.build().map_err(|error| transport_failure(&error))?;
        if let Some(signer) = &self.target.signer {
            // The signature covers the URL as it is built, which is the one that is sent.
            signer.sign(&mut built, &request.body, request.signing).await?;
        }
        let response = client.execute(built).await.map_err(|error| transport_failure(&error))?;
        self.target.reader.read(response.into()).await
    }
}

impl Transport for Http {
    async fn send(&self, request: Request) -> Exchange {
        let start = Instant::now();
        let observed = self.exchange(&request).await;
        let exchange = Exchange::new(request, observed, start.elapsed());
        if self.target.plain.is_none() && self.pool.is_single() && exchange.observed.is_ok() {
            tokio::time::sleep(POOL_RETURN_DELAY).await;
        }
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        let max_idle = match connections {
            Connections::Single => 1,
            Connections::Own => MAX_IDLE,
        };
        Self { pool: Arc::new(Pool::new(max_idle)), ..self.clone() }
    }
}

impl NewConnection for Http {
    fn new_connection(&self) -> Self {
        Self { pool: Arc::clone(&self.fresh), ..self.clone() }
    }
}

impl Target {
    /// The headers of a request and the default headers. The header of a request wins.
    fn headers_for(&self, request: &Request) -> Result<HeaderMap, TransportFailure> {
        let mut headers = HeaderMap::with_capacity(request.headers.len() + self.headers.len() + 4);
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| TransportFailure::NotSent)?;
            headers.append(name, HeaderValue::from_str(value).map_err(|_| TransportFailure::NotSent)?);
        }
        let more = self.headers.keys().filter(|name| !headers.contains_key(*name));
        for name in more.cloned().collect::<Vec<_>>() {
            for value in self.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(IDENTITY));
        if request.method == "POST" && request.body.is_empty() && !is_chunked(request) {
            // An empty body is still a body.
            headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        Ok(headers)
    }

    /// The kind of client that `request` needs.
    fn kind(&self, request: &Request) -> ClientKind {
        if self.version == Version::Http2 {
            ClientKind::Default
        } else if has_capital(request) {
            ClientKind::TitleCase
        } else if is_chunked(request) && self.version == Version::Negotiated && self.tls.is_some() {
            ClientKind::Http1
        } else {
            ClientKind::Default
        }
    }

    /// The HTTP versions that a TLS connection offers.
    fn offers(&self, kind: ClientKind) -> Vec<Vec<u8>> {
        let (http1, http2) = (b"http/1.1".to_vec(), b"h2".to_vec());
        match (kind, self.version) {
            (ClientKind::Http1 | ClientKind::TitleCase, _) | (_, Version::Http1) => vec![http1],
            (ClientKind::Default, Version::Http2) => vec![http2],
            (ClientKind::Default, Version::Negotiated) => vec![http2, http1],
        }
    }
}

impl Pool {
    fn new(max_idle: usize) -> Self {
        Self { max_idle, idle: IdleConnections::new(max_idle), clients: Default::default() }
    }

    /// Whether requests are sequential and share one connection.
    fn is_single(&self) -> bool {
        self.max_idle == 1
    }

    fn client(&self, target: &Target, kind: ClientKind) -> Result<&Client, reqwest::Error> {
        let client = &self.clients[kind as usize];
        if let Some(client) = client.get() {
            return Ok(client);
        }
        // Another part of the process may have installed a provider. Any provider will do.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(target.timeout)
            .pool_max_idle_per_host(self.max_idle)
            .tcp_nodelay(true);
        builder = match (kind, target.version) {
            (ClientKind::TitleCase, _) => builder.http1_only().http1_title_case_headers(),
            (ClientKind::Http1, _) | (_, Version::Http1) => builder.http1_only(),
            (ClientKind::Default, Version::Http2) => builder.http2_prior_knowledge(),
            (ClientKind::Default, Version::Negotiated) => builder,
        };
        builder = match &target.tls {
            Some(tls) => {
                let mut tls = tls.clone();
                tls.alpn_protocols = target.offers(kind);
                builder.tls_backend_preconfigured(tls)
            }
            None => builder.tls_certs_only([]),
        };
        if let Some(proxy) = &target.proxy {
            builder = builder.proxy(proxy.inner.clone());
        }
        #[cfg(unix)]
        if let Some(path) = &target.unix_socket {
            builder = builder.unix_socket(path.as_path());
        }
        let made = builder.build()?;
        Ok(client.get_or_init(|| made))
    }
}

/// Parses the base URL of a target.
fn parse_base_url(url: &str) -> Result<Url, TransportError> {
    let invalid = |problem: &str| TransportError::Url { url: public(url), problem: problem.to_owned() };
    let parsed = Url::parse(url).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
        return Err(invalid("it is not an http or https URL"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(invalid("it has a query or a fragment"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(invalid("it contains credentials"));
    }
    Ok(parsed)
}

/// Checks a header that the user adds to every request.
fn user_header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), TransportError> {
    let invalid = || TransportError::Header { name: name.to_owned() };
    let mut value = HeaderValue::from_str(value).map_err(|_| invalid())?;
    value.set_sensitive(true);
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
    if name == ACCEPT_ENCODING && value != IDENTITY {
        return Err(TransportError::AcceptEncoding);
    }
    if BODY_HEADERS.contains(&name) {
        return Err(TransportError::BodyHeader { name });
    }
    Ok((name, value))
}

/// A URL without the parts that may contain a secret: credentials, query and fragment.
fn public(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").map_or(("", url), |(scheme, rest)| (scheme, rest));
    match rest.rsplit_once('@') {
        None => url.to_owned(),
        Some((_, host)) if scheme.is_empty() => format!("…@{host}"),
        Some((_, host)) => format!("{scheme}://…@{host}"),
    }
}

fn has_capital(request: &Request) -> bool {
    request.headers.iter().any(|(name, _)| name.contains(|c: char| c.is_ascii_uppercase()))
}

fn is_chunked(request: &Request) -> bool {
    request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::client::scripted::{OK, scripted};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn within(timeout: Duration) -> Settings {
        Settings { timeout, ..Settings::default() }
    }

    /// Observes a server that reads a request, writes `response` and closes the connection.
    async fn observe(response: &[u8]) -> Result<Response, TransportFailure> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let response = response.to_vec();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let _read = socket.read(&mut [0; 4096]).await;
                let _written = socket.write_all(&response).await;
            }
        });
        let http = Http::new(&url, &within(Duration::from_millis(500))).unwrap();
        http.send(request()).await.observed
    }

    fn request() -> Request {
        Request { method: "GET".to_owned(), target: "/".to_owned(), ..Request::default() }
    }

    #[tokio::test]
    async fn each_missing_response_is_classified() {
        const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(observe(b"").await, Err(TransportFailure::Closed));
        assert_eq!(observe(b"SSH-2.0-server\r\n\r\n").await, Err(TransportFailure::NotHttp));
        assert_eq!(
            observe(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await,
            Err(TransportFailure::CutShort)
        );
        for (chunks, failure) in [
            ("3\r\nab", TransportFailure::CutShort),
            ("no size\r\n", TransportFailure::Garbled),
            ("1\r\nabc\r\n", TransportFailure::Garbled),
        ] {
            assert_eq!(observe(format!("{CHUNKED}{chunks}").as_bytes()).await, Err(failure), "{chunks}");
        }
        let response = observe(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n").await.unwrap();
        assert_eq!((response.status, response.header("x-a")), (204, Some("b")));
    }

    #[tokio::test]
    async fn response_reset_is_a_transport_failure() {
        // SETTINGS, its acknowledgement, HEADERS with the status 200, RST_STREAM (RFC 9113, 6).
        const FRAMES: &[u8] = b"\0\0\0\x04\0\0\0\0\0\
                                \0\0\0\x04\x01\0\0\0\0\
                                \0\0\x01\x01\x04\0\0\0\x01\x88\
                                \0\0\x04\x03\0\0\0\0\x01\0\0\0\x02";
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let _read = socket.read(&mut [0; 4096]).await;
            socket.write_all(FRAMES).await.unwrap();
            while socket.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {}
        });
        let settings = Settings { version: Version::Http2, ..within(Duration::from_secs(5)) };
        let http = Http::new(&url, &settings).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(TransportFailure::Reset));
    }

    fn post(headers: &[(&str, &str)], body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            target: "/".to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: body.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    /// The bytes of `request` as a server receives them.
    async fn bytes_of(request: Request) -> String {
        let (url, seen) = scripted(|_| Some(OK)).await;
        let http = Http::new(&url, &within(Duration::from_secs(5))).unwrap();
        assert!(http.send(request).await.observed.is_ok());
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        seen[0].1.clone()
    }

    #[tokio::test]
    async fn chunked_request_is_sent_in_chunks() {
        let chunked = ("transfer-encoding", "chunked");
        let text = bytes_of(post(&[("content-type", "text/plain"), chunked], "abcde")).await;
        assert!(text.ends_with("\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "{text}");
        assert_eq!(text.matches("transfer-encoding: chunked\r\n").count(), 1, "{text}");
        assert!(!text.contains("content-length"), "{text}");
        let text = bytes_of(post(&[chunked], "a")).await;
        assert!(text.ends_with("\r\n\r\n1\r\na\r\n0\r\n\r\n"), "{text}");
        let text = bytes_of(post(&[chunked], "")).await;
        assert!(text.ends_with("\r\n\r\n0\r\n\r\n"), "{text}");
        assert!(!text.contains("content-length"), "{text}");
    }

    #[tokio::test]
    async fn other_requests_have_a_content_length() {
        for body in ["", "abcde"] {
            let text = bytes_of(post(&[("content-type", "text/plain")], body)).await;
            assert!(text.ends_with(&format!("\r\n\r\n{body}")), "{text}");
            assert!(text.contains(&format!("content-length: {}\r\n", body.len())), "{text}");
            assert!(!text.contains("transfer-encoding"), "{text}");
        }
    }

    #[tokio::test]
    async fn user_header_does_not_replace_request_header() {
        let (url, seen) = scripted(|_| Some(OK)).await;
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![header("X-Case", "user"), header("X-More", "1"), header("x-more", "2")];
        let http = Http::new(&url, &Settings { headers, ..Settings::default() }).unwrap();
        assert!(http.send(post(&[("x-case", "mutated")], "a")).await.observed.is_ok());
        let text = seen.lock().unwrap()[0].1.clone();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("x-")).collect();
        assert_eq!(lines, ["x-case: mutated", "x-more: 1", "x-more: 2"], "{text}");
        for name in ["Content-Length", "content-type", "Transfer-Encoding"] {
            let settings = Settings { headers: vec![header(name, "1")], ..Settings::default() };
            let error = Http::new(&url, &settings).unwrap_err().to_string();
            let says = format!("header {}: each request sets", name.to_ascii_lowercase());
            assert!(error.starts_with(&says), "{error}");
        }
    }

    #[tokio::test]
    async fn requests_accept_only_identity_encoding() {
        // Over plain TCP, and over reqwest.
        let socket = Settings { version: Version::Http1, ..within(Duration::from_secs(5)) };
        let proxied = scripted(|_| Some(OK)).await;
        let proxy = Some(Proxy::parse(&proxied.0).unwrap());
        for (settings, (url, seen)) in
            [(socket.clone(), scripted(|_| Some(OK)).await), (Settings { proxy, ..socket }, proxied)]
        {
            let http = Http::new(&url, &settings).unwrap();
            for request in [request(), post(&[], ""), post(&[("Content-Type", "a/b")], "abc")] {
                assert!(http.send(request).await.observed.is_ok());
            }
            for (_, text) in seen.lock().unwrap().iter() {
                let text = text.to_ascii_lowercase();
                assert_eq!(text.matches("\r\naccept-encoding: identity\r\n").count(), 1, "{text}");
            }
            assert_eq!(seen.lock().unwrap().len(), 3);
        }
        let of = |value: &str| Settings {
            headers: vec![("Accept-Encoding".to_owned(), value.to_owned())],
            ..Settings::default()
        };
        assert!(Http::new("http://a", &of("identity")).is_ok());
        for value in ["gzip", "identity, gzip", "*"] {
            assert!(
                matches!(Http::new("http://a", &of(value)), Err(TransportError::AcceptEncoding)),
                "{value}"
            );
        }
    }

    #[tokio::test]
    async fn header_names_keep_their_case() {
        let lower = bytes_of(post(&[("content-type", "text/plain")], "a")).await;
        assert!(lower.contains("\r\ncontent-type: text/plain\r\n"), "{lower}");
        let title = bytes_of(post(&[("Content-Type", "text/plain")], "a")).await;
        assert!(title.contains("\r\nContent-Type: text/plain\r\n"), "{title}");
        let both = [("Content-Type", "text/plain"), ("Transfer-Encoding", "chunked")];
        let both = bytes_of(post(&both, "ab")).await;
        assert!(both.contains("\r\nTransfer-Encoding: chunked\r\n"), "{both}");
        assert!(both.ends_with("1\r\na\r\n1\r\nb\r\n0\r\n\r\n"), "{both}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn single_connection_serves_a_whole_sequence() {
        const SEQUENCES: usize = 64;
        let (url, seen) = scripted(|_| Some(OK)).await;
        let http = Http::new(&url, &within(Duration::from_secs(5))).unwrap();
        let mut sequences = tokio::task::JoinSet::new();
        for _ in 0..SEQUENCES {
            let single = http.single_connection();
            let runtime = tokio::runtime::Handle::current();
            // A run sends from threads outside of the runtime, several at once.
            sequences.spawn_blocking(move || {
                for _ in 0..10 {
                    assert!(runtime.block_on(single.send(post(&[], "abc"))).observed.is_ok());
                }
            });
        }
        sequences.join_all().await;
        let connections: HashSet<_> =
            seen.lock().unwrap().iter().map(|(connection, _)| *connection).collect();
        // This depends on timing: a pause of the machine may cost a connection.
        assert!((SEQUENCES..SEQUENCES * 5 / 4).contains(&connections.len()), "{}", connections.len());
    }

    #[tokio::test]
    async fn closed_port_is_not_connected() {
        // The port is bound but not listening, so no other process can get it.
        let bound = tokio::net::TcpSocket::new_v4().unwrap();
        bound.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let url = format!("http://{}", bound.local_addr().unwrap());
        let http = Http::new(&url, &within(Duration::from_secs(1))).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(TransportFailure::NotConnected));
    }

    #[tokio::test]
    async fn responses_are_bounded_in_time_and_size() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = Http::new(&url, &within(Duration::from_millis(100))).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(TransportFailure::TimedOut));

        tokio::spawn(async move {
            // The request that timed out.
            let _first = listener.accept().await.unwrap();
            let (mut socket, _) = listener.accept().await.unwrap();
            let _read = socket.read(&mut [0; 4096]).await;
            let _written = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while socket.write_all(&[b'x'; 1 << 14]).await.is_ok() {}
        });
        let http = Http::new(&url, &within(Duration::from_secs(30))).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(TransportFailure::TooLarge));
    }

    #[test]
    fn invalid_base_url_is_an_error() {
        let error = |url: &str| Http::new(url, &Settings::default()).unwrap_err().to_string();
        for (url, shown) in [
            ("localhost:80", "localhost:80"),
            ("ftp://x", "ftp://x"),
            ("http://a/?s3cret", "http://a/"),
            ("http://u:s3cret@a", "http://…@a"),
            ("u:s3cret@a", "…@a"),
            ("", ""),
        ] {
            assert!(error(url).starts_with(&format!("target {shown}: ")), "{}", error(url));
        }
        let secret =
            Settings { headers: vec![("X-A".to_owned(), "s3cret\n".to_owned())], ..Settings::default() };
        assert!(!Http::new("http://a", &secret).unwrap_err().to_string().contains("s3cret"));
    }
}
