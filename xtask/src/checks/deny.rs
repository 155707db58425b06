//! `cargo xtask deny` checks the licenses, sources, and duplicates of dependencies, as `deny.toml` says.

use anyhow::{Context, Result, bail};
use duct::cmd;

use crate::support::workspace;

/// The manifest of each workspace.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "fuzz/Cargo.toml"];

/// Checks both workspaces.
///
/// # Errors
/// cargo-deny is not installed, or a dependency is not allowed.
pub(crate) fn run() -> Result<()> {
    if cmd!("cargo-deny", "--version").stdout_null().stderr_null().run().is_err() {
        bail!("cargo-deny is not installed: run `cargo install cargo-deny --locked`");
    }
    for manifest in MANIFESTS {
        // An entry that one workspace does not need may be for the other.
        let command = ["deny", "--manifest-path", manifest, "--config", "deny.toml", "check"];
        let quiet = ["license-not-encountered", "license-exception-not-encountered", "unmatched-skip"];
        let quiet = quiet.into_iter().flat_map(|warning| ["--allow", warning]);
        let checks = ["bans", "licenses", "sources"];
        workspace::cargo(command.into_iter().chain(quiet).chain(checks))
            .run()
            .with_context(|| format!("`{manifest}` has a dependency that deny.toml does not allow"))?;
    }
    Ok(())
}
