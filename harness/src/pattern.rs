//! Patterns over the ids of requirements and cases.

use wildmatch::WildMatch;

/// A part of an id; with `*` for any characters or `?` for one, a whole id.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    wild: WildMatch,
}

impl Pattern {
    /// The pattern that a user wrote.
    pub fn new(text: &str) -> Self {
        let whole = text.contains(['*', '?']);
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

    #[test]
    fn a_part_or_with_wildcards_the_whole() {
        assert!(Pattern::new("b/c").matches("a/b/c/d"));
        assert!(!Pattern::new("b/d").matches("a/b/c/d"));
        assert!(Pattern::new("*/c/?").matches("a/b/c/d"));
        assert!(!Pattern::new("b*").matches("a/b/c/d"));
    }
}
