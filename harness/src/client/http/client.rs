//! The transport by HTTP: over plain TCP on hyper, all other ways on reqwest.

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
use crate::client::exchange::{Exchange, Fault, TlsProblem};
use crate::client::http::chunked::Chunked;
use crate::client::http::classify_error::fault;
use crate::client::http::connection::{Idle, Plain};
use crate::client::http::proxy::Proxy;
use crate::client::http::read_response::Reader;
use crate::client::http::settings::{Settings, Version};
use crate::client::http::tls;
use crate::client::sign::signer::Signer;
use crate::client::transport::{Connections, Fresh, Transport};

/// The most connections that are kept without a request under way.
const MOST_IDLE: usize = 64;

/// reqwest has a connection back a moment after the end of an answer, and makes another one if the
/// next request is quicker than that. Under load, with 16 sequences at once, a tenth of this will do.
const RETURN: Duration = Duration::from_millis(1);

/// What a body says of itself, differently from request to request.
const OF_BODIES: [HeaderName; 3] = [CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING];

/// No coding. Nothing that is read is decompressed, and who does not say so may get any (RFC 9110, 12.5.3).
pub const IDENTITY: &str = "identity";

/// HTTP: connections are kept, redirects are not followed, no proxy is read from the environment.
///
/// A request with the header `transfer-encoding: chunked` goes out in chunks. Names of headers go
/// out in lower case, or all in title case (`Content-Type`) if one of the request's has a capital.
#[derive(Debug, Clone)]
pub struct Http {
    target: Arc<Target>,
    /// Where connections come from.
    pool: Arc<Pool>,
    /// Makes a connection for each request.
    fresh: Arc<Pool>,
}

/// Where the requests go.
#[derive(Debug)]
struct Target {
    /// Scheme, authority and base path without a slash at the end.
    base: String,
    /// The base path alone.
    path: String,
    /// Headers that go with every request which has none of that name.
    headers: HeaderMap,
    timeout: Duration,
    signer: Option<Signer>,
    version: Version,
    /// What connections over https share, if there may be any.
    tls: Option<ClientConfig>,
    proxy: Option<Proxy>,
    unix_socket: Option<PathBuf>,
    /// The short way, if it is one: HTTP/1.1, not signed, over TCP and nothing else.
    plain: Option<Plain>,
    reader: Reader,
}

/// Connections, and reqwest's clients with theirs, made when they are needed: reqwest settles the
/// version of HTTP and the case of header names for a client as a whole.
#[derive(Debug)]
struct Pool {
    most_idle: usize,
    idle: Idle,
    clients: [OnceLock<Client>; 3],
}

/// What a client has to be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Nothing special.
    Usual,
    /// HTTP/1.1, whatever else could be agreed on.
    Http1,
    /// The same, with header names in title case.
    TitleCase,
}

impl Http {
    /// A transport to the server at `url`, which may have a base path.
    pub fn new(url: &str, settings: &Settings) -> Result<Self, TransportError> {
        let wrong = |problem: &str| TransportError::Url { url: public(url), problem: problem.to_owned() };
        let parsed = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
            return Err(wrong("not an http or https URL"));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong("has a query or a fragment"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(wrong("has credentials in it"));
        }
        let headers = settings
            .headers
            .iter()
            .map(|(name, value)| {
                let header = || TransportError::Header { name: name.clone() };
                let mut value = HeaderValue::from_str(value).map_err(|_| header())?;
                value.set_sensitive(true);
                let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| header())?;
                if name == ACCEPT_ENCODING && value != IDENTITY {
                    return Err(TransportError::Encoding);
                }
                if OF_BODIES.contains(&name) {
                    return Err(TransportError::Framing { name });
                }
                Ok((name, value))
            })
            .collect::<Result<_, _>>()?;
        if settings.proxy.is_some() && settings.unix_socket.is_some() {
            return Err(TransportError::Way("--proxy and --unix-socket: only one of the two can be the way"));
        }
        if cfg!(not(unix)) && settings.unix_socket.is_some() {
            return Err(TransportError::Way("--unix-socket: this system has no unix sockets"));
        }
        // Reading the system's certificates takes a thousand times longer than all the rest.
        let is_secure =
            parsed.scheme() == "https" || settings.proxy.as_ref().is_some_and(|proxy| proxy.is_secure);
        let is_plain = !is_secure
            && settings.version != Version::Http2
            && settings.signer.is_none()
            && settings.proxy.is_none()
            && settings.unix_socket.is_none();
        let plain = is_plain.then(|| Plain::new(&parsed)).flatten();
        let target = Target {
            base: parsed.as_str().trim_end_matches('/').to_owned(),
            path: parsed.path().trim_end_matches('/').to_owned(),
            headers,
            timeout: settings.timeout,
            signer: settings.signer.clone(),
            version: settings.version,
            tls: is_secure.then(|| tls::config(&settings.trust)).transpose()?,
            proxy: settings.proxy.clone(),
            unix_socket: settings.unix_socket.clone(),
            plain,
            reader: Reader::default(),
        };
        let (pool, fresh) = (Pool::new(MOST_IDLE), Pool::new(0));
        if target.plain.is_none() {
            // The other clients are made the same way.
            pool.client(&target, Manner::Usual).map_err(TransportError::Client)?;
        }
        Ok(Self { target: Arc::new(target), pool: Arc::new(pool), fresh: Arc::new(fresh) })
    }

    /// The base URL.
    pub fn base(&self) -> &str {
        &self.target.base
    }

    /// What signs its requests, if they are signed.
    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.target.signer.as_ref()
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Fault> {
        if let Some(plain) = &self.target.plain {
            let exchange = self.exchange_plainly(plain, request);
            return tokio::time::timeout(self.target.timeout, exchange).await.unwrap_or(Err(Fault::TimedOut));
        }
        let manner = self.target.manner(request);
        match self.exchange_so(manner, request).await {
            // The server has no HTTP/1.1, and the request means the same without what only that has.
            Err(Fault::Tls(TlsProblem::OtherVersion)) if manner != Manner::Usual => {
                self.exchange_so(Manner::Usual, request).await
            }
            observed => observed,
        }
    }

    async fn exchange_plainly(&self, plain: &Plain, request: &Request) -> Result<Response, Fault> {
        let body = if is_chunked(request) {
            Either::Right(Chunked::new(request.body.clone()))
        } else {
            Either::Left(Full::from(request.body.clone()))
        };
        let mut message = http::Request::new(body);
        *message.method_mut() = Method::from_bytes(request.method.as_bytes()).map_err(|_| Fault::NotSent)?;
        let target = format!("{}{}", self.target.path, request.target);
        *message.uri_mut() = target.parse().map_err(|_| Fault::NotSent)?;
        *message.headers_mut() = self.target.headers_of(request)?;
        message.headers_mut().entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        let Pool { idle, most_idle, .. } = &*self.pool;
        plain.exchange(idle, *most_idle, has_capital(request), message, &self.target.reader).await
    }

    async fn exchange_so(&self, manner: Manner, request: &Request) -> Result<Response, Fault> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| Fault::NotSent)?;
        let client = self.pool.client(&self.target, manner).map_err(|_| Fault::NotSent)?;
        let mut builder = client
            .request(method, format!("{}{}", self.target.base, request.target))
            .headers(self.target.headers_of(request)?);
        if is_chunked(request) {
            builder = builder.body(Body::wrap(Chunked::new(request.body.clone())));
        } else if !request.body.is_empty() || request.method == "POST" {
            builder = builder.body(request.body.clone());
        }
        let mut built = builder.build().map_err(|error| fault(&error))?;
        if let Some(signer) = &self.target.signer {
            // What is built is what is sent: its URL is written as it goes out.
            signer.sign(&mut built, &request.body, request.signing).await?;
        }
        let response = client.execute(built).await.map_err(|error| fault(&error))?;
        self.target.reader.read(response.into()).await
    }
}

impl Transport for Http {
    async fn send(&self, request: Request) -> Exchange {
        let start = Instant::now();
        let observed = self.exchange(&request).await;
        let exchange = Exchange::new(request, observed, start.elapsed());
        if self.target.plain.is_none() && self.pool.is_single() && exchange.observed.is_ok() {
            tokio::time::sleep(RETURN).await;
        }
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        let most_idle = match connections {
            Connections::One => 1,
            Connections::Own => MOST_IDLE,
        };
        Self { pool: Arc::new(Pool::new(most_idle)), ..self.clone() }
    }
}

impl Fresh for Http {
    fn fresh(&self) -> Self {
        Self { pool: Arc::clone(&self.fresh), ..self.clone() }
    }
}

impl Target {
    /// The headers of a request, and what goes with every one. What a case says of a header is what it
    /// is about.
    fn headers_of(&self, request: &Request) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::with_capacity(request.headers.len() + self.headers.len() + 4);
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Fault::NotSent)?;
            headers.append(name, HeaderValue::from_str(value).map_err(|_| Fault::NotSent)?);
        }
        let more = self.headers.keys().filter(|name| !headers.contains_key(*name));
        for name in more.cloned().collect::<Vec<_>>() {
            for value in self.headers.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(IDENTITY));
        if request.method == "POST" && request.body.is_empty() && !is_chunked(request) {
            // An empty body is a body all the same.
            headers.entry(CONTENT_LENGTH).or_insert(HeaderValue::from_static("0"));
        }
        Ok(headers)
    }

    /// What the client has to be able to do that sends `request`.
    fn manner(&self, request: &Request) -> Manner {
        if self.version == Version::Http2 {
            Manner::Usual
        } else if has_capital(request) {
            Manner::TitleCase
        } else if is_chunked(request) && self.version == Version::Negotiated && self.tls.is_some() {
            Manner::Http1
        } else {
            Manner::Usual
        }
    }

    /// The versions of HTTP that a connection over https offers.
    fn offers(&self, manner: Manner) -> Vec<Vec<u8>> {
        let (http1, http2) = (b"http/1.1".to_vec(), b"h2".to_vec());
        match (manner, self.version) {
            (Manner::Http1 | Manner::TitleCase, _) | (_, Version::Http1) => vec![http1],
            (Manner::Usual, Version::Http2) => vec![http2],
            (Manner::Usual, Version::Negotiated) => vec![http2, http1],
        }
    }
}

impl Pool {
    fn new(most_idle: usize) -> Self {
        Self { most_idle, idle: Idle::default(), clients: Default::default() }
    }

    /// Whether requests come one by one and all are for one connection.
    fn is_single(&self) -> bool {
        self.most_idle == 1
    }

    fn client(&self, target: &Target, manner: Manner) -> Result<&Client, reqwest::Error> {
        let client = &self.clients[manner as usize];
        if let Some(client) = client.get() {
            return Ok(client);
        }
        // Another part of the process may have installed a provider; any will do.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(target.timeout)
            .pool_max_idle_per_host(self.most_idle)
            .tcp_nodelay(true);
        builder = match (manner, target.version) {
            (Manner::TitleCase, _) => builder.http1_only().http1_title_case_headers(),
            (Manner::Http1, _) | (_, Version::Http1) => builder.http1_only(),
            (Manner::Usual, Version::Http2) => builder.http2_prior_knowledge(),
            (Manner::Usual, Version::Negotiated) => builder,
        };
        builder = match &target.tls {
            Some(tls) => {
                let mut tls = tls.clone();
                tls.alpn_protocols = target.offers(manner);
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

/// A URL as it was given, without the parts that may hold a secret: credentials, query and fragment.
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

    /// What is observed of a server that reads a request, writes `answer` and closes.
    async fn observe(answer: &[u8]) -> Result<Response, Fault> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answer = answer.to_vec();
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let _read = socket.read(&mut [0; 4096]).await;
                let _written = socket.write_all(&answer).await;
            }
        });
        let http = Http::new(&url, &within(Duration::from_millis(500))).unwrap();
        http.send(request()).await.observed
    }

    fn request() -> Request {
        Request { method: "GET".to_owned(), target: "/".to_owned(), ..Request::default() }
    }

    #[tokio::test]
    async fn each_way_not_to_answer_has_its_fault() {
        const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(observe(b"").await, Err(Fault::Closed));
        assert_eq!(observe(b"SSH-2.0-server\r\n\r\n").await, Err(Fault::NotHttp));
        assert_eq!(observe(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await, Err(Fault::CutShort));
        for (chunks, fault) in
            [("3\r\nab", Fault::CutShort), ("no size\r\n", Fault::Garbled), ("1\r\nabc\r\n", Fault::Garbled)]
        {
            assert_eq!(observe(format!("{CHUNKED}{chunks}").as_bytes()).await, Err(fault), "{chunks}");
        }
        let answer = observe(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n").await.unwrap();
        assert_eq!((answer.status, answer.header("x-a")), (204, Some("b")));
    }

    #[tokio::test]
    async fn an_answer_may_be_reset() {
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
        assert_eq!(http.send(request()).await.observed, Err(Fault::Reset));
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

    /// The bytes of `request` as a server reads them.
    async fn bytes_of(request: Request) -> String {
        let (url, seen) = scripted(|_| Some(OK)).await;
        let http = Http::new(&url, &within(Duration::from_secs(5))).unwrap();
        assert!(http.send(request).await.observed.is_ok());
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 1);
        seen[0].1.clone()
    }

    #[tokio::test]
    async fn a_request_goes_out_in_chunks_if_its_header_says_so() {
        let chunked = ("transfer-encoding", "chunked");
        let text = bytes_of(post(&[("content-type", "text/plain"), chunked], "abcde")).await;
        assert!(text.ends_with("\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "{text}");
        assert_eq!(text.matches("transfer-encoding: chunked\r\n").count(), 1, "{text}");
        assert!(!text.contains("content-length"), "{text}");
        let text = bytes_of(post(&[chunked], "a")).await;
        assert!(text.ends_with("\r\n\r\n1\r\na\r\n0\r\n\r\n"), "{text}");
        let text = bytes_of(post(&[chunked], "")).await;
        assert!(text.ends_with("\r\n\r\n0\r\n\r\n") && !text.contains("content-length"), "{text}");
    }

    #[tokio::test]
    async fn other_requests_tell_their_length() {
        for body in ["", "abcde"] {
            let text = bytes_of(post(&[("content-type", "text/plain")], body)).await;
            assert!(text.ends_with(&format!("\r\n\r\n{body}")), "{text}");
            assert!(text.contains(&format!("content-length: {}\r\n", body.len())), "{text}");
            assert!(!text.contains("transfer-encoding"), "{text}");
        }
    }

    #[tokio::test]
    async fn a_header_of_the_user_replaces_none_of_a_request() {
        let (url, seen) = scripted(|_| Some(OK)).await;
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![header("X-Case", "user"), header("X-More", "1"), header("x-more", "2")];
        let http = Http::new(&url, &Settings { headers, ..Settings::default() }).unwrap();
        assert!(http.send(post(&[("x-case", "deviates")], "a")).await.observed.is_ok());
        let text = seen.lock().unwrap()[0].1.clone();
        let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("x-")).collect();
        assert_eq!(lines, ["x-case: deviates", "x-more: 1", "x-more: 2"], "{text}");
        for name in ["Content-Length", "content-type", "Transfer-Encoding"] {
            let settings = Settings { headers: vec![header(name, "1")], ..Settings::default() };
            let error = Http::new(&url, &settings).unwrap_err().to_string();
            let says = format!("--header {}: each request says", name.to_ascii_lowercase());
            assert!(error.starts_with(&says), "{error}");
        }
    }

    #[tokio::test]
    async fn no_request_asks_for_a_coded_answer() {
        // The short way, and that of reqwest.
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
            assert!(matches!(Http::new("http://a", &of(value)), Err(TransportError::Encoding)), "{value}");
        }
    }

    #[tokio::test]
    async fn header_names_go_out_in_the_case_of_the_request() {
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
    async fn alone_the_requests_of_a_sequence_share_a_connection() {
        const SEQUENCES: usize = 64;
        let (url, seen) = scripted(|_| Some(OK)).await;
        let http = Http::new(&url, &within(Duration::from_secs(5))).unwrap();
        let mut sequences = tokio::task::JoinSet::new();
        for _ in 0..SEQUENCES {
            let alone = http.alone();
            let runtime = tokio::runtime::Handle::current();
            // As a run sends them: from threads outside of the runtime, several at once.
            sequences.spawn_blocking(move || {
                for _ in 0..10 {
                    assert!(runtime.block_on(alone.send(post(&[], "abc"))).observed.is_ok());
                }
            });
        }
        sequences.join_all().await;
        let connections: HashSet<_> =
            seen.lock().unwrap().iter().map(|(connection, _)| *connection).collect();
        // Time decides, so that a machine that stands still for a while may cost a connection.
        assert!((SEQUENCES..SEQUENCES * 5 / 4).contains(&connections.len()), "{}", connections.len());
    }

    #[tokio::test]
    async fn a_closed_port_is_no_connection() {
        // Bound, and nothing listens: nobody else gets the port meanwhile.
        let bound = tokio::net::TcpSocket::new_v4().unwrap();
        bound.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let url = format!("http://{}", bound.local_addr().unwrap());
        let http = Http::new(&url, &within(Duration::from_secs(1))).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(Fault::NotConnected));
    }

    #[tokio::test]
    async fn silence_is_bounded_in_time_and_noise_in_size() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = Http::new(&url, &within(Duration::from_millis(100))).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(Fault::TimedOut));

        tokio::spawn(async move {
            // What was not answered in time.
            let _first = listener.accept().await.unwrap();
            let (mut socket, _) = listener.accept().await.unwrap();
            let _read = socket.read(&mut [0; 4096]).await;
            let _written = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while socket.write_all(&[b'x'; 1 << 14]).await.is_ok() {}
        });
        let http = Http::new(&url, &within(Duration::from_secs(30))).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(Fault::TooLarge));
    }

    #[test]
    fn a_target_that_is_no_base_url_is_refused() {
        let error = |url: &str| Http::new(url, &Settings::default()).unwrap_err().to_string();
        for (url, shown) in [
            ("localhost:80", "localhost:80"),
            ("ftp://x", "ftp://x"),
            ("http://a/?s3cret", "http://a/"),
            ("http://u:s3cret@a", "http://…@a"),
            ("u:s3cret@a", "…@a"),
            ("", ""),
        ] {
            assert!(error(url).starts_with(&format!("--target {shown}: ")), "{}", error(url));
        }
        let secret =
            Settings { headers: vec![("X-A".to_owned(), "s3cret\n".to_owned())], ..Settings::default() };
        assert!(!Http::new("http://a", &secret).unwrap_err().to_string().contains("s3cret"));
    }
}
