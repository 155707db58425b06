//! Long runs of one character, so that texts of a mebibyte can be shown and kept in a line.

/// Runs at least this long are taken out of a text.
const LONG: usize = 16;

/// Divides a text into pieces and how often each stands there: a character that repeats many times
/// is a piece of its own, all between is a piece that stands there once.
pub fn runs(text: &str) -> Vec<(String, u64)> {
    let mut pieces: Vec<(String, u64)> = Vec::new();
    let mut plain = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let mut count = 1;
        while chars.next_if_eq(&c).is_some() {
            count += 1;
        }
        if count < LONG {
            plain.extend(std::iter::repeat_n(c, count));
        } else {
            if !plain.is_empty() {
                pieces.push((std::mem::take(&mut plain), 1));
            }
            pieces.push((c.to_string(), count as u64));
        }
    }
    if !plain.is_empty() {
        pieces.push((plain, 1));
    }
    pieces
}

/// The text on one line, long runs as `⟨a × 65⟩`, and cut after `most` characters.
pub fn abbreviated(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (piece, times) in runs(text) {
        shown.push_str(&if times == 1 { piece } else { format!("⟨{piece} × {times}⟩") });
    }
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
    fn the_pieces_make_the_text_again() {
        for text in ["", "abc", &"a".repeat(65), &format!("x{}y", "é".repeat(20)), "aaab"] {
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
