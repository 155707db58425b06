//! Retries a request whose first attempt proves nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use cases::protocol::Request;
use cases::signing::Signing;

use crate::client::exchange::{Attempts, Exchange, TransportFailure};
use crate::client::sign::signer::Signer;
use crate::client::transport::{Connections, NewConnection, Transport};

/// Maximum number of requests that time out on reused connections, before connections are no longer reused.
const MAX_LATE: u32 = 3;

/// Retries a request that was lost with a reused connection on a new one, and a request that was signed with
/// a wrong clock with the clock of the target. Each attempt goes through the transport below, so limits and
/// rate count it.
#[derive(Clone)]
pub struct Retry<T> {
    transport: T,
    signer: Option<Signer>,
    history: Arc<ConnectionHistory>,
}

/// How the target treated connections so far.
#[derive(Default)]
struct ConnectionHistory {
    /// Number of requests that timed out on a reused connection and got a response on a new one.
    late: AtomicU32,
    /// Whether a request timed out on a new connection.
    times_out: AtomicBool,
}

impl<T: NewConnection> Retry<T> {
    /// Sends through `transport`, whose requests `signer` signs.
    pub fn new(transport: T, signer: Option<Signer>) -> Self {
        Self { transport, signer, history: Arc::default() }
    }

    /// Whether connections are reused. A target that responds only to the first request of each connection
    /// would cost the whole timeout for every second request.
    fn reuses_connections(&self) -> bool {
        self.history.late.load(Ordering::Relaxed) < MAX_LATE
    }

    async fn attempt(&self, request: Request) -> Exchange {
        if self.reuses_connections() {
            self.transport.send(request).await
        } else {
            self.transport.new_connection().send(request).await
        }
    }

    /// Whether a failure may come from a reused connection that closed. This side cannot know: only if a new
    /// connection closes too, it is a failure of the target. Sometimes the HTTP library does not notice a
    /// closed connection, and the request times out (hyperium/hyper, issue 2312). In that case too, only a
    /// timeout on a new connection is a failure of the target.
    fn is_lost(&self, exchange: &Exchange) -> bool {
        match exchange.observed {
            Err(TransportFailure::Closed) => true,
            Err(TransportFailure::TimedOut) => !self.history.times_out.load(Ordering::Relaxed),
            _ => false,
        }
    }
}

impl<T: NewConnection> Transport for Retry<T> {
    async fn send(&self, request: Request) -> Exchange {
        let mut earlier = Attempts::default();
        let clock_skew = self.signer.as_ref().map_or(0, Signer::clock_skew);
        let mut reused = self.reuses_connections();
        let mut exchange = self.attempt(request).await;
        if let (Some(signer), Ok(response), Signing::Valid) =
            (&self.signer, &exchange.observed, exchange.request.signing)
            && signer.was_misdated(clock_skew, response)
        {
            earlier.misdated = 1;
            reused = self.reuses_connections();
            exchange = self.attempt(exchange.request).await;
        }
        if reused && self.is_lost(&exchange) {
            let is_late = exchange.observed == Err(TransportFailure::TimedOut);
            earlier.lost = 1;
            earlier.late = u32::from(is_late);
            exchange = self.transport.new_connection().send(exchange.request).await;
            if exchange.observed == Err(TransportFailure::TimedOut) {
                self.history.times_out.store(true, Ordering::Relaxed);
            } else if is_late && exchange.observed.is_ok() {
                self.history.late.fetch_add(1, Ordering::Relaxed);
            }
        }
        exchange.attempts += earlier;
        exchange
    }

    fn with_pool(&self, connections: Connections) -> Self {
        Self { transport: self.transport.with_pool(connections), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;
    use crate::client::http::client::Http;
    use crate::client::http::settings::Settings;
    use crate::client::layers::rate_limit::RateLimit;
    use crate::client::scripted::{OK, read, scripted};
    use crate::limits::Limits;
    use tokio::io::AsyncWriteExt as _;

    fn http(url: &str, timeout: Duration) -> Http {
        Http::new(url, &Settings { timeout, ..Settings::default() }).unwrap()
    }

    fn retry(url: &str, timeout: Duration) -> Retry<Http> {
        Retry::new(http(url, timeout), None)
    }

    fn request() -> Request {
        Request { method: "POST".to_owned(), target: "/".to_owned(), ..Request::default() }
    }

    #[tokio::test]
    async fn request_lost_on_reused_connection_is_retried() {
        let (url, seen) = scripted(|request| (request == 0).then_some(OK)).await;
        let http = retry(&url, Duration::from_secs(5)).single_connection();
        let mut lost = Vec::new();
        for _ in 0..4 {
            let exchange = http.send(request()).await;
            assert_eq!(exchange.observed.as_ref().map(|response| response.status), Ok(200));
            assert_eq!(exchange.sent(), if exchange.was_lost_once() { 2 } else { 1 });
            lost.push(exchange.attempts.lost);
        }
        // The first connection responds once, then a request is lost on it. The new connection that serves
        // the retry is not reused.
        assert_eq!(lost, [0, 1, 0, 1]);
        let connections: Vec<_> = seen.lock().unwrap().iter().map(|(connection, _)| *connection).collect();
        assert_eq!(connections, [0, 0, 1, 2, 2, 3]);
    }

    #[tokio::test]
    async fn retries_count_for_the_limits() {
        let (url, seen) = scripted(|request| (request == 0).then_some(OK)).await;
        let limits = Arc::new(Limits::new(None, Some(5)));
        limits.begin_reproducing();
        let rate_limit = RateLimit::new(http(&url, Duration::from_secs(5)), Arc::clone(&limits), None);
        let retry = Retry::new(rate_limit, None).single_connection();
        let mut observed = Vec::new();
        for _ in 0..5 {
            observed.push(retry.send(request()).await.observed.map(|response| response.status));
        }
        // The fifth request is the first attempt of the fourth call.
        assert_eq!(
            observed,
            [Ok(200), Ok(200), Ok(200), Err(TransportFailure::Withheld), Err(TransportFailure::Withheld)]
        );
        assert_eq!((seen.lock().unwrap().len(), limits.requests()), (5, 5));
    }

    /// A server that responds to the first request of a connection and only reads the others.
    async fn first_only() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (mut socket, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    if read(&mut socket).await.is_some() {
                        socket.write_all(OK).await.unwrap();
                    }
                    while read(&mut socket).await.is_some() {}
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn connections_are_not_reused_after_repeated_timeouts() {
        let http = retry(&first_only().await, Duration::from_millis(200)).single_connection();
        let mut late = Vec::new();
        for _ in 0..12 {
            let exchange = http.send(request()).await;
            assert!(exchange.observed.is_ok());
            assert_eq!(exchange.attempts.lost, exchange.attempts.late);
            late.push(exchange.attempts.late);
        }
        assert_eq!(late, [0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }

    #[tokio::test]
    async fn second_loss_is_a_transport_failure() {
        let (url, seen) = scripted(|_| None).await;
        let exchange = retry(&url, Duration::from_secs(5)).send(request()).await;
        assert_eq!(exchange.observed, Err(TransportFailure::Closed));
        assert_eq!((exchange.attempts.lost, seen.lock().unwrap().len()), (1, 2));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = retry(&url, Duration::from_secs(5)).single_connection();
        tokio::spawn(async move {
            let (mut first, _) = listener.accept().await.unwrap();
            read(&mut first).await.unwrap();
            first.write_all(OK).await.unwrap();
            read(&mut first).await.unwrap();
            drop(first);
            let (mut second, _) = listener.accept().await.unwrap();
            read(&mut second).await.unwrap();
        });
        assert!(http.send(request()).await.observed.is_ok());
        let exchange = http.send(request()).await;
        assert_eq!((exchange.observed, exchange.attempts.lost), (Err(TransportFailure::Closed), 1));
    }

    #[tokio::test]
    async fn timeout_on_new_connection_ends_timeout_retries() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = retry(&url, Duration::from_millis(100));
        let mut lost = Vec::new();
        for _ in 0..3 {
            let exchange = http.send(request()).await;
            assert_eq!(exchange.observed, Err(TransportFailure::TimedOut));
            lost.push(exchange.attempts.lost);
        }
        assert_eq!(lost, [1, 0, 0]);
    }
}
