//! Known failures, and what is new in a contract, as a user of the built binary sees them.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::PathBuf;
use std::process::Command;

use boundstone::mock::{MockConfig, Reference, mutant};
use boundstone::setup::embedded_mock::Embedded;
use reports::model::{EntryState, Report};

use crate::support::{boundstone, folder, output, report, run, serve};

/// A mock that serves while the test runs, and a folder with its fixtures.
struct Target {
    runtime: tokio::runtime::Runtime,
    mock: Embedded,
    folder: PathBuf,
}

impl Target {
    fn new(name: &str, config: impl Into<MockConfig>) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mock = runtime.block_on(serve("page", config));
        let folder = folder(&format!("known-failures/{name}"));
        std::fs::write(folder.join("fixtures.toml"), &mock.fixtures).unwrap();
        Self { runtime, mock, folder }
    }

    /// With an upper bound that is off by one.
    fn deviating(name: &str) -> Self {
        Self::new(name, (mutant::find("length-max-plus-one-accepted").unwrap().behavior)())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let _enter = self.runtime.enter();
        let url = self.mock.url();
        let only = ["--only", "start-configuration-session/application-identifier"];
        let target = ["run", "--target", &url, "--fixtures", "fixtures.toml"];
        boundstone(&self.folder, &[&target[..], &only, arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        output(&mut self.command(arguments))
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.join(name), text).unwrap();
    }

    fn report(&self) -> Report {
        report(&self.folder.join("target/boundstone"))
    }
}

#[test]
fn a_draft_needs_reasons_and_then_makes_a_run_pass() {
    let target = Target::deviating("drafted");
    let (code, stdout, stderr) = target.run(&["--write-known-failures", "known.toml"]);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(stdout.contains("Known failures: known.toml (1 new entry, which needs a reason)\n"), "{stdout}");

    let (code, stdout, stderr) = target.run(&["--known-failures", "known.toml"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    let blank = 1 + target.file("known.toml").lines().position(|line| line == "reason = \"\"").unwrap();
    assert_eq!(
        stderr,
        format!("error: known.toml:{blank}: `reason` is blank: say why the failure is accepted\n")
    );

    let given = "reason = \"The limit comes with version 3\"\nissue = \"https://issues.example/7\"";
    target.write("known.toml", &target.file("known.toml").replace("reason = \"\"", given));
    let (code, stdout, stderr) =
        target.run(&["--known-failures", "known.toml", "--write-known-failures", "known.toml"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("Known failures: known.toml (nothing new)\n"), "{stdout}");
    assert!(target.file("known.toml").contains(given));
    for (name, text) in [
        ("terminal", stdout),
        ("report.md", target.file("target/boundstone/report.md")),
        ("report.html", target.file("target/boundstone/report.html")),
        ("junit.xml", target.file("target/boundstone/junit.xml")),
        ("report.json", target.file("target/boundstone/report.json")),
    ] {
        for part in ["The limit comes with version 3", "https://issues.example/7"] {
            assert!(text.contains(part), "{name}: {text}");
        }
    }
    let junit = target.file("target/boundstone/junit.xml");
    assert!(!junit.contains("<failure") && junit.contains("failed, known"), "{junit}");
    let report = target.report();
    assert_eq!(report.known_failures[0].state, EntryState::Occurs);
    let findings = reports::summary::findings(&report);
    assert!(!findings.is_empty() && findings.iter().all(|listed| listed.finding.is_known()));
}

#[test]
fn an_entry_that_is_out_of_date_fails_the_run_with_its_line() {
    let passed = Target::new("outdated", Box::new(Reference) as Box<dyn mock::Behavior>);
    let entry = |case: &str, more: &str| format!("[[known]]\ncase = \"{case}\"\nreason = \"r\"\n{more}\n");
    for (text, code, says) in [
        (
            entry("application-identifier/length", ""),
            1,
            "known.toml:1: application-identifier/length: no longer",
        ),
        (
            entry("application-identifier/length", "expires = 2020-02-29"),
            1,
            "known.toml:1: application-identifier/length: expired on 2020-02-29",
        ),
        (entry("no-such-case", ""), 1, "known.toml:1: no-such-case: matches no requirement and no case"),
        (entry("environment-identifier/length", ""), 0, "was not tested"),
    ] {
        passed.write("known.toml", &text);
        let (exit, stdout, stderr) = passed.run(&["--known-failures", "known.toml"]);
        assert_eq!(exit, code, "{stdout}{stderr}");
        let stdout = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(stdout.contains(says), "{stdout}");
        assert_eq!(stdout.contains("Known failures out of date: "), code == 1, "{stdout}");
    }
}

#[test]
fn known_failures_are_named_by_flag_environment_or_file_and_never_lost() {
    let target = Target::deviating("named");
    target.write("known.toml", "[[known]]\ncase = \"application-identifier/length\"\nreason = \"r\"\n");
    assert_eq!(target.run(&[]).0, 1);
    let (code, stdout, _) = output(target.command(&[]).env("BOUNDSTONE_KNOWN_FAILURES", "known.toml"));
    assert_eq!(code, 0, "{stdout}");
    target.write("boundstone.toml", "known-failures = \"known.toml\"\n");
    assert_eq!(target.run(&[]).0, 0);
    std::fs::remove_file(target.folder.join("boundstone.toml")).unwrap();

    let before = target.file("known.toml");
    let (code, _, stderr) = target.run(&["--write-known-failures", "known.toml"]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: --write-known-failures known.toml: the file exists; "), "{stderr}");
    assert_eq!(target.file("known.toml"), before);

    let (code, _, stderr) = target.run(&["--known-failures", "nowhere.toml"]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: known-failures nowhere.toml: "), "{stderr}");
}

#[test]
fn a_newer_contract_says_what_is_new() {
    let folder = folder("known-failures/newer");
    let model = cases::contract::embedded::MODEL;
    std::fs::write(folder.join("newer.json"), model.replace("128", "100")).unwrap();
    std::fs::write(folder.join("same.json"), model).unwrap();
    let changed = "changed  start-configuration-session/application-identifier/length\n";
    let sentence = "Compared with the built-in contract model, newer.json has 3 changed requirements.\n";

    let few = ["--only", "application-identifier/required"];
    let (code, stdout, stderr) = run(&folder, &[&["run", "--contract", "newer.json"], &few[..]].concat());
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stderr.starts_with(sentence) && stderr.contains(changed), "{stderr}");
    assert!(
        stdout.contains("\ncontract      Compared with the built-in contract model, newer.json has 3"),
        "{stdout}"
    );
    let changes = report(&folder.join("target/boundstone")).contract_changes.unwrap();
    assert_eq!((changes.added.len(), changes.removed.len(), changes.changed.len()), (0, 0, 3));

    let (code, stdout, _) = run(&folder, &["list", "--contract", "newer.json", "--changes"]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with(sentence) && stdout.contains(changed), "{stdout}");
    let (_, stdout, _) = run(&folder, &["list", "--contract", "newer.json", "--changes", "--json"]);
    assert_eq!(serde_json::from_str::<cases::catalogue::ContractDiff>(&stdout).unwrap(), changes);

    let (code, stdout, stderr) = run(&folder, &[&["run", "--contract", "same.json"], &few[..]].concat());
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(!stdout.contains("built-in") && !stderr.contains("built-in"), "{stdout}{stderr}");
    let (code, stdout, _) = run(&folder, &["list", "--contract", "same.json", "--changes"]);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "same.json has the same requirements as the built-in contract model.\n")
    );
}
