//! The tables of results for docs/evidence.md.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};

use super::boundstone::{DelayedRun, Rate, Run};

/// All measurements.
#[derive(Debug, Default)]
pub(super) struct Measurements {
    pub(super) wrk: Vec<Rate>,
    pub(super) oha: Vec<Rate>,
    pub(super) boundstone: Vec<Rate>,
    /// The rates of runs against the embedded mock.
    pub(super) embedded: Vec<Rate>,
    pub(super) schemathesis: Option<Rate>,
    pub(super) scale: Vec<Run>,
    pub(super) delayed: Vec<DelayedRun>,
    pub(super) start: Duration,
    /// The size of the binary in bytes.
    pub(super) size: u64,
}

impl Measurements {
    /// The last turn, in one line.
    pub(super) fn last_turn(&self) -> String {
        let all = [
            ("wrk", &self.wrk),
            ("oha", &self.oha),
            ("boundstone", &self.boundstone),
            ("embedded", &self.embedded),
        ];
        let rates =
            all.into_iter().filter_map(|(name, rates)| Some(format!("{name} {}", whole(*rates.last()?))));
        rates.collect::<Vec<_>>().join(", ")
    }
}

/// The tables, in Markdown.
///
/// # Errors
/// wrk or boundstone was not measured.
pub(super) fn render(measurements: &Measurements) -> Result<String> {
    let mut text = rate_table(measurements)?;
    text.push_str("\n| requests of a run | seconds | peak memory |\n|---:|---:|---:|\n");
    for run in &measurements.scale {
        writeln!(text, "| {} | {:.1} | {} MiB |", run.requests, run.seconds, run.mebibytes)?;
    }
    text.push_str(
        "\n| response delay | requests of a run | seconds | fraction of the maximum with 64 at once |\n|---:|---:|---:|---:|\n",
    );
    for delayed in &measurements.delayed {
        let DelayedRun { milliseconds, run } = delayed;
        let efficiency = delayed.efficiency();
        writeln!(text, "| {milliseconds} ms | {} | {:.1} | {efficiency:.2} |", run.requests, run.seconds)?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a size for people")]
    let size = measurements.size as f64 / 1_048_576.0;
    let start = measurements.start.as_millis();
    writeln!(text, "\n`boundstone list` takes {start} ms. The binary has {size:.1} MiB. {}", machine())?;
    Ok(text)
}

/// The rates of all programs, compared with wrk.
fn rate_table(measurements: &Measurements) -> Result<String> {
    let maximum = median(&measurements.wrk).context("wrk was not measured")?;
    let own = median(&measurements.boundstone).context("boundstone was not measured")?;
    let rows = [
        ("`wrk`, the same valid request each time", Some(maximum)),
        ("`oha`, likewise", median(&measurements.oha)),
        ("boundstone, which generates each request and checks each response", Some(own)),
        ("boundstone with the embedded mock", median(&measurements.embedded)),
        ("Schemathesis", measurements.schemathesis),
    ];
    let mut text = String::from("| program | requests per second | compared with `wrk` |\n|---|---:|---:|\n");
    for (name, rate) in rows {
        if let Some(rate) = rate {
            writeln!(text, "| {name} | {} | {:.3} |", whole(rate), rate / maximum)?;
        }
    }
    if let Some(rate) = measurements.schemathesis {
        writeln!(
            text,
            "\nboundstone tests {} times as many requests per second as Schemathesis.",
            whole(own / rate)
        )?;
    }
    Ok(text)
}

fn whole(rate: Rate) -> String {
    format!("{rate:.0}")
}

fn median(rates: &[Rate]) -> Option<Rate> {
    let mut sorted = rates.to_vec();
    sorted.sort_by(Rate::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

/// The cores and the processor of this machine.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu_info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu_info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("an unknown processor", |(_, model)| model.trim());
    format!("Measured on {cores} cores of {model}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_compare_medians() {
        let measurements = Measurements {
            wrk: vec![40.0, 100.0, 10.0],
            boundstone: vec![20.0, 30.0, 10.0],
            schemathesis: Some(0.1),
            scale: vec![Run { requests: 7, seconds: 1.25, mebibytes: 40 }],
            delayed: vec![DelayedRun {
                milliseconds: 50,
                run: Run { requests: 6400, seconds: 10.0, mebibytes: 40 },
            }],
            start: Duration::from_millis(12),
            size: 3 << 20,
            ..Measurements::default()
        };
        let table = render(&measurements).unwrap();
        for part in [
            "| boundstone, which generates each request and checks each response | 20 | 0.500 |",
            "tests 200 times as many requests",
            "| 7 | 1.2 | 40 MiB |",
            "| 50 ms | 6400 | 10.0 | 0.50 |",
            "takes 12 ms. The binary has 3.0 MiB.",
        ] {
            assert!(table.contains(part), "{part}: {table}");
        }
        assert!(!table.contains("oha"), "{table}");
        assert!(render(&Measurements::default()).is_err());
    }
}
