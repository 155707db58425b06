//! The kinds of near miss, and what each makes of an identifier.

use super::text_edits::{
    another, composed, cut_end, cut_start, decomposed, doubled, escaped, first_as, full_width, halves,
    inside, percent_encoded, reversed, swapped, unaccented, with_first, with_last, with_middle,
};
use crate::fixture::Naming;

/// How an identifier differs from one that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It is the beginning or the end.
    Part,
    /// Something comes before or behind.
    Extended,
    /// A character is a wildcard.
    Wildcard,
    /// Characters are percent-encoded, once more than the message asks for.
    PercentEncoded,
    /// Characters are escaped as in HTML or JSON, once more than the message asks for.
    Escaped,
    /// Letters and digits are those of full width.
    FullWidth,
    /// It is in another Unicode normalization form, or without its marks.
    OtherNormalization,
    /// A character without width is in it.
    Invisible,
    /// A control character or a blank is in it.
    Control,
    /// NUL is in it.
    Nul,
    /// A character is another one, or two have changed places.
    OneChanged,
    /// It is long, and its last character is another one.
    LongTail,
}

/// One way to make a near miss: of what it can be made, and how.
pub(super) type Form = (&'static [Naming], fn(&str) -> Option<String>);

const ANY: &[Naming] = &[Naming::Id, Naming::Name];
const ID: &[Naming] = &[Naming::Id];
const NAME: &[Naming] = &[Naming::Name];

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Part,
        Self::Extended,
        Self::Wildcard,
        Self::PercentEncoded,
        Self::Escaped,
        Self::FullWidth,
        Self::OtherNormalization,
        Self::Invisible,
        Self::Control,
        Self::Nul,
        Self::OneChanged,
        Self::LongTail,
    ];

    /// Its name in ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Extended => "extended",
            Self::Wildcard => "wildcard",
            Self::PercentEncoded => "percent-encoded",
            Self::Escaped => "escaped",
            Self::FullWidth => "full-width",
            Self::OtherNormalization => "other-normalization",
            Self::Invisible => "invisible-character",
            Self::Control => "control-character",
            Self::Nul => "nul",
            Self::OneChanged => "one-changed",
            Self::LongTail => "tail-of-long-name",
        }
    }

    /// What it does, as a phrase.
    pub fn about(self) -> &'static str {
        match self {
            Self::Part => "is the beginning or the end of one that exists",
            Self::Extended => "is one that exists, with something before or behind it",
            Self::Wildcard => "is one that exists, with a wildcard in it",
            Self::PercentEncoded => "is one that exists, percent-encoded",
            Self::Escaped => "is one that exists, escaped as in HTML or JSON once more",
            Self::FullWidth => "is one that exists, in characters of full width",
            Self::OtherNormalization => "is one that exists, in another Unicode normalization",
            Self::Invisible => "is one that exists, with a character in it that has no width",
            Self::Control => "is one that exists, with a control character or a blank in it",
            Self::Nul => "is one that exists, with NUL in it",
            Self::OneChanged => "is one that exists, but for one or two characters",
            Self::LongTail => "is a long name that exists, but for its last character",
        }
    }

    /// What it makes of an identifier, the plainest first. Of names only what nobody would choose for
    /// another name.
    #[rustfmt::skip]
    pub(super) fn forms(self) -> &'static [Form] {
        match self {
            Self::Part => &[
                (ID, |text| Some(with_last(text, ""))),
                (NAME, cut_end),
                (ID, |text| Some(with_first(text, ""))),
                (NAME, cut_start),
                (ID, |text| Some(halves(text).0.to_owned())),
                (ID, |text| Some(halves(text).1.to_owned())),
            ],
            Self::Extended => &[
                (ANY, |text| Some(format!("{text}q"))),
                (ID, |text| Some(format!("q{text}"))),
                (ANY, |text| Some(doubled(text))),
                (ANY, |text| Some(format!("{text}/qz"))),
                (ID, |text| Some(format!("qz/{text}"))),
                (ID, |text| Some(format!("{text}:qz"))),
                (ID, |text| Some(format!("qz:{text}"))),
                (ID, |text| Some(format!("{text},qz"))),
                (ID, |text| Some(format!("{text}.qz"))),
                (ID, |text| Some(format!("{text}?qz"))),
                (ID, |text| Some(format!("{text}#qz"))),
            ],
            Self::Wildcard => &[
                (ANY, |text| Some(with_last(text, "_"))),
                (ANY, |text| Some(with_last(text, "%"))),
                (ANY, |text| Some(with_last(text, "?"))),
                (ANY, |text| Some(with_last(text, "*"))),
                (ANY, |text| Some(with_last(text, "."))),
                (ID, |text| Some(with_last(text, ".*"))),
                (ID, |_| Some("%%%%".to_owned())),
                (ID, |_| Some("****".to_owned())),
            ],
            Self::PercentEncoded => &[
                (ANY, |text| Some(percent_encoded(text, 1))),
                (ID, |text| Some(percent_encoded(text, usize::MAX))),
                (ID, |text| Some(percent_encoded(text, 1).replace('%', "%25"))),
                (NAME, |text| Some(text.replace(' ', "+"))),
            ],
            Self::Escaped => &[
                (ANY, |text| Some(first_as(text, |c| format!("&#{};", u32::from(c))))),
                (ID, |text| Some(first_as(text, |c| format!("&#x{:x};", u32::from(c))))),
                (ID, |text| Some(first_as(text, |c| format!("&amp;#{};", u32::from(c))))),
                (ANY, |text| Some(first_as(text, escaped))),
                (ID, |text| Some(first_as(text, escaped).replace('\\', "\\\\"))),
                (ID, |text| Some(first_as(text, |c| format!("\\x{:02x}", u32::from(c))))),
                (ID, |text| Some(format!("\"{text}\""))),
                (ID, |text| Some(format!("'{text}'"))),
            ],
            Self::FullWidth => &[
                (ANY, |text| Some(full_width(text, usize::MAX))),
                (ID, |text| Some(full_width(text, 1))),
            ],
            Self::OtherNormalization => &[
                (ANY, decomposed),
                (ANY, composed),
                (ANY, unaccented),
            ],
            Self::Invisible => &[
                (ANY, |text| Some(inside(text, "\u{200b}"))),
                (ANY, |text| Some(inside(text, "\u{ad}"))),
                (ID, |text| Some(format!("{text}\u{200d}"))),
                (ID, |text| Some(format!("\u{feff}{text}"))),
                (ID, |text| Some(format!("{text}\u{200e}"))),
                (ID, |text| Some(format!("{text}\u{fe0f}"))),
            ],
            Self::Control => &[
                (ANY, |text| Some(inside(text, "\u{1}"))),
                (ANY, |text| Some(inside(text, " "))),
                (ID, |text| Some(inside(text, "\n"))),
                (ID, |text| Some(format!("{text}\u{7f}"))),
                (ID, |text| Some(format!("\u{1b}{text}"))),
                (ID, |text| Some(format!("{text}\u{a0}"))),
                (NAME, |text| Some(text.replace(' ', "  "))),
            ],
            Self::Nul => &[
                (ID, |text| Some(format!("{text}\0"))),
                (ANY, |text| Some(format!("{text}\0qz"))),
                (ID, |text| Some(format!("\0{text}"))),
                (ANY, |text| Some(inside(text, "\0"))),
            ],
            Self::OneChanged => &[
                (ANY, |text| Some(with_last(text, another(text.chars().last())))),
                (ANY, |text| Some(with_first(text, another(text.chars().next())))),
                (ID, with_middle),
                (ANY, swapped),
                (ID, |text| Some(reversed(text))),
            ],
            Self::LongTail => &[(ANY, |text| Some(with_last(text, another(text.chars().last()))))],
        }
    }
}
