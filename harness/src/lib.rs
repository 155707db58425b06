//! Holds any endpoint to the AWS `AppConfig` Data contract.
//!
//! This is the library of the command `boundstone`, for two sorts of tests.
//!
//! # Test a server
//!
//! Every case of the contract becomes a test of that name. The feature `trials` and a test target
//! without libtest's own harness are all that it takes:
//!
//! ```toml
//! [dev-dependencies]
//! boundstone = { path = "../boundstone/harness", default-features = false, features = ["trials"] }
//!
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
#![cfg_attr(feature = "trials", doc = "```no_run")]
#![cfg_attr(not(feature = "trials"), doc = "```ignore")]
//! // tests/conformance.rs
//! use boundstone::libtest_mimic::{Arguments, run};
//! use boundstone::{CliError, Target, trials};
//!
//! # mod my_server { pub fn start() -> String { String::new() } }
//! fn main() -> Result<(), CliError> {
//!     let url = my_server::start();
//!     let target = Target::at(url).fixtures_file("tests/fixtures.toml");
//!     run(&Arguments::from_args(), trials(target, "model")?).exit()
//! }
//! ```
//!
//! The fixtures name resources that exist on the server, since nothing can be asked of one of which
//! no resource is known. `cargo test` runs all cases, `cargo test length` those with `length` in
//! their names, and `cargo nextest` each in a process of its own.
//!
//! # Test a client
//!
//! The reference server goes on a [wiremock](https://docs.rs/wiremock) server of the test's own,
//! with the feature `wiremock`:
//!
#![cfg_attr(feature = "wiremock", doc = "```")]
#![cfg_attr(not(feature = "wiremock"), doc = "```ignore")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), boundstone::CliError> {
//! let server = wiremock::MockServer::start().await;
//! let mounted = boundstone::mount(&server, "model").await?;
//! // The client under test is pointed at `server.uri()`, and asks for a resource of these.
//! assert!(mounted.fixtures.contains("[[resource]]"));
//! # Ok(())
//! # }
//! ```
//!
//! # What else is public
//!
//! Only what this page shows is meant for others. The hidden modules are public for the tests of
//! boundstone and for its tools, and change without notice.

#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod client;
#[doc(hidden)]
pub mod compare;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod execute;
#[doc(hidden)]
pub mod judge;
#[doc(hidden)]
pub mod library;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod probe;
#[cfg(feature = "aws")]
#[doc(hidden)]
pub mod provision;
#[doc(hidden)]
pub mod redact;
#[doc(hidden)]
pub mod reproduce;
#[doc(hidden)]
pub mod results;
#[doc(hidden)]
pub mod runner;
#[doc(hidden)]
pub mod setup;

#[cfg(feature = "trials")]
pub use cli::target_from_env;
#[cfg(feature = "trials")]
pub use library::libtest::{Target, trials};
#[cfg(feature = "wiremock")]
pub use library::wiremock::{Mounted, Responder, mount};
#[cfg(feature = "trials")]
pub use libtest_mimic;
pub use mock;
pub use setup::error::CliError;
