//! Long texts, abbreviated.

use crate::model::Payload;
use crate::render::escape::visible;
use crate::summary::{counted, number};

/// The characters that are shown of a long run.
const RUN_SHOWN: usize = 4;
/// The longest run that is shown whole, in characters.
const MAX_WHOLE_RUN: u64 = 24;

/// A body in about `limit` characters at most: long runs are abbreviated like `"aaaa…" (65 characters)`, and
/// a cut is marked.
pub fn payload(payload: &Payload, limit: usize) -> String {
    if let Some(runs) = payload.text_runs() {
        return visible(&abbreviate(&runs, limit));
    }
    let Some(runs) = payload.byte_runs() else { return "unreadable bytes".to_owned() };
    let text: String = runs
        .iter()
        .map(|(piece, times)| readable(piece).repeat(usize::try_from(*times).unwrap_or(1)))
        .collect();
    format!("{} ({}, not UTF-8)", visible(&clip(&text, limit)), counted(payload.byte_len(), "byte"))
}

/// Bytes as text; what is not UTF-8 looks like `\\xff`.
fn readable(bytes: &[u8]) -> String {
    bytes.utf8_chunks().map(|chunk| format!("{}{}", chunk.valid(), chunk.invalid().escape_ascii())).collect()
}

/// A text, abbreviated like [`payload`].
pub fn abbreviated(text: &str, limit: usize) -> String {
    payload(&Payload::Text(text.to_owned()), limit)
}

fn abbreviate(runs: &[(&str, u64)], limit: usize) -> String {
    let mut out = String::new();
    let mut shown = 0;
    let mut rest = runs.iter().copied().peekable();
    // Whether the quote after an abbreviated value is already written.
    let mut has_quote = false;
    while let Some((piece, times)) = rest.next() {
        let piece = if std::mem::take(&mut has_quote) { &piece[1..] } else { piece };
        let chars = piece.chars().count() as u64;
        let total = chars.saturating_mul(times);
        let before = out.len();
        if times > 1 && total > MAX_WHOLE_RUN {
            out.extend(piece.chars().cycle().take(RUN_SHOWN));
            out.push('…');
            let is_value = out[..before].ends_with('"')
                && rest.peek().is_some_and(|(next, times)| *times == 1 && next.starts_with('"'));
            if is_value {
                has_quote = true;
                out.push_str(&format!("\" ({} characters)", number(total)));
            } else {
                out.push_str(&format!("({} characters)", number(total)));
            }
        } else if total > 0 {
            for _ in 0..times {
                out.push_str(piece);
            }
        }
        shown += out[before..].chars().count();
        if shown > limit {
            break;
        }
    }
    let all = runs.iter().fold(0u64, |sum, (piece, times)| {
        sum.saturating_add((piece.chars().count() as u64).saturating_mul(*times))
    });
    match out.char_indices().nth(limit) {
        Some((end, _)) => format!("{}… (cut, {} characters in all)", &out[..end], number(all)),
        None => out,
    }
}

/// The first `limit` characters; a cut is marked.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => {
            let all = text.chars().count() as u64;
            format!("{}… (cut, {} characters in all)", &text[..end], number(all))
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_run_is_abbreviated() {
        let runs = vec![("ab".to_owned(), u64::MAX), ("c".to_owned(), 1)];
        assert_eq!(payload(&Payload::Runs { runs }, 99), "abab…(18,446,744,073,709,551,615 characters)c");
        let runs = vec![(String::new(), u64::MAX), ("c".to_owned(), 2)];
        assert_eq!(payload(&Payload::Runs { runs }, 99), "cc");
    }

    #[test]
    fn cut_is_marked() {
        assert_eq!(abbreviated("abcdefgh", 3), "abc… (cut, 8 characters in all)");
        assert_eq!(
            payload(&Payload::Bytes { hex: "00ff0a".into() }, 4),
            "\\0\\xf… (cut, 6 characters in all) (3 bytes, not UTF-8)"
        );
        assert_eq!(payload(&Payload::Bytes { hex: "0".into() }, 4), "unreadable bytes");
    }
}
