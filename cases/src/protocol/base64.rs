//! The end of a base64 text (RFC 4648): its last character may have unused bits, and `=` may follow.

/// The six bits of a character of either alphabet.
fn sextet(c: char) -> Option<u8> {
    let byte = u8::try_from(c).ok()?;
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' | b'+' => Some(62),
        b'_' | b'/' => Some(63),
        _ => None,
    }
}

fn is_base64(text: &str) -> bool {
    text.chars().all(|c| sextet(c).is_some())
}

/// The text without the padding at its end.
fn unpadded(text: &str) -> &str {
    let once = text.strip_suffix('=').unwrap_or(text);
    once.strip_suffix('=').unwrap_or(once)
}

/// The bits that belong to a byte, of the last of this many characters.
fn significant(length: usize) -> u8 {
    match length % 4 {
        2 => 0b11_0000,
        3 => 0b11_1100,
        _ => 0b11_1111,
    }
}

/// The last character of a text, and what comes before it.
fn split_last(text: &str) -> Option<(&str, char)> {
    let (at, last) = text.char_indices().next_back()?;
    Some((&text[..at], last))
}

/// Whether two texts that differ decode to the same bytes for each reader that ignores unused bits and padding.
pub(crate) fn differ_in_padding(one: &str, other: &str) -> bool {
    let (short, long) = (unpadded(one), unpadded(other));
    let (Some((before, last)), Some((same, another))) = (split_last(short), split_last(long)) else {
        return false;
    };
    // Most texts differ before their end. Only those that do not have to be read.
    if before != same || one == other || !is_base64(short) || !is_base64(long) {
        return false;
    }
    let bits = |c: char| sextet(c).map(|bits| bits & significant(short.len()));
    let in_padding = last == another || sextet(last) != sextet(another);
    in_padding && bits(last) == bits(another)
}

/// The text with another last character, so that its last byte changes too.
pub(crate) fn with_other_end(text: &str) -> String {
    let padding = &text[unpadded(text).len()..];
    let Some((before, last)) = split_last(unpadded(text)) else { return text.to_owned() };
    let other = match sextet(last) {
        // The first two bits are always those of a byte.
        Some(bits) => shared(bits ^ 0b10_0000).or_else(|| shared(bits ^ 0b01_0000)).unwrap_or('A'),
        None if last == 'A' => 'B',
        None => 'A',
    };
    format!("{before}{other}{padding}")
}

/// The text changed so that it decodes to the same bytes: in the last bit if that is unused, or else by an `=` at
/// the end.
pub(crate) fn with_other_padding(text: &str) -> String {
    let data = unpadded(text);
    let has_unused_bits = is_base64(data) && significant(data.len()) != 0b11_1111;
    let other = split_last(data).filter(|_| has_unused_bits).and_then(|(before, last)| {
        let other = match last {
            '-' => '_',
            '_' => '-',
            '+' => '/',
            '/' => '+',
            last => shared(sextet(last)? ^ 1)?,
        };
        Some(format!("{before}{other}{}", &text[data.len()..]))
    });
    other.unwrap_or_else(|| format!("{text}="))
}

/// The character of this value, if both alphabets have the same one.
fn shared(bits: u8) -> Option<char> {
    let byte = match bits {
        0..26 => b'A' + bits,
        26..52 => b'a' + bits - 26,
        52..62 => b'0' + bits - 52,
        _ => return None,
    };
    Some(byte.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_end_changes_a_byte_and_other_padding_none() {
        // Three bytes, two and one; with padding; in either alphabet; and texts that are not base64.
        for text in
            ["AAAA", "abc_", "abce", "abcf", "abc", "ab", "ab==", "abc=", "abc/", "ab-", "x!", "a", "9"]
        {
            let end = with_other_end(text);
            assert_ne!(end, text);
            assert!(!differ_in_padding(&end, text), "{text}: {end}");
            let padding = with_other_padding(text);
            assert_ne!(padding, text);
            let is_base64 = !text.contains('!');
            assert_eq!(differ_in_padding(&padding, text), is_base64, "{text}: {padding}");
            assert_eq!(differ_in_padding(text, &padding), is_base64, "{text}: {padding}");
        }
        assert_eq!(with_other_end(""), "");
    }

    #[test]
    fn length_of_the_text_decides_which_bits_are_unused() {
        for (one, other, same) in [
            ("abcA", "abcB", false),
            ("abA", "abB", true),
            ("abA", "abE", false),
            ("aA", "aP", true),
            ("aA", "aQ", false),
            ("abc", "abc=", true),
            ("ab", "ab==", true),
            ("ab", "ab===", false),
            ("abcd", "abcd=", true),
            ("abc", "abc", false),
            ("abc", "abcA", false),
            ("bbc", "abc", false),
            ("ab-", "ab+", false),
            ("", "=", false),
        ] {
            assert_eq!(differ_in_padding(one, other), same, "{one} {other}");
        }
    }
}
