//! How long answers took: counts by preferred numbers, so that two histograms add up to one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ten steps a decade, each about a quarter longer than the one before (ISO 3, series R10).
const R10: [u64; 10] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];

/// The shortest time that is told from a shorter one, in microseconds.
const SHORTEST: u64 = 10;

/// How many answers took how long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latency {
    /// The most microseconds, and how many answers took so long, and longer than the next lower one.
    counts: BTreeMap<u64, u64>,
}

impl Latency {
    /// Whether there was no answer.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Takes note of an answer.
    pub fn note(&mut self, micros: u64) {
        *self.counts.entry(at_most(micros)).or_default() += 1;
    }

    /// The answers of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (micros, count) in other.counts {
            let sum = self.counts.entry(micros).or_default();
            *sum = sum.saturating_add(count);
        }
        self
    }

    /// The answers that are in this one and were not in an earlier state of it.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let new = |(micros, count): (&u64, &u64)| {
            let known = before.counts.get(micros).copied().unwrap_or_default();
            (*micros, count.saturating_sub(known))
        };
        Self { counts: self.counts.iter().map(new).filter(|(_, count)| *count > 0).collect() }
    }

    /// How many answers there were.
    pub fn total(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The microseconds within which `percent` of all answers came; none if there was none.
    pub fn within(&self, percent: u64) -> Option<u64> {
        let wanted = (u128::from(self.total()) * u128::from(percent)).div_ceil(100);
        let mut sum = 0;
        self.counts.iter().find_map(|(micros, count)| {
            sum += u128::from(*count);
            (sum >= wanted).then_some(*micros)
        })
    }

    /// Every step from the shortest to the longest time, those that no answer took too: the most
    /// microseconds, and the number of answers.
    pub fn steps(&self) -> Vec<(u64, u64)> {
        let (Some((first, _)), Some((last, _))) =
            (self.counts.first_key_value(), self.counts.last_key_value())
        else {
            return Vec::new();
        };
        let mut all = self.counts.clone();
        // What another version counted by other steps stays where it is.
        for step in steps().skip_while(|step| step < first).take_while(|step| step < last) {
            all.entry(step).or_default();
        }
        all.into_iter().collect()
    }
}

/// The steps up to the greatest that there is.
fn steps() -> impl Iterator<Item = u64> {
    let decades = std::iter::successors(Some(SHORTEST), |decade: &u64| decade.checked_mul(10));
    decades.flat_map(|decade| R10.into_iter().filter_map(move |step| Some(decade.checked_mul(step)? / 100)))
}

/// The least step that is not shorter.
fn at_most(micros: u64) -> u64 {
    steps().find(|step| micros <= *step).unwrap_or(u64::MAX)
}

/// `250 µs`, `1.25 ms`, `3.2 s`.
pub fn duration(micros: u64) -> String {
    let scaled = |unit: u64, name: &str| {
        let (whole, hundredths) = (micros / unit, micros % unit * 100 / unit);
        let text = format!("{whole}.{hundredths:02}");
        format!("{} {name}", text.trim_end_matches('0').trim_end_matches('.'))
    };
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => scaled(1_000, "ms"),
        _ => scaled(1_000_000, "s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl IntoIterator<Item = u64>) -> Latency {
        let mut latency = Latency::default();
        micros.into_iter().for_each(|micros| latency.note(micros));
        latency
    }

    #[test]
    fn a_time_counts_to_the_step_that_holds_it() {
        for (micros, step) in
            [(0, 10), (10, 10), (11, 12), (13, 16), (1_000, 1_000), (1_001, 1_250), (99_999, 100_000)]
        {
            assert_eq!(at_most(micros), step, "{micros}");
        }
        assert_eq!(at_most(u64::MAX), u64::MAX);
        let steps: Vec<u64> = steps().collect();
        assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
    }

    #[test]
    fn both_halves_are_the_whole_and_quantiles_hold() {
        let all = of(1..=1_000);
        assert_eq!(of(1..=300).and(of(301..=1_000)), all);
        assert_eq!(
            (all.total(), all.within(50), all.within(99), all.within(100)),
            (1_000, Some(500), Some(1_000), Some(1_000))
        );
        assert_eq!(of([]).within(50), None);
    }

    #[test]
    fn steps_that_no_answer_took_are_there() {
        assert_eq!(of([90, 190]).steps(), [(100, 1), (125, 0), (160, 0), (200, 1)]);
        assert!(of([]).steps().is_empty());
    }

    #[test]
    fn durations_read_well() {
        let shown = [80, 1_000, 1_250, 31_500, 1_000_000, 2_500_000].map(duration);
        assert_eq!(shown, ["80 µs", "1 ms", "1.25 ms", "31.5 ms", "1 s", "2.5 s"]);
    }
}
