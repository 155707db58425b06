//! Sets of characters, and of fragments that some server may take for more than text.
//!
//! The sets by width give away a server that counts anything but Unicode scalar values; the others
//! one that escapes, decodes, trims, expands or looks into what is to be compared only.

use crate::contract::Location;

/// A set of units, each of them a character or a fragment. The first one of each set is the
/// plainest, to which shrinking goes.
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
    /// Numbers with zeros before them.
    LeadingZeros,
    /// ASCII punctuation but quotes and backslashes.
    Punctuation,
    /// Quotes of either sort, and backticks.
    Quotes,
    /// Backslashes.
    Backslashes,
    /// The control characters of ASCII but NUL.
    Control,
    /// NUL.
    Nul,
    /// Letters, each with a combining mark behind it: two scalar values that look like one.
    Combining,
    /// Blanks, characters without width, and marks that turn the direction of writing.
    Invisible,
    /// Words that some readers take for a value.
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
    /// All but [`OneByte`](Self::OneByte), one unit of each set as likely as one of any other.
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
    /// The sets of one width, with the name that ids use for it.
    pub const WIDTHS: [(Self, &'static str); 4] = [
        (Self::OneByte, "one-byte"),
        (Self::TwoByte, "two-byte"),
        (Self::ThreeByte, "three-byte"),
        (Self::FourByte, "four-byte"),
    ];

    /// Every set that is no union of others, those of ordinary characters first.
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

    /// The units by set: one set, or those that this is the union of.
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

    /// Whether every text of it can stand there in a request. A header holds visible characters,
    /// and a path takes dots for more than text.
    pub fn fits(self, location: &Location) -> bool {
        let all = |holds: fn(char) -> bool| self.units().concat().chars().all(holds);
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
    fn widths_are_what_they_are_called() {
        for (bytes, (alphabet, name)) in (1..).zip(Alphabet::WIDTHS) {
            for c in alphabet.units().concat().chars() {
                assert_eq!(c.len_utf8(), bytes, "{name}: {c}");
            }
        }
    }

    #[test]
    fn plain_texts_have_the_length_asked_for() {
        assert_eq!(Alphabet::FourByte.plain(65).chars().count(), 65);
        assert_eq!(Alphabet::OneByte.plain(3), "aaa");
        assert_eq!(Alphabet::Any.plain(3), "aaa");
        assert_eq!(Alphabet::Combining.plain(3), "e\u{301}e");
    }

    #[test]
    fn control_characters_are_all_there() {
        let control: String = Alphabet::Control.units().concat();
        let all = ('\u{1}'..='\u{1f}').chain(['\u{7f}']);
        assert!(all.clone().all(|c| control.contains(c)));
        assert_eq!(control.chars().count(), all.count());
    }

    #[test]
    fn the_sets_cover_all_characters_of_ascii() {
        let any: String = Alphabet::Any.units().concat();
        assert!(('\0'..='\u{7f}').all(|c| any.contains(c)));
    }

    #[test]
    fn what_a_header_or_a_path_cannot_hold_is_kept_from_it() {
        let header = Location::Header("x".to_owned());
        let fitting =
            |location: &Location| Alphabet::SETS.into_iter().filter(|set| set.fits(location)).count();
        assert!(Alphabet::Digits.fits(&header) && Alphabet::Backslashes.fits(&header));
        assert!(
            !Alphabet::Nul.fits(&header) && !Alphabet::TwoByte.fits(&header) && !Alphabet::Sql.fits(&header)
        );
        assert!(!Alphabet::Paths.fits(&Location::Label) && Alphabet::Sql.fits(&Location::Label));
        assert_eq!(fitting(&Location::Body), Alphabet::SETS.len());
    }
}
