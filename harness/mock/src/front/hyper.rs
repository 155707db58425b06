//! HTTP/1.1 and HTTP/2 with hyper, with and without TLS: for `serve`, and as the target that is used when none is named.

mod frames;
mod last_answer;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, HOST};
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use self::frames::Frames;
use self::last_answer::{LastAnswer, LastAnswered};
use super::{Connection, Server};
use crate::delivery::AfterResponse;
use crate::read::MAX_BODY;

/// Bytes of a body beyond [`MAX_BODY`] that are read and dropped, so that the client gets to read
/// the refusal. A client that sends more loses the connection.
const MAX_DRAINED: usize = 64 << 20;

/// How long open requests may take after `shutdown`.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when no connection can be accepted, for example for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves each connection of `listener` until `shutdown` is ready, then finishes the requests that
/// are under way.
pub async fn serve(listener: TcpListener, server: Arc<Server>, shutdown: impl Future<Output = ()>) {
    serve_with(listener, server, shutdown, |stream| async { Ok(stream) }).await;
}

/// The same over TLS.
pub async fn serve_tls(
    listener: TcpListener,
    tls: TlsAcceptor,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()>,
) {
    serve_with(listener, server, shutdown, move |stream| tls.accept(stream)).await;
}

async fn serve_with<S, F>(
    listener: TcpListener,
    server: Arc<Server>,
    shutdown: impl Future<Output = ()>,
    secure: impl Fn(LastAnswer) -> F,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = io::Result<S>> + Send + 'static,
{
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().keep_alive(true).header_read_timeout(None).title_case_headers(server.delivery().title_case);
    let http = Arc::new(http);
    let connections = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    for number in 0.. {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Only a delay: a connection without it still serves.
        let _delayed = stream.set_nodelay(true);
        let server = Arc::clone(&server);
        let (stream, answered) = LastAnswer::of(stream);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let (server, answered) = (Arc::clone(&server), answered.clone());
            request.extensions_mut().insert(Connection(number));
            async move { answer(&server, request, &answered).await }
        });
        let (http, secured, watcher) = (Arc::clone(&http), secure(stream), connections.watcher());
        tokio::spawn(async move {
            let Ok(stream) = secured.await else { return };
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // A connection that breaks off concerns its client only.
            drop(watcher.watch(connection).await);
        });
    }
    drop(listener);
    // Requests that are not finished by then are cut off.
    let _cut_off = tokio::time::timeout(GRACE, connections.shutdown()).await;
}

async fn answer(
    server: &Server,
    request: Request<Incoming>,
    answered: &LastAnswered,
) -> Result<Response<Frames>, io::Error> {
    let (mut head, body) = request.into_parts();
    // HTTP/2 names the host in the request's target (RFC 9113, 8.3.1).
    if let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        head.headers.entry(HOST).or_insert(host);
    }
    let request = Request::from_parts(head, collect(body).await?);
    let mut response = server.answer_in_time(&request).await;
    let delivery = server.delivery();
    match delivery.connection {
        AfterResponse::Kept => {}
        AfterResponse::Closed => {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        AfterResponse::ClosedUnsaid => answered.set(),
    }
    Ok(response.map(|body| Frames::new(body, delivery.chunk)))
}

/// The body, or its first bytes if it is longer than [`MAX_BODY`]: one more than that.
async fn collect(mut body: Incoming) -> Result<Bytes, io::Error> {
    let mut collected = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else {
            continue;
        };
        length += data.len();
        if length > MAX_BODY + MAX_DRAINED {
            return Err(io::Error::other("the body does not end"));
        }
        let wanted = (MAX_BODY + 1).saturating_sub(collected.len()).min(data.len());
        collected.extend_from_slice(&data[..wanted]);
    }
    Ok(collected.freeze())
}

#[cfg(test)]
mod tests;
