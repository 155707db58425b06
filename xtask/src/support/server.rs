//! A server process that is killed when its value is dropped.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use duct::{Expression, Handle};

/// How long a server may take to get ready.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// How often a server is asked whether it is ready, and how long a connection may take.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// A running server. It is killed when the value is dropped. Ctrl-C reaches it too, because it stays in the process
/// group of the terminal.
pub(crate) struct Server {
    name: &'static str,
    handle: Handle,
}

impl Server {
    /// Starts `command`. Messages call the server `name`.
    ///
    /// # Errors
    /// The program does not start.
    pub(crate) fn start(name: &'static str, command: &Expression) -> Result<Self> {
        let handle = command.unchecked().start().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, handle })
    }

    /// Waits until `ready` returns true.
    ///
    /// # Errors
    /// The server ended, or was not ready within a minute.
    pub(crate) fn wait_until(&self, ready: impl Fn() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            if let Some(output) = self.handle.wait_timeout(POLL_INTERVAL)? {
                bail!("{} ended before it was ready: {}", self.name, output.status);
            }
            if start.elapsed() > START_TIMEOUT {
                bail!("{} is not ready after {} s", self.name, START_TIMEOUT.as_secs());
            }
        }
        Ok(())
    }

    /// The id of its process.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.handle.pids().first().copied()
    }

    /// Waits until the server ends.
    pub(crate) fn wait(&self) -> Result<()> {
        self.handle.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.handle.kill().and_then(|()| self.handle.wait().map(drop)) {
            println!("cannot stop {}: {error}", self.name);
        }
    }
}

/// A loopback address that nothing listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?)
}

/// Whether something accepts connections at `address`.
pub(crate) fn is_listening(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, POLL_INTERVAL).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use duct::cmd;

    #[test]
    fn server_that_ends_early_is_an_error() {
        let server = Server::start("sh", &cmd!("sh", "-c", "exit 7")).unwrap();
        let error = server.wait_until(|| false).unwrap_err().to_string();
        assert!(error.contains("sh ended before it was ready"), "{error}");
    }

    #[test]
    fn dropped_server_is_killed() {
        let server = Server::start("sleep", &cmd!("sleep", "600")).unwrap();
        server.wait_until(|| true).unwrap();
        let pid = server.handle.pids()[0].to_string();
        let is_alive = || cmd!("kill", "-0", &pid).stderr_null().unchecked().run().unwrap().status.success();
        assert!(is_alive());
        drop(server);
        assert!(!is_alive());
    }

    #[test]
    fn listener_is_detected() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(is_listening(listener.local_addr().unwrap()));
        // No service uses port 1.
        assert!(!is_listening((Ipv4Addr::LOCALHOST, 1).into()));
    }
}
