//! The stub of a small model, from outside.

mod mutants;
mod reading;
mod responses;
mod routes;
mod socket;
mod support;
mod validation;
