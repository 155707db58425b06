//! The memory, files, and threads of a process, as Linux reports them. On a system without `/proc` all are 0.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use duct::Handle;

/// How often a process is examined. A peak of memory between two times is not missed: the kernel records it until
/// the process ends.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The resources of a process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Load {
    /// Memory, in KiB.
    pub(crate) kibibytes: u64,
    /// Open files and sockets.
    pub(crate) files: u64,
    pub(crate) threads: u64,
}

impl Load {
    /// Whether nothing exceeds `limit`.
    pub(crate) fn is_within(self, limit: Self) -> bool {
        self.kibibytes <= limit.kibibytes && self.files <= limit.files && self.threads <= limit.threads
    }

    /// The resources of a process now.
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

/// Waits for the end of a process and returns its peak of memory in KiB.
///
/// # Errors
/// The process was still running after `timeout`, and was killed.
pub(crate) fn watch(handle: &Handle, timeout: Duration) -> Result<u64> {
    let start = Instant::now();
    let mut peak = 0;
    while handle.wait_timeout(POLL_INTERVAL)?.is_none() {
        for pid in handle.pids() {
            peak = peak.max(number(&status(pid), "VmHWM:").unwrap_or_default());
        }
        if start.elapsed() > timeout {
            handle.kill()?;
            bail!("the process was still running after {} s, and was killed", timeout.as_secs());
        }
    }
    Ok(peak)
}

/// The ids of the processes that this one has started and that are still running.
pub(crate) fn children() -> Vec<String> {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Vec::new() };
    let mut ids = Vec::new();
    for task in tasks.flatten() {
        let children = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        ids.extend(children.split_whitespace().map(str::to_owned));
    }
    ids
}

fn status(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default()
}

/// The number in a line of `status`, such as `VmHWM:   12345 kB`.
fn number(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use duct::cmd;

    #[test]
    fn numbers_of_status_are_read() {
        let status = "VmPeak:\t  9 kB\nVmHWM:\t   45312 kB\nThreads:\t7\n";
        assert_eq!(number(status, "VmHWM:"), Some(45_312));
        assert_eq!(number(status, "Threads:"), Some(7));
        assert_eq!(number(status, "VmRSS:"), None);
    }

    #[test]
    fn own_process_has_memory_files_and_threads() {
        let load = Load::of(std::process::id());
        assert!(load.kibibytes > 0, "{load:?}");
        assert!(load.files > 2, "{load:?}");
        assert!(load.threads > 0, "{load:?}");
        assert!(load.is_within(load));
        assert!(!load.is_within(Load { files: load.files - 1, ..load }));
    }

    #[test]
    fn process_is_killed_after_timeout() {
        let handle = cmd!("sleep", "600").unchecked().start().unwrap();
        let pid = handle.pids()[0].to_string();
        assert!(children().contains(&pid));
        let error = watch(&handle, Duration::from_millis(50)).unwrap_err().to_string();
        assert!(error.contains("still running"), "{error}");
        handle.wait().unwrap();
        assert!(!children().contains(&pid));
    }
}
