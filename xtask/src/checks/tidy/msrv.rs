//! The oldest Rust that builds boundstone: `Cargo.toml` states it, and everything else agrees.

use cargo_metadata::semver::Version;

use super::problem::Problem;
use super::repository::{Repository, SourceFile};

const WHY: &str = "`rust-version` of Cargo.toml is the oldest Rust that builds boundstone: other files state the \
                   same version, and no dependency needs a newer one.";

/// Checks what files state and what packages need.
pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    let needs = repository.metadata.packages.iter().filter_map(|package| {
        Some((format!("{} {}", package.name, package.version), package.rust_version.clone()?))
    });
    problems(&repository.files, needs)
}

fn problem(place: &str, what: String) -> Problem {
    Problem { place: place.to_owned(), what, why: WHY }
}

fn problems(files: &[SourceFile], needs: impl Iterator<Item = (String, Version)>) -> Vec<Problem> {
    let text = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let Some(stated) = stated_version(text("Cargo.toml")) else {
        return vec![problem("Cargo.toml", "states no `rust-version` of two numbers".to_owned())];
    };
    let statements = [
        ("README.md", format!("{}.{} or newer", stated.major, stated.minor)),
        ("fuzz/Cargo.toml", format!("rust-version = \"{}.{}\"", stated.major, stated.minor)),
    ];
    let missing = statements.into_iter().filter(|(path, statement)| !text(path).contains(statement));
    let newer = needs.filter(|(_, version)| *version > stated);
    missing
        .map(|(path, statement)| problem(path, format!("does not say `{statement}`")))
        .chain(newer.map(|(name, version)| problem(&name, format!("needs Rust {version}"))))
        .collect()
}

/// The `rust-version` in a `Cargo.toml`.
fn stated_version(manifest: &str) -> Option<Version> {
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = "))?;
    Version::parse(&format!("{}.0", version.trim_matches('"'))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    fn messages(files: &[SourceFile], needs: &[(&str, &str)]) -> Vec<String> {
        let needs =
            needs.iter().map(|(name, version)| ((*name).to_owned(), Version::parse(version).unwrap()));
        problems(files, needs).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn disagreeing_files_and_packages_are_named() {
        let cargo = file("Cargo.toml", "[workspace.package]\nrust-version = \"1.95\"\n");
        let fuzz = file("fuzz/Cargo.toml", "rust-version = \"1.95\"");
        let readme = file("README.md", "a toolchain (1.95 or newer)");
        let all = [cargo, fuzz, readme];
        assert_eq!(messages(&all, &[("old 1.0.0", "1.56.0"), ("new 2.0.0", "1.95.0")]), [""; 0]);
        assert_eq!(messages(&all, &[("newer 1.0.0", "1.96.0")]), ["newer 1.0.0: needs Rust 1.96.0"]);
        assert_eq!(
            messages(&all[..1], &[]),
            [
                "README.md: does not say `1.95 or newer`",
                "fuzz/Cargo.toml: does not say `rust-version = \"1.95\"`"
            ]
        );
        assert_eq!(messages(&[], &[]), ["Cargo.toml: states no `rust-version` of two numbers"]);
    }
}
