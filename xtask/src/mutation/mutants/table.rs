//! The table of results for docs/evidence.md. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

use super::results::{MutantRun, VariantRun};

/// Mutants by the level of what they break, then the conformant variants.
pub(super) fn render(runs: &[MutantRun], variants: &[VariantRun]) -> String {
    let mut lines = vec![
        "| mutants that break | runs | killed | as their patterns say | requests to the first difference (median, max) | time to it (median, max) | slowest run |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    let musts: Vec<&MutantRun> = runs.iter().filter(|run| run.observed.breaks_a_must()).collect();
    let shoulds: Vec<&MutantRun> = runs.iter().filter(|run| !run.observed.breaks_a_must()).collect();
    for (level, runs) in [("a MUST", musts), ("a SHOULD only", shoulds)] {
        lines.push(level_row(level, &runs));
    }
    let names = |strict: bool| -> usize {
        let runs = variants.iter().filter(|run| run.variant.strict == strict);
        runs.map(|run| run.variant.name).collect::<BTreeSet<_>>().len()
    };
    let seeds = variants.iter().map(|run| run.seed).collect::<BTreeSet<_>>().len();
    let failing = variants.iter().filter(|run| !run.observed.passes()).count();
    lines.push(String::new());
    lines.push(format!(
        "{} unusual but conformant variants, and {} of them satisfy every SHOULD too: {} runs with {seeds} seeds, {failing} failed.",
        names(true) + names(false),
        names(true),
        variants.len(),
    ));
    lines.join("\n")
}

/// The row for the mutants that break a requirement of this level.
fn level_row(level: &str, runs: &[&MutantRun]) -> String {
    let killed = runs.iter().filter(|run| !run.comparison.failed.is_empty()).count();
    let as_expected = runs.iter().filter(|run| run.comparison.is_as_expected()).count();
    let requests = spread(runs.iter().filter_map(|run| Some(run.observed.first?.requests)));
    let times = spread(runs.iter().filter_map(|run| Some(run.observed.first?.after)));
    let slowest = runs.iter().map(|run| run.observed.took).max().unwrap_or_default();
    let times = times.map(|(median, max)| format!("{}, {}", milliseconds(median), milliseconds(max)));
    let requests = requests.map(|(median, max)| format!("{median}, {max}"));
    format!(
        "| {level} | {} | {killed} | {as_expected} | {} | {} | {:.1} s |",
        runs.len(),
        requests.unwrap_or_default(),
        times.unwrap_or_default(),
        slowest.as_secs_f64()
    )
}

/// The median and the maximum of some values, if there are any.
fn spread<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<(T, T)> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    Some((*values.get(values.len() / 2)?, *values.last()?))
}

fn milliseconds(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_is_median_and_maximum() {
        assert_eq!(spread([5, 1, 9].into_iter()), Some((5, 9)));
        assert_eq!(spread([4, 2].into_iter()), Some((4, 4)));
        assert_eq!(spread(std::iter::empty::<u8>()), None);
    }
}
