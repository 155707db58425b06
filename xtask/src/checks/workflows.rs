//! `cargo xtask workflows` lints the action, the workflows, and the scripts of GitHub, and runs each script with
//! small inputs. It sends nothing to GitHub.

mod lint;
mod run;
mod scripts;

pub(crate) use run::run;
