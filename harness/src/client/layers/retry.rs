//! Sends a request once more where its first sending proves nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use cases::protocol::Request;
use cases::signing::Signing;

use crate::client::exchange::{Before, Exchange, Fault};
use crate::client::sign::signer::Signer;
use crate::client::transport::{Connections, Fresh, Transport};

/// So many requests may wait in vain on kept connections before none is kept any more.
const MOST_LATE: u32 = 3;

/// Sends what was lost with a kept connection again on a fresh one, and what was signed by another
/// clock than the target's again by that. Each sending is one of the transport below, so that limits
/// and rate count it.
#[derive(Clone)]
pub struct Resending<T> {
    transport: T,
    signer: Option<Signer>,
    habits: Arc<Habits>,
}

/// What is known of how the target treats connections.
#[derive(Default)]
struct Habits {
    /// Requests that got nothing in time on a kept connection, and an answer on a fresh one.
    late: AtomicU32,
    /// Whether it has let a request wait on a fresh one.
    lets_wait: AtomicBool,
}

impl<T: Fresh> Resending<T> {
    /// Sends over `transport`, whose requests `signer` signs.
    pub fn new(transport: T, signer: Option<Signer>) -> Self {
        Self { transport, signer, habits: Arc::default() }
    }

    /// Whether connections are kept. A target that answers only the first request of each would cost
    /// the whole timeout with every second one.
    fn keeps(&self) -> bool {
        self.habits.late.load(Ordering::Relaxed) < MOST_LATE
    }

    async fn send_once(&self, request: Request) -> Exchange {
        if self.keeps() {
            self.transport.send(request).await
        } else {
            self.transport.fresh().send(request).await
        }
    }

    /// Whether what was observed may be the end of a connection that was kept. Nobody can tell for
    /// certain from here: only a fresh one that closes too is a fault of the target. Now and then the
    /// HTTP library does not notice that one has closed, and lets the request wait in vain
    /// (hyperium/hyper, issue 2312): then too, only a target that lets a fresh connection wait is one
    /// that does not answer.
    fn is_lost(&self, exchange: &Exchange) -> bool {
        match exchange.observed {
            Err(Fault::Closed) => true,
            Err(Fault::TimedOut) => !self.habits.lets_wait.load(Ordering::Relaxed),
            _ => false,
        }
    }
}

impl<T: Fresh> Transport for Resending<T> {
    async fn send(&self, request: Request) -> Exchange {
        let mut before = Before::default();
        let ahead = self.signer.as_ref().map_or(0, Signer::ahead);
        let mut kept = self.keeps();
        let mut exchange = self.send_once(request).await;
        if let (Some(signer), Ok(response), Signing::Valid) =
            (&self.signer, &exchange.observed, exchange.request.signing)
            && signer.was_misdated(ahead, response)
        {
            before.misdated = 1;
            kept = self.keeps();
            exchange = self.send_once(exchange.request).await;
        }
        if kept && self.is_lost(&exchange) {
            let is_late = exchange.observed == Err(Fault::TimedOut);
            before.lost = 1;
            before.late = u32::from(is_late);
            exchange = self.transport.fresh().send(exchange.request).await;
            if exchange.observed == Err(Fault::TimedOut) {
                self.habits.lets_wait.store(true, Ordering::Relaxed);
            } else if is_late && exchange.observed.is_ok() {
                self.habits.late.fetch_add(1, Ordering::Relaxed);
            }
        }
        exchange.before += before;
        exchange
    }

    fn over(&self, connections: Connections) -> Self {
        Self { transport: self.transport.over(connections), ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;
    use crate::client::http::client::Http;
    use crate::client::http::settings::Settings;
    use crate::client::layers::rate_limit::Polite;
    use crate::client::scripted::{OK, read, scripted};
    use crate::limits::Limits;
    use tokio::io::AsyncWriteExt as _;

    fn http(url: &str, timeout: Duration) -> Http {
        Http::new(url, &Settings { timeout, ..Settings::default() }).unwrap()
    }

    fn to(url: &str, timeout: Duration) -> Resending<Http> {
        Resending::new(http(url, timeout), None)
    }

    fn request() -> Request {
        Request { method: "POST".to_owned(), target: "/".to_owned(), ..Request::default() }
    }

    #[tokio::test]
    async fn a_request_lost_with_a_kept_connection_is_sent_once_more_on_a_fresh_one() {
        let (url, seen) = scripted(|request| (request == 0).then_some(OK)).await;
        let http = to(&url, Duration::from_secs(5)).alone();
        let mut lost = Vec::new();
        for _ in 0..4 {
            let exchange = http.send(request()).await;
            assert_eq!(exchange.observed.as_ref().map(|answer| answer.status), Ok(200));
            assert_eq!(exchange.sent(), if exchange.repeated() { 2 } else { 1 });
            lost.push(exchange.before.lost);
        }
        // The first connection answers once, then a request is lost on it; the fresh one that
        // answers that is not kept.
        assert_eq!(lost, [0, 1, 0, 1]);
        let connections: Vec<_> = seen.lock().unwrap().iter().map(|(connection, _)| *connection).collect();
        assert_eq!(connections, [0, 0, 1, 2, 2, 3]);
    }

    #[tokio::test]
    async fn what_is_sent_again_keeps_to_the_limits() {
        let (url, seen) = scripted(|request| (request == 0).then_some(OK)).await;
        let limits = Arc::new(Limits::new(None, Some(5)));
        limits.confirm();
        let polite = Polite::new(http(&url, Duration::from_secs(5)), Arc::clone(&limits), None);
        let polite = Resending::new(polite, None).alone();
        let mut observed = Vec::new();
        for _ in 0..5 {
            observed.push(polite.send(request()).await.observed.map(|answer| answer.status));
        }
        // The fifth request is the first sending of the fourth one.
        assert_eq!(observed, [Ok(200), Ok(200), Ok(200), Err(Fault::Withheld), Err(Fault::Withheld)]);
        assert_eq!((seen.lock().unwrap().len(), limits.requests()), (5, 5));
    }

    /// A server that answers the first request of a connection, and reads the others.
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
    async fn a_target_that_leaves_kept_connections_waiting_gets_a_fresh_one_each_time() {
        let http = to(&first_only().await, Duration::from_millis(200)).alone();
        let mut late = Vec::new();
        for _ in 0..12 {
            let exchange = http.send(request()).await;
            assert!(exchange.observed.is_ok());
            assert_eq!(exchange.before.lost, exchange.before.late);
            late.push(exchange.before.late);
        }
        assert_eq!(late, [0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    }

    #[tokio::test]
    async fn only_a_second_loss_is_a_fault() {
        let (url, seen) = scripted(|_| None).await;
        let exchange = to(&url, Duration::from_secs(5)).send(request()).await;
        assert_eq!(exchange.observed, Err(Fault::Closed));
        assert_eq!((exchange.before.lost, seen.lock().unwrap().len()), (1, 2));

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = to(&url, Duration::from_secs(5)).alone();
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
        assert_eq!((exchange.observed, exchange.before.lost), (Err(Fault::Closed), 1));
    }

    #[tokio::test]
    async fn a_target_that_lets_a_fresh_connection_wait_is_not_asked_twice_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let http = to(&url, Duration::from_millis(100));
        let mut lost = Vec::new();
        for _ in 0..3 {
            let exchange = http.send(request()).await;
            assert_eq!(exchange.observed, Err(Fault::TimedOut));
            lost.push(exchange.before.lost);
        }
        assert_eq!(lost, [1, 0, 0]);
    }
}
