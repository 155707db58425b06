//! What several tests need.

#![allow(clippy::unwrap_used, reason = "a test")]

use tokio::net::TcpSocket;

/// A port where nothing listens, and which nobody else gets while it is held.
pub(crate) struct ClosedPort(TcpSocket);

impl ClosedPort {
    /// Any free one.
    pub(crate) fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    /// The URL of a target there.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }
}
