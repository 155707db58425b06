//! `cargo xtask tidy`: each invariant of ARCHITECTURE.md as a check that fails.

mod crates;
mod msrv;
mod names;
mod sources;
mod text;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cargo_metadata::MetadataCommand;

use crate::workspace;

/// One place where an invariant does not hold.
#[derive(Debug)]
struct Problem {
    /// The crate, the file, or the file and line.
    place: String,
    /// What is wrong there.
    what: String,
    /// The invariant and its reason.
    why: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.what, self.why)
    }
}

/// A text file of the repository.
struct SourceFile {
    /// Relative to the root, with `/`.
    path: String,
    text: String,
}

/// Runs every check.
///
/// # Errors
/// An invariant does not hold (each place is printed), or a check could not be made.
pub(crate) fn run() -> Result<()> {
    let paths = workspace::files()?;
    let files = text_files(workspace::root(), &paths)?;
    let metadata = MetadataCommand::new()
        .manifest_path(workspace::root().join("Cargo.toml"))
        .exec()
        .context("`cargo metadata` describes the workspace")?;

    let problems: Vec<Problem> = [
        crates::check(&crates::Graph::new(&metadata)?),
        msrv::check(&files, &metadata),
        sources::check(&files),
        names::check(&files),
        text::check(&files),
    ]
    .into_iter()
    .flatten()
    .collect();

    for problem in &problems {
        println!("{problem}");
    }
    match problems.len() {
        0 => {
            println!("tidy: {} files, every invariant holds", paths.len());
            Ok(())
        }
        1 => bail!("an invariant does not hold in 1 place"),
        count => bail!("invariants do not hold in {count} places"),
    }
}

/// Reads those of `paths` that hold UTF-8 text.
fn text_files(root: &Path, paths: &[PathBuf]) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for path in paths {
        let bytes = std::fs::read(root.join(path)).with_context(|| format!("read {}", path.display()))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile { path: path.to_string_lossy().replace('\\', "/"), text });
        }
    }
    Ok(files)
}

/// Whether the path ends in `.extension`, which is in lower case.
fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of the repository, made up.
    pub(super) fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_problem_says_where_what_and_why() {
        let problem = Problem { place: "a.rs:3".into(), what: "wrong".into(), why: "Because." };
        assert_eq!(problem.to_string(), "a.rs:3: wrong\n    Because.");
    }

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
