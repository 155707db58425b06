//! Finds what is wrong with a run. Pure.

use reports::model::{Report, RequirementResult, Verdict};
use reports::summary::outcome;

use super::accounts::{accusations, complaints};
use super::turn::{Kind, Network, Turn};

/// What a report may say of a conformant server behind a network that sends requests twice. The copy uses up a
/// single-use value, and boundstone cannot tell that from a server that rejects some of them.
const ALLOWED_IF_DUPLICATED: &str = "get-latest-configuration/stability Flaky";

/// What is wrong with a run that ended with this exit code and this report.
pub(super) fn problems(turn: &Turn, code: Option<i32>, report: &Report) -> Vec<String> {
    let mut problems = complaints(report);
    if code != Some(outcome(report).code().into()) {
        problems.push(format!("exit code {code:?}, but the report says {:?}", outcome(report)));
    }
    let failures: Vec<String> = accusations(report)
        .into_iter()
        .filter(|failure| turn.network != Network::Duplicating || failure != ALLOWED_IF_DUPLICATED)
        .collect();
    match turn.served.kind {
        Kind::Mutant(_, prefix) => problems.extend(problems_of_mutant(turn, prefix, &failures, report)),
        Kind::Reference | Kind::Variant(_) => {
            problems.extend(failures.iter().map(|failure| format!("a conformant server fails: {failure}")));
            if matches!(turn.network, Network::Direct | Network::Slow) && code != Some(0) {
                problems.push(format!("exit code {code:?}: {}", inconclusive_reasons(report)));
            }
        }
    }
    problems
}

/// What is wrong if requirements whose id starts with `prefix` have to fail, and no others.
fn problems_of_mutant(turn: &Turn, prefix: &str, failures: &[String], report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    let is_found = failures.iter().any(|failure| failure.starts_with(prefix) && failure.ends_with("Failed"));
    // Where much breaks, some requirements may be inconclusive.
    let is_excused = turn.network == Network::Unreliable
        && inconclusive(report).any(|requirement| requirement.id.to_string().starts_with(prefix));
    if !is_found && !is_excused {
        problems.push(format!("the mutant is not found, but {failures:?}"));
    }
    let others = failures.iter().filter(|failure| !failure.starts_with(prefix));
    problems.extend(others.map(|failure| format!("a conformant operation fails: {failure}")));
    problems
}

fn inconclusive(report: &Report) -> impl Iterator<Item = &RequirementResult> {
    report.requirements.iter().filter(|requirement| requirement.verdict == Verdict::Inconclusive)
}

fn inconclusive_reasons(report: &Report) -> String {
    let reasons = inconclusive(report).map(|requirement| {
        format!("{}: {}", requirement.id, requirement.reason.as_deref().unwrap_or_default())
    });
    reasons.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::turn::Served;
    use super::*;
    use crate::support::sample::report;

    const REFERENCE: Served = Served { contract: "model", kind: Kind::Reference };
    const STARTS: Served =
        Served { contract: "model", kind: Kind::Mutant("some", "start-configuration-session/") };
    const POLLS: Served =
        Served { contract: "model", kind: Kind::Mutant("some", "get-latest-configuration/") };

    /// A requirement that a run found failed.
    fn failed(id: &str, operation: &str) -> serde_json::Value {
        serde_json::json!({
            "id": id,
            "operation": operation,
            "level": "MUST",
            "text": "",
            "source": "",
            "verdict": "failed",
            "requests": 1,
            "responses": 1,
            "cases": [],
            "findings": []
        })
    }

    /// The report of a run that found something in each operation.
    fn sample() -> Report {
        let json = report(
            0,
            0,
            &[
                failed("start-configuration-session/body/syntax", "StartConfigurationSession"),
                failed("get-latest-configuration/accepts", "GetLatestConfiguration"),
            ],
        );
        reports::render::json::parse(&json.to_string()).unwrap()
    }

    /// The problems of a run over a direct connection with this report.
    fn direct_problems(served: &'static Served, code: i32, report: &Report) -> String {
        let mut turn = Turn::draw(served, &mut fastrand::Rng::with_seed(0));
        turn.network = Network::Direct;
        problems(&turn, Some(code), report).join("\n")
    }

    #[test]
    fn conformant_server_must_not_fail() {
        assert!(direct_problems(&REFERENCE, 1, &sample()).contains("a conformant server fails: start-"));
    }

    #[test]
    fn mutant_must_fail_and_nothing_else() {
        let mut report = sample();
        let found = direct_problems(&STARTS, 1, &report);
        assert!(found.contains("a conformant operation fails: get-"), "{found}");
        assert!(!found.contains("is not found"), "{found}");
        for requirement in &mut report.requirements {
            if requirement.id.to_string().starts_with("get-") {
                requirement.verdict = Verdict::Passed;
            }
        }
        assert!(direct_problems(&POLLS, 1, &report).contains("the mutant is not found"));
        assert!(direct_problems(&STARTS, 1, &report).contains("requirements by verdict"));
    }

    #[test]
    fn exit_code_must_match_report() {
        let code = i32::from(outcome(&sample()).code());
        assert!(direct_problems(&STARTS, code + 1, &sample()).contains("exit code"));
        assert!(!direct_problems(&STARTS, code, &sample()).contains("exit code"));
    }
}
