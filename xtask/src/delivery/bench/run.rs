//! Measures in turns and prints the tables.

use std::time::Duration;

use anyhow::Result;

use super::args::Args;
use super::boundstone::Boundstone;
use super::table::{self, Measurements};
use super::tools::{oha, schemathesis, wrk};
use crate::support::test_server::TestServer;
use crate::support::workspace;

/// Concurrent requests, as a run sends them by default.
const CONCURRENCY: usize = 16;

/// How long another program sends requests in each turn.
const TURN: Duration = Duration::from_secs(4);

/// The delays of responses in milliseconds, of the runs that show the effect of latency.
const LATENCIES: [u64; 3] = [10, 50, 200];

/// Samples for each case of a run that takes about as long as a turn.
const CASES: &str = "500";

/// Measures and prints the tables.
///
/// # Errors
/// A program is missing or fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let program = workspace::build_release()?;
    let out = workspace::folder("bench")?;
    let mock = TestServer::mock(&program, &out, &["--contract=model"])?;
    let boundstone = Boundstone { program: &program, out: &out };

    let size = std::fs::metadata(&program)?.len();
    let mut measurements = Measurements { size, ..Measurements::default() };
    for turn in 1..=args.turns {
        measurements.wrk.push(wrk(&mock, CONCURRENCY, TURN)?);
        measurements.boundstone.push(boundstone.run(&mock.arguments(), CASES)?.rate());
        measurements.embedded.push(boundstone.run(&[], CASES)?.rate());
        measurements.oha.extend(oha(&mock, CONCURRENCY, TURN)?);
        println!("turn {turn}: {}", measurements.last_turn());
    }
    // It is so slow that one turn is enough.
    measurements.schemathesis = Some(schemathesis(mock.url())?);
    for cases in &args.scale {
        let run = boundstone.run(&mock.arguments(), &cases.to_string())?;
        println!(
            "{cases} samples a case: {} requests, {:.1} s, {} MiB",
            run.requests, run.seconds, run.mebibytes
        );
        measurements.scale.push(run);
    }
    for milliseconds in LATENCIES {
        measurements.delayed.push(boundstone.delayed_run(milliseconds)?);
    }
    measurements.start = boundstone.start_time()?;
    println!("\n{}", table::render(&measurements)?);
    Ok(())
}
