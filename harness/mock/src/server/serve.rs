//! Serves HTTP/1.1 and HTTP/2 with hyper, with and without TLS.

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

use super::closing_stream::{CloseSignal, ClosingStream};
use super::connection::Connection;
use super::response_body::ResponseBody;
use super::shared::Server;
use crate::protocol::{AfterResponse, MAX_BODY};

/// Bytes of a body beyond [`MAX_BODY`] that are read and discarded, so that the client can read the error. A
/// client that sends more loses the connection.
const MAX_DISCARDED: usize = 64 << 20;

/// How long open requests may take after `shutdown`.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait when no connection can be accepted, for example because there are no file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves each connection of `listener` until `shutdown` is ready, then finishes the open requests.
pub async fn serve(listener: TcpListener, server: Arc<Server>, shutdown: impl Future<Output = ()>) {
    serve_with(listener, server, shutdown, |stream| async { Ok(stream) }).await;
}

/// The same as [`serve`], over TLS.
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
    secure: impl Fn(ClosingStream) -> F,
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
        // A connection without it works too, only slower.
        let _slower = stream.set_nodelay(true);
        let server = Arc::clone(&server);
        let (stream, close) = ClosingStream::new(stream);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let (server, close) = (Arc::clone(&server), close.clone());
            request.extensions_mut().insert(Connection(number));
            async move { respond(&server, request, &close).await }
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

async fn respond(
    server: &Server,
    request: Request<Incoming>,
    close: &CloseSignal,
) -> Result<Response<ResponseBody>, io::Error> {
    let (mut head, body) = request.into_parts();
    // HTTP/2 names the host in the request's target (RFC 9113, 8.3.1).
    if let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        head.headers.entry(HOST).or_insert(host);
    }
    let request = Request::from_parts(head, read_body(body).await?);
    let mut response = server.respond_after_pause(&request).await;
    let delivery = server.delivery();
    match delivery.connection {
        AfterResponse::Keep => {}
        AfterResponse::Close => {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        AfterResponse::CloseSilently => close.set(),
    }
    Ok(response.map(|body| ResponseBody::new(body, delivery.chunk)))
}

/// The body. Of one that is longer than [`MAX_BODY`], that many bytes and one more.
async fn read_body(mut body: Incoming) -> Result<Bytes, io::Error> {
    let mut kept = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else {
            continue;
        };
        length += data.len();
        if length > MAX_BODY + MAX_DISCARDED {
            return Err(io::Error::other("the body does not end"));
        }
        let missing = (MAX_BODY + 1).saturating_sub(kept.len()).min(data.len());
        kept.extend_from_slice(&data[..missing]);
    }
    Ok(kept.freeze())
}
