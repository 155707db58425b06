//! The stub of a small model, from outside.

mod mutants;
mod protocol_tests;
mod reading;
mod responses;
mod routes;
mod socket;
mod support;
mod validation;
