//! Lists mutants and variants.

use crate::cli::terminal::print;

/// Prints names, each with what it is about.
pub(super) fn list<T: AsRef<str>>(named: impl Iterator<Item = (T, T)>) {
    for (name, about) in named {
        print(&format!("{}\n    {}\n", name.as_ref(), about.as_ref()));
    }
}
