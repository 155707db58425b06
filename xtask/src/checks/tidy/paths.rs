//! Paths: no text names a folder of one machine, and every file name works on every file system.

use super::problem::Problem;
use super::repository::{Repository, SourceFile, has_extension};

/// Folders below the root of a file system in which people and build machines work.
const MACHINE_FOLDERS: [&str; 4] = ["home", "root", "Users", "work"];

/// Checks every text file.
pub(super) fn check(repository: &Repository) -> Vec<Problem> {
    check_files(&repository.files)
}

fn check_files(files: &[SourceFile]) -> Vec<Problem> {
    files.iter().flat_map(|file| absolute_paths(file).into_iter().chain(upper_case(file))).collect()
}

fn absolute_paths(file: &SourceFile) -> Vec<Problem> {
    let lines = file.text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let path = machine_path(line)?;
            Some(Problem {
                place: format!("{}:{}", file.path, index + 1),
                what: format!("names the folder `{path}` of one machine"),
                why: "The repository works wherever it is cloned and names no machine.",
            })
        })
        .collect()
}

/// The first absolute path in `line` that lies in one of the folders.
fn machine_path(line: &str) -> Option<&str> {
    MACHINE_FOLDERS.iter().find_map(|folder| {
        line.match_indices('/').find_map(|(start, _)| {
            let rest = line[start + 1..].strip_prefix(folder)?.strip_prefix('/')?;
            let begins = !line[..start].ends_with(|c: char| c.is_alphanumeric() || "_-.~/}".contains(c));
            let length = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            (begins && length > 0).then(|| &line[start..start + folder.len() + 2 + length])
        })
    })
}

fn upper_case(file: &SourceFile) -> Option<Problem> {
    let is_snapshot = file.path.starts_with("snapshots/") && has_extension(&file.path, "snap");
    (is_snapshot && file.path.chars().any(char::is_uppercase)).then(|| Problem {
        place: file.path.clone(),
        what: "is not in lower case".to_owned(),
        why: "The path of a snapshot is the id of its case, and two ids must differ on a file system that \
              ignores case.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    #[test]
    fn folder_of_one_machine_fails() {
        for folder in MACHINE_FOLDERS {
            let text = format!("one line\nlook into \"/{folder}/someone/boundstone\"\n");
            let problems = check_files(&[file("README.md", &text)]);
            assert_eq!(problems.len(), 1, "{text}");
            assert_eq!(problems[0].place, "README.md:2");
            assert!(problems[0].what.contains(&format!("`/{folder}/someone`")));
        }
    }

    #[test]
    fn relative_paths_and_addresses_pass() {
        let text = "see docs/work/a and https://example.com/home/page, ./root/a, ~/work/b\n\
                    /tmp/x /homeward/y / work/z //root/w\n";
        assert!(check_files(&[file("README.md", text)]).is_empty());
    }

    #[test]
    fn upper_case_snapshot_fails() {
        let problems = check_files(&[
            file("snapshots/page/start/Length.snap", ""),
            file("snapshots/page/start/length.snap", ""),
            file("snapshots/README.md", ""),
        ]);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].place, "snapshots/page/start/Length.snap");
    }
}
