//! Text for a terminal or a log: what does not print becomes visible.

/// Several lines: line feeds stay, and every other character that does not print becomes visible, such as
/// control characters and marks that change the direction of text. No CI service takes a line of the result
/// for a command (`::error::`, `##[error]`, `##vso[`).
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

/// One line: like [`visible`], with line feeds as `\n`.
pub fn line(text: &str) -> String {
    visible(text).replace('\n', "\\n")
}

/// Escapes a character as Rust does in debug output, except for quotes and backslashes.
fn push_visible(out: &mut String, c: char) {
    match c {
        '"' | '\'' | '\\' => out.push(c),
        _ => out.extend(c.escape_debug()),
    }
}

/// Whether `::name` is at the start of a line, or after white space, where wrapping could start a line.
fn starts_workflow_command(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    text[at..].starts_with("::") && before.is_none_or(char::is_whitespace)
}

/// Whether the text starts with `##[name]` or `##vso[name]`.
fn starts_logging_command(text: &str) -> bool {
    text.strip_prefix("##")
        .is_some_and(|rest| rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).starts_with('['))
}

/// Whether a text is a URL to which a rendering may link.
pub fn is_address(text: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| text.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_remains() {
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
    fn log_line_is_no_command() {
        assert_eq!(visible("::error::x\n  ::warning::y"), "\\u{3a}:error::x\n  \\u{3a}:warning::y");
        assert_eq!(visible("a ##[error]b ##vso[task]c"), "a \\u{23}#[error]b \\u{23}#vso[task]c");
        assert_eq!(visible("std::fmt and ## a title"), "std::fmt and ## a title");
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(line("a\r\nb\u{2028}c"), "a\\r\\nb\\u{2028}c");
    }
}
