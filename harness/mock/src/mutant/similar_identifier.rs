//! Identifiers and member names that are not compared exactly.

use std::collections::BTreeSet;

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use percent_encoding::percent_decode_str;

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::{self, ApiError, Members};
use crate::resources::{By, DeploymentKey, Identifiers, NotFound, Resources};
use crate::service::{Behavior, Reference};

/// A pattern for a case of every identifier.
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

/// Cases in which a member has a similar name.
const MISSPELT: &[&str] =
    &[of_each!("required/other-name"), "start-configuration-session/body/unknown-members/other-name"];

pub(super) const ALL: &[Mutant] = &[
    mutant("ids-found-by-their-beginning")
        .about("The first four or more characters of an id are enough.")
        .must_fail(&[PART])
        .behavior(|| {
            Box::new(FindsSimilar(|by, requested, own| {
                by == By::Id && requested.len() >= 4 && own.starts_with(requested)
            }))
        }),
    mutant("names-found-by-their-end")
        .about("The last five or more characters of a name are enough.")
        .must_fail(&[PART])
        .behavior(|| {
            Box::new(FindsSimilar(|by, requested, own| {
                by == By::Name && requested.len() >= 5 && own.ends_with(requested)
            }))
        }),
    mutant("identifiers-found-within")
        .about("Five or more consecutive characters of an id or a name are enough.")
        .must_fail(&[PART])
        .behavior(|| {
            Box::new(FindsSimilar(|_, requested, own| requested.len() >= 5 && own.contains(requested)))
        }),
    mutant("ids-cut-to-length")
        .about("Characters after the seven of an id are ignored.")
        .must_fail(&[EXTENDED, NUL, INVISIBLE, CONTROL, PADDED])
        .behavior(|| Box::new(FindsSimilar(|by, requested, own| by == By::Id && requested.starts_with(own)))),
    mutant("identifiers-are-paths")
        .about("Only the part after the last slash of an identifier is looked up.")
        .must_fail(&[EXTENDED])
        .behavior(|| Box::new(Converts(|text| text.rsplit('/').next().unwrap_or_default().to_owned()))),
    mutant("identifiers-cut-at-colon")
        .about("Only the part before the first colon of an identifier is looked up.")
        .must_fail(&[EXTENDED])
        .behavior(|| Box::new(Converts(|text| text.split(':').next().unwrap_or_default().to_owned()))),
    mutant("repeated-identifiers-found")
        .about("An identifier that is repeated twice in a row counts as a single one.")
        .must_fail(&[EXTENDED])
        .behavior(|| Box::new(FindsSimilar(|_, requested, own| requested == own.repeat(2)))),
    mutant("identifiers-matched-by-like")
        .about("SQL wildcards match any characters of an identifier.")
        .must_fail(&[WILDCARD])
        .behavior(|| Box::new(FindsSimilar(|_, requested, own| matches_wildcards(requested, own, '_', '%')))),
    mutant("identifiers-matched-by-glob")
        .about("Shell wildcards match any characters of an identifier.")
        .must_fail(&[WILDCARD])
        .behavior(|| Box::new(FindsSimilar(|_, requested, own| matches_wildcards(requested, own, '?', '*')))),
    mutant("dots-match-any-character")
        .about("A dot matches any character of an identifier, as in a regular expression.")
        .must_fail(&[WILDCARD])
        .may_fail(&["start-configuration-session/*/resource/*", "start-configuration-session/*/nesting*"])
        .behavior(|| {
            Box::new(FindsSimilar(|_, requested, own| matches_wildcards(requested, own, '.', '\0')))
        }),
    mutant("identifiers-percent-decoded")
        .about("An identifier is percent-decoded before the lookup.")
        .must_fail(&[PERCENT])
        .behavior(|| Box::new(Converts(|text| percent_decode_str(text).decode_utf8_lossy().into_owned()))),
    mutant("plus-signs-are-blanks")
        .about("A plus sign in an identifier is read as a space.")
        .must_fail(&[
            "start-configuration-session/application-identifier/resource/percent-encoded",
            "start-configuration-session/configuration-profile-identifier/resource/percent-encoded",
        ])
        .behavior(|| Box::new(Converts(|text| text.replace('+', " ")))),
    mutant("identifiers-html-decoded")
        .about("HTML character references are decoded in identifiers.")
        .must_fail(&[ESCAPED])
        .behavior(|| Box::new(Converts(html_decoded))),
    mutant("identifiers-unescaped-twice")
        .about("JSON escapes in an identifier are decoded twice.")
        .must_fail(&[ESCAPED])
        .behavior(|| {
            Box::new(Converts(|text| {
                serde_json::from_str(&format!("\"{text}\"")).unwrap_or_else(|_| text.to_owned())
            }))
        }),
    mutant("quotes-around-identifiers-removed")
        .about("Quotes around an identifier are removed.")
        .must_fail(&[ESCAPED])
        .behavior(|| Box::new(Converts(|text| text.trim_matches(['"', '\'']).to_owned()))),
    mutant("identifiers-folded-by-compatibility")
        .about("An identifier is converted to normalization form KC before the lookup.")
        .must_fail(&[FULL_WIDTH, NORMALIZATION])
        .may_fail(&[CONTROL])
        .behavior(|| {
            Box::new(Converts(|text| ComposingNormalizerBorrowed::new_nfkc().normalize(text).into_owned()))
        }),
    mutant("identifiers-composed")
        .about("An identifier is converted to normalization form C before the lookup.")
        .must_fail(&[NORMALIZATION])
        .behavior(|| {
            Box::new(Converts(|text| ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()))
        }),
    mutant("accents-ignored")
        .about("Identifiers are compared without diacritical marks.")
        .must_fail(&[NORMALIZATION])
        .behavior(|| {
            Box::new(FindsSimilar(|_, requested, own| without_marks(requested) == without_marks(own)))
        }),
    mutant("invisible-characters-removed")
        .about("Zero-width characters are removed from an identifier.")
        .must_fail(&[INVISIBLE])
        .behavior(|| {
            Box::new(Converts(|text| {
                text.replace(['\u{ad}', '\u{200b}', '\u{200d}', '\u{200e}', '\u{fe0f}', '\u{feff}'], "")
            }))
        }),
    mutant("control-characters-removed")
        .about("Control characters are removed from an identifier.")
        .must_fail(&[CONTROL, NUL])
        .may_fail(&[PADDED])
        .behavior(|| Box::new(Converts(|text| text.replace(char::is_control, "")))),
    mutant("blanks-not-compared")
        .about("Identifiers are compared without white space.")
        .must_fail(&[CONTROL, PADDED])
        .behavior(|| {
            Box::new(FindsSimilar(|_, requested, own| {
                without_white_space(requested) == without_white_space(own)
            }))
        }),
    mutant("blanks-collapsed")
        .about("Two consecutive spaces count as one.")
        .must_fail(&[
            "start-configuration-session/application-identifier/resource/control-character",
            "start-configuration-session/configuration-profile-identifier/resource/control-character",
        ])
        .behavior(|| Box::new(Converts(|text| text.replace("  ", " ")))),
    mutant("identifiers-cut-at-nul")
        .about("An identifier ends before its first NUL.")
        .must_fail(&[NUL])
        .behavior(|| Box::new(Converts(|text| text.split('\0').next().unwrap_or_default().to_owned()))),
    mutant("thirty-two-characters-compared")
        .about("Only the first 32 characters of identifiers are compared.")
        .must_fail(&[TAIL])
        .may_fail(&["start-configuration-session/*-identifier/resource/*"])
        .behavior(|| {
            Box::new(FindsSimilar(|_, requested, own| requested.chars().take(32).eq(own.chars().take(32))))
        }),
    mutant("last-character-not-compared")
        .about("The last character of an identifier is not compared.")
        .must_fail(&[CHANGED, WILDCARD])
        .may_fail(&["start-configuration-session/*/resource/*", "start-configuration-session/*/nesting*"])
        .behavior(|| {
            Box::new(FindsSimilar(|_, requested, own| {
                let (mut requested, mut own) = (requested.chars(), own.chars());
                let both = requested.next_back().zip(own.next_back());
                both.is_some() && own.clone().count() >= 3 && requested.eq(own)
            }))
        }),
    mutant("characters-compared-in-any-order")
        .about("Two identifiers are the same if they have the same characters, in any order.")
        .must_fail(&[CHANGED])
        .may_fail(&["start-configuration-session/*/resource/*", "start-configuration-session/*/nesting*"])
        .behavior(|| Box::new(FindsSimilar(|_, requested, own| sorted(requested) == sorted(own)))),
    mutant("member-names-in-any-case")
        .about("Member names are compared without regard to case.")
        .must_fail(&[
            of_each!("required/other-letter-case"),
            "start-configuration-session/body/unknown-members/other-letter-case",
        ])
        .behavior(|| Box::new(AcceptsSimilarNames(str::eq_ignore_ascii_case))),
    mutant("member-names-trimmed")
        .about("White space around a member name is removed.")
        .must_fail(MISSPELT)
        .behavior(|| Box::new(AcceptsSimilarNames(|name, own| name.trim() == own))),
    mutant("member-names-in-snake-case")
        .about("A member name may be in snake case.")
        .must_fail(MISSPELT)
        .behavior(|| {
            Box::new(AcceptsSimilarNames(|name, own| {
                name.contains('_') && name.replace('_', "").eq_ignore_ascii_case(own)
            }))
        }),
    mutant("member-names-abbreviated")
        .about("A member name may be abbreviated to an unambiguous prefix.")
        .must_fail(MISSPELT)
        .behavior(|| Box::new(AcceptsSimilarNames(|name, own| name.len() >= 8 && own.starts_with(name)))),
];

/// Finds a resource that an identifier resembles, where no resource has exactly that id or name.
struct FindsSimilar(fn(By, &str, &str) -> bool);

impl Behavior for FindsSimilar {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        Reference.find_deployment(resources, identifiers).or_else(|not_found| {
            resources
                .find_deployment(identifiers, |by, _, requested, identity| {
                    requested == identity.by(by) || (self.0)(by, requested, identity.by(by))
                })
                .map_err(|_| not_found)
        })
    }
}

/// Looks up a text that is derived from an identifier.
struct Converts(fn(&str) -> String);

impl Behavior for Converts {
    fn lookup_text(&self, _: Parameter, identifier: String, _: &Dialect) -> Result<String, ApiError> {
        Ok((self.0)(&identifier))
    }
}

/// Accepts a member under names that resemble its own.
struct AcceptsSimilarNames(fn(&str, &str) -> bool);

impl Behavior for AcceptsSimilarNames {
    fn members(&self, text: &str) -> Result<Members, ApiError> {
        let members = protocol::members(text)?;
        let names: BTreeSet<&str> = Parameter::OF_START.iter().map(|parameter| parameter.name()).collect();
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

/// Whether a text matches a pattern in which `one` matches any character and `many` any number of them.
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

fn without_white_space(text: &str) -> String {
    text.replace(char::is_whitespace, "")
}

fn sorted(text: &str) -> Vec<char> {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    chars
}

/// The text without diacritical marks.
fn without_marks(text: &str) -> String {
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize(text);
    decomposed.chars().filter(|c| classes.get_u8(*c) == 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_one_or_many_characters() {
        let like = |pattern: &str, text: &str| matches_wildcards(pattern, text, '_', '%');
        assert!(like("a_c%", "abcdé") && like("%", "") && like("%é_", "aéb") && like("ab", "ab"));
        assert!(!like("a_", "a") && !like("_", "") && !like("a%b", "abc") && !like("", "a"));
    }

    #[test]
    fn character_references_are_decoded_once() {
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
    fn marks_are_removed_from_letters() {
        assert_eq!(without_marks("größe"), "große");
        assert_eq!(without_marks("gro\u{308}ße"), "große");
    }
}
