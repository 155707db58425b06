//! The runs of boundstone that are measured.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use duct::cmd;
use serde::Deserialize;

use crate::support::test_server::TestServer;
use crate::support::{process, workspace};

/// Requests per second.
pub(super) type Rate = f64;

/// The default limit of concurrent requests if responses are slow.
const MAX_CONCURRENCY: usize = 64;

/// The default number of samples of a case.
const DEFAULT_CASES: &str = "16";

/// How long a run may take, however slow the machine is.
const RUN_TIMEOUT: Duration = Duration::from_hours(1);

/// How often `boundstone list` is started.
const STARTS: usize = 21;

/// A measured run of boundstone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) requests: u64,
    pub(super) seconds: f64,
    /// Its peak of memory.
    pub(super) mebibytes: u64,
}

impl Run {
    /// Its rate.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub(super) fn rate(&self) -> Rate {
        self.requests as f64 / self.seconds
    }
}

/// A run against a target that delays each response.
#[derive(Debug, Clone, Copy)]
pub(super) struct DelayedRun {
    pub(super) milliseconds: u64,
    pub(super) run: Run,
}

impl DelayedRun {
    /// The rate as a fraction of the maximum that [`MAX_CONCURRENCY`] allows.
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    pub(super) fn efficiency(&self) -> f64 {
        let seconds = self.milliseconds as f64 / 1000.0;
        self.run.rate() * seconds / MAX_CONCURRENCY as f64
    }
}

/// The program that is measured.
pub(super) struct Boundstone<'a> {
    pub(super) program: &'a Path,
    /// The folder of reports and logs.
    pub(super) out: &'a Path,
}

impl Boundstone<'_> {
    /// A run of the default size against a mock that delays each response.
    pub(super) fn delayed_run(&self, milliseconds: u64) -> Result<DelayedRun> {
        let latency = format!("--latency={milliseconds}ms");
        let mock = TestServer::mock(self.program, self.out, &["--contract=model", &latency])?;
        let run = self.run(&mock.arguments(), DEFAULT_CASES)?;
        println!("{milliseconds} ms: {} requests, {:.1} s", run.requests, run.seconds);
        Ok(DelayedRun { milliseconds, run })
    }

    /// A run with arguments that select the target, and with this number of samples for each case.
    pub(super) fn run(&self, arguments: &[String], cases: &str) -> Result<Run> {
        /// The members of a report that are read.
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
        let command = cmd(self.program, all.iter().copied().chain(arguments.iter().map(String::as_str)));
        let run = command.dir(workspace::root()).stdout_null().unchecked().start()?;
        let kibibytes = process::watch(&run, RUN_TIMEOUT)?;
        let code = run.wait()?.status.code();
        ensure!(code == Some(0), "boundstone ended with {code:?}, not with exit code 0");
        let report = std::fs::read_to_string(self.out.join("report.json"))?;
        let report: Report = serde_json::from_str(&report).context("cannot read the report")?;
        Ok(Run { requests: report.totals.requests, seconds: report.seconds, mebibytes: kibibytes / 1024 })
    }

    /// The median time that `boundstone list` takes.
    pub(super) fn start_time(&self) -> Result<Duration> {
        let mut times = Vec::new();
        for _ in 0..STARTS {
            let start = Instant::now();
            cmd!(self.program, "list").stdout_null().run()?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        Ok(times[STARTS / 2])
    }
}
