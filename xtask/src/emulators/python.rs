//! A virtual environment with the packages of `xtask/emulators/requirements.txt`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;

use super::{asset, folder, write};

/// The folder of the programs of the virtual environment, which is made if it is not there or not
/// up to date.
pub(super) fn programs() -> Result<PathBuf> {
    let venv = folder("venv")?;
    let programs = venv.join("bin");
    let requirements = std::fs::read_to_string(asset("requirements.txt"))
        .context("the list of Python packages is missing")?;
    // Written last, so that it stands for an installation that came to its end.
    let stamp = venv.join("installed-requirements.txt");
    if !is_current(&stamp, &requirements) {
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
        write(&stamp, &requirements)?;
    }
    Ok(programs)
}

fn is_current(stamp: &Path, requirements: &str) -> bool {
    std::fs::read_to_string(stamp).is_ok_and(|installed| installed == requirements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_current_only_with_the_same_requirements() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("stamp");
        assert!(!is_current(&stamp, "boto3==1\n"));
        write(&stamp, "boto3==1\n").unwrap();
        assert!(is_current(&stamp, "boto3==1\n"));
        assert!(!is_current(&stamp, "boto3==2\n"));
    }
}
