//! The kinds of near miss.

/// How an identifier differs from one that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NearMissKind {
    /// It is the beginning or the end.
    Part,
    /// Something comes before or after it.
    Extended,
    /// A character is a wildcard.
    Wildcard,
    /// Characters are percent-encoded, in addition to the encoding that the message needs.
    PercentEncoded,
    /// Characters are escaped as in HTML or JSON, in addition to the escapes that the message needs.
    Escaped,
    /// Letters and digits are those of full width.
    FullWidth,
    /// It is in another Unicode normalization form, or without its marks.
    OtherNormalization,
    /// It has a character without width.
    Invisible,
    /// It has a control character or an additional blank.
    Control,
    /// It has a NUL.
    Nul,
    /// One character is different, or two are swapped.
    OneChanged,
    /// It is long, and its last character is different.
    LongTail,
}

impl NearMissKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 12] = [
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
    pub(crate) fn name(self) -> &'static str {
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
    pub(crate) fn description(self) -> &'static str {
        match self {
            Self::Part => "is the beginning or the end of one that exists",
            Self::Extended => "is one that exists, with something before or after it",
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
}
