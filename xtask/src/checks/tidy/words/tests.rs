//! Planted words fail, and their replacements pass.

use super::check::{check_file, check_paths};
use super::table::RULES;
use crate::checks::tidy::repository::file;

/// The problems of one file.
fn problems(path: &str, text: &str) -> Vec<String> {
    check_file(&file(path, text)).iter().map(ToString::to_string).collect()
}

/// How many problems a Rust file with this text has.
fn count(text: &str) -> usize {
    problems("cases/src/a.rs", text).len()
}

#[test]
fn problem_names_line_word_and_replacement() {
    assert_eq!(
        problems("README.md", "# Title\n\nThe target keeps its answers.\n"),
        ["README.md:3: `answers`: write response (verb: respond, return, send)"]
    );
    assert_eq!(
        problems("cases/src/a.rs", "//! Docs.\nstruct LastAnswer;\n"),
        ["cases/src/a.rs:2: `answer` in the name `LastAnswer`: write response (verb: respond, return, send)"]
    );
    assert!(problems("README.md", "The target keeps its responses.").is_empty());
}

#[test]
fn prose_counts_in_comments_strings_and_text() {
    assert_eq!(count("// Sent anew.\nconst A: &str = \"beside\";\n/// Mended.\nfn f() {}\n"), 3);
    assert_eq!(count("// Sent again.\nconst A: &str = \"next to\";\n/// Fixed.\nfn f() {}\n"), 0);
    for path in ["a.toml", "a.html", "a.js", "a.css", "a.sh", "a.yml", "a.json", "a.py", ".ci/run"] {
        assert_eq!(problems(path, "x\nthe twin\n").len(), 1, "{path}");
        assert_eq!(problems(path, "x\nthe control\n").len(), 0, "{path}");
    }
}

#[test]
fn phrase_counts_across_lines_of_a_comment() {
    assert_eq!(count("/// Skipped for\n/// want of a fixture.\nfn f() {}\n"), 1);
    assert_eq!(count("/// Skipped for\n\n/// want of a fixture.\nfn f() {}\n"), 0);
}

#[test]
fn names_count_where_they_are_defined() {
    assert_eq!(count("fn note_twin(crew: u8) { let wanted = 1; }"), 3);
    assert_eq!(count("fn note_control(pool: u8) { let interval = 1; }"), 0);
    // Other people define these.
    assert_eq!(
        count("fn f() { list.sort_unstable(); option.hide(true); hide_value(); a::Answer::new(); }"),
        0
    );
}

#[test]
fn exceptions_are_right_words() {
    assert_eq!(
        count("// `sort_unstable` is faster; fault injection; each of which; the standard deviation."),
        0
    );
    assert_eq!(count("// An unstable requirement; a fault of which nothing is known; the deviation."), 4);
}

#[test]
fn verdict_counts_as_name_or_quoted() {
    assert_eq!(
        count("struct A { held: u8 }\nconst B: &str = \"held\";\n// A verdict of *held* or `held`.\n"),
        3
    );
    assert_eq!(count("struct A { passed: u8 }\n// The lock is held while it is sent.\n"), 0);
    assert_eq!(problems("a.json", "{\"held\": 1}").len(), 1);
}

#[test]
fn means_and_lack_count_as_names_only() {
    assert_eq!(count("struct Means;\nfn lacks() {}\n"), 2);
    assert_eq!(count("fn body_that_lacks_a_member_means_trouble() {}\n"), 0);
    assert_eq!(count("// This means that targets lack it.\nstruct Capability;\nfn is_missing() {}\n"), 0);
}

#[test]
fn constants_are_named_after_what_they_limit() {
    assert_eq!(count("const MOST_PAIRS: u8 = 8;\nconst LONGEST: u8 = 9;\nconst TWICE: u8 = 2;\n"), 3);
    assert_eq!(
        count("const MAX_PAIRS: u8 = 8;\nconst UTMOST: u8 = 1;\nfn longest_first() { let most = 1; }\n"),
        0
    );
}

#[test]
fn whole_names_and_modules_leave_parts_alone() {
    assert_eq!(count("struct Past;\nstruct Mark;\nmod secret {}\nfn hide_value() {}\n"), 4);
    assert_eq!(count("fn past_end() { let mark = 1; let aws_secret_access_key = 2; let secret = 3; }"), 0);
    assert_eq!(check_paths(&["harness/src/secret.rs"]).len(), 1);
    assert_eq!(check_paths(&["harness/src/redact.rs"]).len(), 0);
}

#[test]
fn names_of_files_and_folders_count_once() {
    let found =
        check_paths(&["harness/src/mock/deviation/a.rs", "harness/src/mock/deviation/last_answer.rs"]);
    let found: Vec<String> = found.iter().map(|problem| problem.place.clone()).collect();
    assert_eq!(found, ["harness/src/mock/deviation", "harness/src/mock/deviation/last_answer.rs"]);
    assert!(check_paths(&["harness/src/mock/mutants/last_response.rs"]).is_empty());
}

#[test]
fn exempt_files_and_sections_are_not_read() {
    assert!(problems("cases/contracts/page.json", "\"the answer\"").is_empty());
    assert!(check_paths(&["snapshots/page/answer.snap"]).is_empty());
    let text = "# Contributing\n\n## One word for one thing\n\nnot answer\n\n## Tests\n\nthe answer\n";
    assert_eq!(
        problems("CONTRIBUTING.md", text),
        ["CONTRIBUTING.md:9: `answer`: write response (verb: respond, return, send)"]
    );
}

#[test]
fn forms_are_lower_case_words_divided_by_spaces() {
    for rule in RULES {
        for form in rule.forms.iter().chain(rule.except) {
            assert_eq!(form.split(' ').collect::<Vec<_>>(), form.split_whitespace().collect::<Vec<_>>());
            assert_eq!(*form, form.to_lowercase());
        }
        assert!(!rule.instead.is_empty());
    }
}

#[test]
fn exceptions_contain_a_form() {
    for rule in RULES {
        for exception in rule.except {
            assert!(rule.forms.iter().any(|form| exception.contains(form)), "{exception}");
        }
    }
}
