//! What Linux tells of a process: its memory, its files, its threads. Of a system without `/proc` all is 0.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use duct::Handle;

/// How often a process is looked at: what comes and goes within this time may be missed, but the kernel keeps
/// the most memory that there was until the end.
const GLANCE: Duration = Duration::from_millis(20);

/// What a process holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Memory, in KiB.
    pub(crate) kibibytes: u64,
    /// Open files and sockets.
    pub(crate) files: u64,
    pub(crate) threads: u64,
}

impl Load {
    /// Whether it is no more than `most`, of each.
    pub(crate) fn is_within(self, most: Self) -> bool {
        self.kibibytes <= most.kibibytes && self.files <= most.files && self.threads <= most.threads
    }

    /// What a process holds now.
    pub(crate) fn of(pid: u32) -> Self {
        let status = status(pid);
        let files = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
        Self {
            kibibytes: number(&status, "VmRSS:").unwrap_or_default(),
            files: files as u64,
            threads: number(&status, "Threads:").unwrap_or_default(),
        }
    }
}

/// Waits for the end of a process; the most memory that it had, in KiB.
///
/// # Errors
/// It was still running after `bound`, and was killed.
pub(crate) fn watch(handle: &Handle, bound: Duration) -> Result<u64> {
    let start = Instant::now();
    let mut most = 0;
    while handle.wait_timeout(GLANCE)?.is_none() {
        for pid in handle.pids() {
            most = most.max(number(&status(pid), "VmHWM:").unwrap_or_default());
        }
        if start.elapsed() > bound {
            handle.kill()?;
            bail!("it was still running after {} s", bound.as_secs());
        }
    }
    Ok(most)
}

/// The processes that this one has started and that are still there.
pub(crate) fn children() -> Vec<String> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let of = |task: &Path| std::fs::read_to_string(task.join("children")).unwrap_or_default();
    let all: Vec<String> = tasks.flatten().map(|task| of(&task.path())).collect();
    all.iter().flat_map(|children| children.split_whitespace()).map(str::to_owned).collect()
}

fn status(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default()
}

/// `VmHWM:   12345 kB`.
fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use duct::cmd;

    #[test]
    fn numbers_are_read() {
        let status = "VmPeak:\t  9 kB\nVmHWM:\t   45312 kB\nThreads:\t7\n";
        assert_eq!(number(status, "VmHWM:"), Some(45_312));
        assert_eq!(number(status, "Threads:"), Some(7));
        assert_eq!(number(status, "VmRSS:"), None);
    }

    #[test]
    fn this_process_has_memory_files_and_threads() {
        let load = Load::of(std::process::id());
        assert!(load.kibibytes > 0 && load.files > 2 && load.threads > 0, "{load:?}");
        assert!(load.is_within(load));
        assert!(!load.is_within(Load { files: load.files - 1, ..load }));
    }

    #[test]
    fn what_does_not_end_is_killed_and_no_child_is_left() {
        let handle = cmd!("sleep", "600").unchecked().start().unwrap();
        let pid = handle.pids()[0].to_string();
        assert!(children().contains(&pid));
        let error = watch(&handle, Duration::from_millis(50)).unwrap_err().to_string();
        assert!(error.contains("still running"), "{error}");
        handle.wait().unwrap();
        assert!(!children().contains(&pid));
    }
}
