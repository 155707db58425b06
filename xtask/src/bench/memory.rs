//! The most memory that a process had.

use std::time::Duration;

use anyhow::Result;
use duct::Handle;

/// How often it is looked at: what comes and goes within this time may be missed, but the kernel keeps the
/// most that there was until the end.
const GLANCE: Duration = Duration::from_millis(20);

/// Waits for the end of a process; the most memory that it had, in KiB. Of a system without `/proc` it is 0.
pub(super) fn watch(handle: &Handle) -> Result<u64> {
    let mut most = 0;
    while handle.wait_timeout(GLANCE)?.is_none() {
        for pid in handle.pids() {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            most = most.max(high_water_mark(&status).unwrap_or_default());
        }
    }
    Ok(most)
}

/// `VmHWM:   12345 kB`.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(high_water_mark("VmPeak:\t  9 kB\nVmHWM:\t   45312 kB\nVmRSS:\t 1 kB\n"), Some(45_312));
        assert_eq!(high_water_mark("VmRSS:\t 1 kB\n"), None);
    }
}
