//! The values of the fields of a response.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::field::Field;
use super::line::Line;
use super::status::Status;

/// The value of a field: what a response shows, or what the contract accepts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// An enum value, a name, or the placeholder of a value that the contract does not fix.
    Text(Line),
    /// The status code, or a class of them.
    Status(Status),
    /// There was no response, and why.
    NoResponse(Line),
    /// The field is absent.
    Absent,
    /// The field is present, whatever its value.
    Present,
    /// The field belongs to a body that cannot be read.
    Unread,
    /// The field describes a body, and there is none.
    NoBody,
    /// The value is different in each response.
    Varying,
    /// The state of a single-use value that a response issued.
    Token(TokenState),
    /// What the content of a response is.
    Content(ContentState),
}

/// The state of a single-use value that a response issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TokenState {
    /// No earlier response issued it.
    New,
    /// An earlier response of the sequence issued it.
    IssuedBefore,
    /// It cannot be predicted from the earlier ones.
    Unrelated,
    /// It continues the earlier ones like a counter.
    CountingUp,
    /// It shows neither an identifier nor a credential.
    ShowsNothing,
    /// It shows an identifier.
    ShowsIdentifier,
    /// It shows a credential.
    ShowsCredential,
}

/// What the content of a response is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ContentState {
    /// The complete content that a fixture gives.
    OfFixture,
    /// What a session of the resource was served first. No fixture gives it.
    ServedFirst,
    /// Nothing.
    Empty,
    /// None of these.
    Other,
}

impl Value {
    /// The values that are no status, no failure, and no other text, with their text.
    const NAMED: [(Self, &'static str); 16] = [
        (Self::Absent, "<absent>"),
        (Self::Present, "<present>"),
        (Self::Unread, "<not read>"),
        (Self::NoBody, "<no body>"),
        (Self::Varying, "<varying>"),
        (Self::Token(TokenState::New), "<new>"),
        (Self::Token(TokenState::IssuedBefore), "<issued before>"),
        (Self::Token(TokenState::Unrelated), "<unrelated>"),
        (Self::Token(TokenState::CountingUp), "<counting up>"),
        (Self::Token(TokenState::ShowsNothing), "<nothing>"),
        (Self::Token(TokenState::ShowsIdentifier), "<an identifier>"),
        (Self::Token(TokenState::ShowsCredential), "<a credential>"),
        (Self::Content(ContentState::OfFixture), "<the content of the fixture>"),
        (Self::Content(ContentState::ServedFirst), "<what was served first>"),
        (Self::Content(ContentState::Empty), "<empty>"),
        (Self::Content(ContentState::Other), "<other bytes>"),
    ];

    /// A text that a target sent or a contract has. It never equals the text of another value.
    pub fn text(text: &str) -> Self {
        let line = Line::new(text);
        Self::Text(if Self::named(line.as_str()).is_some() { line.with_start_escaped() } else { line })
    }

    /// A text without control characters, such as the placeholder of a shape.
    pub const fn fixed(text: &'static str) -> Self {
        Self::Text(Line::fixed(text))
    }

    /// The status code.
    pub const fn code(code: u16) -> Self {
        Self::Status(Status::Code(code))
    }

    /// That there was no response, and why.
    pub fn no_response(reason: &str) -> Self {
        Self::NoResponse(Line::new(reason))
    }

    /// The value of a field in a report or a snapshot.
    pub fn read(field: &Field, text: &str) -> Self {
        if let Some(value) = Self::named(text) {
            return value;
        }
        let in_brackets = || text.strip_prefix('<')?.strip_suffix('>');
        match field {
            Field::Status => match (Status::by_name(text), in_brackets()) {
                (Some(status), _) => Self::Status(status),
                (None, Some(reason)) => Self::NoResponse(Line::written(reason)),
                (None, None) => Self::Text(Line::written(text)),
            },
            _ => Self::Text(Line::written(text)),
        }
    }

    fn named(text: &str) -> Option<Self> {
        if !text.starts_with('<') {
            return None;
        }
        Self::NAMED.into_iter().find(|(_, name)| *name == text).map(|(value, _)| value)
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(line) => Some(line.as_str()),
            _ => None,
        }
    }

    /// The status code, if it is one.
    pub fn as_code(&self) -> Option<u16> {
        match self {
            Self::Status(Status::Code(code)) => Some(*code),
            _ => None,
        }
    }

    /// Whether it is the status code of a success.
    pub fn is_success(&self) -> bool {
        matches!(self.as_code(), Some(200..300))
    }

    /// Whether there was no response.
    pub fn is_no_response(&self) -> bool {
        matches!(self, Self::NoResponse(_))
    }

    /// The text in reports and snapshots.
    fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Text(line) => Cow::Borrowed(line.as_str()),
            Self::Status(status) => Cow::Owned(status.to_string()),
            Self::NoResponse(reason) => Cow::Owned(format!("<{}>", reason.as_str())),
            named => {
                // The table has every other variant; a test holds it to that.
                let text = Self::NAMED.iter().find(|(value, _)| value == named).map(|(_, text)| *text);
                Cow::Borrowed(text.unwrap_or_default())
            }
        }
    }

    /// The order of values with the same text.
    fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Status(_) => 1,
            Self::NoResponse(_) => 2,
            _ => 3,
        }
    }
}

/// The text in reports and snapshots.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

/// Values are in the order of their texts, as in reports.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        self.shown().cmp(&other.shown()).then_with(|| self.rank().cmp(&other.rank()))
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<TokenState> for Value {
    fn from(state: TokenState) -> Self {
        Self::Token(state)
    }
}

impl From<ContentState> for Value {
    fn from(state: ContentState) -> Self {
        Self::Content(state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of each kind, and the field that has them.
    fn values() -> Vec<(Field, Value)> {
        let texts =
            ["", "a", "<string>", "<absent>", "<a\n"].map(|text| (Field::ErrorType, Value::text(text)));
        let statuses =
            [Value::code(404), Value::Status(Status::ClientError), Value::no_response("it's \"x\"")];
        let named = Value::NAMED.map(|(value, _)| (Field::Freshness, value));
        texts.into_iter().chain(statuses.map(|value| (Field::Status, value))).chain(named).collect()
    }

    #[test]
    fn values_round_trip_through_text() {
        for (field, value) in values() {
            assert!(!value.to_string().is_empty() || value == Value::text(""), "{value:?}");
            assert_eq!(Value::read(&field, &value.to_string()), value);
        }
        assert_eq!(Value::read(&Field::Status, "odd").to_string(), "odd");
    }

    #[test]
    fn values_have_the_order_of_their_texts() {
        for (_, one) in values() {
            for (_, other) in values() {
                assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()), "{one} and {other}");
                assert_eq!(one.cmp(&other).is_eq(), one == other);
            }
        }
    }

    #[test]
    fn target_cannot_send_another_kind_of_value() {
        for (value, text) in Value::NAMED {
            assert_ne!(Value::text(text), value);
            assert_ne!(Value::text(text).to_string(), text);
        }
        assert_eq!(Value::text("<absent>").to_string(), "\\u{3c}absent>");
    }
}
