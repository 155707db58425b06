//! `cargo xtask deny`: licences, sources and duplicates of what is depended on, by `deny.toml`.

use anyhow::{Context, Result, bail};
use duct::cmd;

use crate::workspace;

/// What is depended on, by the lock file of each workspace.
const MANIFESTS: [&str; 2] = ["Cargo.toml", "fuzz/Cargo.toml"];

/// Checks both workspaces.
///
/// # Errors
/// cargo-deny is missing, or something is not allowed.
pub(crate) fn run() -> Result<()> {
    if cmd!("cargo-deny", "--version").stdout_null().stderr_null().run().is_err() {
        bail!("cargo-deny is missing: `cargo install cargo-deny --locked`");
    }
    for manifest in MANIFESTS {
        // What one of the two does not have may be in the other.
        let check = ["deny", "--manifest-path", manifest, "--config", "deny.toml", "check"];
        let quiet = ["license-not-encountered", "license-exception-not-encountered", "unmatched-skip"];
        let quiet = quiet.into_iter().flat_map(|warning| ["--allow", warning]);
        let what = ["bans", "licenses", "sources"];
        workspace::cargo(check.into_iter().chain(quiet).chain(what))
            .run()
            .with_context(|| format!("`deny.toml` does not allow what `{manifest}` depends on"))?;
    }
    Ok(())
}
