//! The files of an archive.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use duct::cmd;

use super::archive::File;
use crate::support::workspace;

/// The documents of the repository that every archive contains.
const DOCUMENTS: [&str; 4] = ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "CHANGELOG.md"];

/// Shells, and the usual name of the completions of boundstone for each.
const COMPLETIONS: [(&str, &str); 3] =
    [("bash", "boundstone.bash"), ("zsh", "_boundstone"), ("fish", "boundstone.fish")];

/// The files in the folder `folder` of the archive: the binary, the documents, and what the binary prints for shells
/// and for `man`.
///
/// # Errors
/// A file cannot be read, or the binary does not run.
pub(super) fn files(folder: &str, binary: &Path) -> Result<Vec<File>> {
    let name = binary.file_name().context("the path of the binary has no name")?.to_string_lossy();
    let program = File { path: format!("{folder}/{name}"), content: read(binary)?, is_executable: true };
    let mut files = vec![program];
    for document in DOCUMENTS {
        files.push(plain(format!("{folder}/{document}"), read(&workspace::root().join(document))?));
    }
    for (shell, name) in COMPLETIONS {
        files.push(plain(format!("{folder}/completions/{name}"), output(binary, &["completions", shell])?));
    }
    files.push(plain(format!("{folder}/man/boundstone.1"), output(binary, &["man"])?));
    Ok(files)
}

fn plain(path: String, content: Vec<u8>) -> File {
    File { path, content, is_executable: false }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// What the binary prints with these arguments.
///
/// # Errors
/// The binary fails or prints nothing.
pub(super) fn output(binary: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let command = format!("`{} {}`", binary.display(), arguments.join(" "));
    let output = cmd(binary, arguments)
        .stdout_capture()
        .run()
        .with_context(|| format!("{command} failed; was the binary built for this machine?"))?;
    ensure!(!output.stdout.is_empty(), "{command} printed nothing");
    Ok(output.stdout)
}
