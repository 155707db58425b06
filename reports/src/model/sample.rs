//! Reports for tests, one for each way in which a run can end.

use std::collections::BTreeMap;

use cases::catalogue::{Change, ChangedRequirement, ContractDiff, RequirementSummary};
use cases::id::{CaseId, Level, RequirementId};
use cases::protocol::Alteration;
use cases::signing::Signing;

use super::exchange::{RecordedExchange, RecordedRequest, RecordedResponse, Source, Use};
use super::finding::{BlockingFailure, Difference, Finding};
use super::known_failure::{EntryState, KnownBy, KnownFailure};
use super::latency::Latency;
use super::payload::Payload;
use super::report::{
    CaseResult, ContractInfo, Ending, Report, RequirementResult, SCHEMA_VERSION, TargetInfo, TargetKind,
    Totals,
};
use super::verdict::{Verdict, VerdictCounts};

/// Text that means something in each of the formats.
pub(crate) const HOSTILE: &str = "`|```` \"'\n::error::boom\n<script>alert(1)</script>\
    ]]>&amp;</failure></details>\0\u{1b}[31mred\u{9b}0m\u{202e}@octocat *b* _i_ #1 [l](http://x)\
    \u{fffe}\r\n##[error]y\n````\n~~~\n| a | b |";

/// A finished run with these results.
pub(crate) fn report(requirements: Vec<RequirementResult>) -> Report {
    let mut counts = VerdictCounts::default();
    for requirement in &requirements {
        counts.add(requirement.verdict);
    }
    Report {
        schema_version: SCHEMA_VERSION,
        boundstone: "0.1.0".into(),
        contract: ContractInfo { name: "page".into(), digest: "5e".repeat(32) },
        target: TargetInfo { kind: TargetKind::Url, url: "http://127.0.0.1:8080".into(), notes: vec![] },
        seed: 42,
        started_at: "2026-03-01T12:00:00Z".into(),
        seconds: 1.234,
        ending: Ending::Complete,
        strict: false,
        totals: Totals {
            requirements: counts,
            cases: requirements.iter().map(|r| r.cases.len() as u64).sum(),
            requests: 2431,
            responses: 2210,
        },
        requirements,
        known_failures: vec![],
        contract_changes: None,
        latency: latency(),
    }
}

/// Most responses came soon, a few late.
fn latency() -> Latency {
    let mut latency = Latency::default();
    for nth in 0..2_431 {
        latency.record(if nth % 97 == 0 { 40_000 } else { 200 + nth % 300 });
    }
    latency
}

/// A requirement of `StartConfigurationSession` with one case.
pub(crate) fn requirement(name: &str, level: Level, verdict: Verdict) -> RequirementResult {
    let id = RequirementId::new(["StartConfigurationSession", name, "length"]);
    let case =
        CaseResult { id: id.case("above-max"), verdict, reason: None, requests: 17, depends_on: vec![] };
    RequirementResult {
        id,
        operation: "StartConfigurationSession".into(),
        level,
        text: format!("{name} has 1 to 64 characters"),
        source: format!("page › Request Body › {name}"),
        verdict,
        reason: None,
        cases: vec![case],
        requests: 17,
        responses: if verdict == Verdict::Skipped { 0 } else { 9 },
        depends_on: vec![],
        findings: vec![],
        observations: BTreeMap::new(),
    }
}

/// A requirement of `GetLatestConfiguration` without cases of its own.
fn on_every_response(verdict: Verdict) -> RequirementResult {
    RequirementResult {
        id: RequirementId::new(["GetLatestConfiguration", "errors", "type-header"]),
        operation: "GetLatestConfiguration".into(),
        text: "An error response names its type in the header x-amzn-errortype".into(),
        source: "restJson1 › error type".into(),
        cases: vec![],
        ..requirement("unused", Level::Should, verdict)
    }
}

/// A request to `StartConfigurationSession` whose application identifier is 65 characters long.
pub(crate) fn too_long() -> RecordedRequest {
    RecordedRequest {
        operation: "StartConfigurationSession".into(),
        method: "POST".into(),
        target: "/".into(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: Payload::Runs {
            runs: vec![
                ("{\"ApplicationIdentifier\":\"".into(), 1),
                ("a".into(), 65),
                ("\",\"ConfigurationProfileIdentifier\":\"p\",\"EnvironmentIdentifier\":\"e\"}".into(), 1),
            ],
        },
        after_seconds: 0,
        at_once: false,
        early: false,
        signing: Some(Signing::Valid),
        uses: vec![],
    }
}

fn plain_finding() -> Finding {
    let request = too_long();
    Finding {
        number: 1,
        group: 1,
        verdict: Verdict::Failed,
        case: case("start-configuration-session/ApplicationIdentifier/length/above-max"),
        cases: vec![],
        known: None,
        count: 12,
        expected: "status: 400\nerror type: BadRequestException\ncontent-type: application/json".into(),
        actual: "status: 200\nerror type: (none)\ncontent-type: application/json".into(),
        differences: vec![
            difference("status", "400", "200"),
            difference("error type", "BadRequestException", "(none)"),
        ],
        counterexample: vec![RecordedExchange {
            request: request.clone(),
            response: RecordedResponse::Response {
                status: 200,
                headers: vec![("content-type".into(), "application/json".into())],
                body: Payload::Text("{\"InitialConfigurationToken\":\"(a token of 44 characters)\"}".into()),
            },
        }],
        replay: "boundstone replay target/boundstone/report.json 1".into(),
        reach: String::new(),
        curl: "curl -sS -i http://127.0.0.1:8080/\n".into(),
        target: None,
        of: None,
        not_minimized: None,
    }
}

fn two_step_finding(verdict: Verdict) -> Finding {
    let start =
        RecordedRequest { body: Payload::Text("{\"ApplicationIdentifier\":\"demo\"}".into()), ..too_long() };
    let poll = RecordedRequest {
        operation: "GetLatestConfiguration".into(),
        method: "GET".into(),
        target: "/configuration?configuration_token={token}".into(),
        headers: vec![("x-note".into(), HOSTILE.into())],
        body: Payload::Bytes { hex: "00ff0a".into() },
        after_seconds: 86_401,
        at_once: true,
        early: true,
        signing: None,
        uses: vec![
            Use {
                placeholder: "{other}".into(),
                step: 0,
                from: Source::Header("x-evil".into()),
                alter: None,
            },
            Use {
                placeholder: "{token}".into(),
                step: 0,
                from: Source::Member("InitialConfigurationToken".into()),
                alter: Some(Alteration::ChangeAt(128)),
            },
        ],
    };
    Finding {
        number: 2,
        group: 2,
        verdict,
        case: case("get-latest-configuration/token/altered"),
        cases: vec![],
        known: None,
        count: 1,
        expected: "status: 400\nerror type: BadRequestException".into(),
        actual: format!("status: 500\nmessage: {HOSTILE}"),
        differences: vec![difference("status", "400", "500"), difference(HOSTILE, HOSTILE, HOSTILE)],
        curl: format!("curl -sS -i http://127.0.0.1:8080/\n# {HOSTILE}\n"),
        counterexample: vec![
            RecordedExchange {
                request: start,
                response: RecordedResponse::Response {
                    status: 201,
                    headers: vec![("x-evil".into(), HOSTILE.into())],
                    body: Payload::Text(HOSTILE.into()),
                },
            },
            RecordedExchange {
                request: poll,
                response: RecordedResponse::TransportFailure { transport_failure: HOSTILE.into() },
            },
        ],
        replay: "boundstone replay --fixtures fixtures.toml target/boundstone/report.json 2".into(),
        reach: "--fixtures fixtures.toml".into(),
        target: None,
        of: None,
        not_minimized: Some("the time for reproducing failures was over (--budget gives more)".to_owned()),
    }
}

fn case(path: &str) -> CaseId {
    CaseId::new([path])
}

fn difference(field: &str, expected: &str, actual: &str) -> Difference {
    Difference { field: field.into(), expected: expected.into(), actual: actual.into() }
}

/// Everything passed.
pub(crate) fn all_passed() -> Report {
    report(vec![
        requirement("ApplicationIdentifier", Level::Must, Verdict::Passed),
        requirement("EnvironmentIdentifier", Level::Must, Verdict::Passed),
        on_every_response(Verdict::Passed),
    ])
}

/// Two requirements failed, one by a sequence of two requests, with hostile text everywhere.
pub(crate) fn failed() -> Report {
    let hostile_id = serde_json::from_value(HOSTILE.into()).expect("an id is any string");
    let should = RequirementResult {
        findings: vec![two_step_finding(Verdict::Failed)],
        observations: BTreeMap::from([(HOSTILE.to_owned(), 3), ("Version-Label absent".to_owned(), 9)]),
        text: HOSTILE.into(),
        source: HOSTILE.into(),
        operation: "GetLatestConfiguration".into(),
        id: hostile_id,
        ..on_every_response(Verdict::Failed)
    };
    let mut must = requirement("ApplicationIdentifier", Level::Must, Verdict::Failed);
    must.findings.push(plain_finding());
    must.cases.push(CaseResult {
        id: must.id.case("at-max"),
        verdict: Verdict::Passed,
        reason: None,
        requests: 4,
        depends_on: vec![],
    });
    let mut report =
        report(vec![should, requirement("EnvironmentIdentifier", Level::Must, Verdict::Passed), must]);
    report.contract.name = HOSTILE.into();
    report
}

/// One requirement of each verdict but failed.
pub(crate) fn mixed() -> Report {
    let mut flaky = requirement("ApplicationIdentifier", Level::Must, Verdict::Flaky);
    flaky.findings.push(Finding { verdict: Verdict::Flaky, of: Some(200), ..plain_finding() });
    let mut inconclusive = requirement("Token", Level::Must, Verdict::Inconclusive);
    inconclusive.reason = Some("the control was refused with status 403".into());
    inconclusive.cases[0].reason.clone_from(&inconclusive.reason);
    let skipped = |name| {
        let mut skipped = requirement(name, Level::Must, Verdict::Skipped);
        skipped.reason = Some("no fixture has a name; add `name` to [[resource]]".into());
        skipped
    };
    report(vec![
        flaky,
        inconclusive,
        skipped("ByName"),
        skipped("ByOtherName"),
        requirement("EnvironmentIdentifier", Level::Must, Verdict::Passed),
    ])
}

/// The target does not speak the protocol.
pub(crate) fn not_tested() -> Report {
    let skipped = requirement("ApplicationIdentifier", Level::Must, Verdict::Skipped);
    Report {
        ending: Ending::NotTested {
            reason: "A web server responded with 404 and HTML; is the URL right?".into(),
        },
        ..report(vec![skipped])
    }
}

/// Stopped half-way, with a note on the connection.
pub(crate) fn interrupted() -> Report {
    let mut report = report(vec![
        requirement("ApplicationIdentifier", Level::Must, Verdict::Passed),
        requirement("EnvironmentIdentifier", Level::Must, Verdict::Skipped),
    ]);
    report.target.notes = vec![HOSTILE.into()];
    Report { ending: Ending::Interrupted { reason: "Stopped by Ctrl-C.".into() }, ..report }
}

fn entry(line: u64, state: EntryState) -> KnownFailure {
    KnownFailure {
        file: "known.toml".into(),
        line,
        case: "start-configuration-session/application-identifier/length".into(),
        actual: None,
        flaky: false,
        not_offered: false,
        reason: "The limit comes with version 3.".into(),
        expires: None,
        issue: None,
        state,
        instead: None,
    }
}

/// Everything that failed is a known failure.
pub(crate) fn known() -> Report {
    let mut failed = requirement("ApplicationIdentifier", Level::Must, Verdict::Failed);
    let cases = vec![failed.cases[0].id.clone()];
    let known = KnownBy { entries: vec![0], uncovered: vec![] };
    failed.findings.push(Finding { cases, known: Some(known.clone()), ..plain_finding() });
    let mut flaky = requirement("Token", Level::Must, Verdict::Flaky);
    flaky.findings.push(Finding {
        verdict: Verdict::Flaky,
        of: Some(200),
        known: Some(known),
        ..plain_finding()
    });
    let passed = requirement("EnvironmentIdentifier", Level::Must, Verdict::Passed);
    Report {
        known_failures: vec![KnownFailure {
            expires: Some("2026-12-31".into()),
            issue: Some("https://issues.example/7".into()),
            ..entry(3, EntryState::Occurs)
        }],
        ..report(vec![failed, flaky, passed])
    }
}

/// Known failures no longer apply, and the contract differs from the built-in one.
pub(crate) fn outdated() -> Report {
    let mut report = known();
    let hostile = KnownFailure {
        case: HOSTILE.into(),
        reason: HOSTILE.into(),
        issue: Some(format!("https://issues.example/{HOSTILE}")),
        ..entry(24, EntryState::NotRun)
    };
    report.known_failures.extend([
        hostile,
        entry(9, EntryState::Gone),
        KnownFailure { expires: Some("2026-02-28".into()), ..entry(14, EntryState::Expired) },
        entry(20, EntryState::Unmatched),
    ]);
    report.requirements[0].findings[0].known = Some(KnownBy { entries: vec![0, 1], uncovered: vec![] });
    let mut partly = requirement("Owner", Level::Should, Verdict::Failed);
    let uncovered = vec![case(HOSTILE), partly.cases[0].id.clone()];
    partly.findings.push(Finding {
        cases: uncovered.clone(),
        known: Some(KnownBy { entries: vec![0], uncovered }),
        ..plain_finding()
    });
    report.requirements.push(partly);
    report.contract_changes = Some(contract_changes());
    report
}

/// One difference in three members, and a different one between them.
pub(crate) fn same() -> Report {
    let of = |name: &str| {
        let mut requirement = requirement(name, Level::Must, Verdict::Failed);
        let case = requirement.cases[0].id.clone();
        requirement.findings.push(Finding { cases: vec![case.clone()], case, ..plain_finding() });
        requirement
    };
    let mut other = of("Token");
    other.findings[0].differences = vec![difference("status", "400", "500")];
    let mut report = report(vec![
        of("ApplicationIdentifier"),
        of("EnvironmentIdentifier"),
        other,
        of("ProfileIdentifier"),
    ]);
    // The fourth finding is the one in between.
    for (index, (number, group)) in [(1, 1), (2, 1), (4, 4), (3, 1)].into_iter().enumerate() {
        let finding = &mut report.requirements[index].findings[0];
        (finding.number, finding.group) = (number, group);
        finding.replay = format!("boundstone replay target/boundstone/report.json {number}");
    }
    report
}

/// A known failure keeps a case from being tested, and there are known failures of every state.
pub(crate) fn blocked() -> Report {
    let mut report = known();
    let failure = BlockingFailure {
        requirement: report.requirements[0].id.clone(),
        field: "status".into(),
        actual: "200".into(),
    };
    let reason = format!("depends on known failure {} (known.toml:3)", failure.requirement);
    let mut blocked = requirement("Blocked", Level::Must, Verdict::Skipped);
    blocked.depends_on = vec![failure];
    blocked.reason = Some(reason);
    blocked.cases[0].depends_on.clone_from(&blocked.depends_on);
    blocked.cases[0].reason.clone_from(&blocked.reason);
    report.requirements.push(blocked);
    let changed = KnownFailure {
        actual: Some("404".into()),
        instead: Some(HOSTILE.into()),
        ..entry(30, EntryState::Changed)
    };
    report.known_failures.extend([
        changed,
        KnownFailure { flaky: true, ..entry(36, EntryState::NotSeen) },
        KnownFailure { not_offered: true, ..entry(42, EntryState::Gone) },
    ]);
    report.totals.requirements.skipped += 1;
    report
}

/// One change of each kind.
pub(crate) fn contract_changes() -> ContractDiff {
    let stated = |name: &str| RequirementSummary {
        id: RequirementId::new(["StartConfigurationSession", name, "length"]),
        level: Level::Must,
        text: HOSTILE.into(),
    };
    let id = RequirementId::new(["StartConfigurationSession", "ApplicationIdentifier", "length"]);
    ContractDiff {
        since: "model".into(),
        added: vec![stated("Caller"), stated("Region")],
        removed: vec![stated("Other")],
        changed: vec![ChangedRequirement {
            level: Some(Change { before: Level::Must, after: Level::Should }),
            text: Some(Change { before: "It has 1 to 64 characters".into(), after: HOSTILE.into() }),
            added_cases: vec![id.case("far"), id.case("near")],
            removed_cases: vec![id.case("below-min")],
            changed_cases: vec![id.case("above-max")],
            id,
        }],
    }
}

/// Each of the reports with its name.
pub(crate) fn all() -> [(&'static str, Report); 9] {
    [
        ("all-passed", all_passed()),
        ("failed", failed()),
        ("mixed", mixed()),
        ("not-tested", not_tested()),
        ("interrupted", interrupted()),
        ("known", known()),
        ("outdated", outdated()),
        ("same", same()),
        ("blocked", blocked()),
    ]
}
