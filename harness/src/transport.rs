//! Sends requests and reads answers, each within bounds of size and time.

use std::error::Error;
use std::time::{Duration, Instant};

use cases::http::{Request, Response};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, Url};

use crate::exchange::{Exchange, Fault};

/// The most that is read of an answer's body.
pub const LARGEST_BODY: usize = 8 << 20;

/// Sends one request.
pub trait Transport: Send + Sync + Sized {
    /// A transport to the same target that keeps to one connection.
    fn alone(&self) -> Self;

    /// Sends `request` and waits for the answer or a fault.
    fn send(&self, request: Request) -> impl Future<Output = Exchange> + Send;
}

/// HTTP by reqwest: connections are kept, redirects are not followed, no proxy is read from the
/// environment.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    /// Scheme, authority and base path without a slash at the end.
    base: String,
    /// Headers that go with every request.
    headers: HeaderMap,
}

/// Why there can be no transport.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The target is no base URL.
    #[error("--target {url}: {problem}; a base URL such as http://127.0.0.1:4566 is expected")]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A header cannot be sent.
    #[error("--header {name}: not a valid HTTP header")]
    Header {
        /// The name alone: the value may be a secret.
        name: String,
    },
    /// The client could not be set up.
    #[error("the HTTP client could not be set up: {0}")]
    Client(reqwest::Error),
}

impl Http {
    /// A transport to the server at `url`, which may have a base path.
    pub fn new(url: &str, headers: &[(String, String)], timeout: Duration) -> Result<Self, TransportError> {
        let wrong = |problem: &str| TransportError::Url { url: url.to_owned(), problem: problem.to_owned() };
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
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let header = || TransportError::Header { name: name.clone() };
                let mut value = HeaderValue::from_str(value).map_err(|_| header())?;
                value.set_sensitive(true);
                Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| header())?, value))
            })
            .collect::<Result<_, _>>()?;
        // Another part of the process may have installed a provider; any will do.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(timeout)
            .pool_max_idle_per_host(64)
            .tcp_nodelay(true)
            .build()
            .map_err(TransportError::Client)?;
        Ok(Self { client, base: parsed.as_str().trim_end_matches('/').to_owned(), headers })
    }

    /// The base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Fault> {
        let method = Method::from_bytes(request.method.as_bytes()).map_err(|_| Fault::NotSent)?;
        let url = format!("{}{}", self.base, request.target);
        let mut builder = self.client.request(method, url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if !request.body.is_empty() {
            builder = builder.body(request.body.clone());
        } else if request.method == "POST" {
            // An empty body is a body all the same.
            builder = builder.body(Vec::new()).header("content-length", "0");
        }
        let mut response =
            builder.headers(self.headers.clone()).send().await.map_err(|error| fault(&error))?;
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let status = response.status().as_u16();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST_BODY => return Err(Fault::TooLarge),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(Response { status, headers, body }),
                Err(error) if error.is_timeout() => return Err(Fault::TimedOut),
                Err(_) => return Err(Fault::CutShort),
            }
        }
    }
}

impl Transport for Http {
    fn alone(&self) -> Self {
        self.clone()
    }

    async fn send(&self, request: Request) -> Exchange {
        let start = Instant::now();
        let observed = self.exchange(&request).await;
        Exchange { request, observed, took: start.elapsed() }
    }
}

/// What an error of reqwest means for the target.
fn fault(error: &reqwest::Error) -> Fault {
    if error.is_builder() {
        return Fault::NotSent;
    }
    if error.is_timeout() {
        return Fault::TimedOut;
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return Fault::Tls;
        }
        // hyper tells a parse error from a lost connection by its text only; the tests below hold it.
        let text = error.to_string();
        if text.starts_with("invalid HTTP")
            || text.starts_with("invalid content-length")
            || text.contains("message head is too large")
        {
            return Fault::NotHttp;
        }
        cause = error.source();
    }
    if error.is_connect() { Fault::NotConnected } else { Fault::Closed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// What is observed of a server that reads a request, writes `answer` and closes.
    async fn observe(answer: &'static [u8]) -> Result<Response, Fault> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                let _read = socket.read(&mut [0; 4096]).await;
                let _written = socket.write_all(answer).await;
            }
        });
        let http = Http::new(&url, &[], Duration::from_millis(500)).unwrap();
        http.send(request()).await.observed
    }

    fn request() -> Request {
        Request { method: "GET".to_owned(), target: "/".to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    #[tokio::test]
    async fn each_way_not_to_answer_has_its_fault() {
        assert_eq!(observe(b"").await, Err(Fault::Closed));
        assert_eq!(observe(b"SSH-2.0-server\r\n\r\n").await, Err(Fault::NotHttp));
        assert_eq!(observe(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await, Err(Fault::CutShort));
        let answer = observe(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n").await.unwrap();
        assert_eq!((answer.status, answer.header("x-a")), (204, Some("b")));
    }

    #[tokio::test]
    async fn a_closed_port_is_no_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let http = Http::new(&url, &[], Duration::from_secs(1)).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(Fault::NotConnected));
    }

    #[tokio::test]
    async fn silence_is_bounded_in_time_and_noise_in_size() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = Http::new(&url, &[], Duration::from_millis(100)).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(Fault::TimedOut));

        tokio::spawn(async move {
            let (_first, _) = listener.accept().await.unwrap();
            let (mut socket, _) = listener.accept().await.unwrap();
            let _read = socket.read(&mut [0; 4096]).await;
            let _written = socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            while socket.write_all(&[b'x'; 1 << 14]).await.is_ok() {}
        });
        let http = Http::new(&url, &[], Duration::from_secs(30)).unwrap();
        assert_eq!(http.send(request()).await.observed, Err(Fault::TooLarge));
    }

    #[test]
    fn a_target_that_is_no_base_url_is_refused() {
        let error = |url: &str| Http::new(url, &[], Duration::ZERO).unwrap_err().to_string();
        for url in ["localhost:80", "ftp://x", "http://a/?b", "http://u:p@a", ""] {
            assert!(error(url).starts_with(&format!("--target {url}: ")), "{}", error(url));
        }
        let secret = [("X-A".to_owned(), "s3cret\n".to_owned())];
        assert!(!Http::new("http://a", &secret, Duration::ZERO).unwrap_err().to_string().contains("s3cret"));
    }
}
