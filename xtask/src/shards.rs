//! Whether the shards of a run find together what one run finds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use duct::cmd;
use reports::report::Report;

use crate::peer::Peer;

/// How the mock errs, so that there is something to find.
const MUTANT: &str = "length-max-plus-one-accepted";

/// A mock, and what one run finds of it.
pub(crate) struct Whole {
    mock: Peer,
    report: Report,
}

impl Whole {
    /// Serves a mock that errs, and judges it; all files go to `out`.
    pub(crate) fn judge(boundstone: &Path, out: &Path) -> Result<Self> {
        let mock = Peer::mock(boundstone, out, &["--mutant", MUTANT])?;
        let [target, fixtures] = mock.arguments();
        let whole = out.join("whole");
        let out = format!("--out={}", whole.display());
        cmd!(boundstone, "run", "--quiet", target, fixtures, out).stdout_null().unchecked().run()?;
        let report = read(&whole.join("report.json"))?;
        ensure!(report.requirements.iter().any(|it| !it.findings.is_empty()), "one run finds nothing");
        Ok(Self { mock, report })
    }

    /// The mock that was judged.
    pub(crate) fn mock(&self) -> &Peer {
        &self.mock
    }

    /// Sees that the shards, whose reports are `shards`, made what is in the report `merged`, and that it is
    /// what one run finds.
    pub(crate) fn is_found_by(&self, shards: &[PathBuf], merged: &Path) -> Result<()> {
        let mut tried = 0;
        for shard in shards {
            let cases = read(shard)?.totals.cases;
            ensure!(cases < self.report.totals.cases, "{} is no part of the run", shard.display());
            tried += cases;
        }
        ensure!(tried == self.report.totals.cases, "the shards tried {tried} cases");
        same(&self.report, &read(merged)?)
    }
}

fn read(report: &Path) -> Result<Report> {
    let text = std::fs::read_to_string(report).with_context(|| format!("read {}", report.display()))?;
    reports::json::parse(&text).with_context(|| format!("read {}", report.display()))
}

/// Sees that two reports say the same of each requirement.
fn same(one: &Report, other: &Report) -> Result<()> {
    let (one, other) = (found(one), found(other));
    for (id, found) in &one {
        if other.get(id) != Some(found) {
            bail!("{id}: one run finds {found:?}, its shards {:?}", other.get(id));
        }
    }
    ensure!(one.len() == other.len(), "the shards judge other requirements than one run");
    Ok(())
}

/// The verdict on each requirement, and the field and the answer of each of its findings.
fn found(report: &Report) -> BTreeMap<String, Vec<String>> {
    let requirements = report.requirements.iter();
    requirements
        .map(|it| {
            let differences = it.findings.iter().filter_map(|finding| finding.differences.first());
            let mut found: Vec<_> = differences.map(|it| format!("{}: {}", it.field, it.actual)).collect();
            found.sort();
            found.insert(0, format!("{:?}", it.verdict));
            (it.id.to_string(), found)
        })
        .collect()
}
