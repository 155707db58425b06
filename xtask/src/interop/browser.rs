//! `cargo xtask browser` opens the pages of real reports in a real browser.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;
use serde_json::Value;

use crate::support::packages::node;
use crate::support::test_server::TestServer;
use crate::support::workspace::{self, write};

/// A mutant whose counterexample has several requests, and one whose counterexample has one.
const MUTANTS: [&str; 2] = ["token-never-spent", "length-max-plus-one-accepted"];

/// The number of cases of the largest page.
const MANY_CASES: usize = 10_000;

/// The names of Chromium. The first one that is installed is used.
const CHROMIUM_NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Makes the pages by real runs and checks them with `check.mjs`.
///
/// # Errors
/// A program is missing, a run ends with another exit code than expected, or a page fails a check.
pub(crate) fn run() -> Result<()> {
    let chromium = chromium()?;
    let assets = workspace::root().join("xtask/browser");
    let modules = node::modules(&assets, &workspace::folder("browser/npm")?)?;
    // The npm packages may contain a newer Node.js than the system's.
    let node = node::program(&modules);
    let folder = workspace::folder("browser/pages")?;
    let pages = Pages { boundstone: workspace::build_boundstone()?, folder: &folder };

    pages.add_run("passed", &["run", "--quiet"], 0)?;
    for mutant in MUTANTS {
        let out = workspace::folder(&format!("browser/mock-{mutant}"))?;
        let mock = TestServer::mock(&pages.boundstone, &out, &["--mutant", mutant])?;
        pages.add_tested(mutant, &mock)?;
    }
    let [one, other] = MUTANTS.map(|mutant| pages.json(mutant).to_string_lossy().into_owned());
    pages.add_run("report", &["report", "merge", &one, &other], 1)?;
    pages.add_tested("hostile", &TestServer::hostile(&workspace::folder("browser/hostile")?)?)?;

    let report = pages.json("report");
    write(&pages.json("many"), &with_many_cases(&std::fs::read_to_string(&report)?)?)?;
    pages.add_page("many", &["render", "--format=html", &pages.json("many").to_string_lossy()])?;
    let (passed, report) = (pages.json("passed"), report.to_string_lossy().into_owned());
    let passed = passed.to_string_lossy();
    pages.add_page("trend", &["trend", &passed, &report, &pages.json("hostile").to_string_lossy()])?;

    let screenshots = workspace::folder("browser/screenshots")?;
    cmd!(&node, assets.join("check.mjs"), &folder, &screenshots, chromium)
        .dir(modules.parent().unwrap_or(&modules))
        .run()
        .context("a page fails a check")?;
    println!("screenshots: {}", screenshots.display());
    Ok(())
}

/// The path of Chromium.
fn chromium() -> Result<PathBuf> {
    let found = CHROMIUM_NAMES.iter().find_map(|name| cmd!("which", name).stderr_null().read().ok());
    found
        .map(PathBuf::from)
        .with_context(|| format!("no browser is installed; install one of {}", CHROMIUM_NAMES.join(", ")))
}

/// The folder of the pages, and the program that makes them.
struct Pages<'a> {
    boundstone: PathBuf,
    folder: &'a Path,
}

impl Pages<'_> {
    fn json(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension("json")
    }

    /// Runs boundstone, which has to end with `code`, and adds its report.
    fn add_run(&self, name: &str, arguments: &[&str], code: i32) -> Result<()> {
        let out = workspace::folder(&format!("browser/{name}"))?;
        let out_argument = format!("--out={}", out.display());
        let output = cmd(&self.boundstone, [arguments, &[out_argument.as_str()]].concat())
            .dir(workspace::root())
            .stdout_null()
            .unchecked()
            .run()?;
        ensure!(
            output.status.code() == Some(code),
            "the run `{name}` ended with {}, not with exit code {code}",
            output.status
        );
        for kind in ["json", "html"] {
            let from = out.join("report").with_extension(kind);
            let to = self.folder.join(name).with_extension(kind);
            std::fs::copy(&from, to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
        Ok(())
    }

    /// Tests a server that fails, and adds the report.
    fn add_tested(&self, name: &str, server: &TestServer) -> Result<()> {
        let [target, fixtures] = server.arguments();
        self.add_run(name, &["run", "--quiet", "--timeout=1s", &target, &fixtures], 1)
    }

    /// Adds the page that `boundstone report` prints.
    fn add_page(&self, name: &str, arguments: &[&str]) -> Result<()> {
        cmd(&self.boundstone, [&["report"], arguments].concat())
            .stdout_path(self.folder.join(name).with_extension("html"))
            .run()
            .with_context(|| format!("cannot print the page {name}"))?;
        Ok(())
    }
}

/// Copies the requirements of a report under other ids until there are [`MANY_CASES`] cases.
fn with_many_cases(report: &str) -> Result<String> {
    let mut report: Value = serde_json::from_str(report)?;
    let requirements = report["requirements"].as_array().cloned().unwrap_or_default();
    let cases: usize = requirements.iter().filter_map(|it| it["cases"].as_array()).map(Vec::len).sum();
    ensure!(cases > 0, "the report has no case");
    let mut all = Vec::new();
    for nth in 0..MANY_CASES.div_ceil(cases) {
        for requirement in &requirements {
            let mut copy = requirement.clone();
            rename(&mut copy, nth);
            all.push(copy);
        }
    }
    report["requirements"] = all.into();
    Ok(report.to_string())
}

/// Changes each id of a requirement or a case, and each operation.
fn rename(value: &mut Value, nth: usize) {
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
                    (_, value) => rename(value, nth),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, nth)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn copied_cases_have_own_ids() {
        let requirement = json!({
            "id": "start/length", "operation": "Start", "cases": [{"id": "start/length/far"}],
            "findings": [{"case": "start/length/far", "cases": ["start/length/far"]}],
        });
        let report = json!({ "requirements": [requirement] }).to_string();
        let report: Value = serde_json::from_str(&with_many_cases(&report).unwrap()).unwrap();
        let requirements = report["requirements"].as_array().unwrap();
        assert_eq!(requirements.len(), MANY_CASES);
        assert_eq!(requirements[7]["cases"][0]["id"], "copy-7-start/length/far");
        assert_eq!(requirements[7]["findings"][0]["cases"][0], "copy-7-start/length/far");
        assert!(with_many_cases("{}").is_err());
    }
}
