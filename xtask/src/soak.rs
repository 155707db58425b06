//! `cargo xtask soak`: boundstone again and again, for long, against servers that live as long, with and without
//! a network that disturbs. Nobody is accused who keeps the contract, what errs is found, each report adds up,
//! and neither side holds more and more.

#[path = "../../harness/tests/faults/accounts.rs"]
mod accounts;
mod judge;
#[path = "../../harness/tests/faults/proxy.rs"]
mod proxy;
mod tally;
mod turn;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args as ClapArgs;
use duct::cmd;
use tokio::runtime::Runtime;

use self::proxy::Proxy;
use self::tally::Tally;
use self::turn::{SERVED, Served, Turn};
use crate::peer::Peer;
use crate::process::{Load, children, watch};
use crate::workspace;

/// How long a run may take at most.
const BOUND: Duration = Duration::from_mins(5);

const MINUTE: Duration = Duration::from_mins(1);

/// What a server may hold beyond what it passed at first.
const MORE: Load = Load { kibibytes: 64 << 10, files: 8, threads: 8 };

/// The arguments of `cargo xtask soak`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// How long it goes on
    #[arg(long, value_name = "N", default_value_t = 60.0)]
    minutes: f64,
    /// Settles every turn, but for what depends on how fast things are
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
}

/// Soaks until the time is over.
pub(crate) fn run(args: &Args) -> Result<()> {
    let time = Duration::try_from_secs_f64(args.minutes * 60.0).context("--minutes is no time")?;
    let boundstone = workspace::build_boundstone()?;
    let out = workspace::empty_folder("soak")?;
    let before = children();
    let soak = Soak { boundstone, out, runtime: Runtime::new()? };
    let tally = soak.go_on(time, args.seed)?;
    println!("\n{}", tally.table());
    let left: Vec<_> = children().into_iter().filter(|child| !before.contains(child)).collect();
    ensure!(left.is_empty(), "processes are left: {}", left.join(", "));
    ensure!(tally.problems == 0, "{} problems, see above", tally.problems);
    Ok(())
}

/// What all turns share.
struct Soak {
    boundstone: PathBuf,
    out: PathBuf,
    runtime: Runtime,
}

/// A server that lives through all turns.
struct Target {
    served: &'static Served,
    peer: Peer,
    /// What it passed before its first run.
    idle: Load,
    /// Its memory after that run, in KiB.
    memory: Option<u64>,
}

impl Soak {
    fn go_on(&self, time: Duration, seed: u64) -> Result<Tally> {
        let mut targets = SERVED.iter().map(|served| self.serve(served)).collect::<Result<Vec<_>>>()?;
        println!(
            "seed {seed}, {} servers, reports of what goes wrong in {}",
            SERVED.len(),
            self.out.display()
        );
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut tally = Tally::default();
        let (start, mut minute) = (Instant::now(), MINUTE);
        let mut order: Vec<usize> = Vec::new();
        while start.elapsed() < time {
            if order.is_empty() {
                order.extend(0..targets.len());
                rng.shuffle(&mut order);
            }
            let Some(target) = order.pop().and_then(|index| targets.get_mut(index)) else { continue };
            let turn = Turn::draw(target.served, &mut rng);
            let number = tally.runs;
            for problem in self.take(&turn, target, &mut tally)? {
                println!("PROBLEM in run {number}: {turn}: {problem}");
                tally.problems += 1;
            }
            if start.elapsed() >= minute {
                println!("{:3} min: {tally}", minute.as_secs() / 60);
                minute += MINUTE;
            }
        }
        Ok(tally)
    }

    fn serve(&self, served: &'static Served) -> Result<Target> {
        let out = self.out.join(format!("serve-{}-{}", served.name(), served.contract));
        std::fs::create_dir_all(&out)?;
        let contract = format!("--contract={}", served.contract);
        let peer =
            Peer::mock(&self.boundstone, &out, &[&[contract.as_str()], &served.arguments()[..]].concat())?;
        Ok(Target { served, idle: peer.load(), peer, memory: None })
    }

    /// Takes a turn, and gives what is wrong about it.
    fn take(&self, turn: &Turn, target: &mut Target, tally: &mut Tally) -> Result<Vec<String>> {
        let proxy = turn
            .way
            .rates()
            .map(|rates| self.runtime.block_on(Proxy::start(target.peer.address(), turn.seed, &rates)));
        let proxy = proxy.transpose()?;
        let url = proxy.as_ref().map_or_else(|| target.peer.url().to_owned(), Proxy::url);
        let folder = self.out.join(format!("run-{}", tally.runs));
        let mut problems = Vec::new();
        let ended = self.run(turn, &url, target.peer.fixtures(), &folder);
        if let Some(proxy) = &proxy {
            let passed = proxy.passed();
            if passed.faults.is_empty() {
                problems.push("nothing was disturbed".to_owned());
            }
            tally.disturbed(passed);
        }
        match ended {
            Ok(Ended { code, report, kibibytes }) => {
                problems.extend(judge::judge(turn, code, &report));
                tally.ran(&report, kibibytes);
            }
            Err(error) => {
                problems.push(format!("{error:#}"));
                tally.runs += 1;
            }
        }
        drop(proxy);
        problems.extend(target.is_bounded(tally).err().map(|error| format!("{error:#}")));
        if problems.is_empty() {
            let _absent = std::fs::remove_dir_all(&folder);
        }
        Ok(problems)
    }

    fn run(&self, turn: &Turn, url: &str, fixtures: &Path, folder: &Path) -> Result<Ended> {
        std::fs::create_dir_all(folder)?;
        let own = [
            "run".to_owned(),
            "--quiet".to_owned(),
            format!("--target={url}"),
            format!("--fixtures={}", fixtures.display()),
            format!("--out={}", folder.display()),
        ];
        let command = cmd(&self.boundstone, own.into_iter().chain(turn.arguments()));
        let output = folder.join("output");
        let run =
            command.dir(folder).stdin_null().stdout_path(&output).stderr_to_stdout().unchecked().start()?;
        let kibibytes = watch(&run, BOUND)?;
        let code = run.wait()?.status.code();
        let text = std::fs::read_to_string(folder.join("report.json")).context("there is no report")?;
        let report = reports::render::json::parse(&text).context("the report is not read")?;
        Ok(Ended { code, report, kibibytes })
    }
}

/// A run that came to its end.
struct Ended {
    code: Option<i32>,
    report: reports::model::Report,
    kibibytes: u64,
}

impl Target {
    /// Sees what it holds once a run is over, and that it is no more than after the first one.
    fn is_bounded(&mut self, tally: &mut Tally) -> Result<()> {
        let most = Load {
            // What stays for good is there after the first run.
            kibibytes: self.memory.map_or(u64::MAX, |memory| memory + MORE.kibibytes),
            files: self.idle.files + MORE.files,
            threads: self.idle.threads + MORE.threads,
        };
        // Connections end a moment after the run that made them.
        let settled = self.peer.wait_until(|| self.peer.load().is_within(most));
        let load = self.peer.load();
        tally.passed(load);
        self.memory.get_or_insert(load.kibibytes);
        settled.with_context(|| format!("the server holds {load:?}, which is beyond {most:?}"))
    }
}
