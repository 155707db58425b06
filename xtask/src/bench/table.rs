//! What was measured, as a table for the README.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Delayed, Run};

/// Requests in a second.
pub(super) type Rate = f64;

/// Everything that was measured.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) wrk: Vec<Rate>,
    pub(super) oha: Vec<Rate>,
    pub(super) boundstone: Vec<Rate>,
    /// Of a run at the mock in its own process.
    pub(super) embedded: Vec<Rate>,
    pub(super) schemathesis: Option<Rate>,
    pub(super) scale: Vec<Run>,
    pub(super) delayed: Vec<Delayed>,
    pub(super) start: Duration,
    /// The bytes of the binary.
    pub(super) size: u64,
}

impl Measured {
    /// The last turn, in a line.
    pub(super) fn last(&self) -> String {
        let all = [
            ("wrk", &self.wrk),
            ("oha", &self.oha),
            ("boundstone", &self.boundstone),
            ("embedded", &self.embedded),
        ];
        let last = |(name, rates): (&str, &Vec<Rate>)| Some(format!("{name} {}", whole(*rates.last()?)));
        all.into_iter().filter_map(last).collect::<Vec<_>>().join(", ")
    }
}

/// The table, in Markdown.
pub(super) fn render(measured: &Measured) -> Result<String> {
    let ceiling = median(&measured.wrk).context("wrk was measured")?;
    let mut rows = vec![row("`wrk`, one valid request over and over", ceiling, ceiling)];
    if let Some(rate) = median(&measured.oha) {
        rows.push(row("`oha`, the same", rate, ceiling));
    }
    let ours = median(&measured.boundstone).context("boundstone was measured")?;
    rows.push(row("boundstone, each request made anew, each answer judged", ours, ceiling));
    if let Some(rate) = median(&measured.embedded) {
        rows.push(row("boundstone with the mock in its own process", rate, ceiling));
    }
    if let Some(rate) = measured.schemathesis {
        rows.push(row("Schemathesis", rate, ceiling));
    }
    let mut table =
        String::from("| program | requests a second | of what `wrk` reaches |\n|---|---:|---:|\n");
    table.extend(rows);
    if let Some(rate) = measured.schemathesis {
        writeln!(table, "\nboundstone judges {} times as many as Schemathesis.", whole(ours / rate))?;
    }
    table.push_str("\n| requests of a run | seconds | most memory |\n|---:|---:|---:|\n");
    for run in &measured.scale {
        writeln!(table, "| {} | {:.1} | {} MiB |", run.requests, run.seconds, run.mebibytes)?;
    }
    table.push_str(
        "\n| response after | requests of a run | seconds | of what 64 at once allow |\n|---:|---:|---:|---:|\n",
    );
    for delayed in &measured.delayed {
        let Delayed { milliseconds, run } = delayed;
        writeln!(
            table,
            "| {milliseconds} ms | {} | {:.1} | {:.2} |",
            run.requests,
            run.seconds,
            delayed.efficiency()
        )?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a size for people")]
    let size = measured.size as f64 / 1_048_576.0;
    writeln!(
        table,
        "\n`boundstone list` takes {} ms; the binary has {size:.1} MiB. {}",
        measured.start.as_millis(),
        machine()
    )?;
    Ok(table)
}

fn row(name: &str, rate: Rate, ceiling: Rate) -> String {
    format!("| {name} | {} | {:.3} |\n", whole(rate), rate / ceiling)
}

fn whole(rate: Rate) -> String {
    format!("{rate:.0}")
}

fn median(rates: &[Rate]) -> Option<Rate> {
    let mut sorted = rates.to_vec();
    sorted.sort_by(Rate::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// The size of this machine.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let about = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = about.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("an unknown processor", |(_, model)| model.trim());
    format!("Measured on {cores} cores of {model}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_of_medians() {
        let measured = Measured {
            wrk: vec![40.0, 100.0, 10.0],
            boundstone: vec![20.0, 30.0, 10.0],
            schemathesis: Some(0.1),
            scale: vec![Run { requests: 7, seconds: 1.25, mebibytes: 40 }],
            delayed: vec![Delayed {
                milliseconds: 50,
                run: Run { requests: 6400, seconds: 10.0, mebibytes: 40 },
            }],
            start: Duration::from_millis(12),
            size: 3 << 20,
            ..Measured::default()
        };
        let table = render(&measured).unwrap();
        assert!(
            table.contains("| boundstone, each request made anew, each answer judged | 20 | 0.500 |"),
            "{table}"
        );
        assert!(
            table.contains("judges 200 times as many") && table.contains("| 7 | 1.2 | 40 MiB |"),
            "{table}"
        );
        assert!(table.contains("| 50 ms | 6400 | 10.0 | 0.50 |"), "{table}");
        assert!(table.contains("takes 12 ms; the binary has 3.0 MiB."), "{table}");
        assert!(!table.contains("oha"), "{table}");
        assert!(render(&Measured::default()).is_err());
    }
}
