//! Small edits of a text.

use std::fmt::Write as _;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};

/// The least length of a name after a part of it is removed.
const MIN_REST: usize = 5;

/// The text with its last character replaced.
pub(super) fn with_last(text: &str, last: &str) -> String {
    let end = text.char_indices().next_back().map_or(0, |(end, _)| end);
    format!("{}{last}", &text[..end])
}

/// The text with its first character replaced.
pub(super) fn with_first(text: &str, first: &str) -> String {
    let start = text.chars().next().map_or(0, char::len_utf8);
    format!("{first}{}", &text[start..])
}

/// The text with the character in its middle replaced by another one.
pub(super) fn with_middle(text: &str) -> Option<String> {
    let (start, end) = halves(text);
    (!text.is_empty()).then(|| format!("{start}{}", with_first(end, another(end.chars().next()))))
}

/// The text with `more` between its halves.
pub(super) fn inside(text: &str, more: &str) -> String {
    let (start, end) = halves(text);
    format!("{start}{more}{end}")
}

/// The two halves. The first may be longer by one character.
pub(super) fn halves(text: &str) -> (&str, &str) {
    let half = text.chars().count().div_ceil(2);
    text.split_at(text.char_indices().nth(half).map_or(text.len(), |(at, _)| at))
}

/// The text twice.
pub(super) fn doubled(text: &str) -> String {
    text.repeat(2)
}

/// The text backwards.
pub(super) fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// A character other than this one in either letter case, and unlikely to replace it in a name.
pub(super) fn another(c: Option<char>) -> &'static str {
    if matches!(c, Some('q' | 'Q')) { "z" } else { "q" }
}

/// A name without its end. The endings of plurals and participles, numbers and punctuation are removed as a whole,
/// since the name without a part of them may exist.
pub(super) fn cut_end(name: &str) -> Option<String> {
    let stem = name.trim_end_matches(|c: char| !c.is_alphabetic() || "serd".contains(c.to_ascii_lowercase()));
    rest(with_last(stem, ""))
}

/// A name without its first letter.
pub(super) fn cut_start(name: &str) -> Option<String> {
    name.starts_with(char::is_alphabetic).then(|| with_first(name, "")).and_then(rest)
}

fn rest(text: String) -> Option<String> {
    (text.chars().count() >= MIN_REST).then_some(text)
}

/// The text with two different letters swapped; numbers stay as they are.
pub(super) fn swapped(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    let differ = |pair: &[char]| {
        pair.iter().all(|c| c.is_alphabetic()) && !pair[0].to_lowercase().eq(pair[1].to_lowercase())
    };
    let at = chars.windows(2).rposition(differ)?;
    chars.swap(at, at + 1);
    Some(chars.into_iter().collect())
}

/// The text with its first character written by `write`.
pub(super) fn with_first_as(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().next().map_or_else(String::new, |c| with_first(text, &write(c)))
}

/// A character as JSON and many languages escape it.
pub(super) fn escaped(c: char) -> String {
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().fold(String::new(), |mut escaped, unit| {
        // Writing to a string cannot fail.
        let _ = write!(escaped, "\\u{unit:04x}");
        escaped
    })
}

/// The text with this many characters percent-encoded.
pub(super) fn percent_encoded(text: &str, chars: usize) -> String {
    let end = text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    let encoded = text[..end].bytes().fold(String::new(), |mut encoded, byte| {
        // Writing to a string cannot fail.
        let _ = write!(encoded, "%{byte:02X}");
        encoded
    });
    encoded + &text[end..]
}

/// The text with this many of its characters in full width, which Unicode has for each character of ASCII.
pub(super) fn full_width(text: &str, chars: usize) -> String {
    text.chars().enumerate().map(|(at, c)| if at < chars { wide(c) } else { c }).collect()
}

fn wide(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c),
        ' ' => '\u{3000}',
        c => c,
    }
}

/// The text in normalization form D, if that is another one.
pub(super) fn decomposed(text: &str) -> Option<String> {
    let other = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    (other != text).then(|| other.into_owned())
}

/// The text in normalization form C, if that is another one.
pub(super) fn composed(text: &str) -> Option<String> {
    let other = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    (other != text).then(|| other.into_owned())
}

/// The text without the marks of its letters, if it has any.
pub(super) fn unaccented(text: &str) -> Option<String> {
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    let plain: String = decomposed.chars().filter(|c| classes.get_u8(*c) == 0).collect();
    (plain != decomposed).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_replace_whole_characters() {
        assert_eq!(with_last("größe🚀", "q"), "größeq");
        assert_eq!(with_first("🚀a", ""), "a");
        assert_eq!(with_middle("größe").unwrap(), "gröqe");
        assert_eq!(inside("größe", "-"), "grö-ße");
        assert_eq!((halves("abcd"), halves("")), (("ab", "cd"), ("", "")));
        assert_eq!(reversed("größe"), "eßörg");
        assert_eq!((another(Some('Q')), another(Some('z')), another(None)), ("z", "q", "q"));
    }

    #[test]
    fn letters_are_swapped_and_digits_are_not() {
        assert_eq!(swapped("abc12").as_deref(), Some("acb12"));
        assert_eq!(swapped("aab").as_deref(), Some("aba"));
        for text in ["a1b2", "aAa", "12", ""] {
            assert_eq!(swapped(text), None, "{text}");
        }
    }

    #[test]
    fn characters_are_encoded() {
        assert_eq!(percent_encoded("éab", 1), "%C3%A9ab");
        assert_eq!(percent_encoded("ab", usize::MAX), "%61%62");
        assert_eq!(escaped('a') + &escaped('🚀'), r"\u0061\ud83d\ude80");
        assert_eq!(with_first_as("", escaped), "");
        assert_eq!(full_width("a 1é", usize::MAX), "ａ　１é");
        assert_eq!(full_width("ab", 1), "ａb");
    }

    #[test]
    fn normalization_forms_differ() {
        assert_eq!(decomposed("größe").as_deref(), Some("gro\u{308}ße"));
        assert_eq!(composed("gro\u{308}ße").as_deref(), Some("größe"));
        assert_eq!(unaccented("größe").as_deref(), Some("große"));
        assert_eq!(decomposed("が한").as_deref(), Some("\u{304b}\u{3099}\u{1112}\u{1161}\u{11ab}"));
        for text in ["shop", "設定", "🚀"] {
            assert_eq!((decomposed(text), composed(text), unaccented(text)), (None, None, None), "{text}");
        }
        // Syllables have no marks.
        assert_eq!(unaccented("한"), None);
    }
}
