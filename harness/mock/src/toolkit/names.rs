//! Finds mutants and variants by name.

use thiserror::Error;

/// How many similar names are suggested.
const MAX_SUGGESTIONS: usize = 5;

/// How many characters two words have to share at their beginning to be similar.
const MIN_SHARED_PREFIX: usize = 3;

/// No mutant or variant has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no {kind} is named {name:?}{}; `help` lists all names", suggestion(.similar))]
pub struct UnknownName {
    /// `mutant` or `variant`.
    pub kind: &'static str,
    /// The name that was not found.
    pub name: String,
    /// Similar names, the most similar first.
    pub similar: Vec<&'static str>,
}

fn suggestion(similar: &[&str]) -> String {
    if similar.is_empty() { String::new() } else { format!("; similar names: {}", similar.join(", ")) }
}

/// The value with this name among `named`.
///
/// # Errors
/// No value has the name; `kind` says what was searched.
pub(crate) fn find_by_name<T>(
    kind: &'static str,
    named: impl Iterator<Item = (&'static str, T)>,
    requested: &str,
) -> Result<T, UnknownName> {
    let mut similar = Vec::new();
    for (name, value) in named {
        if name == requested {
            return Ok(value);
        }
        similar.extend(distance(requested, name).map(|distance| (distance, name)));
    }
    similar.sort_unstable();
    let similar = similar.into_iter().take(MAX_SUGGESTIONS).map(|(_, name)| name).collect();
    Err(UnknownName { kind, name: requested.to_owned(), similar })
}

/// How much two names differ: the words of each that resemble no word of the other. `None` if no word of
/// `requested` resembles one.
fn distance(requested: &str, name: &str) -> Option<usize> {
    let missing = unmatched_words(requested, name);
    (missing < requested.split('-').count()).then(|| 2 * missing + unmatched_words(name, requested))
}

/// How many words of `from` resemble no word of `other`.
fn unmatched_words(from: &str, other: &str) -> usize {
    from.split('-').filter(|word| !other.split('-').any(|theirs| is_similar(word, theirs))).count()
}

fn is_similar(a: &str, b: &str) -> bool {
    let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    shared >= MIN_SHARED_PREFIX || a == b
}
