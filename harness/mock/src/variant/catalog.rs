//! All variants.

use super::definition::Variant;
use super::{body, delivery, error, lookup, poll, signature, token};
use crate::toolkit::{UnknownName, find_by_name};

/// All variants, by theme.
pub fn all() -> impl Iterator<Item = &'static Variant> {
    [delivery::ALL, body::ALL, lookup::ALL, token::ALL, poll::ALL, error::ALL, signature::ALL]
        .into_iter()
        .flatten()
}

/// The variant with this name.
///
/// # Errors
/// No variant has the name. The error suggests similar names.
pub fn find(name: &str) -> Result<&'static Variant, UnknownName> {
    find_by_name("variant", all().map(|variant| (variant.name, variant)), name)
}
