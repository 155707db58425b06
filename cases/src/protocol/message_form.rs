//! How the HTTP message of a call is written: as clients write it, or with one thing different.

use super::json::{escaped, quoted};
use crate::signing::Signing;

/// The form of a message. Whatever a form does not speak of stays as clients write it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// As clients write it.
    #[default]
    Plain,
    /// Another method.
    Method(&'static str),
    /// Another path.
    Path(&'static str),
    /// Something behind the path.
    Longer(&'static str),
    /// Each value in the query ends with a `+` that is not percent-encoded.
    Plus,
    /// Another content type, or none.
    ContentType(Option<&'static str>),
    /// The body goes in chunks (RFC 9112, 7.1).
    Chunked,
    /// Header names begin their words with capitals.
    TitleCase,
    /// The body is the same JSON, written otherwise.
    Json(Writing),
    /// Another signature, or none.
    Signed(Signing),
}

/// Another way to write a JSON object, of the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Writing {
    /// Names of members, their strings, or both are `\u` escapes throughout.
    Escaped {
        /// Whether names are.
        names: bool,
        /// Whether strings are.
        strings: bool,
        /// Whether with upper-case digits.
        upper: bool,
    },
    /// White space stands wherever it may.
    Spaced(&'static str),
    /// The members stand in the opposite order.
    Reversed,
    /// The first member stands last.
    Rotated,
}

impl Form {
    /// The method, `plain` being the operation's.
    pub(crate) fn method(self, plain: &str) -> String {
        match self {
            Self::Method(method) => method.to_owned(),
            _ => plain.to_owned(),
        }
    }

    /// Whether there is a body where the operation has one. A GET or DELETE goes without, since
    /// servers need not look for it there, and would take it for the next request.
    pub(crate) fn has_body(self) -> bool {
        !matches!(self, Self::Method("GET" | "DELETE"))
    }

    /// The path, `plain` being the operation's.
    pub(crate) fn path(self, plain: String) -> String {
        match self {
            Self::Path(path) => path.to_owned(),
            Self::Longer(more) => format!("{}{more}", plain.trim_end_matches('/')),
            _ => plain,
        }
    }

    /// What stands behind a value of the query.
    pub(crate) fn behind_value(self) -> &'static str {
        if self == Self::Plus { "+" } else { "" }
    }

    /// The content type of a body.
    pub(crate) fn content_type(self) -> Option<&'static str> {
        match self {
            Self::ContentType(other) => other,
            _ => Some("application/json"),
        }
    }

    /// The headers, those of a body among them.
    pub(crate) fn headers(self, mut plain: Vec<(String, String)>) -> Vec<(String, String)> {
        match self {
            Self::Chunked => plain.push(("transfer-encoding".to_owned(), "chunked".to_owned())),
            Self::TitleCase => plain.iter_mut().for_each(|(name, _)| *name = title_case(name)),
            _ => {}
        }
        plain
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
            Self::Json(Writing::Escaped { names: true, upper, .. }) => escaped(text, upper),
            _ => quoted(text),
        }
    }

    /// A string as JSON.
    pub(crate) fn string(self, text: &str) -> String {
        match self {
            Self::Json(Writing::Escaped { strings: true, upper, .. }) => escaped(text, upper),
            _ => quoted(text),
        }
    }

    /// An object of members that are JSON already.
    pub(crate) fn object(self, mut members: Vec<(String, String)>) -> String {
        match self {
            Self::Json(Writing::Reversed) => members.reverse(),
            Self::Json(Writing::Rotated) if !members.is_empty() => members.rotate_left(1),
            _ => {}
        }
        let space = if let Self::Json(Writing::Spaced(space)) = self { space } else { "" };
        let member = |(name, value)| format!("{space}{name}{space}:{space}{value}{space}");
        let members: Vec<String> = members.into_iter().map(member).collect();
        format!("{space}{{{}}}{space}", members.join(","))
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

    fn object(writing: Writing) -> String {
        let form = Form::Json(writing);
        let member = |name, value| (form.name(name), form.string(value));
        form.object(vec![member("a", "x/\""), member("é", "🚀"), (form.name("n"), "[1]".to_owned())])
    }

    #[test]
    fn each_writing_means_the_same() {
        let plain = Form::Plain;
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
        for writing in [
            Writing::Escaped { names: true, strings: true, upper: true },
            Writing::Escaped { names: false, strings: true, upper: false },
            Writing::Spaced(" \r\n\t"),
            Writing::Reversed,
            Writing::Rotated,
        ] {
            let text = object(writing);
            assert_ne!(text, plain);
            assert_eq!(meaning(&text), meaning(&plain), "{text}");
        }
    }

    #[test]
    fn writings_are_as_they_are_called() {
        assert_eq!(
            object(Writing::Escaped { names: false, strings: true, upper: false }),
            r#"{"a":"\u0078\u002f\u0022","é":"\ud83d\ude80","n":[1]}"#
        );
        assert_eq!(object(Writing::Spaced(" ")), r#" { "a" : "x/\"" , "é" : "🚀" , "n" : [1] } "#);
        assert_eq!(object(Writing::Rotated), r#"{"é":"🚀","n":[1],"a":"x/\""}"#);
        assert_eq!(Form::Json(Writing::Rotated).object(Vec::new()), "{}");
    }

    #[test]
    fn paths_grow_behind_their_last_segment() {
        assert_eq!(Form::Longer("/more").path("/a".to_owned()), "/a/more");
        assert_eq!(Form::Longer("/more").path("/".to_owned()), "/more");
        assert_eq!(Form::Path("/b").path("/a".to_owned()), "/b");
        assert_eq!(Form::Chunked.path("/a".to_owned()), "/a");
    }

    #[test]
    fn header_names_take_capitals() {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        assert_eq!(Form::TitleCase.headers(headers)[0].0, "Content-Type");
    }
}
