//! The mock without a socket in between, which takes a fraction of the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use boundstone::client::exchange::{Exchange, TransportFailure};
use boundstone::client::transport::{Connections, Transport};
use boundstone::mock::{Connection, Server};
use bytes::Bytes;
use cases::protocol::{Request, Response};

/// A mock that responds at once.
#[derive(Clone)]
pub(crate) struct Direct {
    server: Arc<Server>,
    connections: Arc<AtomicU64>,
    connection: Connection,
}

impl Direct {
    /// Speaks to this mock.
    pub(crate) fn to(server: Server) -> Self {
        Self { server: Arc::new(server), connections: Arc::default(), connection: Connection(0) }
    }

    fn respond(&self, request: &Request) -> Result<Response, http::Error> {
        let mut message =
            http::Request::builder().method(request.method.as_str()).uri(request.target.as_str());
        for (name, value) in &request.headers {
            message = message.header(name, value);
        }
        let mut message = message.body(Bytes::from(request.body.clone()))?;
        message.extensions_mut().insert(self.connection);
        let (head, body) = self.server.respond(&message).into_parts();
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers = head.headers.iter().map(header).collect();
        Ok(Response { status: head.status.as_u16(), headers, body: body.to_vec() })
    }
}

impl Transport for Direct {
    async fn send(&self, request: Request) -> Exchange {
        // Others have their turn, as they would while a response is waited for.
        tokio::task::yield_now().await;
        let observed = self.respond(&request).map_err(|_| TransportFailure::NotSent);
        Exchange::new(request, observed, Duration::ZERO)
    }

    fn with_pool(&self, _: Connections) -> Self {
        let connection = Connection(1 + self.connections.fetch_add(1, Ordering::Relaxed));
        Self { connection, ..self.clone() }
    }
}
