//! How long responses took: a histogram over fixed steps, so that two histograms add up to one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Ten steps for each decade, each about a quarter longer than the one before (ISO 3, series R10).
const R10: [u64; 10] = [100, 125, 160, 200, 250, 315, 400, 500, 630, 800];

/// The shortest step in microseconds.
const MIN_MICROS: u64 = 10;

/// How many responses took how long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Latency {
    /// For each step in microseconds, the number of responses that took at most that long and longer than the
    /// step before.
    counts: BTreeMap<u64, u64>,
}

impl Latency {
    /// Whether it counts no response.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Counts a response that took `micros` microseconds.
    pub fn record(&mut self, micros: u64) {
        *self.counts.entry(step_of(micros)).or_default() += 1;
    }

    /// The responses of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (micros, count) in other.counts {
            let sum = self.counts.entry(micros).or_default();
            *sum = sum.saturating_add(count);
        }
        self
    }

    /// The responses that an earlier state of this histogram did not count yet.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let new = |(micros, count): (&u64, &u64)| {
            let known = before.counts.get(micros).copied().unwrap_or_default();
            (*micros, count.saturating_sub(known))
        };
        Self { counts: self.counts.iter().map(new).filter(|(_, count)| *count > 0).collect() }
    }

    /// The number of responses.
    pub fn total(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The microseconds within which `percent` of the responses came; none without responses.
    pub fn within(&self, percent: u64) -> Option<u64> {
        let target = (u128::from(self.total()) * u128::from(percent)).div_ceil(100);
        let mut sum = 0;
        self.counts.iter().find_map(|(micros, count)| {
            sum += u128::from(*count);
            (sum >= target).then_some(*micros)
        })
    }

    /// Every step from the shortest to the longest time, in microseconds, with the number of its responses,
    /// which may be 0.
    pub fn steps(&self) -> Vec<(u64, u64)> {
        let (Some((first, _)), Some((last, _))) =
            (self.counts.first_key_value(), self.counts.last_key_value())
        else {
            return Vec::new();
        };
        let mut all = self.counts.clone();
        // Counts of other steps, which only another version writes, are kept.
        for step in steps().skip_while(|step| step < first).take_while(|step| step < last) {
            all.entry(step).or_default();
        }
        all.into_iter().collect()
    }
}

/// All steps in microseconds, the shortest first.
fn steps() -> impl Iterator<Item = u64> {
    let decades = std::iter::successors(Some(MIN_MICROS), |decade: &u64| decade.checked_mul(10));
    decades.flat_map(|decade| R10.into_iter().filter_map(move |step| Some(decade.checked_mul(step)? / 100)))
}

/// The shortest step that is not shorter than `micros`.
fn step_of(micros: u64) -> u64 {
    steps().find(|step| micros <= *step).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(micros: impl IntoIterator<Item = u64>) -> Latency {
        let mut latency = Latency::default();
        micros.into_iter().for_each(|micros| latency.record(micros));
        latency
    }

    #[test]
    fn time_counts_to_next_longer_step() {
        for (micros, step) in
            [(0, 10), (10, 10), (11, 12), (13, 16), (1_000, 1_000), (1_001, 1_250), (99_999, 100_000)]
        {
            assert_eq!(step_of(micros), step, "{micros}");
        }
        assert_eq!(step_of(u64::MAX), u64::MAX);
        let steps: Vec<u64> = steps().collect();
        assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
    }

    #[test]
    fn halves_add_up_to_the_whole() {
        let all = of(1..=1_000);
        assert_eq!(of(1..=300).and(of(301..=1_000)), all);
        assert_eq!(
            (all.total(), all.within(50), all.within(99), all.within(100)),
            (1_000, Some(500), Some(1_000), Some(1_000))
        );
        assert_eq!(of([]).within(50), None);
    }

    #[test]
    fn steps_include_those_without_responses() {
        assert_eq!(of([90, 190]).steps(), [(100, 1), (125, 0), (160, 0), (200, 1)]);
        assert!(of([]).steps().is_empty());
    }
}
