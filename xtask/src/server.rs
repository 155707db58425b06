//! A server process that lives as long as its value.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use duct::{Expression, Handle};

const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(100);

/// A running server. It is killed when the value goes; Ctrl-C reaches it by itself, since it stays
/// in the process group of the terminal.
pub(crate) struct Server {
    name: &'static str,
    handle: Handle,
}

impl Server {
    /// Starts `command`.
    pub(crate) fn start(name: &'static str, command: &Expression) -> Result<Self> {
        let handle = command.unchecked().start().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { name, handle })
    }

    /// Waits until `ready` holds.
    ///
    /// # Errors
    /// The server ended, or was not ready within a minute.
    pub(crate) fn wait_until(&self, ready: impl Fn() -> bool) -> Result<()> {
        let start = Instant::now();
        while !ready() {
            if let Some(output) = self.handle.wait_timeout(PAUSE)? {
                bail!("{} ended before it was ready: {}", self.name, output.status);
            }
            if start.elapsed() > PATIENCE {
                bail!("{} is not ready after {} s", self.name, PATIENCE.as_secs());
            }
        }
        Ok(())
    }

    /// The number of its process.
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

/// A loopback address that nothing listens on at the moment.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free loopback port")?;
    Ok(listener.local_addr()?)
}

/// Whether something accepts connections at `address`.
pub(crate) fn is_listening(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, PAUSE).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use duct::cmd;

    #[test]
    fn a_server_that_ends_at_once_is_an_error_and_not_awaited() {
        let server = Server::start("sh", &cmd!("sh", "-c", "exit 7")).unwrap();
        let error = server.wait_until(|| false).unwrap_err().to_string();
        assert!(error.contains("sh ended before it was ready"), "{error}");
    }

    #[test]
    fn a_server_ends_with_its_value() {
        let server = Server::start("sleep", &cmd!("sleep", "600")).unwrap();
        server.wait_until(|| true).unwrap();
        let pid = server.handle.pids()[0].to_string();
        let is_alive = || cmd!("kill", "-0", &pid).stderr_null().unchecked().run().unwrap().status.success();
        assert!(is_alive());
        drop(server);
        assert!(!is_alive());
    }

    #[test]
    fn a_listener_is_seen() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        assert!(is_listening(listener.local_addr().unwrap()));
        // No service has used port 1 for decades.
        assert!(!is_listening((Ipv4Addr::LOCALHOST, 1).into()));
    }
}
