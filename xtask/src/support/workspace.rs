//! The root of this repository, its files, and its binary.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Context, Result};
use cargo_metadata::Message;
use duct::{Expression, cmd};

/// A command of the cargo that runs this task, in the root of the repository. All of a task uses one toolchain.
///
/// The variables that cargo sets for this package are removed. Otherwise build scripts that read them would run
/// again, and half of the dependencies would be built again.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Expression {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    std::env::vars()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        .fold(cmd(cargo, arguments).dir(root()), |command, name| command.env_remove(name))
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    // Cargo sets the variable for each run. The compiled-in value may be another checkout that shares the target
    // folder.
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let here =
            std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        Path::new(&here).parent().map_or_else(PathBuf::new, Path::to_owned)
    });
    &ROOT
}

/// Creates the folder `name` in `target`, unless it exists.
///
/// # Errors
/// The folder cannot be created.
pub(crate) fn folder(name: &str) -> Result<PathBuf> {
    let folder = root().join("target").join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Creates the folder `name` in `target`, or empties it.
///
/// # Errors
/// The folder cannot be created or emptied.
pub(crate) fn empty_folder(name: &str) -> Result<PathBuf> {
    let folder = folder(name)?;
    std::fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    self::folder(name)
}

/// The `PATH` of this process with the folder `first` in front.
pub(crate) fn path_with(first: &Path) -> String {
    format!("{}:{}", first.display(), std::env::var("PATH").unwrap_or_default())
}

/// Writes a text file.
///
/// # Errors
/// The file, which the error names, cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The files that belong to the repository, relative to its root: those that git tracks, and new ones that it does
/// not ignore.
///
/// # Errors
/// git fails.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let listing = cmd!("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
        .dir(root())
        .read()
        .context("`git ls-files` failed")?;
    Ok(listing
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        // A tracked file may be missing in the work tree.
        .filter(|path| root().join(path).is_file())
        .collect())
}

/// Builds the binary `boundstone` with the profile of this task, which shares most of its build, and returns the
/// path.
///
/// # Errors
/// The build fails.
pub(crate) fn build_boundstone() -> Result<PathBuf> {
    // With this package selected too, the features, and so all libraries, are those of this task.
    build(&["--profile=tool", "--package=xtask"])
}

/// Builds the binary `boundstone` with the profile `release`, as users do, and returns the path.
///
/// # Errors
/// The build fails.
pub(crate) fn build_release() -> Result<PathBuf> {
    build(&["--release"])
}

/// Builds the binary `boundstone` with further arguments of `cargo build`, and returns the path.
///
/// # Errors
/// The build fails.
pub(crate) fn build(arguments: &[&str]) -> Result<PathBuf> {
    println!("building boundstone");
    let common = ["--package=boundstone", "--bin=boundstone", "--message-format=json-render-diagnostics"];
    let output = cargo(["build"].into_iter().chain(arguments.iter().copied()).chain(common))
        .stdout_capture()
        .run()
        .context("the build of boundstone failed")?;
    executable(&output.stdout, "boundstone")
}

/// Finds the path of the executable `name` in the messages of `cargo build`.
fn executable(messages: &[u8], name: &str) -> Result<PathBuf> {
    for message in Message::parse_stream(Cursor::new(messages)) {
        if let Message::CompilerArtifact(artifact) = message?
            && artifact.target.name == name
            && let Some(path) = artifact.executable
        {
            return Ok(path.into());
        }
    }
    anyhow::bail!("cargo built no executable `{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_contains_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(files().unwrap().contains(&PathBuf::from("xtask/src/support/workspace.rs")));
    }

    #[test]
    fn build_without_executable_is_an_error() {
        let error = executable(br#"{"reason":"build-finished","success":true}"#, "boundstone");
        assert!(error.unwrap_err().to_string().contains("boundstone"));
    }
}
