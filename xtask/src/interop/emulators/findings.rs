//! `cargo xtask emulators findings` writes what boundstone found in the emulators, as a page for their authors.
//!
//! The page is made from the reports of the last runs. `confirmed.toml` lists the findings that a person reproduced
//! without boundstone, and the version of the emulator. The page marks all others as unconfirmed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::read_to_string;

use anyhow::{Context, Result};
use reports::model::VERDICTS;
use reports::model::{RecordedRequest, Report};
use reports::render::command::{Route, curl};
use reports::render::escape::{markdown_block, markdown_code};
use reports::render::text;
use reports::render::text::{expected_and_received, sent};
use reports::summary::{Listed, counted, findings, number};
use serde::Deserialize;

use super::assets::asset;
use super::emulator::{self, Emulator};
use super::ministack::MINISTACK;
use super::prism::PRISM;
use crate::support::fixtures::Fixtures;
use crate::support::hex::hex;
use crate::support::workspace::{self, write};

/// The maximum number of characters of a body or a command.
const MAX_LENGTH: usize = 2_000;

const HEAD: &str = "# What boundstone found in emulators

Written by `cargo xtask emulators findings` from the reports of `cargo xtask emulators ministack` and
`cargo xtask emulators prism`, seed 0, contract `model`. Each finding has the smallest request that shows it, the
expected and the received response, and whether a person reproduced it without boundstone.

`APPLICATION_1`, `ENVIRONMENT_1` and `PROFILE_1` replace the ids of the first resource, and so on.
";

/// What a person reproduced, by the key of the emulator.
type Confirmed = BTreeMap<String, ConfirmedIn>;

/// What a person reproduced with one version of an emulator.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmedIn {
    version: String,
    #[serde(default)]
    finding: Vec<Note>,
}

/// A finding that a person reproduced.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    requirement: String,
    /// The first field that differs, with the received value.
    received: String,
    /// What the person saw, and remarks.
    seen: String,
}

/// Writes `reports/emulators.md`.
pub(super) fn run() -> Result<()> {
    let confirmed = read_to_string(asset("confirmed.toml")).context("cannot read confirmed.toml")?;
    let confirmed: Confirmed = toml::from_str(&confirmed).context("confirmed.toml is invalid")?;
    let mut page = HEAD.to_owned();
    for emulator in [&MINISTACK, &PRISM] {
        page += &section(emulator, &TestedEmulator::read(emulator)?, confirmed.get(emulator.key))?;
    }
    let path = workspace::root().join("reports/emulators.md");
    write(&path, &page)?;
    println!("written: {}", path.display());
    Ok(())
}

/// The last run against an emulator.
struct TestedEmulator {
    version: String,
    report: Report,
}

impl TestedEmulator {
    fn read(emulator: &Emulator) -> Result<Self> {
        let missing = || format!("run `cargo xtask emulators {}` first", emulator.key);
        let version = read_to_string(emulator.version_file()?).with_context(missing)?;
        let fixtures = read_to_string(emulator.fixtures_file()?).with_context(missing)?;
        let report = emulator::Report::Json.path(&emulator.out()?);
        let report = read_to_string(report).with_context(missing)?;
        let report = with_stable_ids(&report, &toml::from_str(&fixtures)?);
        Ok(Self { version, report: reports::render::json::parse(&report)? })
    }
}

/// Replaces the ids, which differ in each run, by names.
fn with_stable_ids(text: &str, fixtures: &Fixtures) -> String {
    let mut text = text.to_owned();
    for (number, resource) in (1..).zip(&fixtures.resource) {
        for (part, kind) in [
            (&resource.application, "APPLICATION"),
            (&resource.environment, "ENVIRONMENT"),
            (&resource.profile, "PROFILE"),
        ] {
            if let Some(id) = &part.id {
                let name = format!("{kind}_{number}");
                // Bodies that are not UTF-8 are in hexadecimal.
                text = text.replace(id, &name).replace(&hex(id.as_bytes()), &hex(name.as_bytes()));
            }
        }
    }
    text
}

/// The section for one emulator.
fn section(emulator: &Emulator, tested: &TestedEmulator, confirmed: Option<&ConfirmedIn>) -> Result<String> {
    let TestedEmulator { version, report } = tested;
    let confirmed = confirmed.filter(|confirmed| confirmed.version == *version);
    let counts: Vec<_> = VERDICTS
        .into_iter()
        .map(|verdict| (report.totals.requirements.of(verdict), verdict))
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{} {verdict}", number(count)))
        .collect();
    let mut text = String::new();
    writeln!(text, "\n## {} {version}\n\n{}\n", emulator.name, emulator.about)?;
    if let Some((name, value)) = emulator.header {
        writeln!(text, "Every request carries {}.\n", markdown_code(&format!("{name}: {value}")))?;
    }
    let all = counted(report.requirements.len() as u64, "requirement");
    writeln!(text, "Of {all}: {}.", counts.join(", "))?;

    let mut notes: Vec<&Note> = confirmed.iter().flat_map(|confirmed| &confirmed.finding).collect();
    let mut unconfirmed = 0;
    for listed in findings(report) {
        let (expected, received) = expected_and_received(listed.finding);
        let at = notes.iter().position(|note| {
            note.requirement == listed.requirement.id.as_str()
                && Some(note.received.as_str()) == received.lines().next()
        });
        let note = at.map(|at| notes.remove(at).seen.trim());
        unconfirmed += usize::from(note.is_none());
        text += &finding_text(emulator, &listed, &expected, &received, note)?;
    }
    println!("{} {version}: {unconfirmed} of {} not confirmed", emulator.name, findings(report).len());
    for note in notes {
        println!("confirmed, but no longer found: {}, {}", note.requirement, note.received);
    }
    Ok(text)
}

/// The text of one finding, with the note of the person who reproduced it.
fn finding_text(
    emulator: &Emulator,
    listed: &Listed<'_>,
    expected: &str,
    received: &str,
    note: Option<&str>,
) -> Result<String> {
    let Listed { number, requirement, finding, .. } = listed;
    let mut text = String::new();
    writeln!(
        text,
        "\n### {number}. {} {}: {}\n",
        requirement.level,
        finding.verdict,
        requirement.id.as_str()
    )?;
    writeln!(text, "{} Source: {}.\n", requirement.text, requirement.source)?;
    writeln!(
        text,
        "{}\n",
        note.map_or_else(|| "Not confirmed.".to_owned(), |note| format!("Confirmed: {note}"))
    )?;
    let response = finding.counterexample.last().map(|last| text::response(&last.response, MAX_LENGTH));
    for (title, block) in [
        ("Sent", markdown_block("http", &sent(&finding.counterexample, MAX_LENGTH))),
        ("Expected", markdown_block("", expected)),
        ("Received", markdown_block("", received)),
        ("Complete response", markdown_block("http", &response.unwrap_or_default())),
    ] {
        writeln!(text, "{title}:\n\n{block}")?;
    }
    let requests: Vec<RecordedRequest> = finding
        .counterexample
        .iter()
        .map(|exchange| {
            let mut request = exchange.request.clone();
            request.headers.extend(emulator.header.map(|(name, value)| (name.to_owned(), value.to_owned())));
            request
        })
        .collect();
    let command =
        curl(&Route { base_url: emulator.default_target.to_owned(), ..Route::default() }, &requests);
    if command.len() <= MAX_LENGTH {
        writeln!(text, "With curl:\n\n{}", markdown_block("sh", &command))?;
    }
    Ok(text.trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::fixtures::{Part, Resource};
    use crate::support::sample::report;

    const SYNTAX: &str = "start-configuration-session/body/syntax";

    fn tested() -> TestedEmulator {
        let failed = serde_json::json!({
            "id": SYNTAX,
            "operation": "StartConfigurationSession",
            "level": "MUST",
            "text": "The body is JSON.",
            "source": "restJson1",
            "verdict": "failed",
            "cases": [],
            "requests": 1,
            "responses": 1,
            "findings": [{
                "verdict": "failed",
                "case": "start-configuration-session/body/syntax/not-json",
                "count": 3,
                "expected": "status: 400\n",
                "actual": "status: 500\n",
                "differences": [{"field": "status", "expected": "400", "actual": "500"}],
                "counterexample": [{
                    "request": {
                        "operation": "StartConfigurationSession",
                        "method": "POST",
                        "target": "/configurationsessions",
                        "headers": [["content-type", "application/json"]],
                        "body": "{\"ApplicationIdentifier\":\"x1y2z3w\""
                    },
                    "response": {"status": 500, "headers": [["content-type", "text/html"]], "body": "Oh no!"}
                }],
                "replay": "boundstone replay report.json 1",
                "curl": ""
            }]
        });
        let json = report(30, 2, &[failed]);
        let part = |id: &str| Part { id: Some(id.to_owned()), name: None };
        let resource = Resource {
            application: part("x1y2z3w"),
            environment: part("def5678"),
            profile: part("ghi9012"),
            configuration: None,
        };
        let report = with_stable_ids(&json.to_string(), &Fixtures { resource: vec![resource] });
        TestedEmulator { version: "1.2.3".to_owned(), report: reports::render::json::parse(&report).unwrap() }
    }

    fn confirmed(version: &str, received: &str) -> ConfirmedIn {
        let note =
            Note { requirement: SYNTAX.to_owned(), received: received.to_owned(), seen: "Seen.".to_owned() };
        ConfirmedIn { version: version.to_owned(), finding: vec![note] }
    }

    #[test]
    fn finding_shows_requests_and_responses() {
        let text = section(&MINISTACK, &tested(), None).unwrap();
        for part in [
            "\n## MiniStack 1.2.3\n",
            "\nOf 1 requirement: 1 failed, 2 skipped, 30 passed.\n",
            "\n### 1. MUST failed: start-configuration-session/body/syntax\n",
            "\nThe body is JSON. Source: restJson1.\n",
            "\nExpected:\n\n```\nstatus: 400\n```\n",
            "\nReceived:\n\n```\nstatus: 500\n```\n",
            "\nComplete response:\n\n```http\nstatus 500\ncontent-type: text/html\n\nOh no!\n```\n",
            "\n{\"ApplicationIdentifier\":\"APPLICATION_1\"\n",
            "-H 'Authorization: AWS4-HMAC-SHA256 Credential=test/",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        assert!(!text.contains("x1y2z3w"), "{text}");
    }

    #[test]
    fn ids_are_replaced_in_hexadecimal_too() {
        let part = |id: &str| Part { id: Some(id.to_owned()), name: None };
        let resource = Resource {
            application: part("ab"),
            environment: Part { id: None, name: Some("cd".to_owned()) },
            profile: part("ef"),
            configuration: None,
        };
        let fixtures = Fixtures { resource: vec![resource] };
        let text = with_stable_ids("ab cd ef 6162ff", &fixtures);
        assert_eq!(text, "APPLICATION_1 cd PROFILE_1 4150504c49434154494f4e5f31ff");
    }

    #[test]
    fn notes_count_for_their_version() {
        let text = |confirmed: Option<ConfirmedIn>| section(&PRISM, &tested(), confirmed.as_ref()).unwrap();
        assert!(text(Some(confirmed("1.2.3", "status: 500"))).contains("\nConfirmed: Seen.\n"));
        for other in [None, Some(confirmed("1.2.2", "status: 500")), Some(confirmed("1.2.3", "status: 201"))]
        {
            assert!(text(other).contains("\nNot confirmed.\n"));
        }
    }

    #[test]
    fn notes_name_emulators() {
        let notes = read_to_string(asset("confirmed.toml")).unwrap();
        let notes: Confirmed = toml::from_str(&notes).unwrap();
        let keys = [MINISTACK.key, PRISM.key];
        assert!(notes.keys().all(|key| keys.contains(&key.as_str())), "{notes:?}");
    }
}
