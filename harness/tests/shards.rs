//! Several machines share a run: what they find together is what one finds.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;

use boundstone::mock::{MockConfig, mutant};
use boundstone::setup::config::RunConfig;
use reports::model::{Report, Verdict};

use crate::support::{finish, prepare};

async fn judge(config: MockConfig, shard: Option<String>) -> Report {
    let shard = shard.map(|shard| shard.parse().unwrap());
    let args = RunConfig { shard, samples: 8, ..RunConfig::default() };
    finish(prepare("model", config, args).await).await
}

/// The verdict on each requirement and on each case.
fn verdicts(report: &Report) -> BTreeMap<String, Verdict> {
    let requirements = report.requirements.iter().map(|it| (it.id.to_string(), it.verdict));
    let cases = report.requirements.iter().flat_map(|it| &it.cases);
    requirements.chain(cases.map(|case| (case.id.to_string(), case.verdict))).collect()
}

/// What differed, wherever it did.
fn differences(report: &Report) -> Vec<(String, String, String)> {
    let findings =
        report.requirements.iter().flat_map(|it| it.findings.iter().map(move |finding| (it, finding)));
    let mut all: Vec<_> = findings
        .map(|(it, finding)| {
            let first = &finding.differences[0];
            (it.id.to_string(), first.field.clone(), first.actual.clone())
        })
        .collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shards_of_a_run_find_what_the_whole_run_finds() {
    for name in
        [None, Some("length-max-plus-one-accepted"), Some("token-never-spent"), Some("first-poll-empty")]
    {
        let config = || name.map_or_else(MockConfig::default, |name| mutant::find(name).unwrap().config());
        let whole = judge(config(), None).await;
        for of in [1, 2, 3, 7] {
            let mut shards = Vec::new();
            for index in 1..=of {
                shards.push(judge(config(), Some(format!("{index}/{of}"))).await);
            }
            let tried: u64 = shards.iter().map(|shard| shard.totals.cases).sum();
            assert_eq!(tried, whole.totals.cases, "{name:?} {of}");
            let merged = reports::history::merge(shards).unwrap();
            assert_eq!(verdicts(&merged), verdicts(&whole), "{name:?} {of}");
            assert_eq!(differences(&merged), differences(&whole), "{name:?} {of}");
            assert_eq!(merged.totals.requirements, whole.totals.requirements, "{name:?} {of}");
        }
    }
}
