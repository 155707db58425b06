//! Alterations of a token, each of which makes one that the target did not issue.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::base64;

/// Makes a token that the target did not issue from one that it issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alteration {
    /// The first character becomes `A`, or `B` if it is `A`.
    ChangeFirst,
    /// The same for the character in the middle.
    ChangeMiddle,
    /// The same for the last character but one.
    ChangeLast,
    /// The last character becomes another one, so that the last byte in base64 changes.
    ChangeEnd,
    /// The last character becomes another one, so that the bytes in base64 stay the same. If it has no unused bit,
    /// an `=` is appended instead.
    ChangePadding,
    /// The same as for the first character for the one after this many 256ths of the token.
    ChangeAt(u8),
    /// The last character is removed.
    DropLast,
    /// An `A` is appended.
    Append,
    /// Lower-case letters become upper-case letters and the reverse.
    SwapCase,
    /// The second half is removed.
    Halve,
    /// The first half is removed.
    Behead,
    /// The first character is percent-encoded, in addition to the encoding that the message needs.
    PercentEncode,
}

impl Alteration {
    /// Every alteration that makes a token which the target has to refuse, but for
    /// [changes anywhere](Self::ChangeAt).
    pub const ALL: [Self; 10] = [
        Self::ChangeFirst,
        Self::ChangeMiddle,
        Self::ChangeLast,
        Self::ChangeEnd,
        Self::DropLast,
        Self::Append,
        Self::SwapCase,
        Self::Halve,
        Self::Behead,
        Self::PercentEncode,
    ];

    /// Its name in ids and placeholders.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::ChangeFirst => "first-changed",
            Self::ChangeMiddle => "middle-changed",
            Self::ChangeLast => "last-changed",
            Self::ChangeEnd => "end-changed",
            Self::ChangePadding => "padding-changed",
            Self::ChangeAt(part) => return Cow::Owned(format!("changed-at-{part}")),
            Self::DropLast => "last-dropped",
            Self::Append => "one-appended",
            Self::SwapCase => "case-swapped",
            Self::Halve => "halved",
            Self::Behead => "beheaded",
            Self::PercentEncode => "percent-encoded",
        })
    }

    /// What it does, as a phrase.
    pub fn description(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::ChangeFirst => "its first character changed",
            Self::ChangeMiddle => "its middle character changed",
            Self::ChangeLast => "its last character but one changed",
            Self::ChangeEnd => "its last character changed, and its last byte with it",
            Self::ChangePadding => "its last character changed, but none of its bytes",
            Self::ChangeAt(part) => {
                return Cow::Owned(format!("the character after {part} of 256 parts of it changed"));
            }
            Self::DropLast => "its last character dropped",
            Self::Append => "one character appended",
            Self::SwapCase => "lower-case and upper-case letters swapped",
            Self::Halve => "its second half dropped",
            Self::Behead => "its first half dropped",
            Self::PercentEncode => "its first character percent-encoded once more",
        })
    }

    /// The altered value. It differs from the value unless that is empty.
    pub fn apply(self, value: &str) -> String {
        let mut chars: Vec<char> = value.chars().collect();
        let position = match self {
            Self::ChangeFirst => 0,
            Self::ChangeMiddle => chars.len() / 2,
            Self::ChangeLast => chars.len().saturating_sub(2),
            Self::ChangeAt(part) => chars.len() * usize::from(part) / 256,
            Self::ChangeEnd => return base64::with_other_end(value),
            Self::ChangePadding => return base64::with_other_padding(value),
            Self::PercentEncode => {
                let first = chars.first().map_or(0, |c| c.len_utf8());
                let encode = |byte: &u8| format!("%{byte:02X}");
                return value.as_bytes()[..first].iter().map(encode).collect::<String>() + &value[first..];
            }
            Self::DropLast => {
                chars.pop();
                return chars.into_iter().collect();
            }
            Self::SwapCase if value.chars().any(|c| c.is_ascii_alphabetic()) => {
                let swapped = |c: &char| match c {
                    'a'..='z' => c.to_ascii_uppercase(),
                    c => c.to_ascii_lowercase(),
                };
                return chars.iter().map(swapped).collect();
            }
            Self::Halve => {
                chars.truncate(chars.len() / 2);
                return chars.into_iter().collect();
            }
            // At least one character is removed.
            Self::Behead => {
                let half = (chars.len() / 2).max(1).min(chars.len());
                return chars.split_off(half).into_iter().collect();
            }
            // A value without letters has no case to swap.
            Self::Append | Self::SwapCase => {
                chars.push('A');
                return chars.into_iter().collect();
            }
        };
        if let Some(c) = chars.get_mut(position) {
            *c = if *c == 'A' { 'B' } else { 'A' };
        }
        chars.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn every() -> impl Iterator<Item = Alteration> {
        let anywhere = (0..=255).map(Alteration::ChangeAt);
        Alteration::ALL.into_iter().chain([Alteration::ChangePadding]).chain(anywhere)
    }

    #[test]
    fn names_and_descriptions_are_unique() {
        let all: Vec<_> = every().collect();
        let names: BTreeSet<_> = all.iter().map(|alteration| alteration.name()).collect();
        let descriptions: BTreeSet<_> = all.iter().map(|alteration| alteration.description()).collect();
        assert_eq!((names.len(), descriptions.len()), (all.len(), all.len()));
        assert!(!names.contains(""));
        assert!(!descriptions.contains(""));
    }

    #[test]
    fn altered_value_differs_from_the_value() {
        for value in ["AAAA", "abcd", "B", "é漢", "017"] {
            for alteration in every() {
                assert_ne!(alteration.apply(value), value, "{alteration:?}");
            }
        }
    }
}
