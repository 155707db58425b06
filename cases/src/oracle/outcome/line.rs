//! A text on one line.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The maximum number of characters.
const MAX_CHARS: usize = 200;

/// A text on one line of bounded length. Line breaks and other control characters are escaped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Line(Cow<'static, str>);

impl Line {
    /// Escapes a text, and cuts it if it is long.
    pub(super) fn new(text: &str) -> Self {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
        if text.len() <= MAX_CHARS && text.bytes().all(is_plain) {
            return Self(Cow::Owned(text.to_owned()));
        }
        let mut line: String = text.escape_debug().take(MAX_CHARS).collect();
        if text.chars().count() > MAX_CHARS {
            line.push('…');
        }
        Self(Cow::Owned(line))
    }

    /// A text that needs no escapes.
    pub(super) const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// A text that was written as a line before.
    pub(super) fn written(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }

    /// The same with its first character as an escape.
    pub(super) fn with_start_escaped(self) -> Self {
        let mut chars = self.0.chars();
        let start = chars.next().map(|start| start.escape_unicode().to_string()).unwrap_or_default();
        Self(Cow::Owned(start + chars.as_str()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
