//! The files of the benchmark.

use std::path::PathBuf;

use crate::support::workspace;

/// The path of a file in `xtask/bench`.
pub(super) fn asset(name: &str) -> PathBuf {
    workspace::root().join("xtask/bench").join(name)
}
