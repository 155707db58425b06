//! HTTP/1.1 over TCP without TLS, a proxy or a socket in between, on hyper alone: a connection is
//! driven by the one who waits for its answer, which takes no other task and no other thread.

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

use crate::client::exchange::Fault;
use crate::client::http::chunked::Chunked;
use crate::client::http::classify_error::caused;
use crate::client::http::read_response::Reader;

/// Connections that nobody used for so long are not used again: what is between may have forgotten
/// them.
const STALE: Duration = Duration::from_secs(90);

/// What a request carries.
pub(crate) type Body = OneOf<Full<Bytes>, Chunked>;

/// Where plain connections go.
#[derive(Debug, Clone)]
pub(crate) struct Plain {
    connector: HttpConnector,
    to: Uri,
    host: HeaderValue,
}

/// Connections without a request under way, by whether header names go out in title case: hyper
/// settles that for a connection as a whole.
#[derive(Debug, Default)]
pub(crate) struct Idle([Mutex<Vec<Connection>>; 2]);

type Driver = http1::Connection<TokioIo<TcpStream>, Body>;

#[derive(Debug)]
struct Connection {
    sender: http1::SendRequest<Body>,
    /// Gone once it has ended.
    driver: Option<Driver>,
    since: Instant,
}

impl Plain {
    /// Connections to the host of a URL.
    pub(crate) fn new(url: &Url) -> Option<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let host = HeaderValue::from_str(url.authority()).ok()?;
        Some(Self { connector, to: url.as_str().parse().ok()?, host })
    }

    /// Sends a request over one of the idle connections or a new one, and reads its answer.
    /// The connection is kept if that leaves no more than `most_idle`.
    pub(crate) async fn exchange(
        &self,
        idle: &Idle,
        most_idle: usize,
        title_case: bool,
        mut request: http::Request<Body>,
        reader: &Reader,
    ) -> Result<Response, Fault> {
        request.headers_mut().entry(HOST).or_insert_with(|| self.host.clone());
        loop {
            let kept = idle.take(title_case);
            let was_kept = kept.is_some();
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.connect(title_case).await?,
            };
            let Connection { sender, driver, .. } = &mut connection;
            let work = async {
                let response = sender.try_send_request(request).await?;
                let read = reader.read(response).await;
                let may_go_on = read.is_ok() && sender.ready().await.is_ok();
                Ok::<_, TrySendError<_>>((read, may_go_on))
            };
            match while_driven(driver, work).await {
                Ok((read, may_go_on)) => {
                    if may_go_on {
                        idle.put(title_case, connection, most_idle);
                    }
                    return read;
                }
                Err(mut error) => match (error.take_message(), was_kept) {
                    // It had closed before anything of the request went out.
                    (Some(unsent), true) => request = unsent,
                    _ => return Err(caused(error.error(), Fault::Closed)),
                },
            }
        }
    }

    async fn connect(&self, title_case: bool) -> Result<Connection, Fault> {
        let mut connector = self.connector.clone();
        let stream = connector.call(self.to.clone()).await;
        let stream = stream.map_err(|error| caused(&error, Fault::NotConnected))?;
        let (sender, driver) = http1::Builder::new()
            .title_case_headers(title_case)
            .handshake(stream)
            .await
            .map_err(|error| caused(&error, Fault::Closed))?;
        Ok(Connection { sender, driver: Some(driver), since: Instant::now() })
    }
}

/// What comes of `work` on a connection, which has to be driven for it. The driver may end before the
/// work does: what it has read by then is there, and that nothing more comes shows by its being dropped.
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

impl Idle {
    fn connections(&self, title_case: bool) -> MutexGuard<'_, Vec<Connection>> {
        self.0[usize::from(title_case)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The one that was used last.
    fn take(&self, title_case: bool) -> Option<Connection> {
        self.connections(title_case).pop().filter(|connection| connection.since.elapsed() < STALE)
    }

    fn put(&self, title_case: bool, mut connection: Connection, most: usize) {
        connection.since = Instant::now();
        let mut connections = self.connections(title_case);
        if connections.len() < most {
            connections.push(connection);
        }
    }
}
