//! `cargo xtask emulators findings`: what boundstone found in the emulators, as a page that their
//! makers can act upon.
//!
//! The page is made of the reports of the last runs. Whether a person has seen a finding outside of
//! boundstone stands in `confirmed.toml`, with the version that it was seen in: what is not there
//! is marked as unconfirmed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::read_to_string;

use anyhow::{Context, Result};
use reports::model::{RecordedRequest, Report, VERDICTS};
use reports::render::command::{Route, curl};
use reports::render::escape::{markdown_block, markdown_code};
use reports::render::text::{expected_and_received, response, sent};
use reports::summary::{Listed, counted, findings, number};
use serde::Deserialize;

use super::emulator;
use super::emulator::Emulator;
use super::ministack::MINISTACK;
use super::prism::PRISM;
use super::{Fixtures, asset};
use crate::workspace;
use crate::workspace::write;

/// The most characters that a body or a command takes.
const LONGEST: usize = 2_000;

const HEAD: &str = "# What boundstone found in emulators

Written by `cargo xtask emulators findings` from the reports of `cargo xtask emulators ministack` and
`cargo xtask emulators prism`, seed 0, contract `model`. Under each finding stand the smallest request
that shows it, what the contract demands of the response, what came, and whether it was seen by hand,
outside of boundstone.

`APPLICATION_1`, `ENVIRONMENT_1` and `PROFILE_1` stand for the ids of the first resource, and so on.
";

/// What was confirmed by hand, by the key of the emulator.
type Confirmed = BTreeMap<String, ConfirmedIn>;

/// What was confirmed of one version of an emulator.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmedIn {
    version: String,
    #[serde(default)]
    finding: Vec<Note>,
}

/// What a person saw.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    requirement: String,
    /// The first field that differs, as it came.
    received: String,
    /// What was seen, and what is to be said about it.
    seen: String,
}

/// Writes `reports/emulators.md`.
pub(super) fn run() -> Result<()> {
    let confirmed = read_to_string(asset("confirmed.toml")).context("confirmed.toml is missing")?;
    let confirmed: Confirmed = toml::from_str(&confirmed).context("confirmed.toml is not as it should be")?;
    let mut page = HEAD.to_owned();
    for emulator in [&MINISTACK, &PRISM] {
        page += &section(emulator, &Judged::read(emulator)?, confirmed.get(emulator.key))?;
    }
    let path = workspace::root().join("reports/emulators.md");
    write(&path, &page)?;
    println!("written: {}", path.display());
    Ok(())
}

/// What a run left.
struct Judged {
    version: String,
    report: Report,
}

impl Judged {
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

/// The text with names in place of ids, which differ from run to run.
fn with_stable_ids(text: &str, fixtures: &Fixtures) -> String {
    let mut text = text.to_owned();
    for (number, resource) in (1..).zip(&fixtures.resource) {
        for (part, sort) in [
            (&resource.application, "APPLICATION"),
            (&resource.environment, "ENVIRONMENT"),
            (&resource.profile, "PROFILE"),
        ] {
            if let Some(id) = &part.id {
                let name = format!("{sort}_{number}");
                // Bodies that are not UTF-8 stand in hexadecimal.
                text = text.replace(id, &name).replace(&hex(id), &hex(&name));
            }
        }
    }
    text
}

fn hex(text: &str) -> String {
    let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// What was found in one emulator.
fn section(emulator: &Emulator, judged: &Judged, confirmed: Option<&ConfirmedIn>) -> Result<String> {
    let Judged { version, report } = judged;
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
        text += &finding(emulator, &listed, &expected, &received, note)?;
    }
    println!("{} {version}: {unconfirmed} of {} not confirmed", emulator.name, findings(report).len());
    for note in notes {
        println!("confirmed, but not found any more: {}, {}", note.requirement, note.received);
    }
    Ok(text)
}

fn finding(
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
        note.map_or_else(|| "Not confirmed by hand.".to_owned(), |note| format!("Confirmed: {note}"))
    )?;
    let whole = finding.counterexample.last().map(|last| response(&last.response, LONGEST));
    for (title, block) in [
        ("Sent", markdown_block("http", &sent(&finding.counterexample, LONGEST))),
        ("Expected", markdown_block("", expected)),
        ("Received", markdown_block("", received)),
        ("The whole response", markdown_block("http", &whole.unwrap_or_default())),
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
    let command = curl(&Route { base_url: emulator.usual_target.to_owned(), ..Route::default() }, &requests);
    if command.len() <= LONGEST {
        writeln!(text, "With curl:\n\n{}", markdown_block("sh", &command))?;
    }
    Ok(text.trim_end().to_owned() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulators::{Part, Resource};
    use crate::sample::report;

    const SYNTAX: &str = "start-configuration-session/body/syntax";

    fn judged() -> Judged {
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
        Judged { version: "1.2.3".to_owned(), report: reports::render::json::parse(&report).unwrap() }
    }
    fn confirmed(version: &str, received: &str) -> ConfirmedIn {
        let note =
            Note { requirement: SYNTAX.to_owned(), received: received.to_owned(), seen: "Seen.".to_owned() };
        ConfirmedIn { version: version.to_owned(), finding: vec![note] }
    }

    #[test]
    fn a_finding_shows_what_its_reader_needs() {
        let text = section(&MINISTACK, &judged(), None).unwrap();
        for part in [
            "\n## MiniStack 1.2.3\n",
            "\nOf 1 requirement: 1 failed, 2 skipped, 30 passed.\n",
            "\n### 1. MUST failed: start-configuration-session/body/syntax\n",
            "\nThe body is JSON. Source: restJson1.\n",
            "\nExpected:\n\n```\nstatus: 400\n```\n",
            "\nReceived:\n\n```\nstatus: 500\n```\n",
            "\nThe whole response:\n\n```http\nstatus 500\ncontent-type: text/html\n\nOh no!\n```\n",
            "\n{\"ApplicationIdentifier\":\"APPLICATION_1\"\n",
            "-H 'Authorization: AWS4-HMAC-SHA256 Credential=test/",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        assert!(!text.contains("x1y2z3w"), "{text}");
    }

    #[test]
    fn ids_that_change_from_run_to_run_are_named_in_hexadecimal_too() {
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
    fn only_what_was_seen_in_this_version_is_confirmed() {
        let text = |confirmed: Option<ConfirmedIn>| section(&PRISM, &judged(), confirmed.as_ref()).unwrap();
        assert!(text(Some(confirmed("1.2.3", "status: 500"))).contains("\nConfirmed: Seen.\n"));
        for other in [None, Some(confirmed("1.2.2", "status: 500")), Some(confirmed("1.2.3", "status: 201"))]
        {
            assert!(text(other).contains("\nNot confirmed by hand.\n"));
        }
    }

    #[test]
    fn the_notes_are_of_the_emulators() {
        let notes = read_to_string(asset("confirmed.toml")).unwrap();
        let notes: Confirmed = toml::from_str(&notes).unwrap();
        let keys = [MINISTACK.key, PRISM.key];
        assert!(notes.keys().all(|key| keys.contains(&key.as_str())), "{notes:?}");
    }
}
