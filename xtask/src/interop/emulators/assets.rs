//! The files and packages that the emulators and the report readers need.

use std::path::PathBuf;

use anyhow::Result;

use crate::support::packages::{node, python};
use crate::support::workspace;

/// Creates the folder `name` in `target/emulators`.
pub(super) fn folder(name: &str) -> Result<PathBuf> {
    workspace::folder(&format!("emulators/{name}"))
}

/// The path of a file in `xtask/emulators`.
pub(super) fn asset(name: &str) -> PathBuf {
    workspace::root().join("xtask/emulators").join(name)
}

/// Installs the npm packages of the emulators and returns their `node_modules`.
pub(super) fn node_modules() -> Result<PathBuf> {
    node::modules(&asset(""), &folder("npm")?)
}

/// Installs the Python packages of the emulators and the report readers, and returns the folder of their programs.
pub(crate) fn python_programs() -> Result<PathBuf> {
    python::programs(&asset("requirements.txt"), &folder("venv")?)
}
