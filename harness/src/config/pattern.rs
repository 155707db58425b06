//! Patterns over the ids of requirements and cases.

use wildmatch::WildMatch;

/// A whole id; or else a part of ids; with `*` for any characters or `?` for one, a whole id.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    wild: WildMatch,
}

impl Pattern {
    /// The pattern that a user wrote, to be matched against `ids`. One of them is just that one, though
    /// it may be a part of others.
    pub fn new<'a>(text: &str, mut ids: impl Iterator<Item = &'a str>) -> Self {
        let whole = text.contains(['*', '?']) || ids.any(|id| id == text);
        let wild = WildMatch::new(&if whole { text.to_owned() } else { format!("*{text}*") });
        Self { text: text.to_owned(), wild }
    }

    /// Whether it matches an id.
    pub fn matches(&self, id: &str) -> bool {
        self.wild.matches(id)
    }

    /// As the user wrote it.
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
    fn a_part_or_with_wildcards_the_whole() {
        assert!(matches("b/c", "a/b/c/d"));
        assert!(!matches("b/d", "a/b/c/d"));
        assert!(matches("*/c/?", "a/b/c/d"));
        assert!(!matches("b*", "a/b/c/d"));
    }

    #[test]
    fn an_id_is_no_part_of_others() {
        assert!(matches("a/b/c", "a/b/c"));
        assert!(!matches("a/b/c", "a/b/c/d"));
    }
}
