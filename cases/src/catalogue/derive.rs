//! Derives the catalogue of a contract.

use super::aspects::{
    accepts, body, choice, combinations, duplicates, encoding, errors, http, interval, json_type, length,
    limits, open, pattern, presence, range, recovery, resource, response, sessions, signature, single_use,
    stability, unknown_members,
};
use super::derive_sites;
use super::entries::Catalogue;
use super::section::Section;

use crate::contract::Contract;

impl Catalogue {
    /// Derives the catalogue of a contract.
    pub fn of(contract: &Contract) -> Self {
        let mut catalogue = Self { requirements: Vec::new(), cases: Vec::new() };
        for operation in &contract.operations {
            let mut section = Section { contract, operation, catalogue: &mut catalogue };
            accepts::add(&mut section);
            for member in &operation.input {
                presence::add(&mut section, member);
                json_type::add(&mut section, member);
                length::add(&mut section, member);
                pattern::add(&mut section, member);
                range::add(&mut section, member);
                choice::add(&mut section, member);
                resource::add(&mut section, member);
                single_use::add(&mut section, member);
            }
            derive_sites::add(&mut section);
            body::add(&mut section);
            unknown_members::add(&mut section);
            limits::add(&mut section);
            encoding::add(&mut section);
            duplicates::add(&mut section);
            open::add(&mut section);
            http::add(&mut section);
            signature::add(&mut section);
            interval::add(&mut section);
            combinations::add(&mut section);
            sessions::add(&mut section);
            recovery::add(&mut section);
            stability::add(&mut section);
            response::add(&mut section);
            errors::add(&mut section);
        }
        catalogue
    }
}
