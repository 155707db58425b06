//! Patterns over the ids of requirements and cases.

use wildmatch::WildMatch;

/// A whole id, or a part of ids, or a whole id with `*` for any characters and `?` for one.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    wild: WildMatch,
}

impl Pattern {
    /// Parses the text that a user wrote. A text that is one of `ids` matches only that id, even if it is a
    /// part of others.
    pub fn new<'a>(text: &str, mut ids: impl Iterator<Item = &'a str>) -> Self {
        let whole = text.contains(['*', '?']) || ids.any(|id| id == text);
        let wild = WildMatch::new(&if whole { text.to_owned() } else { format!("*{text}*") });
        Self { text: text.to_owned(), wild }
    }

    /// Whether the pattern matches an id.
    pub fn matches(&self, id: &str) -> bool {
        self.wild.matches(id)
    }

    /// The text that the user wrote.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, id: &str) -> bool {
        Pattern::new(text, ["a/b/c", "a/b/c/d"].into_iter()).matches(id)
    }

    #[test]
    fn plain_text_matches_part_and_wildcards_the_whole() {
        assert!(matches("b/c", "a/b/c/d"));
        assert!(!matches("b/d", "a/b/c/d"));
        assert!(matches("*/c/?", "a/b/c/d"));
        assert!(!matches("b*", "a/b/c/d"));
    }

    #[test]
    fn whole_id_matches_only_itself() {
        assert!(matches("a/b/c", "a/b/c"));
        assert!(!matches("a/b/c", "a/b/c/d"));
    }
}
