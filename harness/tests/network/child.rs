//! The built binary as a child: what it said, how long it took, and how much memory.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use reports::model::Report;

use crate::support::{boundstone, report};

/// How often the child is looked at.
const GLANCE: Duration = Duration::from_millis(10);

/// What became of a child.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) took: Duration,
    /// The most memory that it passed at once, in bytes; 0 where the system does not say.
    pub(crate) memory: u64,
    folder: PathBuf,
}

impl Ended {
    /// All that it said, line breaks aside.
    pub(crate) fn said(&self) -> String {
        let text =
            format!("{} {}", String::from_utf8_lossy(&self.stderr), String::from_utf8_lossy(&self.stdout));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text of one of its reports.
    pub(crate) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join("out").join(name)).unwrap()
    }

    pub(crate) fn report(&self) -> Report {
        report(&self.folder.join("out"))
    }
}

/// Runs `boundstone run --out out` in that folder, for no longer than `bound`. Blocks its thread.
#[expect(clippy::disallowed_methods, reason = "no runtime waits for this thread")]
pub(crate) fn run(folder: &Path, arguments: &[&str], bound: Duration) -> Ended {
    let mut command = boundstone(folder, &[&["run", "--out", "out"], arguments].concat());
    // Files take whatever is written without anybody reading it.
    let (stdout, stderr) = (folder.join("stdout"), folder.join("stderr"));
    command.stdin(Stdio::null());
    command.stdout(std::fs::File::create(&stdout).unwrap());
    command.stderr(std::fs::File::create(&stderr).unwrap());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut memory = 0;
    let code = loop {
        memory = memory.max(peak(&status));
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap();
        }
        if start.elapsed() > bound {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("still running after {bound:?}: {}", std::fs::read_to_string(&stderr).unwrap());
        }
        std::thread::sleep(GLANCE);
    };
    Ended {
        code,
        stdout: std::fs::read(stdout).unwrap(),
        stderr: std::fs::read(stderr).unwrap(),
        took: start.elapsed(),
        memory,
        folder: folder.to_owned(),
    }
}

/// The most memory of a process so far, as Linux counts it.
fn peak(status: &Path) -> u64 {
    let Ok(text) = std::fs::read_to_string(status) else { return 0 };
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}
