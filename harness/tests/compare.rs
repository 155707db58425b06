//! `boundstone compare`, as a user of the built binary sees it.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::path::{Path, PathBuf};

use boundstone::mock::{Behavior, MockConfig, Reference, mutant, variant};
use boundstone::setup::embedded_mock::Embedded;
use reports::history::{Comparison, Contrast};

use crate::support::{ClosedPort, folder, run, serve};

const SAMPLES: [&str; 2] = ["--cases", "1"];

fn reference() -> MockConfig {
    (Box::new(Reference) as Box<dyn Behavior>).into()
}

/// Two mocks that serve while the test runs, and a folder with their fixtures.
struct Two {
    _runtime: tokio::runtime::Runtime,
    mocks: [Embedded; 2],
    contract: &'static str,
    folder: PathBuf,
}

impl Two {
    fn new(name: &str, contract_name: &'static str, configs: [MockConfig; 2]) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mocks = configs.map(|config| runtime.block_on(serve(contract_name, config)));
        let folder = folder(&format!("compare/{name}"));
        std::fs::write(folder.join("fixtures.toml"), &mocks[0].fixtures).unwrap();
        Self { _runtime: runtime, mocks, contract: contract_name, folder }
    }

    fn compare(&self, arguments: &[&str]) -> (i32, String, String) {
        let urls = self.mocks.each_ref().map(Embedded::url);
        compare(&self.folder, &urls[0], &urls[1], &[&["--contract", self.contract], arguments].concat())
    }

    fn contrasts(&self, arguments: &[&str]) -> Vec<Contrast> {
        let all = [&["--fixtures", "fixtures.toml", "--json"], &SAMPLES[..], arguments].concat();
        let (code, stdout, stderr) = self.compare(&all);
        let found: Comparison = serde_json::from_str(&stdout).unwrap();
        assert_eq!(code, i32::from(!found.contrasts.is_empty()), "{stderr}");
        assert!(found.cases > 0 && !found.interrupted, "{stdout}");
        found.contrasts
    }
}

fn compare(folder: &Path, a: &str, b: &str, arguments: &[&str]) -> (i32, String, String) {
    run(folder, &[&["compare", a, b], arguments].concat())
}

#[test]
fn the_mock_does_not_differ_from_itself() {
    for contract in ["page", "model"] {
        let two = Two::new(&format!("itself-{contract}"), contract, [reference(), reference()]);
        let arguments = [&["--fixtures", "fixtures.toml"], &SAMPLES[..]].concat();
        let (code, stdout, stderr) = two.compare(&arguments);
        assert_eq!(code, 0, "{stdout}{stderr}");
        assert!(stdout.contains("\nNo difference between http://127.0.0.1:"), "{stdout}");
        assert!(stderr.starts_with("Comparing http://127.0.0.1:"), "{stderr}");
    }
}

#[test]
fn nothing_compared_is_not_nothing_found() {
    let two = Two::new("nothing", "model", [reference(), reference()]);
    let (code, stdout, stderr) =
        two.compare(&["--fixtures", "fixtures.toml", "--only", "*/signature/*", "--cases", "1"]);
    assert_eq!(code, 3, "{stdout}{stderr}");
    assert!(stdout.contains("cases were not sent: requires --sigv4"), "{stdout}");
    assert!(stdout.contains("Nothing was compared between "), "{stdout}");
}

#[test]
fn a_mutant_is_found_and_shown_by_the_smallest_request() {
    for (name, contract, requirement, field, a, b, body) in [
        (
            "length-max-plus-one-accepted",
            "page",
            "start-configuration-session/application-identifier/length",
            "status",
            "400",
            "404",
            Some(format!(
                "{{\"ApplicationIdentifier\":\"{}\",\"EnvironmentIdentifier\":\"envr101\",\"ConfigurationProfileIdentifier\":\"prof101\"}}",
                "a".repeat(65)
            )),
        ),
        (
            "length-min-not-enforced",
            "model",
            "start-configuration-session/application-identifier/length",
            "status",
            "400",
            "404",
            Some("{\"ApplicationIdentifier\":\"\",\"EnvironmentIdentifier\":\"envr101\",\"ConfigurationProfileIdentifier\":\"prof101\"}".to_owned()),
        ),
    ] {
        let mutant = (mutant::find(name).unwrap().behavior)();
        let two = Two::new(name, contract, [reference(), mutant.into()]);
        let contrasts = two.contrasts(&[]);
        let found = contrasts.iter().find(|contrast| contrast.requirement.as_str() == requirement);
        let found = found.unwrap_or_else(|| panic!("{name}: {contrasts:?}"));
        assert_eq!((found.field.as_str(), found.a.as_str(), found.b.as_str()), (field, a, b), "{name}");
        assert!(found.stable && found.a_conforms && !found.b_conforms, "{name}");
        assert_eq!(found.exchanges.len(), 1, "{name}");
        if let Some(body) = body {
            let sent = found.exchanges[0].request.body.to_bytes(1 << 20).unwrap();
            assert_eq!(String::from_utf8(sent).unwrap(), body, "{name}");
        }
        assert!(contrasts.iter().all(|contrast| contrast.requirement == found.requirement || contrast.a_conforms));
    }
}

#[test]
fn a_mutant_in_a_session_is_shown_with_the_tokens_of_each() {
    let again = (mutant::find("token-never-spent").unwrap().behavior)();
    let two = Two::new("session", "model", [reference(), again.into()]);
    let contrasts = two.contrasts(&["--only", "single-use"]);
    let found = contrasts.iter().find(|it| it.requirement.as_str().ends_with("/single-use")).unwrap();
    assert_eq!((found.a.as_str(), found.b.as_str()), ("400", "200"));
    assert_eq!(found.exchanges.len(), 3, "{found:?}");
    assert!(found.exchanges[1].request.target.ends_with("=~1.InitialConfigurationToken~"), "{found:?}");
}

#[test]
fn an_unusual_server_differs_only_in_what_is_open() {
    let names: Vec<&str> =
        variant::all().filter(|it| it.contracts.instead_of("page").is_none()).map(|it| it.name).collect();
    assert!(names.len() > 20);
    // Every seventh, since each costs a run.
    for name in names.into_iter().step_by(7) {
        let config = (variant::find(name).unwrap().config)();
        if config.options.signed_for.is_some() {
            // It refuses all that is not signed, which is a difference.
            continue;
        }
        let two = Two::new(name, "page", [reference(), config]);
        if two.mocks[0].fixtures != two.mocks[1].fixtures {
            // It serves other content, which is a difference.
            continue;
        }
        for contrast in two.contrasts(&[]) {
            assert!(contrast.a_conforms, "{name}: {contrast:?}");
            let should = contrast.level == cases::id::Level::Should;
            assert!(contrast.b_conforms || should, "{name}: {contrast:?}");
        }
    }
}

#[test]
fn resources_of_other_names_are_compared_by_position() {
    let two = Two::new("fixtures", "page", [reference(), reference()]);
    let entries: Vec<String> = two.mocks[0]
        .fixtures
        .split("[[resource]]")
        .filter(|entry| entry.contains("application"))
        .map(|entry| format!("[[resource]]{entry}"))
        .collect();
    std::fs::write(two.folder.join("a.toml"), &entries[0]).unwrap();
    std::fs::write(two.folder.join("b.toml"), &entries[1]).unwrap();
    std::fs::write(two.folder.join("both.toml"), entries[..2].concat()).unwrap();
    let with =
        |b| ["--fixtures", "a.toml", "--fixtures-b", b, "--only", "start-configuration-session/application"];
    let (code, stdout, stderr) = two.compare(&with("b.toml"));
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (code, _, stderr) = two.compare(&with("both.toml"));
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with("error: --fixtures-b both.toml: 2 resources where --fixtures has 1; "),
        "{stderr}"
    );
}

#[test]
fn who_could_not_be_reached_is_named() {
    let two = Two::new("unreached", "page", [reference(), reference()]);
    let closed_port = ClosedPort::bind();
    let closed = closed_port.url();
    let arguments = [
        "--fixtures",
        "fixtures.toml",
        "--header",
        "Authorization: s3cret-of-a",
        "--header-b",
        "x: s3cret-of-b",
    ];
    let (code, stdout, stderr) = compare(&two.folder, &two.mocks[0].url(), &closed, &arguments);
    assert_eq!((code, stdout.as_str()), (3, ""));
    assert!(
        stderr.starts_with(&format!("B ({closed}) could not be compared. The target cannot be connected to")),
        "{stderr}"
    );
    assert!(!stderr.contains("A (") && !stderr.contains("s3cret"), "{stderr}");
    let (code, _, stderr) = compare(&two.folder, "nowhere", &closed, &arguments);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error: A: target nowhere: "), "{stderr}");
}
