//! `cargo xtask soak` runs boundstone many times against servers that stay up, with and without a network that
//! breaks. No conformant server may fail, each mutant has to be found, the numbers of each report have to add up, and
//! neither side may use more and more memory, files, or threads.

#[path = "../../../harness/tests/transport_failures/accounts.rs"]
mod accounts;
mod args;
mod judge;
#[path = "../../../harness/tests/transport_failures/proxy.rs"]
mod proxy;
mod run;
mod statistics;
mod target;
mod turn;

pub(crate) use args::Args;
pub(crate) use run::run;
