//! The oldest Rust that builds this: it is said once, and everything else agrees.

use cargo_metadata::Metadata;
use cargo_metadata::semver::Version;

use super::{Problem, SourceFile};

const WHY: &str = "`rust-version` of Cargo.toml is the oldest Rust that builds boundstone: what is said elsewhere \
                   agrees, and what is depended on needs no newer one.";

/// Checks what files say, and what packages need.
pub(super) fn check(files: &[SourceFile], metadata: &Metadata) -> Vec<Problem> {
    let needs = metadata.packages.iter().filter_map(|package| {
        Some((format!("{} {}", package.name, package.version), package.rust_version.clone()?))
    });
    problems(files, needs)
}

fn problems(files: &[SourceFile], needs: impl Iterator<Item = (String, Version)>) -> Vec<Problem> {
    let problem = |place: &str, what: String| Problem { place: place.to_owned(), what, why: WHY };
    let text = |path: &str| files.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let stated = text("Cargo.toml").lines().find_map(|line| line.strip_prefix("rust-version = "));
    let stated = stated.map(|version| version.trim_matches('"'));
    let Some((stated, oldest)) = stated.and_then(|it| Some((it, Version::parse(&format!("{it}.0")).ok()?)))
    else {
        return vec![problem("Cargo.toml", "states no `rust-version` of two numbers".to_owned())];
    };
    let says = [
        ("README.md", format!("({stated} or newer)")),
        ("fuzz/Cargo.toml", format!("rust-version = \"{stated}\"")),
    ];
    let silent = says.into_iter().filter(|(path, says)| !text(path).contains(says));
    let silent = silent.map(|(path, says)| problem(path, format!("does not say `{says}`")));
    let newer = needs.filter(|(_, version)| *version > oldest);
    silent.chain(newer.map(|(name, version)| problem(&name, format!("needs Rust {version}")))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::file;
    use super::*;

    fn whats(files: &[SourceFile], needs: &[(&str, &str)]) -> Vec<String> {
        let needs =
            needs.iter().map(|(name, version)| ((*name).to_owned(), Version::parse(version).unwrap()));
        problems(files, needs).iter().map(|it| format!("{}: {}", it.place, it.what)).collect()
    }

    #[test]
    fn what_disagrees_is_named() {
        let cargo = file("Cargo.toml", "[workspace.package]\nrust-version = \"1.95\"\n");
        let fuzz = file("fuzz/Cargo.toml", "rust-version = \"1.95\"");
        let readme = file("README.md", "a toolchain (1.95 or newer)");
        let all = [cargo, fuzz, readme];
        assert_eq!(whats(&all, &[("old 1.0.0", "1.56.0"), ("new 2.0.0", "1.95.0")]), [""; 0]);
        assert_eq!(whats(&all, &[("newer 1.0.0", "1.96.0")]), ["newer 1.0.0: needs Rust 1.96.0"]);
        assert_eq!(
            whats(&all[..1], &[]),
            [
                "README.md: does not say `(1.95 or newer)`",
                "fuzz/Cargo.toml: does not say `rust-version = \"1.95\"`"
            ]
        );
        assert_eq!(whats(&[], &[]), ["Cargo.toml: states no `rust-version` of two numbers"]);
    }
}
