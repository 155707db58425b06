//! The syntax of patterns, in the dialect of `regex-syntax`.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

/// A pattern without its assertions.
pub(crate) struct ParsedPattern {
    pub(crate) hir: Hir,
    /// Whether the pattern is the whole one: it has no group that looks ahead or behind.
    pub(crate) is_exact: bool,
}

/// Parses a pattern; none if its dialect is another one.
pub(crate) fn parse_pattern(pattern: &str) -> Option<ParsedPattern> {
    let text = without_assertions(pattern);
    let parse = |text: &str| ParserBuilder::new().nest_limit(64).build().parse(text).ok();
    let hir = parse(&translated(&text)).or_else(|| parse(&text))?;
    Some(ParsedPattern { hir, is_exact: text == pattern })
}

/// Whether an expression repeats, without bound, what repeats without bound.
pub(crate) fn has_nested_repetition(hir: &Hir) -> bool {
    is_nested(hir, false)
}

fn is_nested(hir: &Hir, is_repeated: bool) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let is_long = repetition.max.is_none_or(|max| max > 8);
            is_long && is_repeated || is_nested(&repetition.sub, is_long || is_repeated)
        }
        HirKind::Capture(capture) => is_nested(&capture.sub, is_repeated),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| is_nested(part, is_repeated))
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

/// The expression without groups that look ahead or behind.
fn without_assertions(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let is_assertion = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|start| rest.starts_with(start));
        let length = match first {
            '(' if is_assertion => {
                rest = &rest[group_length(rest)..];
                // A group that can be left out may be followed by how often it comes.
                out.push_str("(?:)");
                continue;
            }
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            other => other.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// The length of the group that a text begins with, in bytes.
fn group_length(text: &str) -> usize {
    let (mut depth, mut in_class, mut is_escaped) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => {
                is_escaped = false;
                continue;
            }
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + character.len_utf8();
        }
    }
    text.len()
}

/// The expression with brackets and operators within a class as plain characters, as in ECMA-262, and with the classes
/// of Java.
fn translated(pattern: &str) -> String {
    let mut out = String::new();
    let mut in_class = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('d') => out.push_str(if in_class { "0-9" } else { "[0-9]" }),
                Some('w') => out.push_str(if in_class { "0-9A-Za-z_" } else { "[0-9A-Za-z_]" }),
                Some('p') if characters.peek() == Some(&'{') => {
                    let name: String = characters.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    out.push_str(&class_of_java(&name, in_class));
                }
                Some(escaped) if escaped.is_ascii_alphanumeric() => out.extend(['\\', escaped]),
                Some(escaped) => out.push_str(&regex_syntax::escape(&escaped.to_string())),
                None => {}
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    out.extend(characters.next());
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '[' | '&' | '~' if in_class => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}

/// A class with a name, which may be one of Java's.
fn class_of_java(name: &str, in_class: bool) -> String {
    let of_posix =
        ["Lower", "Upper", "ASCII", "Alpha", "Digit", "Alnum", "Punct", "Graph", "Print", "Blank", "Cntrl"];
    let class = match name {
        "XDigit" | "Space" => format!("[:{}:]", name.to_ascii_lowercase()),
        "all" => "\\x00-\\x7f".to_owned(),
        "IsAlphabetic" | "IsLetter" => "\\p{L}".to_owned(),
        "IsDigit" => "\\p{Nd}".to_owned(),
        name if of_posix.contains(&name) => format!("[:{}:]", name.to_ascii_lowercase()),
        other => format!("\\p{{{other}}}"),
    };
    if in_class { class } else { format!("[{class}]") }
}
