//! Text that is not ours, and text that has to show the banned words.

use wildmatch::WildMatch;

use crate::checks::tidy::repository::SourceFile;

/// Files that the check does not read, as a pattern of their path, each with the reason.
const FILES: [(&str, &str); 10] = [
    ("cases/contracts/*.json", "quotes the contract"),
    ("snapshots/*.snap", "is recorded; its path is the id of a case, which code defines"),
    ("fuzz/corpus/*", "is found by a fuzzer"),
    ("*Cargo.lock", "is written by cargo"),
    ("*package-lock.json", "is written by npm"),
    ("LICENSE-*", "is a text of the law"),
    ("*.xsd", "is a schema of others"),
    ("xtask/emulators/appconfigdata.openapi.yaml", "quotes the contract"),
    ("*/tidy/words/table.rs", "is the list of banned words"),
    ("*/tidy/words/tests.rs", "plants banned words"),
];

/// Sections of Markdown files that the check does not read, each with the reason.
const SECTIONS: [(&str, &str, &str); 1] =
    [("CONTRIBUTING.md", "One word for one thing", "lists the banned words next to their replacements")];

/// Whether the check leaves the file out.
pub(super) fn is_exempt(path: &str) -> bool {
    FILES.iter().any(|(pattern, _)| WildMatch::new(pattern).matches(path))
}

/// The file with its exempt sections blank.
pub(super) fn without_exempt_sections(file: &SourceFile) -> SourceFile {
    let headings = SECTIONS.iter().filter(|(path, ..)| *path == file.path);
    let text = headings.fold(file.text.clone(), |text, (_, heading, _)| without_section(&text, heading));
    SourceFile { path: file.path.clone(), text }
}

/// The text with the lines of a section blank, up to the next heading of its level or above.
fn without_section(text: &str, heading: &str) -> String {
    let mut level = None;
    let mut kept = String::new();
    for line in text.lines() {
        if let Some((depth, title)) = markdown_heading(line) {
            level = level.filter(|level| depth > *level).or((title == heading).then_some(depth));
        }
        if level.is_none() {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}

/// The level and the title of a line that is a heading.
fn markdown_heading(line: &str) -> Option<(usize, &str)> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    (level > 0).then(|| Some((level, title.strip_prefix(' ')?.trim())))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_paths() {
        for path in ["cases/contracts/page.json", "fuzz/Cargo.lock", "xtask/src/checks/tidy/words/table.rs"] {
            assert!(is_exempt(path), "{path}");
        }
        for path in
            ["cases/src/contract.rs", "reports/report.schema.json", "xtask/src/checks/tidy/words/check.rs"]
        {
            assert!(!is_exempt(path), "{path}");
        }
    }

    #[test]
    fn section_ends_at_heading_of_its_level() {
        let text = "# A\none\n## B\ntwo\n### C\nthree\n## D\nfour\n";
        assert_eq!(without_section(text, "B"), "# A\none\n\n\n\n\n## D\nfour\n");
        assert_eq!(without_section(text, "X"), text);
    }
}
