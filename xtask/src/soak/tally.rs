//! The sums over all turns.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use reports::model::Report;

use super::accounts::accusations;
use super::proxy::{Fault, Passed};
use crate::process::Load;

/// What came of all turns so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) runs: u64,
    pub(super) problems: u64,
    disturbed: u64,
    requests: u64,
    requirements: u64,
    inconclusive: u64,
    accusations: u64,
    faults: BTreeMap<Fault, u64>,
    /// The most memory of a run.
    kibibytes: u64,
    /// The most that a server passed of each.
    passed: Load,
}

impl Tally {
    pub(super) fn ran(&mut self, report: &Report, kibibytes: u64) {
        let counts = report.totals.requirements;
        self.runs += 1;
        self.requests += report.totals.requests;
        self.requirements += report.requirements.len() as u64 - counts.skipped;
        self.inconclusive += counts.inconclusive;
        self.accusations += accusations(report).len() as u64;
        self.kibibytes = self.kibibytes.max(kibibytes);
    }

    pub(super) fn disturbed(&mut self, passed: Passed) {
        self.disturbed += 1;
        for (fault, count) in passed.faults {
            *self.faults.entry(fault).or_default() += count;
        }
    }

    pub(super) fn passed(&mut self, load: Load) {
        self.passed.kibibytes = self.passed.kibibytes.max(load.kibibytes);
        self.passed.files = self.passed.files.max(load.files);
        self.passed.threads = self.passed.threads.max(load.threads);
    }

    fn faults(&self) -> u64 {
        self.faults.values().sum()
    }

    /// All sums, in Markdown.
    pub(super) fn table(&self) -> String {
        let mut table = String::from("| what | how much |\n|---|---:|\n");
        let mut row = |name: &str, value: String| {
            // Text can be written to.
            let _written = writeln!(table, "| {name} | {value} |");
        };
        row("runs", self.runs.to_string());
        row("runs through a network that disturbs", self.disturbed.to_string());
        row("requests", self.requests.to_string());
        for (fault, count) in &self.faults {
            row(&format!("fault: {fault}"), count.to_string());
        }
        row("requirements judged", self.requirements.to_string());
        row("left open", self.inconclusive.to_string());
        row(
            "accused, of those that err and of those disturbed by requests sent before",
            self.accusations.to_string(),
        );
        row("problems", self.problems.to_string());
        row("most memory of a run", format!("{} MiB", self.kibibytes >> 10));
        row("most memory of a server", format!("{} MiB", self.passed.kibibytes >> 10));
        row("most files of a server", self.passed.files.to_string());
        row("most threads of a server", self.passed.threads.to_string());
        table
    }
}

/// In a line.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} runs, {} requests, {} faults, {} of {} left open, {} problems, at most {} MiB of a run and {} MiB, \
             {} files and {} threads of a server",
            self.runs,
            self.requests,
            self.faults(),
            self.inconclusive,
            self.requirements,
            self.problems,
            self.kibibytes >> 10,
            self.passed.kibibytes >> 10,
            self.passed.files,
            self.passed.threads
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_the_most_of_each_are_kept() {
        let mut tally = Tally::default();
        for (count, load) in [
            (2, Load { kibibytes: 9 << 10, files: 7, threads: 3 }),
            (3, Load { kibibytes: 8 << 10, files: 9, threads: 2 }),
        ] {
            tally.disturbed(Passed { requests: 9, faults: BTreeMap::from([(Fault::CutBody, count)]) });
            tally.passed(load);
        }
        let table = tally.table();
        for row in
            ["cut within body | 5", "a server | 9 MiB", "files of a server | 9", "threads of a server | 3"]
        {
            assert!(table.contains(row), "{row}: {table}");
        }
        assert!(tally.to_string().contains("5 faults"), "{tally}");
    }
}
