//! Making more of an identifier, or of a member's name, than a text to be compared as it is.

use std::collections::BTreeSet;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use percent_encoding::percent_decode_str;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter};
use crate::read::{self, Members};
use crate::resources::{By, DeploymentKey, Identifiers, NotFound, Resources};

/// Writes the id of a case of every identifier.
macro_rules! of_each {
    ($rest:literal) => {
        concat!("start-configuration-session/*-identifier/", $rest)
    };
}

const PART: &str = of_each!("resource/part");
const EXTENDED: &str = of_each!("resource/extended");
const WILDCARD: &str = of_each!("resource/wildcard");
const PERCENT: &str = of_each!("resource/percent-encoded");
const ESCAPED: &str = of_each!("resource/escaped");
const FULL_WIDTH: &str = of_each!("resource/full-width");
const NORMALIZATION: &str = of_each!("resource/other-normalization");
const INVISIBLE: &str = of_each!("resource/invisible-character");
const CONTROL: &str = of_each!("resource/control-character");
const NUL: &str = of_each!("resource/nul");
const CHANGED: &str = of_each!("resource/one-changed");
const TAIL: &str = of_each!("resource/tail-of-long-name");
const PADDED: &str = of_each!("resource/surrounding-blanks");

/// Where another name of a member is read as its own.
const MISSPELT: &[&str] =
    &[of_each!("required/other-name"), "start-configuration-session/body/unknown-members/other-name"];

pub(super) const ALL: &[Deviation] = &[
    deviation("ids-found-by-their-beginning")
        .about("The first four characters of an id or more are enough.")
        .must_fail(&[PART])
        .behaviour(|| {
            Box::new(Matches(|by, wanted, own| by == By::Id && wanted.len() >= 4 && own.starts_with(wanted)))
        }),
    deviation("names-found-by-their-end")
        .about("The last five characters of a name or more are enough.")
        .must_fail(&[PART])
        .behaviour(|| {
            Box::new(Matches(|by, wanted, own| by == By::Name && wanted.len() >= 5 && own.ends_with(wanted)))
        }),
    deviation("identifiers-found-within")
        .about("Five characters in a row out of an id or a name, or more, are enough.")
        .must_fail(&[PART])
        .behaviour(|| Box::new(Matches(|_, wanted, own| wanted.len() >= 5 && own.contains(wanted)))),
    deviation("ids-cut-to-length")
        .about("What follows the seven characters of an id is not looked at.")
        .must_fail(&[EXTENDED, NUL, INVISIBLE, CONTROL, PADDED])
        .behaviour(|| Box::new(Matches(|by, wanted, own| by == By::Id && wanted.starts_with(own)))),
    deviation("identifiers-are-paths")
        .about("Of an identifier what follows its last slash is looked up.")
        .must_fail(&[EXTENDED])
        .behaviour(|| Box::new(Reads(|text| text.rsplit('/').next().unwrap_or_default().to_owned()))),
    deviation("identifiers-cut-at-colon")
        .about("Of an identifier what comes before its first colon is looked up.")
        .must_fail(&[EXTENDED])
        .behaviour(|| Box::new(Reads(|text| text.split(':').next().unwrap_or_default().to_owned()))),
    deviation("repeated-identifiers-found")
        .about("An identifier that is written twice counts once.")
        .must_fail(&[EXTENDED])
        .behaviour(|| Box::new(Matches(|_, wanted, own| wanted == own.repeat(2)))),
    deviation("identifiers-matched-by-like")
        .about("The wildcards of SQL stand for any characters of an identifier.")
        .must_fail(&[WILDCARD])
        .behaviour(|| Box::new(Matches(|_, wanted, own| matches_wildcards(wanted, own, '_', '%')))),
    deviation("identifiers-matched-by-glob")
        .about("The wildcards of a shell stand for any characters of an identifier.")
        .must_fail(&[WILDCARD])
        .behaviour(|| Box::new(Matches(|_, wanted, own| matches_wildcards(wanted, own, '?', '*')))),
    deviation("dots-match-any-character")
        .about("A dot stands for any character of an identifier, as in a regular expression.")
        .must_fail(&[WILDCARD])
        .may_fail(&["start-configuration-session/*/resource/*", "start-configuration-session/*/nesting*"])
        .behaviour(|| Box::new(Matches(|_, wanted, own| matches_wildcards(wanted, own, '.', '\0')))),
    deviation("identifiers-percent-decoded")
        .about("An identifier is percent-decoded before it is looked up.")
        .must_fail(&[PERCENT])
        .behaviour(|| Box::new(Reads(|text| percent_decode_str(text).decode_utf8_lossy().into_owned()))),
    deviation("plus-signs-are-blanks")
        .about("A plus sign in an identifier is read as a blank.")
        .must_fail(&[
            "start-configuration-session/application-identifier/resource/percent-encoded",
            "start-configuration-session/configuration-profile-identifier/resource/percent-encoded",
        ])
        .behaviour(|| Box::new(Reads(|text| text.replace('+', " ")))),
    deviation("identifiers-html-decoded")
        .about("Character references of HTML are decoded in identifiers.")
        .must_fail(&[ESCAPED])
        .behaviour(|| Box::new(Reads(html_decoded))),
    deviation("identifiers-unescaped-twice")
        .about("Escapes that are left in an identifier when its JSON is read are decoded too.")
        .must_fail(&[ESCAPED])
        .behaviour(|| {
            Box::new(Reads(|text| {
                serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
            }))
        }),
    deviation("quotes-around-identifiers-dropped")
        .about("Quotes around an identifier are dropped.")
        .must_fail(&[ESCAPED])
        .behaviour(|| Box::new(Reads(|text| text.trim_matches(['"', '\'']).to_owned()))),
    deviation("identifiers-folded-by-compatibility")
        .about("An identifier is brought into normalization form KC before it is looked up.")
        .must_fail(&[FULL_WIDTH, NORMALIZATION])
        .may_fail(&[CONTROL])
        .behaviour(|| {
            Box::new(Reads(|text| ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()))
        }),
    deviation("identifiers-composed")
        .about("An identifier is brought into normalization form C before it is looked up.")
        .must_fail(&[NORMALIZATION])
        .behaviour(|| {
            Box::new(Reads(|text| ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()))
        }),
    deviation("accents-ignored")
        .about("Identifiers are compared without the marks of their letters.")
        .must_fail(&[NORMALIZATION])
        .behaviour(|| Box::new(Matches(|_, wanted, own| unmarked(wanted) == unmarked(own)))),
    deviation("invisible-characters-dropped")
        .about("Characters without width are dropped from an identifier.")
        .must_fail(&[INVISIBLE])
        .behaviour(|| {
            Box::new(Reads(|text| {
                text.replace(['\u{ad}', '\u{200b}', '\u{200d}', '\u{200e}', '\u{fe0f}', '\u{feff}'], "")
            }))
        }),
    deviation("control-characters-dropped")
        .about("Control characters are dropped from an identifier.")
        .must_fail(&[CONTROL, NUL])
        .may_fail(&[PADDED])
        .behaviour(|| Box::new(Reads(|text| text.replace(char::is_control, "")))),
    deviation("blanks-not-compared")
        .about("Identifiers are compared without the blanks in them.")
        .must_fail(&[CONTROL, PADDED])
        .behaviour(|| Box::new(Matches(|_, wanted, own| unspaced(wanted) == unspaced(own)))),
    deviation("blanks-collapsed")
        .about("Several blanks in a row count as one.")
        .must_fail(&[
            "start-configuration-session/application-identifier/resource/control-character",
            "start-configuration-session/configuration-profile-identifier/resource/control-character",
        ])
        .behaviour(|| Box::new(Reads(|text| text.replace("  ", " ")))),
    deviation("identifiers-cut-at-nul")
        .about("An identifier ends before its first NUL.")
        .must_fail(&[NUL])
        .behaviour(|| Box::new(Reads(|text| text.split('\0').next().unwrap_or_default().to_owned()))),
    deviation("thirty-two-characters-compared")
        .about("Of identifiers only the first thirty-two characters are compared.")
        .must_fail(&[TAIL])
        .may_fail(&["start-configuration-session/*-identifier/resource/*"])
        .behaviour(|| Box::new(Matches(|_, wanted, own| wanted.chars().take(32).eq(own.chars().take(32))))),
    deviation("last-character-not-compared")
        .about("The last character of an identifier may be any.")
        .must_fail(&[CHANGED, WILDCARD])
        .may_fail(&["start-configuration-session/*/resource/*", "start-configuration-session/*/nesting*"])
        .behaviour(|| {
            Box::new(Matches(|_, wanted, own| {
                let (mut wanted, mut own) = (wanted.chars(), own.chars());
                let both = wanted.next_back().zip(own.next_back());
                both.is_some() && own.clone().count() >= 3 && wanted.eq(own)
            }))
        }),
    deviation("characters-compared-in-any-order")
        .about("Two identifiers are the same if they have the same characters, in any order.")
        .must_fail(&[CHANGED])
        .may_fail(&["start-configuration-session/*/resource/*", "start-configuration-session/*/nesting*"])
        .behaviour(|| Box::new(Matches(|_, wanted, own| sorted(wanted) == sorted(own)))),
    deviation("member-names-in-any-case")
        .about("The letter case of the names of members has no meaning.")
        .must_fail(&[
            of_each!("required/other-letter-case"),
            "start-configuration-session/body/unknown-members/other-letter-case",
        ])
        .behaviour(|| Box::new(Names(str::eq_ignore_ascii_case))),
    deviation("member-names-trimmed")
        .about("Blanks around the name of a member are dropped.")
        .must_fail(MISSPELT)
        .behaviour(|| Box::new(Names(|name, own| name.trim() == own))),
    deviation("member-names-in-snake-case")
        .about("The name of a member may be written in snake case.")
        .must_fail(MISSPELT)
        .behaviour(|| {
            Box::new(Names(|name, own| name.contains('_') && name.replace('_', "").eq_ignore_ascii_case(own)))
        }),
    deviation("member-names-abbreviated")
        .about("The name of a member may be cut off as long as it is no other one's beginning.")
        .must_fail(MISSPELT)
        .behaviour(|| Box::new(Names(|name, own| name.len() >= 8 && own.starts_with(name)))),
];

/// Finds what an identifier matches, where nothing is exactly so called.
struct Matches(fn(By, &str, &str) -> bool);

impl Behaviour for Matches {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        Reference.locate(resources, identifiers).or_else(|not_found| {
            resources
                .locate(identifiers, |by, _, wanted, identity| {
                    wanted == identity.by(by) || (self.0)(by, wanted, identity.by(by))
                })
                .map_err(|_| not_found)
        })
    }
}

/// Looks up what it reads in an identifier.
struct Reads(fn(&str) -> String);

impl Behaviour for Reads {
    fn looked_up(&self, _: Parameter, identifier: String, _: &Dialect) -> Result<String, Fault> {
        Ok((self.0)(&identifier))
    }
}

/// Takes a member for the one whose name its own name matches.
struct Names(fn(&str, &str) -> bool);

const KNOWN: [Parameter; 4] = [
    Parameter::ApplicationIdentifier,
    Parameter::EnvironmentIdentifier,
    Parameter::ConfigurationProfileIdentifier,
    Parameter::RequiredMinimumPollIntervalInSeconds,
];

impl Behaviour for Names {
    fn members(&self, text: &str) -> Result<Members, Fault> {
        let members = read::members(text)?;
        let names: BTreeSet<&str> = KNOWN.iter().map(|parameter| parameter.name()).collect();
        let mut read = members.clone();
        for (name, value) in members {
            let meant = names.iter().find(|own| !names.contains(name.as_str()) && (self.0)(&name, own));
            if let Some(own) = meant {
                read.insert((*own).to_owned(), value);
            }
        }
        Ok(read)
    }
}

/// Whether a text matches a pattern in which `one` stands for any character and `many` for any number
/// of them.
fn matches_wildcards(pattern: &str, text: &str, one: char, many: char) -> bool {
    let Some(c) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[c.len_utf8()..];
    if c == many {
        let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        return ends.any(|at| matches_wildcards(rest, &text[at..], one, many));
    }
    text.chars().next().is_some_and(|other| {
        (c == one || c == other) && matches_wildcards(rest, &text[other.len_utf8()..], one, many)
    })
}

/// The text with its numeric character references decoded.
fn html_decoded(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("&#") {
        let (before, reference) = (&rest[..start], &rest[start + 2..]);
        let number = reference.split_once(';').and_then(|(number, after)| {
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            Some((char::from_u32(code.ok()?)?, after))
        });
        decoded.push_str(before);
        rest = if let Some((c, after)) = number {
            decoded.push(c);
            after
        } else {
            decoded.push_str("&#");
            reference
        };
    }
    decoded + rest
}

fn unspaced(text: &str) -> String {
    text.replace(char::is_whitespace, "")
}

fn sorted(text: &str) -> Vec<char> {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    chars
}

/// The text without the marks of its letters.
fn unmarked(text: &str) -> String {
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    decomposed.chars().filter(|c| classes.get_u8(*c) == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_one_or_many() {
        let like = |pattern: &str, text: &str| matches_wildcards(pattern, text, '_', '%');
        assert!(like("a_c%", "abcdé") && like("%", "") && like("%é_", "aéb") && like("ab", "ab"));
        assert!(!like("a_", "a") && !like("_", "") && !like("a%b", "abc") && !like("", "a"));
    }

    #[test]
    fn references_are_decoded_once() {
        for (text, decoded) in [
            ("&#97;b&#x63;", "abc"),
            ("&amp;#97;", "&amp;#97;"),
            ("&#;&#x;&#9", "&#;&#x;&#9"),
            ("a&#200000000;", "a&#200000000;"),
        ] {
            assert_eq!(html_decoded(text), decoded);
        }
    }

    #[test]
    fn marks_go_and_letters_stay() {
        assert_eq!(unmarked("größe"), "große");
        assert_eq!(unmarked("gro\u{308}ße"), "große");
    }
}
