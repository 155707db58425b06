//! The sums and maximums of all turns.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use reports::model::Report;

use super::accounts::accusations;
use super::proxy::{Passed, TransportFailure};
use crate::support::process::Load;

/// The sums and maximums of all turns so far.
#[derive(Debug, Default)]
pub(super) struct Statistics {
    pub(super) runs: u64,
    pub(super) problems: u64,
    runs_over_network: u64,
    requests: u64,
    requirements: u64,
    inconclusive: u64,
    failures: u64,
    disturbances: BTreeMap<TransportFailure, u64>,
    /// The maximum memory of a run.
    kibibytes: u64,
    /// The maximum of each resource of a server.
    server: Load,
}

impl Statistics {
    /// Adds a run that left a report.
    pub(super) fn add_run(&mut self, report: &Report, kibibytes: u64) {
        let counts = report.totals.requirements;
        self.runs += 1;
        self.requests += report.totals.requests;
        self.requirements += report.requirements.len() as u64 - counts.skipped;
        self.inconclusive += counts.inconclusive;
        self.failures += accusations(report).len() as u64;
        self.kibibytes = self.kibibytes.max(kibibytes);
    }

    /// Adds what the network of a run did.
    pub(super) fn add_network(&mut self, passed: Passed) {
        self.runs_over_network += 1;
        for (disturbance, count) in passed.failures {
            *self.disturbances.entry(disturbance).or_default() += count;
        }
    }

    /// Adds the resources that a server used.
    pub(super) fn add_load(&mut self, load: Load) {
        self.server.kibibytes = self.server.kibibytes.max(load.kibibytes);
        self.server.files = self.server.files.max(load.files);
        self.server.threads = self.server.threads.max(load.threads);
    }

    fn disturbances(&self) -> u64 {
        self.disturbances.values().sum()
    }

    /// All numbers, as a table in Markdown.
    pub(super) fn table(&self) -> String {
        let mut table = String::from("| what | how much |\n|---|---:|\n");
        let mut row = |name: &str, value: String| {
            // Writing to a string does not fail.
            let _written = writeln!(table, "| {name} | {value} |");
        };
        row("runs", self.runs.to_string());
        row("runs over a network that breaks", self.runs_over_network.to_string());
        row("requests", self.requests.to_string());
        for (disturbance, count) in &self.disturbances {
            row(&format!("network: {disturbance}"), count.to_string());
        }
        row("requirements tested", self.requirements.to_string());
        row("inconclusive", self.inconclusive.to_string());
        row("failures", self.failures.to_string());
        row("problems", self.problems.to_string());
        row("maximum memory of a run", format!("{} MiB", self.kibibytes >> 10));
        row("maximum memory of a server", format!("{} MiB", self.server.kibibytes >> 10));
        row("maximum files of a server", self.server.files.to_string());
        row("maximum threads of a server", self.server.threads.to_string());
        table
    }
}

/// The numbers in one line.
impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} runs, {} requests, {} disturbances, {} of {} inconclusive, {} problems, at most {} MiB for a run, and {} MiB, \
             {} files, and {} threads for a server",
            self.runs,
            self.requests,
            self.disturbances(),
            self.inconclusive,
            self.requirements,
            self.problems,
            self.kibibytes >> 10,
            self.server.kibibytes >> 10,
            self.server.files,
            self.server.threads
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_maximums_are_kept() {
        let mut statistics = Statistics::default();
        for (count, load) in [
            (2, Load { kibibytes: 9 << 10, files: 7, threads: 3 }),
            (3, Load { kibibytes: 8 << 10, files: 9, threads: 2 }),
        ] {
            statistics.add_network(Passed {
                requests: 9,
                failures: BTreeMap::from([(TransportFailure::CutBody, count)]),
            });
            statistics.add_load(load);
        }
        let table = statistics.table();
        for row in
            ["cut within body | 5", "a server | 9 MiB", "files of a server | 9", "threads of a server | 3"]
        {
            assert!(table.contains(row), "{row}: {table}");
        }
        assert!(statistics.to_string().contains("5 disturbances"), "{statistics}");
    }
}
