//! Servers to be judged, each a process of its own: boundstone's mock, and one that answers in hostile text.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use crate::emulators::Fixtures;
use crate::process::Load;
use crate::server::{Server, free_address, is_listening};
use crate::workspace;
use crate::workspace::write;

/// What is there on the hostile server.
const HOSTILE: &str = "[[resource]]\napplication = { id = \"abc1234\" }\nenvironment = { id = \"def1234\" }\n\
                       profile = { id = \"ghi1234\" }\n";

/// A server, as long as the value lives.
pub(crate) struct Peer {
    server: Server,
    address: SocketAddr,
    url: String,
    fixtures: PathBuf,
}

impl Peer {
    /// Serves the mock with further arguments of `boundstone serve`; its log and its fixtures go to `out`.
    pub(crate) fn mock(boundstone: &Path, out: &Path, arguments: &[&str]) -> Result<Self> {
        let address = free_address()?;
        let fixtures = out.join("fixtures.toml");
        let log = out.join("serve.log");
        let listen = format!("--listen={address}");
        let command = cmd(boundstone, [&["serve", &listen], arguments].concat())
            .dir(workspace::root())
            .stdin_null()
            // What the mock prints on standard output is a file of fixtures.
            .stdout_path(&fixtures)
            .stderr_path(&log);
        let server = Server::start("boundstone serve", &command)?;
        server
            .wait_until(|| is_listening(address) && has_resources(&fixtures))
            .with_context(|| format!("its log is {}", log.display()))?;
        Ok(Self { server, address, url: format!("http://{address}"), fixtures })
    }

    /// Serves answers that hold markup of every sort; its fixtures go to `out`.
    pub(crate) fn hostile(out: &Path) -> Result<Self> {
        let fixtures = out.join("fixtures.toml");
        write(&fixtures, HOSTILE)?;
        let address = free_address()?;
        let script = workspace::root().join("xtask/peer/hostile.py");
        let command = cmd!("python3", script, address.port().to_string()).stdin_null().stderr_null();
        let server = Server::start("hostile.py", &command)?;
        server.wait_until(|| is_listening(address))?;
        Ok(Self { server, address, url: format!("http://{address}"), fixtures })
    }

    /// The arguments that lead a run there.
    pub(crate) fn arguments(&self) -> [String; 2] {
        [format!("--target={}", self.url), format!("--fixtures={}", self.fixtures.display())]
    }

    /// What its process holds now.
    pub(crate) fn load(&self) -> Load {
        self.server.pid().map_or_else(Load::default, Load::of)
    }

    /// Waits until `ready` holds, as long as it runs.
    pub(crate) fn wait_until(&self, ready: impl Fn() -> bool) -> Result<()> {
        self.server.wait_until(ready)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The file of its fixtures.
    pub(crate) fn fixtures(&self) -> &Path {
        &self.fixtures
    }
}

/// Whether the file holds at least one resource, whole.
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
    fn half_a_file_of_fixtures_is_not_ready() {
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
