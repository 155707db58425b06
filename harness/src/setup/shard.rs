//! Shards: several machines share a run, and each runs a part of the cases.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::Deserialize;

/// One of several parts, such as `1/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Shard {
    index: usize,
    of: NonZeroUsize,
}

/// A text that is not a shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a shard is expected, such as 1/3, from 1/3 to 3/3")]
pub struct ShardError;

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, of) = text.split_once('/').ok_or(ShardError)?;
        let index: NonZeroUsize = index.parse().map_err(|_| ShardError)?;
        let of: NonZeroUsize = of.parse().map_err(|_| ShardError)?;
        if index > of { Err(ShardError) } else { Ok(Self { index: index.get() - 1, of }) }
    }
}

impl TryFrom<String> for Shard {
    type Error = ShardError;

    fn try_from(text: String) -> Result<Self, ShardError> {
        text.parse()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

impl Shard {
    /// Keeps only the selected cases of this shard. Cases are assigned in order of falling cost, each to the
    /// shard with the smallest sum, so that all shards take about as long. `cost` is the cost of a case by its
    /// index.
    pub fn keep(self, selected: &mut [bool], cost: impl Fn(usize) -> u64) {
        let mut cases: Vec<(u64, usize)> = selected
            .iter()
            .enumerate()
            .filter(|(_, selected)| **selected)
            .map(|(index, _)| (cost(index), index))
            .collect();
        cases.sort_by_key(|(cost, index)| (std::cmp::Reverse(*cost), *index));
        let mut sums = vec![0; self.of.get()];
        for (cost, case) in cases {
            let smallest = (0..sums.len()).min_by_key(|shard| sums[*shard]).unwrap_or_default();
            sums[smallest] += cost;
            selected[case] = smallest == self.index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shards_count_from_one() {
        for good in ["1/1", "1/3", "3/3"] {
            assert_eq!(good.parse::<Shard>().unwrap().to_string(), good);
        }
        for wrong in ["", "1", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/2/3"] {
            assert_eq!(wrong.parse::<Shard>(), Err(ShardError), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn each_case_belongs_to_one_balanced_shard(
            costs in proptest::collection::vec(proptest::option::of(1_u64..500), 1..200),
            of in 1_usize..9,
        ) {
            let selected: Vec<bool> = costs.iter().map(Option::is_some).collect();
            let cost = |index: usize| costs[index].unwrap_or_default();
            let shards: Vec<Vec<bool>> = (1..=of)
                .map(|index| {
                    let mut part = selected.clone();
                    format!("{index}/{of}").parse::<Shard>().unwrap().keep(&mut part, cost);
                    part
                })
                .collect();
            for (index, selected) in selected.iter().enumerate() {
                let takers = shards.iter().filter(|shard| shard[index]).count();
                prop_assert_eq!(takers, usize::from(*selected));
            }
            let load = |shard: &Vec<bool>| -> u64 { (0..shard.len()).filter(|index| shard[*index]).map(cost).sum() };
            let loads: Vec<u64> = shards.iter().map(load).collect();
            let most = costs.iter().flatten().max().copied().unwrap_or_default();
            prop_assert!(loads.iter().max().unwrap() - loads.iter().min().unwrap() <= most);
        }
    }
}
