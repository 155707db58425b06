//! Packages of other languages: installed once, and again when what is asked for changes.

pub(crate) mod node;
pub(crate) mod python;

use std::path::Path;

use anyhow::Result;

use crate::workspace::write;

/// Runs `install` unless it was done for just this list of packages. `stamp` is a file in the folder
/// of the installation.
fn once(stamp: &Path, packages: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    if std::fs::read_to_string(stamp).is_ok_and(|installed| installed == packages) {
        return Ok(());
    }
    install()?;
    // Written last, so that it stands for an installation that came to its end.
    write(stamp, packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_is_made_once_for_each_list() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("stamp");
        let installs = |packages| {
            let mut installs = false;
            once(&stamp, packages, || {
                installs = true;
                Ok(())
            })
            .unwrap();
            installs
        };
        assert!(installs("boto3==1\n"));
        assert!(!installs("boto3==1\n"));
        assert!(installs("boto3==2\n"));
    }

    #[test]
    fn a_failed_installation_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("stamp");
        assert!(once(&stamp, "a", || anyhow::bail!("no network")).is_err());
        let mut tried = false;
        once(&stamp, "a", || {
            tried = true;
            Ok(())
        })
        .unwrap();
        assert!(tried);
    }
}
