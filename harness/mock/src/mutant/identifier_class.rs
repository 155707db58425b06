//! Bugs that affect a small class of identifiers: certain lengths, characters or forms.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::{ApiError, ERROR_TYPE};
use crate::service::Behavior;
use crate::toolkit::{error_of, with_body, with_header, with_status, without_header};

/// A pattern for cases of every identifier.
macro_rules! of_each {
    ($rest:literal) => {
        concat!("start-configuration-session/*-identifier/", $rest)
    };
}

const BELOW_MAX: &str = of_each!("length/below-max");

/// Cases that generate an affected identifier only by chance.
const BY_CHANCE: &[&str] = &[of_each!("length/at-*"), of_each!("resource/*"), COMBINATIONS];
const COMBINATIONS: &str = "start-configuration-session/combinations/*";

pub(super) const ALL: &[Mutant] = &[
    mutant("environment-of-30-to-40-with-digit-refused")
        .about("An environment identifier of 30 to 40 characters with a digit among them is refused.")
        .must_fail(&["start-configuration-session/environment-identifier/length/below-max"])
        .may_fail(&["start-configuration-session/environment-identifier/resource/*", COMBINATIONS])
        .behavior(|| {
            Box::new(Refuses(|parameter, text| {
                parameter == Parameter::EnvironmentIdentifier
                    && (30..=40).contains(&text.chars().count())
                    && text.contains(|c: char| c.is_ascii_digit())
            }))
        }),
    mutant("application-of-33-fails")
        .about("An application identifier of exactly 33 characters makes the server fail.")
        .must_fail(&["start-configuration-session/application-identifier/length/below-max"])
        .may_fail(&["start-configuration-session/application-identifier/resource/*", COMBINATIONS])
        .behavior(|| {
            Box::new(Fails(|parameter, text| {
                parameter == Parameter::ApplicationIdentifier && text.chars().count() == 33
            }))
        }),
    mutant("profile-of-50-to-52-refused")
        .about("A profile identifier of 50 to 52 characters is refused.")
        .must_fail(&["start-configuration-session/configuration-profile-identifier/length/below-max"])
        .may_fail(&["start-configuration-session/configuration-profile-identifier/resource/*", COMBINATIONS])
        .behavior(|| {
            Box::new(Refuses(|parameter, text| {
                parameter == Parameter::ConfigurationProfileIdentifier
                    && (50..=52).contains(&text.chars().count())
            }))
        }),
    mutant("identifier-of-100-to-110-fails")
        .about("An identifier of 100 to 110 characters makes the server fail.")
        .model_only()
        .must_fail(&[BELOW_MAX])
        .may_fail(&[COMBINATIONS])
        .behavior(|| Box::new(Fails(|_, text| (100..=110).contains(&text.chars().count())))),
    mutant("digits-only-refused")
        .about("An identifier of digits only is refused.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Refuses(|_, text| text.bytes().all(|byte| byte.is_ascii_digit())))),
    mutant("leading-zero-refused")
        .about("An identifier that begins with a zero is read as a number, and refused.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Refuses(|_, text| text.len() > 1 && text.starts_with('0')))),
    mutant("quote-fails")
        .about("A single quote in an identifier ends a string in the server's query, and the server fails.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Fails(|_, text| text.contains('\'')))),
    mutant("double-quote-fails")
        .about("A double quote in an identifier breaks the JSON that the server writes, and the server fails.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Fails(|_, text| text.contains('"')))),
    mutant("backslash-refused")
        .about("An identifier with a backslash is refused.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Refuses(|_, text| text.contains('\\')))),
    mutant("nul-fails")
        .about("An identifier with the character NUL makes the server fail.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Fails(|_, text| text.contains('\0')))),
    mutant("control-character-refused")
        .about("An identifier with a control character other than NUL is refused.")
        .must_fail(&[BELOW_MAX, of_each!("resource/surrounding-blanks")])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Refuses(|_, text| text.contains(|c: char| c.is_control() && c != '\0')))),
    mutant("script-tag-blocked")
        .about("A firewall blocks a script tag in an identifier that is not found: it returns 403 and an HTML page.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(BlocksScripts)),
    mutant("path-traversal-refused")
        .about("An identifier with `../` is refused.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Refuses(|_, text| text.contains("../")))),
    mutant("percent-encoding-refused")
        .about("An identifier with percent-encoded text is refused.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Refuses(|_, text| has_percent_encoding(text)))),
    mutant("sql-comment-fails")
        .about("The beginning of an SQL comment in an identifier makes the server fail.")
        .must_fail(&[BELOW_MAX])
        .may_fail(BY_CHANCE)
        .behavior(|| Box::new(Fails(|_, text| text.contains("--") || text.contains("/*")))),
    mutant("astral-characters-refused")
        .about("An identifier with a character outside of the Basic Multilingual Plane is refused.")
        .must_fail(&[
            of_each!("length/at-min-four-byte"),
            of_each!("length/at-max-four-byte"),
            "start-configuration-session/accepts/by-name",
        ])
        .may_fail(&[
            BELOW_MAX,
            of_each!("length/at-*"),
            of_each!("resource/*"),
            "start-configuration-session/accepts/mixed",
            "start-configuration-session/body/encoding/*",
            COMBINATIONS,
        ])
        .behavior(|| Box::new(Refuses(|_, text| text.contains(|c| c > '\u{ffff}')))),
    mutant("lone-blank-refused")
        .about("An identifier that is a single space is refused.")
        .must_fail(&[of_each!("length/at-min-blank")])
        .may_fail(&[COMBINATIONS])
        .behavior(|| Box::new(Refuses(|_, text| text == " "))),
    mutant("trailing-blank-not-counted")
        .about("A space at the end of an identifier does not count toward its length.")
        .must_fail(&[of_each!("length/above-max-blank"), of_each!("length/at-min-blank")])
        .may_fail(&[of_each!("length/above-max")])
        .behavior(|| Box::new(Counts(|text| text.strip_suffix(' ').unwrap_or(text).chars().count()))),
    mutant("combining-marks-not-counted")
        .about("Combining marks do not count toward the length of an identifier.")
        .must_fail(&[of_each!("length/above-max-combining")])
        .may_fail(&[of_each!("length/above-max"), of_each!("length/at-min-*"), BELOW_MAX])
        .behavior(|| Box::new(Counts(|text| text.chars().filter(|c| !is_combining(*c)).count()))),
];

/// Refuses an identifier of the class before its lookup.
struct Refuses(fn(Parameter, &str) -> bool);

impl Behavior for Refuses {
    fn lookup_text(&self, parameter: Parameter, identifier: String, _: &Dialect) -> Result<String, ApiError> {
        if (self.0)(parameter, &identifier) { Err(ApiError::Pattern(parameter)) } else { Ok(identifier) }
    }
}

/// Fails on an identifier of the class before its lookup.
struct Fails(fn(Parameter, &str) -> bool);

impl Behavior for Fails {
    fn lookup_text(&self, parameter: Parameter, identifier: String, _: &Dialect) -> Result<String, ApiError> {
        if (self.0)(parameter, &identifier) { Err(ApiError::Internal) } else { Ok(identifier) }
    }
}

/// Counts the length of an identifier in another way.
struct Counts(fn(&str) -> usize);

impl Behavior for Counts {
    fn text_length(&self, text: &str) -> usize {
        (self.0)(text)
    }
}

struct BlocksScripts;

impl Behavior for BlocksScripts {
    fn finish(&self, _: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let blocked = matches!(
            error_of(&response),
            Some(ApiError::NotFound(missing)) if missing.referenced_by.iter().any(|(_, text)| text.contains("<script"))
        );
        if !blocked {
            return response;
        }
        let response = with_status(without_header(response, &ERROR_TYPE), StatusCode::FORBIDDEN);
        with_body(with_header(response, CONTENT_TYPE, "text/html"), "<h1>Forbidden</h1>")
    }
}

fn has_percent_encoding(text: &str) -> bool {
    text.as_bytes().windows(3).any(
        |bytes| matches!(bytes, [b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()),
    )
}

/// Whether `c` is in a block of combining marks.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}
