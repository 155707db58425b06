//! Characters by how many bytes of UTF-8 they take, so that a server that counts anything but
//! Unicode scalar values gives itself away.

use proptest::prelude::*;

/// A set of characters. The first one of each is the plainest, to which shrinking goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// One byte: letters, digits and ASCII punctuation.
    OneByte,
    /// Two bytes.
    TwoByte,
    /// Three bytes.
    ThreeByte,
    /// Four bytes: two UTF-16 units.
    FourByte,
    /// All of them.
    Any,
}

const ONE_BYTE: &str =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!\"#$%&'()*+,/:;<=>?@[\\]^`{|}";
const TWO_BYTE: &str = "éßñüžçØΩжשس";
const THREE_BYTE: &str = "漢語€अกあ한";
const FOUR_BYTE: &str = "😀𝄞𠮷🦀𐍈";

impl Alphabet {
    /// The sets of one width, with the name that ids use for it.
    pub const WIDTHS: [(Self, &'static str); 4] = [
        (Self::OneByte, "one-byte"),
        (Self::TwoByte, "two-byte"),
        (Self::ThreeByte, "three-byte"),
        (Self::FourByte, "four-byte"),
    ];

    /// The characters, the plainest first.
    pub fn chars(self) -> Vec<char> {
        match self {
            Self::OneByte => ONE_BYTE.chars().collect(),
            Self::TwoByte => TWO_BYTE.chars().collect(),
            Self::ThreeByte => THREE_BYTE.chars().collect(),
            Self::FourByte => FOUR_BYTE.chars().collect(),
            Self::Any => [ONE_BYTE, TWO_BYTE, THREE_BYTE, FOUR_BYTE].concat().chars().collect(),
        }
    }

    /// The plainest text of this length.
    pub fn plain(self, length: usize) -> String {
        self.chars().into_iter().take(1).cycle().take(length).collect()
    }

    /// Texts with a length in `lengths`. Length and characters are independent: a text is a random
    /// piece of up to 64 characters, repeated to its length.
    pub fn texts(self, lengths: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = String> {
        let chars = self.chars();
        let piece = prop::collection::vec(0..chars.len(), 1..=64);
        (piece, lengths).prop_map(move |(piece, length)| {
            piece.iter().cycle().take(length).map(|index| chars[*index]).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_what_they_are_called() {
        for (bytes, (alphabet, name)) in (1..).zip(Alphabet::WIDTHS) {
            for c in alphabet.chars() {
                assert_eq!(c.len_utf8(), bytes, "{name}: {c}");
            }
        }
    }

    #[test]
    fn plain_texts_have_the_length_asked_for() {
        assert_eq!(Alphabet::FourByte.plain(65).chars().count(), 65);
        assert_eq!(Alphabet::OneByte.plain(3), "aaa");
    }
}
