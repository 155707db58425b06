//! Checks that an HTTP endpoint implements its API contract, such as the AWS `AppConfig` Data API.
//!
//! This is the library of the command `boundstone`. It supports two kinds of tests.
//!
//! # Test a server
//!
//! Every case of the contract becomes a test with the id of the case as its name. Enable the feature
//! `trials`, and add a test target without the harness of libtest:
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
//! use boundstone::{Error, Target, trials};
//!
//! # mod my_server { pub fn start() -> String { String::new() } }
//! fn main() -> Result<(), Error> {
//!     let url = my_server::start();
//!     let target = Target::at(url).fixtures_file("tests/fixtures.toml");
//!     run(&Arguments::from_args(), trials(target, "model")?).exit()
//! }
//! ```
//!
//! The fixtures name resources that exist on the server: without one, no valid request can be sent.
//! `cargo test` runs all cases, `cargo test length` runs those with `length` in their names, and
//! `cargo nextest` runs each in its own process.
//!
//! # Test a client
//!
//! With the feature `wiremock`, the reference server can be mounted on a
//! [wiremock](https://docs.rs/wiremock) server:
//!
#![cfg_attr(feature = "wiremock", doc = "```")]
#![cfg_attr(not(feature = "wiremock"), doc = "```ignore")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), boundstone::Error> {
//! let server = wiremock::MockServer::start().await;
//! let mounted = boundstone::mount(&server, "model").await?;
//! // Point the client under test at `server.uri()`, and let it request one of these resources.
//! assert!(mounted.fixtures.contains("[[resource]]"));
//! # Ok(())
//! # }
//! ```
//!
//! # What else is public
//!
//! Only what this page shows is a stable interface. The hidden modules are public for the tests and the
//! tools of boundstone, and change without notice.

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
pub use setup::error::SetupError as Error;
