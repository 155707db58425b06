//! `cargo xtask tidy`: the rules of ARCHITECTURE.md and CONTRIBUTING.md that a program can check.

mod msrv;
mod paths;
mod problem;
mod repository;
mod run;
mod rust_files;
mod service_names;
mod structure;
mod syntax;
mod words;

pub(crate) use run::run;
