//! Tasks that use the mock as the reference: its snapshots, and what boundstone finds in its mutants.

pub(crate) mod bless;
pub(crate) mod mutants;
