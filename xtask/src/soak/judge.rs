//! What is wrong about a run. Pure.

use reports::exit::outcome;
use reports::report::{Report, Verdict};

use super::accounts::{accusations, complaints};
use super::turn::{Sort, Turn, Way};

/// What the reports of runs through a network that sends twice may say: a value that serves once is spent
/// behind the back of both sides, which is not to be told from a server that refuses some.
const OF_TWICE: &str = "get-latest-configuration/stability Unstable";

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
        let found = |accused: &String| accused.starts_with(part) && accused.ends_with("Violated");
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
