//! Shows texts of up to a mebibyte on one line: long repetitions of a character are written once.

/// A character that comes at least this often in a row is written once.
const MIN_REPETITIONS: usize = 32;

/// Divides a text into pieces, each with how often it comes in a row. A character that is repeated often is a
/// piece of its own; everything between is a piece that comes once.
pub fn repetitions(text: &str) -> Vec<(&str, u64)> {
    let mut pieces = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let times = text[at..].chars().take_while(|other| *other == c).count();
        let end = at + times * c.len_utf8();
        if times >= MIN_REPETITIONS {
            if plain < at {
                pieces.push((&text[plain..at], 1));
            }
            pieces.push((&text[at..at + c.len_utf8()], times as u64));
            plain = end;
        }
        at = end;
    }
    if plain < text.len() {
        pieces.push((&text[plain..], 1));
    }
    pieces
}

/// The text with long repetitions as `⟨a × 65⟩`, cut after `max` characters.
pub fn abbreviate(text: &str, max: usize) -> String {
    let show = |(piece, times): (&str, u64)| match times {
        1 => piece.to_owned(),
        _ => format!("⟨{piece} × {times}⟩"),
    };
    let shown: String = repetitions(text).into_iter().map(show).collect();
    let length = shown.chars().count();
    if length > max {
        let start: String = shown.chars().take(max).collect();
        return format!("{start}… ({} more characters)", length - max);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_longer_texts_are_cut() {
        assert_eq!(abbreviate("abcd", 4), "abcd");
        assert_eq!(abbreviate("abcde", 4), "abcd… (1 more characters)");
        assert_eq!(abbreviate("abcdef", 4), "abcd… (2 more characters)");
    }

    #[test]
    fn pieces_make_up_the_text() {
        for text in ["", "abc", &"a".repeat(65), &format!("x{}y", "é".repeat(40)), "aaab"] {
            let pieces = repetitions(text);
            let joined: String =
                pieces.iter().map(|(piece, times)| piece.repeat(usize::try_from(*times).unwrap())).collect();
            assert_eq!(joined, text);
        }
        assert_eq!(repetitions(&format!("x{}y", "a".repeat(65))).len(), 3);
    }

    #[test]
    fn long_repetitions_are_abbreviated() {
        assert_eq!(abbreviate(&format!("\"{}\"", "a".repeat(65)), 100), "\"⟨a × 65⟩\"");
    }
}
