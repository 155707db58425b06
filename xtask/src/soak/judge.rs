//! What is wrong about a run. Pure.

use reports::model::{Report, Verdict};
use reports::summary::outcome;

use super::accounts::{accusations, complaints};
use super::turn::{Sort, Turn, Way};

/// What the reports of runs through a network that sends twice may say: a value that serves once is spent
/// behind the back of both sides, which is not to be told from a server that refuses some.
const OF_TWICE: &str = "get-latest-configuration/stability Flaky";

/// What is wrong about a run that ended with this code and this report.
pub(super) fn judge(turn: &Turn, code: Option<i32>, report: &Report) -> Vec<String> {
    let mut problems = complaints(report);
    if code != Some(outcome(report).code().into()) {
        problems.push(format!("exit code {code:?}, but the report says {:?}", outcome(report)));
    }
    let accused: Vec<_> = accusations(report)
        .into_iter()
        .filter(|accused| turn.way != Way::Twice || accused != OF_TWICE)
        .collect();
    let open = report.requirements.iter().filter(|it| it.verdict == Verdict::Inconclusive);
    let is_open = |part: &str| open.clone().any(|requirement| requirement.id.to_string().starts_with(part));
    if let Sort::Deviation(_, part) = turn.served.sort {
        // Where much breaks, some of it may be left open.
        let found = |accused: &String| accused.starts_with(part) && accused.ends_with("Failed");
        let may_be_open = turn.way == Way::Rough && is_open(part);
        if !may_be_open && !accused.iter().any(found) {
            problems.push(format!("what errs is not found, but {accused:?}"));
        }
        let others = accused.iter().filter(|accused| !accused.starts_with(part));
        problems.extend(others.map(|accused| format!("accuses what does not err: {accused}")));
    } else {
        problems.extend(accused.iter().map(|accused| format!("accuses who keeps the contract: {accused}")));
    }
    let is_whole = matches!(turn.way, Way::Direct | Way::Slow);
    if is_whole && !matches!(turn.served.sort, Sort::Deviation(..)) && code != Some(0) {
        let reasons = open.map(|it| format!("{}: {}", it.id, it.reason.clone().unwrap_or_default()));
        problems.push(format!("exit code {code:?}: {}", reasons.collect::<Vec<_>>().join("; ")));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::turn::Served;
    use super::*;
    use crate::sample::report;

    const REFERENCE: Served = Served { contract: "model", sort: Sort::Reference };
    const STARTS: Served =
        Served { contract: "model", sort: Sort::Deviation("some", "start-configuration-session/") };
    const POLLS: Served =
        Served { contract: "model", sort: Sort::Deviation("some", "get-latest-configuration/") };

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

    /// What is wrong if this was the report.
    fn problems(served: &'static Served, code: i32, report: &Report) -> String {
        let mut turn = Turn::draw(served, &mut fastrand::Rng::with_seed(0));
        turn.way = Way::Direct;
        judge(&turn, Some(code), report).join("\n")
    }

    #[test]
    fn who_keeps_the_contract_is_not_to_be_accused() {
        assert!(problems(&REFERENCE, 1, &sample()).contains("accuses who keeps the contract: start-"));
    }

    #[test]
    fn who_errs_is_to_be_accused_of_that_and_no_more() {
        let mut report = sample();
        let found = problems(&STARTS, 1, &report);
        assert!(
            found.contains("accuses what does not err: get-") && !found.contains("is not found"),
            "{found}"
        );
        for requirement in &mut report.requirements {
            if requirement.id.to_string().starts_with("get-") {
                requirement.verdict = Verdict::Passed;
            }
        }
        assert!(problems(&POLLS, 1, &report).contains("what errs is not found"));
        assert!(problems(&STARTS, 1, &report).contains("requirements by verdict"));
    }

    #[test]
    fn the_exit_code_is_that_of_the_report() {
        let code = i32::from(outcome(&sample()).code());
        assert!(problems(&STARTS, code + 1, &sample()).contains("exit code"));
        assert!(!problems(&STARTS, code, &sample()).contains("exit code"));
    }
}
