//! The action by itself: from its sources, with each of its inputs.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};

use super::definition::Scalar;
use super::stage::{Ending, Stage};
use crate::peer::Peer;
use crate::workspace::{self, write};

/// Carries out the action.
pub(super) fn rehearse(boundstone: &Path) -> Result<()> {
    let stage = Stage::new("action", boundstone)?;
    let mock = Peer::mock(
        boundstone,
        &workspace::folder("workflows/action-mock")?,
        &["--mutant=length-max-plus-one-accepted"],
    )?;

    // Where the step that builds one leaves it.
    let built = stage.temp().join("boundstone/bin");
    std::fs::create_dir_all(&built)?;
    std::fs::copy(boundstone, built.join("boundstone"))?;
    let (ending, outputs) =
        stage.action(&inputs(&[("arguments", "--only=start-configuration-session/accepts/*")]), &[])?;
    ensure!(ending == Ending::Success, "what the action builds does not judge: {ending:?}");
    ensure!(outputs["verdict"].starts_with("Held: "), "the verdict is {}", outputs["verdict"]);

    let binary = boundstone.to_string_lossy();
    let fixtures = mock.fixtures().to_string_lossy();
    write(
        &stage.checkout().join("known.toml"),
        "[[known]]\ncase = \"start-configuration-session/*-identifier/length\"\nreason = \"A rehearsal.\"\n",
    )?;
    let all = [
        ("binary", &*binary),
        ("target", mock.url()),
        ("contract", "page"),
        ("fixtures", &*fixtures),
        ("seed", "7"),
        ("cases", "4"),
        ("shard", "1/1"),
        ("max-requests", "5000"),
        ("budget", "1m"),
        ("wait", "10s"),
        ("max-failures", "50"),
        ("region", "eu-central-1"),
        ("strict", "false"),
        ("sigv4", "false"),
        ("provision", "false"),
        // Were it read as shell, a file would come of it.
        (
            "arguments",
            "--only=start-configuration-session/*/length/*\n--header=x-note: $(touch pwned)`touch pwned`",
        ),
        ("out", "reports of \"one\" run"),
    ];
    let ends = |more: &[(&str, &str)]| stage.action(&inputs(&[&all, more].concat()), &[]);

    let (ending, outputs) = ends(&[])?;
    ensure!(
        ending == Ending::Failure("Judge".to_owned()),
        "a violation does not fail the action: {ending:?}"
    );
    ensure!(outputs["exit-code"] == "1", "a violation gives the exit code {}", outputs["exit-code"]);
    ensure!(outputs["verdict"].starts_with("Violated: 3 "), "the verdict is {}", outputs["verdict"]);
    let reports = stage.checkout().join(&outputs["reports"]);
    ensure!(reports.join("junit.xml").is_file(), "there are no reports in {}", reports.display());
    ensure!(
        stage.summary()?.contains("MUST violated"),
        "the summary of the step does not name what is violated"
    );
    ensure!(!stage.checkout().join("pwned").exists(), "an argument was read as shell");

    let (ending, outputs) = ends(&[("fail-on-violation", "false")])?;
    ensure!(
        ending == Ending::Success && outputs["exit-code"] == "1",
        "a violation fails a shard: {ending:?}"
    );
    let (ending, outputs) = ends(&[("known-failures", "known.toml")])?;
    ensure!(
        ending == Ending::Success && outputs["exit-code"] == "0",
        "the known failures are not heeded: {ending:?}"
    );
    for wrong in [("strict", "yes"), ("seed", "many"), ("known-failures", "missing.toml")] {
        let (ending, _) = ends(&[wrong, ("fail-on-violation", "false")])?;
        ensure!(ending != Ending::Success, "the input {} may be {}", wrong.0, wrong.1);
    }
    println!("rehearsed: the action");
    Ok(())
}

/// Inputs; of two of a name the later one counts.
fn inputs(all: &[(&str, &str)]) -> BTreeMap<String, Scalar> {
    all.iter().map(|(name, value)| ((*name).to_owned(), Scalar::Text((*value).to_owned()))).collect()
}
