//! What each kind of near miss makes of an identifier.

use super::kind::NearMissKind;
use super::text_edits::{
    another, composed, cut_end, cut_start, decomposed, doubled, escaped, full_width, halves, inside,
    percent_encoded, reversed, swapped, unaccented, with_first, with_first_as, with_last, with_middle,
};
use crate::fixture::Naming;

/// One way to make a near miss.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipe {
    /// The kinds of identifier that it can be made of.
    naming: &'static [Naming],
    make: fn(&str) -> Option<String>,
}

impl Recipe {
    /// The near miss of an identifier, if there is one.
    pub(super) fn apply(self, naming: Naming, identifier: &str) -> Option<String> {
        if self.naming.contains(&naming) { (self.make)(identifier) } else { None }
    }
}

/// Makes a near miss of an id or a name.
const fn any(make: fn(&str) -> Option<String>) -> Recipe {
    Recipe { naming: &[Naming::Id, Naming::Name], make }
}

/// Makes a near miss of an id.
const fn id(make: fn(&str) -> Option<String>) -> Recipe {
    Recipe { naming: &[Naming::Id], make }
}

/// Makes a near miss of a name.
const fn name(make: fn(&str) -> Option<String>) -> Recipe {
    Recipe { naming: &[Naming::Name], make }
}

impl NearMissKind {
    /// The ways to make a near miss of this kind, the plainest first. Near misses of names are unlikely to be other
    /// names.
    pub(super) fn recipes(self) -> &'static [Recipe] {
        match self {
            Self::Part => PART,
            Self::Extended => EXTENDED,
            Self::Wildcard => WILDCARD,
            Self::PercentEncoded => PERCENT_ENCODED,
            Self::Escaped => ESCAPED,
            Self::FullWidth => FULL_WIDTH,
            Self::OtherNormalization => OTHER_NORMALIZATION,
            Self::Invisible => INVISIBLE,
            Self::Control => CONTROL,
            Self::Nul => NUL,
            Self::OneChanged => ONE_CHANGED,
            Self::LongTail => LONG_TAIL,
        }
    }
}

const PART: &[Recipe] = &[
    id(|text| Some(with_last(text, ""))),
    name(cut_end),
    id(|text| Some(with_first(text, ""))),
    name(cut_start),
    id(|text| Some(halves(text).0.to_owned())),
    id(|text| Some(halves(text).1.to_owned())),
];

const EXTENDED: &[Recipe] = &[
    any(|text| Some(format!("{text}q"))),
    id(|text| Some(format!("q{text}"))),
    any(|text| Some(doubled(text))),
    any(|text| Some(format!("{text}/qz"))),
    id(|text| Some(format!("qz/{text}"))),
    id(|text| Some(format!("{text}:qz"))),
    id(|text| Some(format!("qz:{text}"))),
    id(|text| Some(format!("{text},qz"))),
    id(|text| Some(format!("{text}.qz"))),
    id(|text| Some(format!("{text}?qz"))),
    id(|text| Some(format!("{text}#qz"))),
];

const WILDCARD: &[Recipe] = &[
    any(|text| Some(with_last(text, "_"))),
    any(|text| Some(with_last(text, "%"))),
    any(|text| Some(with_last(text, "?"))),
    any(|text| Some(with_last(text, "*"))),
    any(|text| Some(with_last(text, "."))),
    id(|text| Some(with_last(text, ".*"))),
    id(|_| Some("%%%%".to_owned())),
    id(|_| Some("****".to_owned())),
];

const PERCENT_ENCODED: &[Recipe] = &[
    any(|text| Some(percent_encoded(text, 1))),
    id(|text| Some(percent_encoded(text, usize::MAX))),
    id(|text| Some(percent_encoded(text, 1).replace('%', "%25"))),
    name(|text| Some(text.replace(' ', "+"))),
];

const ESCAPED: &[Recipe] = &[
    any(|text| Some(with_first_as(text, |c| format!("&#{};", u32::from(c))))),
    id(|text| Some(with_first_as(text, |c| format!("&#x{:x};", u32::from(c))))),
    id(|text| Some(with_first_as(text, |c| format!("&amp;#{};", u32::from(c))))),
    any(|text| Some(with_first_as(text, escaped))),
    id(|text| Some(with_first_as(text, escaped).replace('\\', "\\\\"))),
    id(|text| Some(with_first_as(text, |c| format!("\\x{:02x}", u32::from(c))))),
    id(|text| Some(format!("\"{text}\""))),
    id(|text| Some(format!("'{text}'"))),
];

const FULL_WIDTH: &[Recipe] =
    &[any(|text| Some(full_width(text, usize::MAX))), id(|text| Some(full_width(text, 1)))];

const OTHER_NORMALIZATION: &[Recipe] = &[any(decomposed), any(composed), any(unaccented)];

const INVISIBLE: &[Recipe] = &[
    any(|text| Some(inside(text, "\u{200b}"))),
    any(|text| Some(inside(text, "\u{ad}"))),
    id(|text| Some(format!("{text}\u{200d}"))),
    id(|text| Some(format!("\u{feff}{text}"))),
    id(|text| Some(format!("{text}\u{200e}"))),
    id(|text| Some(format!("{text}\u{fe0f}"))),
];

const CONTROL: &[Recipe] = &[
    any(|text| Some(inside(text, "\u{1}"))),
    any(|text| Some(inside(text, " "))),
    id(|text| Some(inside(text, "\n"))),
    id(|text| Some(format!("{text}\u{7f}"))),
    id(|text| Some(format!("\u{1b}{text}"))),
    id(|text| Some(format!("{text}\u{a0}"))),
    name(|text| Some(text.replace(' ', "  "))),
];

const NUL: &[Recipe] = &[
    id(|text| Some(format!("{text}\0"))),
    any(|text| Some(format!("{text}\0qz"))),
    id(|text| Some(format!("\0{text}"))),
    any(|text| Some(inside(text, "\0"))),
];

const ONE_CHANGED: &[Recipe] = &[
    any(|text| Some(with_last(text, another(text.chars().last())))),
    any(|text| Some(with_first(text, another(text.chars().next())))),
    id(with_middle),
    any(swapped),
    id(|text| Some(reversed(text))),
];

const LONG_TAIL: &[Recipe] = &[any(|text| Some(with_last(text, another(text.chars().last()))))];
