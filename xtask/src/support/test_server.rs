//! Servers to test, each a process of its own: boundstone's mock, and a server whose responses contain hostile text.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use super::fixtures::Fixtures;
use super::process::Load;
use super::server::{Server, free_address, is_listening};
use super::workspace::{self, write};

/// The fixtures of the hostile server.
const HOSTILE_FIXTURES: &str = "[[resource]]\napplication = { id = \"abc1234\" }\nenvironment = { id = \"def1234\" }\n\
                                profile = { id = \"ghi1234\" }\n";

/// A running server. It is killed when the value is dropped.
pub(crate) struct TestServer {
    server: Server,
    address: SocketAddr,
    url: String,
    fixtures: PathBuf,
}

impl TestServer {
    /// Starts the mock with further arguments of `boundstone serve`. Its log and its fixtures go to `out`.
    ///
    /// # Errors
    /// The mock does not start, or is not ready in time.
    pub(crate) fn mock(boundstone: &Path, out: &Path, arguments: &[&str]) -> Result<Self> {
        let address = free_address()?;
        let fixtures = out.join("fixtures.toml");
        let log = out.join("serve.log");
        let listen = format!("--listen={address}");
        let command = cmd(boundstone, [&["serve", &listen], arguments].concat())
            .dir(workspace::root())
            .stdin_null()
            // The mock prints its fixture file on standard output.
            .stdout_path(&fixtures)
            .stderr_path(&log);
        let server = Server::start("boundstone serve", &command)?;
        server
            .wait_until(|| is_listening(address) && has_resources(&fixtures))
            .with_context(|| format!("see its log {}", log.display()))?;
        Ok(Self { server, address, url: format!("http://{address}"), fixtures })
    }

    /// Starts a server whose responses contain markup of many kinds. Its fixtures go to `out`.
    ///
    /// # Errors
    /// The server does not start, or is not ready in time.
    pub(crate) fn hostile(out: &Path) -> Result<Self> {
        let fixtures = out.join("fixtures.toml");
        write(&fixtures, HOSTILE_FIXTURES)?;
        let address = free_address()?;
        let script = workspace::root().join("xtask/test_server/hostile.py");
        let command = cmd!("python3", script, address.port().to_string()).stdin_null().stderr_null();
        let server = Server::start("hostile.py", &command)?;
        server.wait_until(|| is_listening(address))?;
        Ok(Self { server, address, url: format!("http://{address}"), fixtures })
    }

    /// The arguments of `boundstone run` that select this target.
    pub(crate) fn arguments(&self) -> [String; 2] {
        [format!("--target={}", self.url), format!("--fixtures={}", self.fixtures.display())]
    }

    /// The resources of its process now.
    pub(crate) fn load(&self) -> Load {
        self.server.pid().map_or_else(Load::default, Load::of)
    }

    /// Waits until `ready` returns true.
    ///
    /// # Errors
    /// The server ended, or the condition was not true within a minute.
    pub(crate) fn wait_until(&self, ready: impl Fn() -> bool) -> Result<()> {
        self.server.wait_until(ready)
    }

    /// The address that it listens on.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Its fixture file.
    pub(crate) fn fixtures(&self) -> &Path {
        &self.fixtures
    }
}

/// Whether the fixture file is complete and names a resource.
fn has_resources(fixtures: &Path) -> bool {
    std::fs::read_to_string(fixtures)
        .ok()
        .and_then(|text| toml::from_str::<Fixtures>(&text).ok())
        .is_some_and(|fixtures| !fixtures.resource.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_fixture_file_is_not_ready() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("fixtures.toml");
        assert!(!has_resources(&file));
        let whole = "[[resource]]\napplication = { id = \"a\" }\nenvironment = { id = \"b\" }\n\
                     profile = { name = \"c\" }\n";
        std::fs::write(&file, &whole[..40]).unwrap();
        assert!(!has_resources(&file));
        std::fs::write(&file, whole).unwrap();
        assert!(has_resources(&file));
    }
}
