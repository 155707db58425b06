//! The form of the HTTP message of a call: as clients write it, or with one difference.

use super::json::{escaped, quoted};
use crate::signing::Signing;

/// The form of a message. Everything but the one difference is as clients write it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum MessageForm {
    /// As clients write it.
    #[default]
    Standard,
    /// Another method.
    Method(&'static str),
    /// Another path.
    Path(&'static str),
    /// Something is appended to the path.
    PathSuffix(&'static str),
    /// Each value in the query ends with a `+` that is not percent-encoded.
    PlusInQuery,
    /// Another content type, or none.
    ContentType(Option<&'static str>),
    /// The body is sent in chunks (RFC 9112, 7.1).
    Chunked,
    /// Each word of a header name begins with a capital letter.
    TitleCaseHeaders,
    /// The body is the same JSON value, written differently.
    Json(JsonStyle),
    /// Another signature, or none.
    Signed(Signing),
}

/// A style of writing a JSON object that does not change its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JsonStyle {
    /// All characters of names, of strings, or of both are `\u` escapes.
    Escaped {
        /// Whether names are.
        names: bool,
        /// Whether strings are.
        strings: bool,
        /// Whether the digits are upper-case.
        upper: bool,
    },
    /// There is white space wherever it is allowed.
    Spaced(&'static str),
    /// The members are in the opposite order.
    Reversed,
    /// The first member comes last.
    Rotated,
}

impl MessageForm {
    /// The method, given the operation's.
    pub(crate) fn method(self, standard: &str) -> String {
        match self {
            Self::Method(method) => method.to_owned(),
            _ => standard.to_owned(),
        }
    }

    /// Whether there is a body if the operation has one. GET and DELETE have none: servers need not look for it
    /// there, and would read it as the next request.
    pub(crate) fn has_body(self) -> bool {
        !matches!(self, Self::Method("GET" | "DELETE"))
    }

    /// The path, given the operation's.
    pub(crate) fn path(self, standard: String) -> String {
        match self {
            Self::Path(path) => path.to_owned(),
            Self::PathSuffix(suffix) => format!("{}{suffix}", standard.trim_end_matches('/')),
            _ => standard,
        }
    }

    /// What is appended to each value of the query.
    pub(crate) fn query_suffix(self) -> &'static str {
        if self == Self::PlusInQuery { "+" } else { "" }
    }

    /// The content type of a body. A payload has its own.
    pub(crate) fn content_type(self, payload: Option<&str>) -> Option<&str> {
        match self {
            Self::ContentType(other) => other,
            _ => payload.or(Some("application/json")),
        }
    }

    /// The headers, including those of a body.
    pub(crate) fn headers(self, mut standard: Vec<(String, String)>) -> Vec<(String, String)> {
        match self {
            Self::Chunked => standard.push(("transfer-encoding".to_owned(), "chunked".to_owned())),
            Self::TitleCaseHeaders => standard.iter_mut().for_each(|(name, _)| *name = title_case(name)),
            _ => {}
        }
        standard
    }

    /// How it is signed.
    pub(crate) fn signing(self) -> Signing {
        match self {
            Self::Signed(signing) => signing,
            _ => Signing::Valid,
        }
    }

    /// The name of a member as JSON.
    pub(crate) fn name(self, text: &str) -> String {
        match self {
            Self::Json(JsonStyle::Escaped { names: true, upper, .. }) => escaped(text, upper),
            _ => quoted(text),
        }
    }

    /// A string as JSON.
    pub(crate) fn string(self, text: &str) -> String {
        match self {
            Self::Json(JsonStyle::Escaped { strings: true, upper, .. }) => escaped(text, upper),
            _ => quoted(text),
        }
    }

    /// An object, given the names and values of its members as JSON.
    pub(crate) fn object(self, mut members: Vec<(String, String)>) -> String {
        match self {
            Self::Json(JsonStyle::Reversed) => members.reverse(),
            Self::Json(JsonStyle::Rotated) if !members.is_empty() => members.rotate_left(1),
            _ => {}
        }
        let space = if let Self::Json(JsonStyle::Spaced(space)) = self { space } else { "" };
        let mut object = [space, "{"].concat();
        for (nth, (name, value)) in members.iter().enumerate() {
            let comma = if nth > 0 { "," } else { "" };
            object.extend([comma, space, name, space, ":", space, value, space]);
        }
        object.extend(["}", space]);
        object
    }
}

fn title_case(name: &str) -> String {
    let capital = |word: &str| match word.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_uppercase() + rest,
        None => word.to_owned(),
    };
    name.split('-').map(capital).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json::Json;

    fn object(style: JsonStyle) -> String {
        let form = MessageForm::Json(style);
        let member = |name, value| (form.name(name), form.string(value));
        form.object(vec![member("a", "x/\""), member("é", "🚀"), (form.name("n"), "[1]".to_owned())])
    }

    #[test]
    fn styles_do_not_change_the_value() {
        let plain = MessageForm::Standard;
        let plain = plain.object(vec![
            (plain.name("a"), plain.string("x/\"")),
            (plain.name("é"), plain.string("🚀")),
            (plain.name("n"), "[1]".to_owned()),
        ]);
        assert_eq!(plain, r#"{"a":"x/\"","é":"🚀","n":[1]}"#);
        let meaning = |text: &str| match Json::parse(text.as_bytes()) {
            Ok(Json::Object(mut members)) => {
                members.sort_by(|one, other| one.0.cmp(&other.0));
                members
            }
            other => panic!("{text}: {other:?}"),
        };
        for style in [
            JsonStyle::Escaped { names: true, strings: true, upper: true },
            JsonStyle::Escaped { names: false, strings: true, upper: false },
            JsonStyle::Spaced(" \r\n\t"),
            JsonStyle::Reversed,
            JsonStyle::Rotated,
        ] {
            let text = object(style);
            assert_ne!(text, plain);
            assert_eq!(meaning(&text), meaning(&plain), "{text}");
        }
    }

    #[test]
    fn styles_are_as_documented() {
        assert_eq!(
            object(JsonStyle::Escaped { names: false, strings: true, upper: false }),
            r#"{"a":"\u0078\u002f\u0022","é":"\ud83d\ude80","n":[1]}"#
        );
        assert_eq!(object(JsonStyle::Spaced(" ")), r#" { "a" : "x/\"" , "é" : "🚀" , "n" : [1] } "#);
        assert_eq!(object(JsonStyle::Rotated), r#"{"é":"🚀","n":[1],"a":"x/\""}"#);
        assert_eq!(MessageForm::Json(JsonStyle::Rotated).object(Vec::new()), "{}");
    }

    #[test]
    fn path_suffix_follows_the_last_segment() {
        assert_eq!(MessageForm::PathSuffix("/more").path("/a".to_owned()), "/a/more");
        assert_eq!(MessageForm::PathSuffix("/more").path("/".to_owned()), "/more");
        assert_eq!(MessageForm::Path("/b").path("/a".to_owned()), "/b");
        assert_eq!(MessageForm::Chunked.path("/a".to_owned()), "/a");
    }

    #[test]
    fn header_names_are_title_case() {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        assert_eq!(MessageForm::TitleCaseHeaders.headers(headers)[0].0, "Content-Type");
    }
}
