//! Long runs of one character, so that texts of a mebibyte can be shown and kept in a line.

/// Runs at least this long are taken out of a text.
const LONG: usize = 32;

/// Divides a text into pieces and how often each stands there: a character that repeats many times
/// is a piece of its own, all between is a piece that stands there once.
pub fn runs(text: &str) -> Vec<(&str, u64)> {
    let mut runs = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let times = text[at..].chars().take_while(|other| *other == c).count();
        let end = at + times * c.len_utf8();
        if times >= LONG {
            if plain < at {
                runs.push((&text[plain..at], 1));
            }
            runs.push((&text[at..at + c.len_utf8()], times as u64));
            plain = end;
        }
        at = end;
    }
    if plain < text.len() {
        runs.push((&text[plain..], 1));
    }
    runs
}

/// The text on one line, long runs as `⟨a × 65⟩`, and cut after `most` characters.
pub fn abbreviated(text: &str, most: usize) -> String {
    let show = |(piece, times): (&str, u64)| match times {
        1 => piece.to_owned(),
        _ => format!("⟨{piece} × {times}⟩"),
    };
    let shown: String = runs(text).into_iter().map(show).collect();
    let length = shown.chars().count();
    if length > most {
        let start: String = shown.chars().take(most).collect();
        return format!("{start}… ({} more characters)", length - most);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_longer_is_cut() {
        assert_eq!(abbreviated("abcd", 4), "abcd");
        assert_eq!(abbreviated("abcde", 4), "abcd… (1 more characters)");
    }

    #[test]
    fn the_pieces_make_the_text_again() {
        for text in ["", "abc", &"a".repeat(65), &format!("x{}y", "é".repeat(40)), "aaab"] {
            let again: String = runs(text)
                .iter()
                .map(|(piece, times)| piece.repeat(usize::try_from(*times).unwrap()))
                .collect();
            assert_eq!(again, text);
        }
        assert_eq!(runs(&format!("x{}y", "a".repeat(65))).len(), 3);
    }

    #[test]
    fn long_texts_are_abbreviated() {
        assert_eq!(abbreviated(&format!("\"{}\"", "a".repeat(65)), 100), "\"⟨a × 65⟩\"");
        assert_eq!(abbreviated("abcdef", 4), "abcd… (2 more characters)");
    }
}
