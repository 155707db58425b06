//! What several checks ask about Rust: the parts of a name, and what is for tests only.

use syn::Attribute;

/// The parts of a name in lower case: those of `ApplicationIdentifier`, `configuration_token` or
/// `Content-Type`.
pub(super) fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut previous = ' ';
    let mut chars = name.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() {
            let ends_acronym = previous.is_uppercase() && chars.peek().is_some_and(|c| c.is_lowercase());
            let starts = !previous.is_alphanumeric()
                || (c.is_uppercase() && (!previous.is_uppercase() || ends_acronym));
            match parts.last_mut() {
                Some(part) if !starts => part.extend(c.to_lowercase()),
                _ => parts.push(c.to_lowercase().collect()),
            }
        }
        previous = c;
    }
    parts
}

/// Whether an item with these attributes is for tests only: `#[cfg(test)]`.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_split() {
        assert_eq!(parts("ApplicationIdentifier"), ["application", "identifier"]);
        assert_eq!(parts("configuration_token"), ["configuration", "token"]);
        assert_eq!(parts("Next-Poll"), ["next", "poll"]);
        assert_eq!(parts("HTTPServer2Go"), ["http", "server2", "go"]);
        assert_eq!(parts("POLL_INTERVAL"), ["poll", "interval"]);
    }
}
