//! The length of an identifier.

use std::ops::RangeInclusive;

use super::{Contracts, Deviation, Reports};
use crate::mock::behaviour::Behaviour;
use crate::mock::dialect::Dialect;
use crate::mock::fault::{Fault, Parameter};

pub(super) const ALL: &[Deviation] = &[
    Deviation {
        name: "counts-bytes",
        about: "The length of an identifier counts the bytes of its UTF-8.",
        contracts: Contracts::Both,
        must_fail: &[
            "start-configuration-session/*-identifier/length/at-max-two-byte",
            "start-configuration-session/*-identifier/length/at-max-three-byte",
            "start-configuration-session/*-identifier/length/at-max-four-byte",
        ],
        may_fail: &[
            "start-configuration-session/*-identifier/length",
            "start-configuration-session/*-identifier/length/below-max*",
            "start-configuration-session/accepts*",
        ],
        behaviour: || Box::new(CountsBytes),
    },
    Deviation {
        name: "counts-utf-16-units",
        about: "The length of an identifier counts UTF-16 code units.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/*-identifier/length/at-max-four-byte"],
        may_fail: &[
            "start-configuration-session/*-identifier/length",
            "start-configuration-session/*-identifier/length/below-max*",
            "start-configuration-session/accepts*",
        ],
        behaviour: || Box::new(CountsUtf16),
    },
    Deviation {
        name: "length-max-plus-one-accepted",
        about: "An identifier may be one character longer than the maximum.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/*-identifier/length/above-max-*"],
        may_fail: &["start-configuration-session/*-identifier/length"],
        behaviour: || Box::new(Bounds(|_, start, end| start..=end + 1)),
    },
    Deviation {
        name: "length-max-refused",
        about: "An identifier of exactly the maximum length is refused.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/*-identifier/length/at-max-*"],
        may_fail: &[
            "start-configuration-session/*-identifier/length",
            "start-configuration-session/accepts*",
        ],
        behaviour: || Box::new(Bounds(|_, start, end| start..=end - 1)),
    },
    Deviation {
        name: "length-min-not-enforced",
        about: "An empty identifier is looked up and not found.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/*-identifier/length/empty"],
        may_fail: &["start-configuration-session/*-identifier/length"],
        behaviour: || Box::new(Bounds(|_, _, end| 0..=end)),
    },
    Deviation {
        name: "length-min-refused",
        about: "An identifier of one character is refused.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/*-identifier/length/at-min-*"],
        may_fail: &[
            "start-configuration-session/*-identifier/length",
            "start-configuration-session/accepts*",
        ],
        behaviour: || Box::new(Bounds(|_, start, end| start + 1..=end)),
    },
    Deviation {
        name: "length-max-not-enforced",
        about: "No identifier is too long.",
        contracts: Contracts::Both,
        must_fail: &[
            "start-configuration-session/*-identifier/length/above-max-*",
            "start-configuration-session/*-identifier/length/far-above-max*",
        ],
        may_fail: &["start-configuration-session/*-identifier/length"],
        behaviour: || Box::new(Bounds(|_, start, _| start..=usize::MAX)),
    },
    Deviation {
        name: "length-max-not-enforced-for-profile",
        about: "A profile identifier is never too long.",
        contracts: Contracts::Both,
        must_fail: &[
            "start-configuration-session/configuration-profile-identifier/length/above-max-*",
            "start-configuration-session/configuration-profile-identifier/length/far-above-max*",
        ],
        may_fail: &["start-configuration-session/configuration-profile-identifier/length"],
        behaviour: || {
            Box::new(Bounds(|parameter, start, end| match parameter {
                Parameter::ConfigurationProfileIdentifier => start..=usize::MAX,
                _ => start..=end,
            }))
        },
    },
    Deviation {
        name: "length-max-of-model",
        about: "Identifiers of 65 to 128 characters are accepted, as the model says and not the page.",
        contracts: Contracts::Page,
        must_fail: &["start-configuration-session/*-identifier/length/above-max-*"],
        may_fail: &[
            "start-configuration-session/*-identifier/length",
            "start-configuration-session/*-identifier/length/far-above-max*",
        ],
        behaviour: || Box::new(Bounds(|_, start, _| start..=128)),
    },
    Deviation {
        name: "length-max-of-page",
        about: "Identifiers of 65 to 128 characters are refused, as the page says and not the model.",
        contracts: Contracts::Model,
        must_fail: &[
            "start-configuration-session/*-identifier/length/at-max-*",
            "start-configuration-session/*-identifier/length/below-max*",
        ],
        may_fail: &[
            "start-configuration-session/*-identifier/length",
            "start-configuration-session/accepts*",
        ],
        behaviour: || Box::new(Bounds(|_, start, _| start..=64)),
    },
    Deviation {
        name: "too-long-truncated",
        about: "An identifier that is too long is cut to the maximum and looked up.",
        contracts: Contracts::Both,
        must_fail: &[
            "start-configuration-session/*-identifier/length/above-max-*",
            "start-configuration-session/*-identifier/length/far-above-max*",
        ],
        may_fail: &["start-configuration-session/*-identifier/length"],
        behaviour: || Box::new(Truncates),
    },
    Deviation {
        name: "far-too-long-fails",
        about: "An identifier of 5,000 characters or more makes the server fail.",
        contracts: Contracts::Both,
        must_fail: &["start-configuration-session/*-identifier/length/far-above-max*"],
        may_fail: &["start-configuration-session/*-identifier/length"],
        behaviour: || {
            Box::new(Reports(|fault| match fault {
                Fault::Length(_, 5_000..) => Fault::Internal,
                other => other,
            }))
        },
    },
];

struct CountsBytes;

impl Behaviour for CountsBytes {
    fn length(&self, text: &str) -> usize {
        text.len()
    }
}

struct CountsUtf16;

impl Behaviour for CountsUtf16 {
    fn length(&self, text: &str) -> usize {
        text.encode_utf16().count()
    }
}

/// Other bounds, from those of the contract.
struct Bounds(fn(Parameter, usize, usize) -> RangeInclusive<usize>);

impl Behaviour for Bounds {
    fn identifier_length(&self, parameter: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        let (start, end) = (dialect.identifier_length.start(), dialect.identifier_length.end());
        (self.0)(parameter, *start, *end)
    }
}

struct Truncates;

impl Behaviour for Truncates {
    fn identifier_length(&self, _: Parameter, dialect: &Dialect) -> RangeInclusive<usize> {
        *dialect.identifier_length.start()..=usize::MAX
    }

    fn looked_up(&self, identifier: String, dialect: &Dialect) -> String {
        identifier.chars().take(*dialect.identifier_length.end()).collect()
    }
}
