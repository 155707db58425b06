//! `cargo xtask browser`: the pages of real reports in a real browser.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;
use serde_json::Value;

use crate::packages::node;
use crate::peer::Peer;
use crate::workspace;
use crate::workspace::write;

/// Mutants: one that takes several requests to show, and one that shows in one.
const MUTANTS: [&str; 2] = ["token-never-spent", "length-max-plus-one-accepted"];

/// The cases of the largest page.
const MANY: usize = 10_000;

/// What Chromium is called; the first one that is there is used.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Makes the pages by real runs and hands them to `check.mjs`.
pub(crate) fn run() -> Result<()> {
    let chromium = chromium()?;
    let assets = workspace::root().join("xtask/browser");
    let modules = node::modules(&assets, &workspace::folder("browser/npm")?)?;
    // Prism's packages bring a newer one along where the system's is old.
    let node = node::program(&modules);
    let pages = workspace::folder("browser/pages")?;
    let makes = Makes { boundstone: workspace::build_boundstone()?, pages: &pages };

    makes.judged("passed", &["run", "--quiet"], 0)?;
    for mutant in MUTANTS {
        let folder = workspace::folder(&format!("browser/mock-{mutant}"))?;
        let mock = Peer::mock(&makes.boundstone, &folder, &["--mutant", mutant])?;
        makes.judged_at(mutant, &mock)?;
    }
    let [one, other] = MUTANTS.map(|mutant| makes.json(mutant).to_string_lossy().into_owned());
    makes.judged("report", &["report", "merge", &one, &other], 1)?;
    makes.judged_at("hostile", &Peer::hostile(&workspace::folder("browser/hostile")?)?)?;

    let report = makes.json("report");
    write(&makes.json("many"), &many(&std::fs::read_to_string(&report)?)?)?;
    makes.page("many", &["render", "--format=html", &makes.json("many").to_string_lossy()])?;
    let (passed, report) = (makes.json("passed"), report.to_string_lossy().into_owned());
    let passed = passed.to_string_lossy();
    makes.page("trend", &["trend", &passed, &report, &makes.json("hostile").to_string_lossy()])?;

    let screenshots = workspace::folder("browser/screenshots")?;
    cmd!(&node, assets.join("check.mjs"), &pages, &screenshots, chromium)
        .dir(modules.parent().unwrap_or(&modules))
        .run()
        .context("a page is not as it should be")?;
    println!("screenshots: {}", screenshots.display());
    Ok(())
}

/// The program Chromium.
fn chromium() -> Result<PathBuf> {
    let found = CHROMIUM.iter().find_map(|name| cmd!("which", name).stderr_null().read().ok());
    found.map(PathBuf::from).with_context(|| format!("no browser is installed: {}", CHROMIUM.join(", ")))
}

/// Makes pages.
struct Makes<'a> {
    boundstone: PathBuf,
    pages: &'a Path,
}

impl Makes<'_> {
    fn json(&self, name: &str) -> PathBuf {
        self.pages.join(name).with_extension("json")
    }

    /// The report of a run that ends with `code`.
    fn judged(&self, name: &str, arguments: &[&str], code: i32) -> Result<()> {
        let out = workspace::folder(&format!("browser/{name}"))?;
        let out_argument = format!("--out={}", out.display());
        let output = cmd(&self.boundstone, [arguments, &[out_argument.as_str()]].concat())
            .dir(workspace::root())
            .stdout_null()
            .unchecked()
            .run()?;
        ensure!(output.status.code() == Some(code), "the run for {name} ended with {}", output.status);
        for kind in ["json", "html"] {
            let from = out.join("report").with_extension(kind);
            let to = self.pages.join(name).with_extension(kind);
            std::fs::copy(&from, to).with_context(|| format!("copy {}", from.display()))?;
        }
        Ok(())
    }

    /// The report of a run that finds something.
    fn judged_at(&self, name: &str, peer: &Peer) -> Result<()> {
        let [target, fixtures] = peer.arguments();
        self.judged(name, &["run", "--quiet", "--timeout=1s", &target, &fixtures], 1)
    }

    /// The page that `boundstone report` prints.
    fn page(&self, name: &str, arguments: &[&str]) -> Result<()> {
        cmd(&self.boundstone, [&["report"], arguments].concat())
            .stdout_path(self.pages.join(name).with_extension("html"))
            .run()
            .with_context(|| format!("print the page {name}"))?;
        Ok(())
    }
}

/// A report with the same requirements over and over under other ids, until there are [`MANY`] cases.
fn many(report: &str) -> Result<String> {
    let mut report: Value = serde_json::from_str(report)?;
    let requirements = report["requirements"].as_array().cloned().unwrap_or_default();
    let count = |requirements: &[Value]| -> usize {
        requirements.iter().filter_map(|it| it["cases"].as_array()).map(Vec::len).sum()
    };
    let once = count(&requirements);
    ensure!(once > 0, "the report has no case");
    let mut all = Vec::new();
    for nth in 0..MANY.div_ceil(once) {
        for requirement in &requirements {
            let mut copy = requirement.clone();
            renamed(&mut copy, nth);
            all.push(copy);
        }
    }
    report["requirements"] = all.into();
    Ok(report.to_string())
}

/// Puts another id wherever there is one of a requirement or a case, and another operation.
fn renamed(value: &mut Value, nth: usize) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("id" | "case" | "operation", Value::String(id)) => *id = format!("copy-{nth}-{id}"),
                    ("cases", Value::Array(cases)) if cases.iter().all(Value::is_string) => {
                        for case in cases {
                            *case = format!("copy-{nth}-{}", case.as_str().unwrap_or_default()).into();
                        }
                    }
                    (_, value) => renamed(value, nth),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| renamed(item, nth)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn many_cases_have_ids_of_their_own() {
        let requirement = json!({
            "id": "start/length", "operation": "Start", "cases": [{"id": "start/length/far"}],
            "findings": [{"case": "start/length/far", "cases": ["start/length/far"]}],
        });
        let report = json!({ "requirements": [requirement] }).to_string();
        let report: Value = serde_json::from_str(&many(&report).unwrap()).unwrap();
        let requirements = report["requirements"].as_array().unwrap();
        assert_eq!(requirements.len(), MANY);
        assert_eq!(requirements[7]["cases"][0]["id"], "copy-7-start/length/far");
        assert_eq!(requirements[7]["findings"][0]["cases"][0], "copy-7-start/length/far");
        assert!(many("{}").is_err());
    }
}
