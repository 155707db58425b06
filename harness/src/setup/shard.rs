//! `--shard I/N`: a part of the cases, so that several machines share a run.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::Deserialize;

/// The `index`th of `of` parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Shard {
    index: usize,
    of: NonZeroUsize,
}

/// No part of a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a part of a whole is expected, such as 1/3, from 1/3 to 3/3")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, of) = text.split_once('/').ok_or(NoShard)?;
        let index: NonZeroUsize = index.parse().map_err(|_| NoShard)?;
        let of: NonZeroUsize = of.parse().map_err(|_| NoShard)?;
        if index > of { Err(NoShard) } else { Ok(Self { index: index.get() - 1, of }) }
    }
}

impl TryFrom<String> for Shard {
    type Error = NoShard;

    fn try_from(text: String) -> Result<Self, NoShard> {
        text.parse()
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index + 1, self.of)
    }
}

impl Shard {
    /// Keeps of what is selected only what falls to this shard. The dearest case goes first, each to the
    /// shard that has the least to do by then, so that all take about as long. `cost` is that of a case by
    /// its index.
    pub fn keep(self, selected: &mut [bool], cost: impl Fn(usize) -> u64) {
        let mut cases: Vec<(u64, usize)> = selected
            .iter()
            .enumerate()
            .filter(|(_, selected)| **selected)
            .map(|(index, _)| (cost(index), index))
            .collect();
        cases.sort_by_key(|(cost, index)| (std::cmp::Reverse(*cost), *index));
        let mut loads = vec![0; self.of.get()];
        for (cost, case) in cases {
            let least = (0..loads.len()).min_by_key(|shard| loads[*shard]).unwrap_or_default();
            loads[least] += cost;
            selected[case] = least == self.index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_are_counted_from_one() {
        for good in ["1/1", "1/3", "3/3"] {
            assert_eq!(good.parse::<Shard>().unwrap().to_string(), good);
        }
        for wrong in ["", "1", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/2/3"] {
            assert_eq!(wrong.parse::<Shard>(), Err(NoShard), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn each_case_falls_to_one_shard_and_none_has_much_more_to_do(
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
