//! What the checks read: the files of the repository and its crates.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::support::workspace;

/// The repository that this command runs in.
pub(super) struct Repository {
    /// Every file, relative to the root, with `/`.
    pub(super) paths: Vec<String>,
    /// The files that hold UTF-8 text.
    pub(super) files: Vec<SourceFile>,
    /// The crates as cargo describes them.
    pub(super) metadata: Metadata,
}

/// A text file of the repository.
pub(super) struct SourceFile {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Repository {
    /// Reads the repository.
    ///
    /// # Errors
    /// A file cannot be read, or git or cargo fails.
    pub(super) fn read() -> Result<Self> {
        let paths = workspace::files()?;
        let metadata = MetadataCommand::new()
            .manifest_path(workspace::root().join("Cargo.toml"))
            .exec()
            .context("`cargo metadata` describes the workspace")?;
        Ok(Self {
            files: text_files(workspace::root(), &paths)?,
            paths: paths.iter().map(|path| with_slashes(path)).collect(),
            metadata,
        })
    }
}

/// Reads those of `paths` that hold UTF-8 text.
fn text_files(root: &Path, paths: &[PathBuf]) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for path in paths {
        let bytes = std::fs::read(root.join(path)).with_context(|| format!("read {}", path.display()))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile { path: with_slashes(path), text });
        }
    }
    Ok(files)
}

fn with_slashes(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// Whether the path ends in `.extension`, which is in lower case.
pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == extension)
}

/// A file of the repository, made up for a test.
#[cfg(test)]
pub(super) fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_files_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("text"), "words").unwrap();
        std::fs::write(folder.path().join("binary"), [0xff, 0xfe]).unwrap();
        let files = text_files(folder.path(), &["text".into(), "binary".into()]).unwrap();
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].path, "text");
    }
}
