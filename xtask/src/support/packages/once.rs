//! Installs a list of packages once.

use std::path::Path;

use anyhow::Result;

use crate::support::workspace::write;

/// Runs `install` unless it succeeded before with the same list of packages. `stamp` is a file in the folder of
/// the installation that keeps the list.
///
/// # Errors
/// `install` fails, or the stamp cannot be written.
pub(super) fn once(stamp: &Path, packages: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    if std::fs::read_to_string(stamp).is_ok_and(|installed| installed == packages) {
        return Ok(());
    }
    install()?;
    // Written last: it is only there if the installation is complete.
    write(stamp, packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_is_installed_once() {
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
    fn failed_installation_is_tried_again() {
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
