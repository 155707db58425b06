//! HTTP/1.1 over plain TCP with hyper. The task that waits for a response drives the connection, so no other
//! task or thread is involved.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cases::protocol::Response;
use futures_util::future::{Either, select};
use http::header::HOST;
use http::{HeaderValue, Uri};
use http_body_util::{Either as OneOf, Full};
use hyper::client::conn::{TrySendError, http1};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpStream;
use tower_service::Service as _;

use crate::client::exchange::TransportFailure;
use crate::client::http::chunked::Chunked;
use crate::client::http::classify_error::failure_from;
use crate::client::http::read_response::Reader;

/// Idle connections that are older are not reused, because a device in between may have dropped them.
const MAX_IDLE_TIME: Duration = Duration::from_secs(90);

/// The body of a request.
pub(crate) type Body = OneOf<Full<Bytes>, Chunked>;

/// Makes plain TCP connections to one host.
#[derive(Debug, Clone)]
pub(crate) struct PlainConnector {
    connector: HttpConnector,
    to: Uri,
    host: HeaderValue,
}

/// Idle connections, by whether they send header names in title case. In hyper this is a property of a
/// connection.
#[derive(Debug)]
pub(crate) struct IdleConnections {
    max: usize,
    by_case: [Mutex<Vec<Connection>>; 2],
}

type Driver = http1::Connection<TokioIo<TcpStream>, Body>;

#[derive(Debug)]
struct Connection {
    sender: http1::SendRequest<Body>,
    /// `None` once it has ended.
    driver: Option<Driver>,
    since: Instant,
}

impl PlainConnector {
    /// Creates a connector to the host of a URL.
    pub(crate) fn new(url: &Url) -> Option<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let host = HeaderValue::from_str(url.authority()).ok()?;
        Some(Self { connector, to: url.as_str().parse().ok()?, host })
    }

    /// Sends a request over an idle connection or a new one, and reads its response. The connection is kept
    /// if `idle` has room for it.
    pub(crate) async fn exchange(
        &self,
        idle: &IdleConnections,
        title_case: bool,
        mut request: http::Request<Body>,
        reader: &Reader,
    ) -> Result<Response, TransportFailure> {
        request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        loop {
            let reused = idle.take(title_case);
            let was_reused = reused.is_some();
            let mut connection = match reused {
                Some(connection) => connection,
                None => self.connect(title_case).await?,
            };
            let Connection { sender, driver, .. } = &mut connection;
            let work = async {
                let response = sender.try_send_request(request).await?;
                let read = reader.read(response).await;
                let is_reusable = read.is_ok() && sender.ready().await.is_ok();
                Ok::<_, TrySendError<_>>((read, is_reusable))
            };
            match while_driven(driver, work).await {
                Ok((read, is_reusable)) => {
                    if is_reusable {
                        idle.put(title_case, connection);
                    }
                    return read;
                }
                Err(mut error) => match (error.take_message(), was_reused) {
                    // The connection had closed before any byte of the request was sent.
                    (Some(unsent), true) => request = unsent,
                    _ => return Err(failure_from(error.error(), TransportFailure::Closed)),
                },
            }
        }
    }

    async fn connect(&self, title_case: bool) -> Result<Connection, TransportFailure> {
        let mut connector = self.connector.clone();
        let stream = connector.call(self.to.clone()).await;
        let stream = stream.map_err(|error| failure_from(&error, TransportFailure::NotConnected))?;
        let (sender, driver) = http1::Builder::new()
            .title_case_headers(title_case)
            .handshake(stream)
            .await
            .map_err(|error| failure_from(&error, TransportFailure::Closed))?;
        Ok(Connection { sender, driver: Some(driver), since: Instant::now() })
    }
}

/// Completes `work` on a connection while driving it. The driver may end before the work does. Everything
/// that it has read is then available, and dropping it tells the work that nothing follows.
async fn while_driven<T>(driver: &mut Option<Driver>, work: impl Future<Output = T>) -> T {
    let work = std::pin::pin!(work);
    let Some(driving) = driver else { return work.await };
    match select(work, driving).await {
        Either::Left((done, _)) => done,
        Either::Right((_ended, work)) => {
            *driver = None;
            work.await
        }
    }
}

impl IdleConnections {
    /// Keeps up to `max` connections.
    pub(crate) fn new(max: usize) -> Self {
        Self { max, by_case: Default::default() }
    }

    fn connections(&self, title_case: bool) -> MutexGuard<'_, Vec<Connection>> {
        self.by_case[usize::from(title_case)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that was used last.
    fn take(&self, title_case: bool) -> Option<Connection> {
        self.connections(title_case).pop().filter(|connection| connection.since.elapsed() < MAX_IDLE_TIME)
    }

    fn put(&self, title_case: bool, mut connection: Connection) {
        connection.since = Instant::now();
        let mut connections = self.connections(title_case);
        if connections.len() < self.max {
            connections.push(connection);
        }
    }
}
