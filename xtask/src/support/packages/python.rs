//! A virtual environment with the packages of a `requirements.txt`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use super::once::once;

/// Installs the packages that `requirements` lists into the virtual environment `venv`, and returns the folder of
/// its programs.
///
/// # Errors
/// The list is missing, or python3 or pip fails.
pub(crate) fn programs(requirements: &Path, venv: &Path) -> Result<PathBuf> {
    let programs = venv.join("bin");
    let packages =
        std::fs::read_to_string(requirements).context("cannot read the list of Python packages")?;
    once(&venv.join("installed-requirements.txt"), &packages, || {
        println!("installing Python packages into {}", venv.display());
        cmd!("python3", "-m", "venv", "--clear", venv)
            .run()
            .context("python3 failed to create a virtual environment (is python3-venv installed?)")?;
        cmd!(
            programs.join("python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
            requirements
        )
        .run()
        .context("pip failed to install the Python packages")?;
        Ok(())
    })?;
    Ok(programs)
}

/// The version of an installed package.
///
/// # Errors
/// The package is not installed.
pub(crate) fn version(programs: &Path, package: &str) -> Result<String> {
    cmd!(
        programs.join("python"),
        "-c",
        "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))",
        package
    )
    .read()
    .with_context(|| format!("the Python package {package} is not installed"))
}
