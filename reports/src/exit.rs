//! What a run comes to, as the exit code of the program tells it.

use cases::id::Level;

use crate::report::{Ending, Report, RequirementResult, Verdict};
use crate::summary::Standing;

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Every binding requirement that could be tried passed or is a known failure, and at least one passed.
    Passed,
    /// A binding requirement is failed or flaky, and that is not known.
    Failed,
    /// The same as passed, but known failures have entries that no longer apply.
    Outdated,
    /// Nothing contradicts the contract, but too little was shown to say that it is kept.
    NotJudged,
    /// The run did not come to its end.
    Interrupted,
}

impl Outcome {
    /// The exit code of the program.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Passed => 0,
            Outcome::Failed | Outcome::Outdated => 1,
            Outcome::NotJudged => 3,
            Outcome::Interrupted => 130,
        }
    }
}

/// What the run of `report` comes to. A MUST binds; a SHOULD binds in a strict run.
pub fn outcome(report: &Report) -> Outcome {
    match report.ending {
        Ending::Interrupted { .. } => return Outcome::Interrupted,
        Ending::NotJudged { .. } | Ending::Complete => {}
    }
    let any_held = report.requirements.iter().any(|r| r.verdict == Verdict::Passed);
    if report.requirements.iter().any(|r| fails(report, r)) {
        Outcome::Failed
    } else if !any_held
        || report.requirements.iter().any(|r| leaves_open(report, r))
        || report.ending != Ending::Complete
    {
        Outcome::NotJudged
    } else if report.known_failures.iter().any(|entry| entry.state.is_outdated()) {
        Outcome::Outdated
    } else {
        Outcome::Passed
    }
}

/// Whether a requirement binds in the run of `report`.
fn binds(report: &Report, requirement: &RequirementResult) -> bool {
    requirement.level == Level::Must || report.strict
}

/// Whether a requirement makes the run of `report` fail: it binds, and what it shows is not known.
pub fn fails(report: &Report, requirement: &RequirementResult) -> bool {
    binds(report, requirement) && requirement.standing() == Standing::New
}

/// Whether a requirement that binds keeps the run of `report` from saying that the contract is kept.
pub fn leaves_open(report: &Report, requirement: &RequirementResult) -> bool {
    binds(report, requirement) && is_inconclusive(requirement)
}

/// Whether nothing could be said of a requirement, or of a part of it beside what is known.
fn is_inconclusive(requirement: &RequirementResult) -> bool {
    let case = || requirement.cases.iter().any(|case| case.verdict == Verdict::Inconclusive);
    requirement.verdict == Verdict::Inconclusive || requirement.standing() == Standing::Known && case()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::EntryState;
    use crate::sample;

    fn judged(strict: bool, results: &[(Level, Verdict)]) -> Outcome {
        let requirements = results
            .iter()
            .enumerate()
            .map(|(n, (level, verdict))| sample::requirement(&format!("r{n}"), *level, *verdict))
            .collect();
        outcome(&Report { strict, ..sample::report(requirements) })
    }

    #[test]
    fn what_is_known_does_not_hide_what_could_not_be_judged() {
        let mut report = sample::known();
        assert_eq!(outcome(&report), Outcome::Passed);
        let mut open = report.requirements[0].cases[0].clone();
        open.verdict = Verdict::Inconclusive;
        report.requirements[0].cases.push(open);
        assert_eq!(outcome(&report), Outcome::NotJudged);
    }

    #[test]
    fn each_verdict_leads_to_its_outcome() {
        use Level::{Must, Should};
        use Verdict::{Failed, Flaky, Inconclusive, Passed, Skipped};
        let passed = (Must, Passed);
        for (strict, results, expected) in [
            (false, &[passed][..], Outcome::Passed),
            (false, &[passed, (Must, Skipped)], Outcome::Passed),
            (false, &[passed, (Should, Failed)], Outcome::Passed),
            (true, &[passed, (Should, Failed)], Outcome::Failed),
            (true, &[passed, (Should, Flaky)], Outcome::Failed),
            (false, &[passed, (Must, Failed)], Outcome::Failed),
            (false, &[passed, (Must, Flaky)], Outcome::Failed),
            (false, &[(Must, Failed)], Outcome::Failed),
            (false, &[passed, (Must, Inconclusive)], Outcome::NotJudged),
            (false, &[passed, (Should, Inconclusive)], Outcome::Passed),
            (true, &[passed, (Should, Inconclusive)], Outcome::NotJudged),
            (false, &[(Must, Inconclusive), (Must, Failed)], Outcome::Failed),
            (false, &[(Must, Skipped)], Outcome::NotJudged),
            (false, &[(Should, Failed)], Outcome::NotJudged),
            (false, &[], Outcome::NotJudged),
        ] {
            assert_eq!(judged(strict, results), expected, "strict {strict}: {results:?}");
        }
    }

    #[test]
    fn the_ending_comes_first() {
        assert_eq!(outcome(&sample::interrupted()), Outcome::Interrupted);
        assert_eq!(outcome(&sample::not_judged()), Outcome::NotJudged);
        // What was found before the target stopped answering counts; that nothing was found does not.
        let left = |report: Report| Report { ending: sample::not_judged().ending, ..report };
        assert_eq!(outcome(&left(sample::failed())), Outcome::Failed);
        assert_eq!(outcome(&left(sample::all_held())), Outcome::NotJudged);
    }

    #[test]
    fn what_is_known_does_not_fail_and_an_outdated_entry_does() {
        assert_eq!(outcome(&sample::known()), Outcome::Passed);
        let mut strict = sample::known();
        strict.strict = true;
        assert_eq!(outcome(&strict), Outcome::Passed);
        let mut partly = sample::known();
        let requirement = &mut partly.requirements[0];
        let covered = requirement.findings[0].known.as_mut().expect("covered");
        covered.uncovered.push(requirement.cases[0].id.clone());
        assert_eq!(outcome(&partly), Outcome::Failed);
        assert_eq!(outcome(&sample::outdated()), Outcome::Outdated);
        for (state, expected) in [
            (EntryState::Occurs, Outcome::Passed),
            (EntryState::NotRun, Outcome::Passed),
            (EntryState::Gone, Outcome::Outdated),
            (EntryState::Expired, Outcome::Outdated),
            (EntryState::Unmatched, Outcome::Outdated),
        ] {
            let mut report = sample::known();
            report.known_failures[0].state = state;
            assert_eq!(outcome(&report), expected, "{state:?}");
        }
    }

    #[test]
    fn codes_are_the_documented_ones() {
        use Outcome::{Failed, Interrupted, NotJudged, Outdated, Passed};
        let all = [Passed, Failed, Outdated, NotJudged, Interrupted];
        assert_eq!(all.map(Outcome::code), [0, 1, 1, 3, 130]);
    }
}
