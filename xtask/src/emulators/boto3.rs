//! `cargo xtask emulators boto3`: the AWS SDK for Python holds a session with boundstone's mock.

use std::path::Path;

use anyhow::{Context, Result};
use duct::cmd;

use super::server::{Server, free_address, is_listening};
use super::{Fixtures, asset, folder, python};
use crate::workspace;

/// Starts the mock and runs the session of `session.py` with it.
pub(super) fn run() -> Result<()> {
    let out = folder("boto3")?;
    let programs = python::programs()?;
    let boundstone = workspace::build_boundstone()?;
    let address = free_address()?;
    let fixtures = out.join("fixtures.toml");
    let log = out.join("serve.log");

    let command = cmd!(boundstone, "serve", "--contract", "model", "--listen", address.to_string())
        .dir(workspace::root())
        .stdin_null()
        // What the mock prints on standard output is a file of fixtures.
        .stdout_path(&fixtures)
        .stderr_path(&log);
    let server = Server::start("boundstone serve", &command)?;
    server
        .wait_until(|| is_listening(address) && has_resources(&fixtures))
        .with_context(|| format!("its log is {}", log.display()))?;

    cmd!(programs.join("python"), asset("session.py"), format!("http://{address}"), &fixtures)
        .run()
        .context("boto3 and the mock do not agree")?;
    Ok(())
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
