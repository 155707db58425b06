//! A virtual environment with the packages of `xtask/emulators/requirements.txt`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use super::{asset, folder, install};

/// The folder of the programs of the virtual environment, which is made if it is not there or not
/// up to date.
pub(crate) fn programs() -> Result<PathBuf> {
    let venv = folder("venv")?;
    let programs = venv.join("bin");
    let requirements = std::fs::read_to_string(asset("requirements.txt"))
        .context("the list of Python packages is missing")?;
    install::once(&venv.join("installed-requirements.txt"), &requirements, || {
        println!("installing Python packages into {}", venv.display());
        cmd!("python3", "-m", "venv", "--clear", &venv)
            .run()
            .context("python3 cannot make a virtual environment (is python3-venv installed?)")?;
        cmd!(
            programs.join("python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--requirement",
            asset("requirements.txt")
        )
        .run()
        .context("pip cannot install the Python packages")?;
        Ok(())
    })?;
    Ok(programs)
}

/// The version of an installed package.
pub(super) fn version(programs: &Path, package: &str) -> Result<String> {
    cmd!(
        programs.join("python"),
        "-c",
        "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))",
        package
    )
    .read()
    .with_context(|| format!("python does not know the version of {package}"))
}
