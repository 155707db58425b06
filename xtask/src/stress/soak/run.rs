//! The turns, until the time is up.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use duct::cmd;
use reports::model::Report;
use tokio::runtime::Runtime;

use super::args::Args;
use super::judge;
use super::proxy::Proxy;
use super::statistics::Statistics;
use super::target::Target;
use super::turn::{SERVED, Turn};
use crate::support::process::{children, watch};
use crate::support::workspace;

/// How long a run may take.
const RUN_TIMEOUT: Duration = Duration::from_mins(5);

const MINUTE: Duration = Duration::from_mins(1);

/// Takes turns until the time is up.
///
/// # Errors
/// A turn had a problem, a process is left over, or a server does not start.
pub(crate) fn run(args: &Args) -> Result<()> {
    let time = Duration::try_from_secs_f64(args.minutes * 60.0).context("--minutes is not a duration")?;
    let boundstone = workspace::build_boundstone()?;
    let out = workspace::empty_folder("soak")?;
    let before = children();
    let soak = Soak { boundstone, out, runtime: Runtime::new()? };
    let statistics = soak.take_turns(time, args.seed)?;
    println!("\n{}", statistics.table());
    let left: Vec<_> = children().into_iter().filter(|child| !before.contains(child)).collect();
    ensure!(left.is_empty(), "processes are left over: {}", left.join(", "));
    ensure!(statistics.problems == 0, "{} problems, see above", statistics.problems);
    Ok(())
}

/// What all turns share.
struct Soak {
    boundstone: PathBuf,
    out: PathBuf,
    runtime: Runtime,
}

impl Soak {
    fn take_turns(&self, time: Duration, seed: u64) -> Result<Statistics> {
        let targets = SERVED.iter().map(|served| Target::start(served, &self.boundstone, &self.out));
        let mut targets = targets.collect::<Result<Vec<_>>>()?;
        println!("seed {seed}, {} servers, reports of problems in {}", SERVED.len(), self.out.display());
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut statistics = Statistics::default();
        let (start, mut minute) = (Instant::now(), MINUTE);
        let mut order: Vec<usize> = Vec::new();
        while start.elapsed() < time {
            if order.is_empty() {
                order.extend(0..targets.len());
                rng.shuffle(&mut order);
            }
            let Some(target) = order.pop().and_then(|index| targets.get_mut(index)) else { continue };
            let turn = Turn::draw(target.served, &mut rng);
            let number = statistics.runs;
            for problem in self.take_turn(&turn, target, &mut statistics)? {
                println!("PROBLEM in run {number}: {turn}: {problem}");
                statistics.problems += 1;
            }
            if start.elapsed() >= minute {
                println!("{:3} min: {statistics}", minute.as_secs() / 60);
                minute += MINUTE;
            }
        }
        Ok(statistics)
    }

    /// Takes a turn and returns its problems.
    fn take_turn(
        &self,
        turn: &Turn,
        target: &mut Target,
        statistics: &mut Statistics,
    ) -> Result<Vec<String>> {
        let proxy = self.start_proxy(turn, target)?;
        let url = proxy.as_ref().map_or_else(|| target.server.url().to_owned(), Proxy::url);
        let folder = self.out.join(format!("run-{}", statistics.runs));
        let mut problems = Vec::new();
        let finished = self.run(turn, &url, target.server.fixtures(), &folder);
        if let Some(proxy) = &proxy {
            let passed = proxy.passed();
            if passed.failures.is_empty() {
                problems.push("the network did not break".to_owned());
            }
            statistics.add_network(passed);
        }
        match finished {
            Ok(FinishedRun { code, report, kibibytes }) => {
                problems.extend(judge::problems(turn, code, &report));
                statistics.add_run(&report, kibibytes);
            }
            Err(error) => {
                problems.push(format!("{error:#}"));
                statistics.runs += 1;
            }
        }
        drop(proxy);
        problems.extend(target.check_load(statistics).err().map(|error| format!("{error:#}")));
        if problems.is_empty() {
            let _absent = std::fs::remove_dir_all(&folder);
        }
        Ok(problems)
    }

    /// Starts the network of the turn, unless it is a direct connection.
    fn start_proxy(&self, turn: &Turn, target: &Target) -> Result<Option<Proxy>> {
        let Some(rates) = turn.network.rates() else { return Ok(None) };
        let start = Proxy::start(target.server.address(), turn.seed, &rates);
        Ok(Some(self.runtime.block_on(start)?))
    }

    fn run(&self, turn: &Turn, url: &str, fixtures: &Path, folder: &Path) -> Result<FinishedRun> {
        std::fs::create_dir_all(folder)?;
        let arguments = [
            "run".to_owned(),
            "--quiet".to_owned(),
            format!("--target={url}"),
            format!("--fixtures={}", fixtures.display()),
            format!("--out={}", folder.display()),
        ];
        let command = cmd(&self.boundstone, arguments.into_iter().chain(turn.arguments()));
        let output = folder.join("output");
        let run =
            command.dir(folder).stdin_null().stdout_path(&output).stderr_to_stdout().unchecked().start()?;
        let kibibytes = watch(&run, RUN_TIMEOUT)?;
        let code = run.wait()?.status.code();
        let text = std::fs::read_to_string(folder.join("report.json")).context("the run left no report")?;
        let report = reports::render::json::parse(&text).context("cannot read the report")?;
        Ok(FinishedRun { code, report, kibibytes })
    }
}

/// The result of a run.
struct FinishedRun {
    code: Option<i32>,
    report: Report,
    /// Its peak of memory, in KiB.
    kibibytes: u64,
}
