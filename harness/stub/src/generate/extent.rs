//! How much an output has in it.

/// How much an output has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Required members alone, and the least values.
    Least,
    /// What a seed says.
    Seeded(u64),
}
