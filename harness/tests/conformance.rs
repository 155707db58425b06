//! Every case of a contract as one test of that name.
//!
//! The target is the mock on wiremock (the embedded one, where hours have to pass or requests have to be
//! signed), or the endpoint that `BOUNDSTONE_TARGET` names; the other
//! variables of `boundstone run` hold too. `cargo test --test conformance -- --list` shows the
//! names, and a name or a part of it runs what matches.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test")]

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use boundstone::cli::args::{Cli, Command, RunArgs};
use boundstone::cli::run::{Prepared, prepare};
use boundstone::cli::target::{contract, server};
use boundstone::mock::Reference;
use boundstone::mock::front::wiremock::Responder;
use cases::catalogue::{Case, Catalogue};
use cases::signing::Signing;
use clap::Parser;
use libtest_mimic::{Arguments, Failed, Trial};
use reports::exit::{Outcome, outcome};
use reports::human::{self, Style};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};

/// Tests wait for answers more than they compute.
const THREADS: usize = 16;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    match trials() {
        Ok(trials) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(boundstone::cli::exit::USAGE)
        }
    }
}

fn trials() -> Result<Vec<Trial>, String> {
    let args = args()?;
    let contract = contract(args.endpoint.contract()).map_err(|error| error.to_string())?;
    let catalogue = Catalogue::of(&contract);
    let trial = |case: &Case| {
        let (mut args, id, waits) = (args.clone(), case.id.to_string(), !case.waits().is_zero());
        let is_elsewhere = args.endpoint.target.is_some();
        // Only the embedded mock has a clock that can be set forward; elsewhere it takes a budget.
        let mut ignored = waits && is_elsewhere && args.budget.is_none();
        if case.signing() != Signing::Valid {
            // Elsewhere it is up to the user to have the requests signed.
            ignored |= if is_elsewhere { !args.endpoint.sigv4 } else { cfg!(not(feature = "aws")) };
            args.endpoint.sigv4 = true;
        }
        Trial::test(id.clone(), move || judge(&args, &id, waits)).with_ignored_flag(ignored)
    };
    Ok(catalogue.cases.iter().map(trial).collect())
}

/// The variables of `boundstone run`.
fn args() -> Result<RunArgs, String> {
    match Cli::try_parse_from(["boundstone", "run"]).map_err(|error| error.to_string())?.command {
        Some(Command::Run(args)) => Ok(*args),
        _ => Ok(RunArgs::default()),
    }
}

/// Runs one case against the target.
fn judge(args: &RunArgs, case: &str, waits: bool) -> Result<(), Failed> {
    let runtime = runtime();
    let mut args = RunArgs { only: vec![case.to_owned()], ..args.clone() };
    if args.endpoint.target.is_none() && !waits && !args.endpoint.sigv4 {
        let target = wiremock(&args);
        args.endpoint.target = Some(target.0.uri());
        args.endpoint.fixtures = Some(target.1.clone());
    }
    let report = runtime.block_on(async {
        let Prepared { mut plan, transport, limits, mock: _serving } =
            prepare(args).await.map_err(|error| error.to_string())?;
        // A pattern is a part of an id, and one id may be a part of another.
        plan.selected = plan.catalogue.cases.iter().map(|other| other.id.as_str() == case).collect();
        Ok::<_, String>(boundstone::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await)
    })?;
    match outcome(&report) {
        Outcome::Held => Ok(()),
        _ => Err(human::render(&report, Style::default()).into()),
    }
}

fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Runtime::new().expect("a runtime for the tests"))
}

/// The mock on wiremock with its fixtures file, started once.
fn wiremock(args: &RunArgs) -> &'static (MockServer, std::path::PathBuf) {
    static TARGET: OnceLock<(MockServer, std::path::PathBuf)> = OnceLock::new();
    TARGET.get_or_init(|| {
        let contract = contract(args.endpoint.contract()).expect("read before");
        let mock = server(&contract, Box::new(Reference)).expect("a mock of an embedded contract");
        let name = format!("fixtures-{}.toml", std::process::id());
        let fixtures = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&fixtures, mock.resources().to_fixtures()).expect("a fixtures file");
        let server = runtime().block_on(async {
            // wiremock keeps every request that it has matched, and a body may be a mebibyte.
            let server = MockServer::builder().disable_request_recording().start().await;
            Mock::given(any()).respond_with(Responder::new(Arc::new(mock))).mount(&server).await;
            server
        });
        (server, fixtures)
    })
}
