//! All mutants.

use super::definition::Mutant;
use super::{
    combination, encoding, error, http, identifier_class, incomplete_service, intermittent, interval, json,
    length, long_session, race, recovery, required, resource, response, session, signature,
    similar_identifier, similar_token, timing, token, token_form,
};
use crate::toolkit::{UnknownName, find_by_name};

/// All mutants, by theme.
pub fn all() -> impl Iterator<Item = &'static Mutant> {
    [
        length::ALL,
        identifier_class::ALL,
        required::ALL,
        combination::ALL,
        json::ALL,
        encoding::ALL,
        http::ALL,
        incomplete_service::ALL,
        resource::ALL,
        token::ALL,
        token_form::ALL,
        similar_identifier::ALL,
        similar_token::ALL,
        long_session::ALL,
        session::ALL,
        race::ALL,
        response::ALL,
        interval::ALL,
        timing::ALL,
        error::ALL,
        recovery::ALL,
        intermittent::ALL,
        signature::ALL,
    ]
    .into_iter()
    .flatten()
}

/// The mutant with this name.
///
/// # Errors
/// No mutant has the name. The error suggests similar names.
pub fn find(name: &str) -> Result<&'static Mutant, UnknownName> {
    find_by_name("mutant", all().map(|mutant| (mutant.name, mutant)), name)
}
