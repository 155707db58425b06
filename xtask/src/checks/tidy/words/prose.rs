//! The words of a file: its comments and string literals if it is Rust, and all of its text if it is not.

use std::ops::Range;
use std::str::FromStr;

use proc_macro2::{Span, TokenStream, TokenTree};

use super::forms::Word;
use crate::checks::tidy::repository::{SourceFile, has_extension};
use crate::checks::tidy::syntax;

/// Takes the place of what is no prose. No phrase goes across it.
const NO_PROSE: u8 = 0;

/// The words of a file in their order.
pub(super) fn words(file: &SourceFile) -> Vec<Word> {
    let is_rust = has_extension(&file.path, "rs");
    let mut text = if is_rust { without_code(&file.text) } else { file.text.clone() };
    for range in addresses(&text) {
        text.replace_range(range.clone(), &"\0".repeat(range.len()));
    }
    split(&text)
}

/// The text of a Rust file with all but its comments and string literals masked.
fn without_code(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    // A file that does not parse is reported by another check.
    mask_code(TokenStream::from_str(text).unwrap_or_default(), &mut bytes);
    String::from_utf8(bytes).unwrap_or_default()
}

fn mask_code(tokens: TokenStream, bytes: &mut [u8]) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => mask_code(group.stream(), bytes),
            TokenTree::Literal(literal) => mask_literal(literal.span(), bytes),
            TokenTree::Ident(ident) => mask(ident.span(), bytes),
            TokenTree::Punct(punct) => mask(punct.span(), bytes),
        }
    }
}

/// Masks a token that is no prose. The tokens of a doc comment have the span of the comment, which is prose.
fn mask(span: Span, bytes: &mut [u8]) {
    let token = &mut bytes[span.byte_range()];
    if !is_comment(token) {
        token.fill(NO_PROSE);
    }
}

fn is_comment(token: &[u8]) -> bool {
    token.starts_with(b"//") || token.starts_with(b"/*")
}

/// Masks a number, and the prefix and the escapes of a string.
fn mask_literal(span: Span, bytes: &mut [u8]) {
    let token = &mut bytes[span.byte_range()];
    let Some(quote) = token.iter().position(|byte| *byte == b'"').filter(|_| !is_comment(token)) else {
        mask(span, bytes);
        return;
    };
    let (prefix, text) = token.split_at_mut(quote);
    if !prefix.contains(&b'r') {
        mask_escapes(text);
    }
    prefix.fill(NO_PROSE);
}

/// Masks the escapes of a string literal. One at the end of a line continues the text on the next one.
fn mask_escapes(literal: &mut [u8]) {
    let mut index = 0;
    while index + 1 < literal.len() {
        if literal[index] != b'\\' {
            index += 1;
        } else if literal[index + 1] == b'\n' {
            literal[index] = b' ';
            index += 2;
        } else {
            literal[index..index + 2].fill(NO_PROSE);
            index += 2;
        }
    }
}

/// Where addresses of the web are, whose words are not ours.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let starts = ["https://", "http://"].into_iter().flat_map(|scheme| text.match_indices(scheme));
    starts
        .map(|(start, _)| start..text[start..].find(ends_address).map_or(text.len(), |end| start + end))
        .collect()
}

fn ends_address(c: char) -> bool {
    c.is_whitespace() || "()<>\"'`\0".contains(c)
}

/// Splits text into words, and names such as `next_token` and `NextToken` into their parts.
fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut line = 1;
    let mut end = 0;
    for range in runs(text, |c| c.is_alphanumeric() || c == '_') {
        let gap = &text[end..range.start];
        line += gap.matches('\n').count();
        let token = &text[range.clone()];
        let quoted = is_name(token) || is_quoted(text, &range);
        for (index, part) in syntax::parts(token).into_iter().enumerate() {
            words.push(Word { text: part, line, joined: index > 0 || is_join(gap), quoted });
        }
        end = range.end;
    }
    words
}

/// The longest runs of characters for which `is_part` holds.
fn runs(text: &str, is_part: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| is_part(*c)) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += c.len_utf8(),
            _ => runs.push(at..at + c.len_utf8()),
        }
    }
    runs
}

/// Whether a phrase may go across the gap: white space with at most one end of a line, behind which a comment
/// may begin again.
fn is_join(gap: &str) -> bool {
    match gap.split_once('\n') {
        None => !gap.is_empty() && gap.trim().is_empty(),
        Some((before, after)) => {
            let text = after.trim_start().trim_start_matches(['/', '!', '#']);
            before.trim().is_empty() && !after.contains('\n') && text.trim().is_empty()
        }
    }
}

/// Whether a token is spelled like a name of code.
fn is_name(token: &str) -> bool {
    let is_mixed = token.chars().skip(1).any(char::is_uppercase) && token.chars().any(char::is_lowercase);
    is_mixed || token.trim_matches('_').contains('_')
}

/// Whether the token is in quotes, in emphasis or in code, alone or within a path.
fn is_quoted(text: &str, token: &Range<usize>) -> bool {
    let is_path = |c: char| c.is_alphanumeric() || "_-./:".contains(c);
    let is_quote = |c: &char| "`\"'*".contains(*c);
    let before = text[..token.start].chars().rev().find(|c| !is_path(*c));
    let after = text[token.end..].chars().find(|c| !is_path(*c));
    before.as_ref().is_some_and(is_quote) && after.as_ref().is_some_and(is_quote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::tidy::repository::file;

    /// The words with `+` in front of those that are joined to the one before.
    fn shown(path: &str, text: &str) -> Vec<String> {
        let words = words(&file(path, text));
        let show = |word: Word| format!("{}{}:{}", if word.joined { "+" } else { "" }, word.text, word.line);
        words.into_iter().map(show).collect()
    }

    #[test]
    fn rust_prose_is_comments_and_strings() {
        let text = "//! One\n//! two.\n\nfn code(a: u8) { // three\n    call(\"four \\\n     five\\nsix\", 'a', 7, r\"eight\")\n}\n";
        assert_eq!(
            shown("a.rs", text),
            ["one:1", "+two:2", "three:4", "four:5", "+five:6", "six:6", "eight:6"]
        );
    }

    #[test]
    fn names_are_split_into_parts() {
        assert_eq!(
            shown("a.md", "a next_token, NextPoll"),
            ["a:1", "+next:1", "+token:1", "next:1", "+poll:1"]
        );
    }

    #[test]
    fn phrases_end_at_blank_lines_and_marks() {
        assert_eq!(shown("a.md", "one\ntwo\n\nthree; four"), ["one:1", "+two:2", "three:4", "four:4"]);
    }

    #[test]
    fn addresses_are_left_out() {
        assert_eq!(shown("a.md", "see <https://example.com/answer> now"), ["see:1", "now:1"]);
    }

    #[test]
    fn quoted_words_are_marked() {
        let quoted =
            |text: &str| words(&file("a.md", text)).iter().map(|word| word.quoted).collect::<Vec<_>>();
        assert_eq!(quoted("`a` *b* \"c/d\" e is_f g"), [true, true, true, true, false, true, true, false]);
    }
}
