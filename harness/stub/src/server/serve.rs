//! Serves HTTP/1.1 and HTTP/2 with hyper, with and without TLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::read_body::read_body;
use crate::service::Stub;

/// How long the headers of a request may take, and how long TLS may.
const HEADER_TIMEOUT: Duration = Duration::from_mins(1);

/// How long open requests may take after `shutdown`.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when no connection can be accepted, for example because there are no file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves each connection of `listener` until `shutdown` is ready, then finishes the open requests.
pub async fn serve(listener: TcpListener, stub: Arc<Stub>, shutdown: impl Future<Output = ()>) {
    serve_with(listener, stub, shutdown, |stream| async { Ok(stream) }).await;
}

/// The same as [`serve`], over TLS.
pub async fn serve_tls(
    listener: TcpListener,
    tls: TlsAcceptor,
    stub: Arc<Stub>,
    shutdown: impl Future<Output = ()>,
) {
    serve_with(listener, stub, shutdown, move |stream| tls.accept(stream)).await;
}

async fn serve_with<S, F>(
    listener: TcpListener,
    stub: Arc<Stub>,
    shutdown: impl Future<Output = ()>,
    secure: impl Fn(TcpStream) -> F,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Future<Output = io::Result<S>> + Send + 'static,
{
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    http.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_TIMEOUT);
    let http = Arc::new(http);
    let connections = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // A connection without it works too, only slower.
        let _slower = stream.set_nodelay(true);
        let stub = Arc::clone(&stub);
        let service = service_fn(move |request| respond(Arc::clone(&stub), request));
        let (http, secured, watcher) = (Arc::clone(&http), secure(stream), connections.watcher());
        tokio::spawn(async move {
            let Ok(Ok(stream)) = tokio::time::timeout(HEADER_TIMEOUT, secured).await else { return };
            let connection = http.serve_connection(TokioIo::new(stream), service);
            // A connection that breaks off concerns its client only.
            drop(watcher.watch(connection).await);
        });
    }
    drop(listener);
    // Requests that are not finished by then are cut off.
    let _cut_off = tokio::time::timeout(GRACE, connections.shutdown()).await;
}

async fn respond(stub: Arc<Stub>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, io::Error> {
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head, read_body(body).await?);
    Ok(stub.respond(&request).map(Full::new))
}
