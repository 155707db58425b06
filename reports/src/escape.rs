//! Makes text that nobody vouches for safe at the place where it is shown.
//!
//! Every rendering passes text of the target, the contract and the user through here. The text
//! stays readable: what cannot be shown as itself is written like a Rust escape, `\u{1b}`.

use std::fmt;

use askama::filters::Escaper;

mod markdown;

pub use self::markdown::{
    markdown, markdown_block, markdown_cell, markdown_code, markdown_code_cell, markdown_html, markdown_link,
    markdown_start,
};

/// Several lines: control characters, marks that turn the direction of writing and all else that
/// does not print become visible; line feeds stay. No line of the result is taken for a command by
/// a CI service that reads the log (`::error::`, `##[error]`, `##vso[`).
///
/// XML allows every character of the result.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            '\n' => out.push('\n'),
            ':' if starts_workflow_command(text, at) => out.push_str("\\u{3a}"),
            '#' if starts_logging_command(&text[at..]) => out.push_str("\\u{23}"),
            _ => push_visible(&mut out, c),
        }
    }
    out
}

/// One line: as [`visible`], and line feeds are shown as `\n`.
pub fn line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

/// Quotes stay as they are; everything else that Rust would escape in a debug print is escaped.
fn push_visible(out: &mut String, c: char) {
    match c {
        '"' | '\'' | '\\' => out.push(c),
        _ => out.extend(c.escape_debug()),
    }
}

/// `::name` at the start of a line, behind white space, or where wrapping could begin a line.
fn starts_workflow_command(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    text[at..].starts_with("::") && before.is_none_or(char::is_whitespace)
}

/// `##[name]` or `##vso[name]`, anywhere in a line.
fn starts_logging_command(text: &str) -> bool {
    text.strip_prefix("##")
        .is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('['))
}

/// Whether a text is an address that a reader may be led to.
pub fn is_address(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

/// The escaper of the HTML templates: every expression in them goes through it.
#[derive(Debug, Clone, Copy)]
pub struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, text: &str) -> fmt::Result {
        askama::filters::Html.write_escaped_str(dest, &visible(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_is_left() {
        let all: String = ('\0'..=char::MAX).collect();
        let shown = visible(&all);
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        for c in ['\u{1b}', '\u{9b}', '\u{7f}', '\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}'] {
            assert!(!shown.contains(c), "{c:?}");
            assert_eq!(visible(&c.to_string()), format!("\\u{{{:x}}}", u32::from(c)));
        }
        for forbidden_in_xml in ['\u{fffe}', '\u{ffff}', '\0', '\u{b}'] {
            assert!(!shown.contains(forbidden_in_xml), "{forbidden_in_xml:?}");
        }
        assert_eq!(visible("ü 漢 😀 \"'\\ \n"), "ü 漢 😀 \"'\\ \n");
        assert_eq!(visible(&shown), shown);
    }

    #[test]
    fn a_log_line_is_no_command() {
        assert_eq!(visible("::error::x\n  ::warning::y"), "\\u{3a}:error::x\n  \\u{3a}:warning::y");
        assert_eq!(visible("a ##[error]b ##vso[task]c"), "a \\u{23}#[error]b \\u{23}#vso[task]c");
        assert_eq!(visible("std::fmt and ## a title"), "std::fmt and ## a title");
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(line("a\r\nb\u{2028}c"), "a\\r\\nb\\u{2028}c");
    }

    #[test]
    fn html_has_no_markup() {
        let mut out = String::new();
        Html.write_escaped_str(&mut out, "<script>\"'&\u{202e}").expect("a string takes all");
        assert_eq!(out, "&#60;script&#62;&#34;&#39;&#38;\\u{202e}");
    }
}
