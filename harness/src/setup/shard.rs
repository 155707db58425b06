//! Shards: several machines share a run, and each runs a part of the cases.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::Deserialize;

use crate::results::case_result::CaseIndex;

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
    /// The selected cases of this shard. Cases are assigned in order of falling cost, each to the shard with
    /// the smallest sum, so that all shards take about as long.
    pub fn keep(self, selected: BTreeSet<CaseIndex>, cost: impl Fn(CaseIndex) -> u64) -> BTreeSet<CaseIndex> {
        let mut cases: Vec<(u64, CaseIndex)> = selected.into_iter().map(|case| (cost(case), case)).collect();
        cases.sort_by_key(|(cost, case)| (std::cmp::Reverse(*cost), *case));
        let mut sums = vec![0; self.of.get()];
        let mut own = BTreeSet::new();
        for (cost, case) in cases {
            let smallest = (0..sums.len()).min_by_key(|shard| sums[*shard]).unwrap_or_default();
            sums[smallest] += cost;
            if smallest == self.index {
                own.insert(case);
            }
        }
        own
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
            let selected: BTreeSet<CaseIndex> =
                (0..costs.len()).filter(|case| costs[*case].is_some()).map(CaseIndex).collect();
            let cost = |case: CaseIndex| costs[case.0].unwrap_or_default();
            let shards: Vec<BTreeSet<CaseIndex>> = (1..=of)
                .map(|index| format!("{index}/{of}").parse::<Shard>().unwrap().keep(selected.clone(), cost))
                .collect();
            prop_assert_eq!(shards.iter().map(BTreeSet::len).sum::<usize>(), selected.len());
            prop_assert_eq!(shards.iter().flatten().copied().collect::<BTreeSet<_>>(), selected);
            let loads: Vec<u64> = shards.iter().map(|shard| shard.iter().copied().map(cost).sum()).collect();
            let most = costs.iter().flatten().max().copied().unwrap_or_default();
            prop_assert!(loads.iter().max().unwrap() - loads.iter().min().unwrap() <= most);
        }
    }
}
