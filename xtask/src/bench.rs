//! `cargo xtask bench`: how fast boundstone is, beside programs that send requests and judge less.
//!
//! Machines differ and are shared: what counts are ratios of what was measured in turns, in one run.

mod peers;
mod table;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args as ClapArgs;
use duct::cmd;
use serde::Deserialize;

use self::peers::{oha, schemathesis, wrk};
use self::table::{Measured, Rate};
use crate::peer::Peer;
use crate::{process, workspace};

/// Requests under way at once, as a run has them by default.
const CONCURRENCY: usize = 16;

/// How long a peer sends requests in each turn.
const TURN: Duration = Duration::from_secs(4);

/// How long each response is delayed in the runs that show how latency is borne.
const LATENCIES: [u64; 3] = [10, 50, 200];

/// The most requests under way at once where responses are slow, unless `--concurrency` says otherwise.
const MAX_CONCURRENCY: usize = 64;

/// Cases of a run that takes about as long.
const CASES: &str = "500";

/// Samples of a case as a run has them by default.
const DEFAULT_CASES: &str = "16";

/// How long a run may take at most, however slow the machine is.
const BOUND: Duration = Duration::from_hours(1);

/// How often `boundstone list` is started.
const STARTS: usize = 21;

/// The arguments of `cargo xtask bench`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Turns, of which the median counts
    #[arg(long, value_name = "N", default_value_t = 5)]
    turns: usize,
    /// Samples for each case of the runs that show how time and memory grow
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16,500,5000")]
    scale: Vec<u32>,
}

/// Measures and prints a table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let boundstone = workspace::build_release()?;
    let out = workspace::folder("bench")?;
    let mock = Peer::mock(&boundstone, &out, &["--contract=model"])?;
    let bench = Bench { boundstone: &boundstone, out: &out };

    let mut measured = Measured { size: std::fs::metadata(&boundstone)?.len(), ..Measured::default() };
    for turn in 1..=args.turns {
        measured.wrk.push(wrk(&mock, CONCURRENCY, TURN)?);
        measured.boundstone.push(bench.run(&mock.arguments(), CASES)?.rate());
        measured.embedded.push(bench.run(&[], CASES)?.rate());
        measured.oha.extend(oha(&mock, CONCURRENCY, TURN)?);
        println!("turn {turn}: {}", measured.last());
    }
    // It is so slow that one turn tells.
    measured.schemathesis = Some(schemathesis(mock.url())?);
    for cases in &args.scale {
        let run = bench.run(&mock.arguments(), &cases.to_string())?;
        println!(
            "{cases} samples a case: {} requests, {:.1} s, {} MiB",
            run.requests, run.seconds, run.mebibytes
        );
        measured.scale.push(run);
    }
    for milliseconds in LATENCIES {
        measured.delayed.push(bench.delayed(milliseconds)?);
    }
    measured.start = bench.start()?;
    println!("\n{}", table::render(&measured)?);
    Ok(())
}

/// What is measured.
struct Bench<'a> {
    boundstone: &'a Path,
    out: &'a Path,
}

/// A run of boundstone.
#[derive(Debug, Clone, Copy)]
struct Run {
    requests: u64,
    seconds: f64,
    /// The most memory that it had.
    mebibytes: u64,
}

impl Run {
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    fn rate(&self) -> Rate {
        self.requests as f64 / self.seconds
    }
}

/// A run at a target that delays each response.
#[derive(Debug, Clone, Copy)]
struct Delayed {
    milliseconds: u64,
    run: Run,
}

impl Delayed {
    /// The part of the requests that so many under way at once allow which was sent.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    fn efficiency(&self) -> f64 {
        let seconds = self.milliseconds as f64 / 1000.0;
        self.run.rate() * seconds / MAX_CONCURRENCY as f64
    }
}

impl Bench<'_> {
    /// A run of the default size at a mock that delays each response.
    fn delayed(&self, milliseconds: u64) -> Result<Delayed> {
        let latency = format!("--latency={milliseconds}ms");
        let mock = Peer::mock(self.boundstone, self.out, &["--contract=model", &latency])?;
        let run = self.run(&mock.arguments(), DEFAULT_CASES)?;
        println!("{milliseconds} ms: {} requests, {:.1} s", run.requests, run.seconds);
        Ok(Delayed { milliseconds, run })
    }

    fn run(&self, arguments: &[String], cases: &str) -> Result<Run> {
        /// What is read of a report.
        #[derive(Deserialize)]
        struct Report {
            seconds: f64,
            totals: Totals,
        }
        #[derive(Deserialize)]
        struct Totals {
            requests: u64,
        }
        let out = format!("--out={}", self.out.display());
        let all = ["run", "--quiet", "--contract=model", "--cases", cases, &out];
        let command = cmd(self.boundstone, all.iter().copied().chain(arguments.iter().map(String::as_str)));
        let run = command.dir(workspace::root()).stdout_null().unchecked().start()?;
        let kibibytes = process::watch(&run, BOUND)?;
        let code = run.wait()?.status.code();
        ensure!(code == Some(0), "boundstone ended with {code:?}");
        let report = std::fs::read_to_string(self.out.join("report.json"))?;
        let report: Report = serde_json::from_str(&report).context("the report is not read")?;
        Ok(Run { requests: report.totals.requests, seconds: report.seconds, mebibytes: kibibytes / 1024 })
    }

    /// How long `boundstone list` takes, in the median.
    fn start(&self) -> Result<Duration> {
        let mut times = Vec::new();
        for _ in 0..STARTS {
            let start = Instant::now();
            cmd!(self.boundstone, "list").stdout_null().run()?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times[STARTS / 2])
    }
}

/// The path of a file of this bench.
fn asset(name: &str) -> PathBuf {
    workspace::root().join("xtask/bench").join(name)
}
