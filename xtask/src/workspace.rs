//! Where this repository is, which files it has, and how its binary is built.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use cargo_metadata::Message;
use duct::{Expression, cmd};

/// The cargo that runs this command, so that the whole of a run uses one toolchain, in the root.
///
/// What cargo tells this process about its own package is left out: build scripts that look at
/// those variables would run again, and with them half of the dependencies.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Expression {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    std::env::vars()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        .fold(cmd(cargo, arguments).dir(root()), |command, name| command.env_remove(name))
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    // Cargo sets the variable for what it runs. What was compiled in may name another checkout that
    // shares the target folder.
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let here =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&here).parent().map_or_else(PathBuf::new, Path::to_owned)
    });
    &ROOT
}

/// Makes the folder `name` below `target`.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    let folder = root().join("target").join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    Ok(folder)
}

/// The same, without what was in it.
pub(crate) fn empty_folder(name: &str) -> Result<PathBuf> {
    let folder = folder(name)?;
    std::fs::remove_dir_all(&folder).with_context(|| format!("empty {}", folder.display()))?;
    self::folder(name)
}

/// The `PATH` of this process behind `first`.
pub(crate) fn path_behind(first: &Path) -> String {
    format!("{}:{}", first.display(), std::env::var("PATH").unwrap_or_default())
}

/// Writes a text file, naming it in the error.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
}

/// The files that belong to the repository, relative to its root: those that git tracks and new
/// ones that it does not ignore.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let listing = cmd!("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        .dir(root())
        .read()
        .context("`git ls-files` lists the files of the repository")?;
    Ok(listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        // A tracked file may be deleted in the work tree.
        .filter(|path| root().join(path).is_file())
        .collect())
}

/// Builds the binary `boundstone` as this command was built, so that little is left to build, and returns
/// its path.
pub(crate) fn build_boundstone() -> Result<PathBuf> {
    // With this package selected too, features and so all libraries are those of this command.
    build(&["--profile=tool", "--package=xtask"])
}

/// Builds the binary `boundstone` as users do and returns its path.
pub(crate) fn build_release() -> Result<PathBuf> {
    build(&["--release"])
}

fn build(arguments: &[&str]) -> Result<PathBuf> {
    println!("building boundstone");
    let usual = ["--package=boundstone", "--bin=boundstone", "--message-format=json-render-diagnostics"];
    let output = cargo(["build"].into_iter().chain(arguments.iter().copied()).chain(usual))
        .stdout_capture()
        .run()
        .context("boundstone does not build")?;
    executable(&output.stdout, "boundstone")
}

/// The path of the executable `name` in the messages of `cargo build`.
fn executable(messages: &[u8], name: &str) -> Result<PathBuf> {
    for message in Message::parse_stream(Cursor::new(messages)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.target.name == name
            && let Some(path) = artifact.executable
        {
            return Ok(path.into());
        }
    }
    anyhow::bail!("cargo built no executable of the name {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(files().unwrap().contains(&PathBuf::from("xtask/src/workspace.rs")));
    }

    #[test]
    fn a_build_without_the_executable_is_an_error() {
        let error = executable(br#"{"reason":"build-finished","success":true}"#, "boundstone");
        assert!(error.unwrap_err().to_string().contains("boundstone"));
    }
}
