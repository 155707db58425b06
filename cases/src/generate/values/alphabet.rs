//! Sets of characters, and of fragments that some servers treat as more than text.
//!
//! The sets by width detect a server that counts anything but Unicode scalar values. The others detect one that
//! escapes, decodes, trims, expands or parses a text that it only has to compare.

use crate::contract::Location;

/// A set of units, each of them a character or a fragment. The first unit of each set is the plainest; texts shrink
/// to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Characters of one byte: letters, digits and ASCII punctuation.
    OneByte,
    /// Characters of two bytes.
    TwoByte,
    /// Characters of three bytes.
    ThreeByte,
    /// Characters of four bytes: two UTF-16 units.
    FourByte,
    /// The lower-case letters of ASCII.
    Lower,
    /// The upper-case letters of ASCII.
    Upper,
    /// The digits of ASCII.
    Digits,
    /// Numbers with leading zeros.
    LeadingZeros,
    /// ASCII punctuation but quotes and backslashes.
    Punctuation,
    /// Quotes of either kind, and backticks.
    Quotes,
    /// Backslashes.
    Backslashes,
    /// The control characters of ASCII but NUL.
    Control,
    /// NUL.
    Nul,
    /// Letters, each followed by a combining mark: two scalar values that look like one.
    Combining,
    /// Blanks, characters without width, and marks that change the direction of writing.
    Invisible,
    /// Words that some readers parse as a value.
    Words,
    /// Text with a meaning in HTML.
    Markup,
    /// Text that templates, loggers and format functions expand.
    Templates,
    /// Text with a meaning in SQL.
    Sql,
    /// Parts of file paths.
    Paths,
    /// Percent-encoded characters.
    PercentEncoded,
    /// All but [`OneByte`](Self::OneByte), each set as likely as any other.
    Any,
}

const ONE_BYTE: &str =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~!\"#$%&'()*+,/:;<=>?@[\\]^`{|}";
const TWO_BYTE: &str = "éßñüžçØΩжשس";
const THREE_BYTE: &str = "漢語€अกあ한";
const FOUR_BYTE: &str = "😀𝄞𠮷🦀𐍈";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const PUNCTUATION: &str = "-_.~!#$%&()*+,/:;<=>?@[]^{|}";
const QUOTES: &str = "\"'`";
const BACKSLASHES: &str = "\\";
const CONTROL: &str = "\t\n\r\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}\u{b}\u{c}\u{e}\u{f}\u{10}\u{11}\u{12}\u{13}\
    \u{14}\u{15}\u{16}\u{17}\u{18}\u{19}\u{1a}\u{1b}\u{1c}\u{1d}\u{1e}\u{1f}\u{7f}";
const NUL: &str = "\0";
const INVISIBLE: &str = " \u{a0}\u{3000}\u{200b}\u{200d}\u{200e}\u{200f}\u{202e}\u{2066}\u{feff}";

const LEADING_ZEROS: &[&str] = &["0", "007", "000", "01", "0123456789"];
const COMBINING: &[&str] =
    &["e\u{301}", "a\u{30a}", "n\u{303}", "o\u{302}", "u\u{308}", "s\u{30c}", "c\u{327}"];
const WORDS: &[&str] = &["null", "true", "false", "undefined", "NaN", "None", "nil"];
const MARKUP: &[&str] = &["<b>", "<script>alert(1)</script>", "<!--", "&lt;", "&#0;"];
const TEMPLATES: &[&str] = &["%s", "%s%n", "{{7*7}}", "${7*7}", "${jndi:", "#{7*7}", "{0}"];
const SQL: &[&str] = &["' OR 1=1 --", "; DROP TABLE x", "%' --", "/**/"];
const PATHS: &[&str] = &["../", "..%2f", "/etc/passwd", "C:\\", "./", "//"];
const PERCENT_ENCODED: &[&str] = &["%41", "%20", "%00", "%2e%2e", "%2F", "%C3%A9", "%25", "%zz"];

impl Alphabet {
    /// The sets of one width, with its name in ids.
    pub const WIDTHS: [(Self, &'static str); 4] = [
        (Self::OneByte, "one-byte"),
        (Self::TwoByte, "two-byte"),
        (Self::ThreeByte, "three-byte"),
        (Self::FourByte, "four-byte"),
    ];

    /// Every set that is not a union of others, those of ordinary characters first.
    pub const SETS: [Self; 20] = [
        Self::Lower,
        Self::Upper,
        Self::Digits,
        Self::LeadingZeros,
        Self::Punctuation,
        Self::TwoByte,
        Self::ThreeByte,
        Self::FourByte,
        Self::Quotes,
        Self::Backslashes,
        Self::Control,
        Self::Nul,
        Self::Combining,
        Self::Invisible,
        Self::Words,
        Self::Markup,
        Self::Templates,
        Self::Sql,
        Self::Paths,
        Self::PercentEncoded,
    ];

    /// The units by set: of this set, or of each one in this union.
    pub fn sets(self) -> Vec<Vec<&'static str>> {
        match self {
            Self::Any => Self::SETS.iter().map(|set| set.units()).collect(),
            set => vec![set.units()],
        }
    }

    /// The units, the plainest first.
    fn units(self) -> Vec<&'static str> {
        let chars = |text: &'static str| -> Vec<_> {
            text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect()
        };
        match self {
            Self::OneByte => chars(ONE_BYTE),
            Self::TwoByte => chars(TWO_BYTE),
            Self::ThreeByte => chars(THREE_BYTE),
            Self::FourByte => chars(FOUR_BYTE),
            Self::Lower => chars(LOWER),
            Self::Upper => chars(UPPER),
            Self::Digits => chars(DIGITS),
            Self::Punctuation => chars(PUNCTUATION),
            Self::Quotes => chars(QUOTES),
            Self::Backslashes => chars(BACKSLASHES),
            Self::Control => chars(CONTROL),
            Self::Nul => chars(NUL),
            Self::Invisible => chars(INVISIBLE),
            Self::LeadingZeros => LEADING_ZEROS.to_vec(),
            Self::Combining => COMBINING.to_vec(),
            Self::Words => WORDS.to_vec(),
            Self::Markup => MARKUP.to_vec(),
            Self::Templates => TEMPLATES.to_vec(),
            Self::Sql => SQL.to_vec(),
            Self::Paths => PATHS.to_vec(),
            Self::PercentEncoded => PERCENT_ENCODED.to_vec(),
            Self::Any => self.sets().concat(),
        }
    }

    /// The plainest unit of each of its sets.
    pub fn plainest(self) -> Vec<&'static str> {
        self.sets().into_iter().filter_map(|units| units.first().copied()).collect()
    }

    /// The plainest text of this length, in Unicode scalar values.
    pub fn plain(self, length: usize) -> String {
        self.plainest().first().into_iter().flat_map(|unit| unit.chars().cycle().take(length)).collect()
    }

    /// Whether every text of it can be sent in this location. A header has visible characters only, and dots have
    /// a meaning in a path.
    pub fn fits(self, location: &Location) -> bool {
        let all = |fits: fn(char) -> bool| self.units().concat().chars().all(fits);
        match location {
            Location::Header(_) => all(|c| c.is_ascii_graphic()),
            Location::Label => all(|c| c != '.'),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_match_their_names() {
        for (bytes, (alphabet, name)) in (1..).zip(Alphabet::WIDTHS) {
            for c in alphabet.units().concat().chars() {
                assert_eq!(c.len_utf8(), bytes, "{name}: {c}");
            }
        }
    }

    #[test]
    fn plain_texts_have_requested_length() {
        assert_eq!(Alphabet::FourByte.plain(65).chars().count(), 65);
        assert_eq!(Alphabet::OneByte.plain(3), "aaa");
        assert_eq!(Alphabet::Any.plain(3), "aaa");
        assert_eq!(Alphabet::Combining.plain(3), "e\u{301}e");
    }

    #[test]
    fn control_set_is_complete() {
        let control: String = Alphabet::Control.units().concat();
        let all = ('\u{1}'..='\u{1f}').chain(['\u{7f}']);
        assert!(all.clone().all(|c| control.contains(c)));
        assert_eq!(control.chars().count(), all.count());
    }

    #[test]
    fn sets_cover_ascii() {
        let any: String = Alphabet::Any.units().concat();
        assert!(('\0'..='\u{7f}').all(|c| any.contains(c)));
    }

    #[test]
    fn sets_fit_only_locations_that_can_have_them() {
        let header = Location::Header("x".to_owned());
        for (set, location, fits) in [
            (Alphabet::Digits, &header, true),
            (Alphabet::Backslashes, &header, true),
            (Alphabet::Nul, &header, false),
            (Alphabet::TwoByte, &header, false),
            (Alphabet::Sql, &header, false),
            (Alphabet::Paths, &Location::Label, false),
            (Alphabet::Sql, &Location::Label, true),
        ] {
            assert_eq!(set.fits(location), fits, "{set:?} in {location:?}");
        }
        assert!(Alphabet::SETS.into_iter().all(|set| set.fits(&Location::Body)));
    }
}
