//! What a server can be told to be by its name: deviations and variants.

use thiserror::Error;

/// The contracts under which something shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contracts {
    /// Under `page` and under `model`.
    Both,
    /// Under `page` only.
    Page,
    /// Under `model` only.
    Model,
}

impl Contracts {
    /// The names of the contracts.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Both => &["page", "model"],
            Self::Page => &["page"],
            Self::Model => &["model"],
        }
    }

    /// The contract that shows it, where the one of this name does not.
    pub fn instead_of(self, contract: &str) -> Option<&'static str> {
        match (self, contract) {
            (Self::Page, "model") => Some("page"),
            (Self::Model, "page") => Some("model"),
            _ => None,
        }
    }
}

/// Something that has a name.
pub trait Named: 'static {
    /// What it is called as a sort.
    const SORT: &'static str;

    /// Its name, in kebab case.
    fn name(&self) -> &'static str;
}

/// Nothing of this sort has this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no {sort} is named {name:?}{}; `help` lists all", suggest(.near))]
pub struct UnknownName {
    /// The sort: `deviation` or `variant`.
    pub sort: &'static str,
    /// What was asked for.
    pub name: String,
    /// Names that resemble it, the nearest first.
    pub near: Vec<&'static str>,
}

fn suggest(near: &[&str]) -> String {
    if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) }
}

/// The one of `all` with this name.
pub(super) fn find<T: Named>(
    all: impl Iterator<Item = &'static T>,
    name: &str,
) -> Result<&'static T, UnknownName> {
    const SUGGESTIONS: usize = 5;
    let mut near = Vec::new();
    for named in all {
        if named.name() == name {
            return Ok(named);
        }
        if let Some(unshared) = unshared_words(name, named.name()) {
            near.push((unshared, named.name()));
        }
    }
    near.sort_unstable();
    let near = near.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect();
    Err(UnknownName { sort: T::SORT, name: name.to_owned(), near })
}

/// How many words of `name` do not begin alike in `wanted`, or the reverse; `None` if none does.
fn unshared_words(wanted: &str, name: &str) -> Option<usize> {
    let alike = |a: &str, b: &str| {
        let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        shared >= 3 || a == b
    };
    let unmatched = |from: &str, other: &str| {
        from.split('-').filter(|word| !other.split('-').any(|theirs| alike(word, theirs))).count()
    };
    let missing = unmatched(wanted, name);
    (missing < wanted.split('-').count()).then(|| 2 * missing + unmatched(name, wanted))
}
