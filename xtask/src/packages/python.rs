//! A virtual environment with the packages of a `requirements.txt`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use super::once;

/// The folder of the programs of the virtual environment `venv`, which is made if it is not there or not
/// what `requirements` asks for.
pub(crate) fn programs(requirements: &Path, venv: &Path) -> Result<PathBuf> {
    let programs = venv.join("bin");
    let packages = std::fs::read_to_string(requirements).context("the list of Python packages is missing")?;
    once(&venv.join("installed-requirements.txt"), &packages, || {
        println!("installing Python packages into {}", venv.display());
        cmd!("python3", "-m", "venv", "--clear", venv)
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
            requirements
        )
        .run()
        .context("pip cannot install the Python packages")?;
        Ok(())
    })?;
    Ok(programs)
}

/// The version of an installed package.
pub(crate) fn version(programs: &Path, package: &str) -> Result<String> {
    cmd!(
        programs.join("python"),
        "-c",
        "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))",
        package
    )
    .read()
    .with_context(|| format!("python does not know the version of {package}"))
}
