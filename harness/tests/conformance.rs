//! Every case of a contract as one test of that name.
//!
//! The target is the mock on wiremock, or the endpoint that `BOUNDSTONE_TARGET` names; the other
//! variables of `boundstone run` hold too. `cargo test --test conformance -- --list` shows the
//! names, and a name or a part of it runs what matches.

#![allow(clippy::print_stderr, reason = "a test")]

use std::process::ExitCode;

use boundstone::libtest_mimic::{Arguments, Trial, run};
use boundstone::mount;
use boundstone::{Error, target_from_env, trials};
use wiremock::MockServer;

/// Tests wait for responses more than they compute.
const THREADS: usize = 16;

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    // wiremock keeps every request that it has matched, and a body may be a mebibyte.
    let server = MockServer::builder().disable_request_recording().start().await;
    match tests(&server).await {
        Ok(tests) => run(&arguments, tests).exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(boundstone::cli::error::USAGE)
        }
    }
}

async fn tests(server: &MockServer) -> Result<Vec<Trial>, Error> {
    let mut target = target_from_env()?;
    let contract = target.contract().to_owned();
    if target.is_mock() {
        let mounted = mount(server, &contract).await?;
        target = target.url(server.uri()).fixtures(mounted.fixtures);
        target = target.clock(move |time| mounted.clock.advance(time));
    }
    trials(target, &contract)
}
