//! Starts the stub of a contract as a target.

use std::net::SocketAddr;
use std::sync::Arc;

use cases::contract::Contract;
use mock::Dialect;
use stub::Stub;
use stub::server::{serve, serve_tls};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::setup::error::SetupError;

/// Whether the stub serves a contract, and not the mock, which is written for one service.
pub fn serves(contract: &Contract) -> bool {
    Dialect::of(contract).is_err()
}

/// The embedded stub. It serves until it is dropped.
#[derive(Debug)]
pub struct EmbeddedStub {
    /// The address that it listens on.
    pub address: SocketAddr,
    scheme: &'static str,
    task: JoinHandle<()>,
}

impl EmbeddedStub {
    /// Starts a stub on an address, over TLS if there is an acceptor.
    ///
    /// # Errors
    /// The stub cannot listen.
    pub async fn start(
        stub: Stub,
        address: SocketAddr,
        tls: Option<TlsAcceptor>,
    ) -> Result<Self, SetupError> {
        let listen = |error| SetupError::Listen { address: address.to_string(), error };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let stub = Arc::new(stub);
        let task = match tls {
            Some(tls) => tokio::spawn(serve_tls(listener, tls, stub, std::future::pending())),
            None => tokio::spawn(serve(listener, stub, std::future::pending())),
        };
        Ok(Self { address, scheme, task })
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Waits until the stub stops, which only happens if it panics.
    pub async fn served(mut self) {
        // A panic ends the stub too.
        let _ended = (&mut self.task).await;
    }
}

impl Drop for EmbeddedStub {
    fn drop(&mut self) {
        self.task.abort();
    }
}
