//! The outcome of a run, which is the exit code of the program.

use cases::id::Level;

use crate::model::{Ending, Report, RequirementResult, Triage, Verdict};

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Every binding requirement that could be tested passed or is a known failure, and at least one passed.
    Passed,
    /// A binding requirement failed or is flaky, and is no known failure.
    Failed,
    /// The same as passed, but some known failures no longer apply.
    Outdated,
    /// Nothing contradicts the contract, but too little was tested to say that the target conforms to it.
    NotTested,
    /// The run did not finish.
    Interrupted,
}

impl Outcome {
    /// The exit code of the program.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Passed => 0,
            Outcome::Failed | Outcome::Outdated => 1,
            Outcome::NotTested => 3,
            Outcome::Interrupted => 130,
        }
    }
}

/// The outcome of the run. A MUST is binding; a SHOULD is binding in a strict run.
pub fn outcome(report: &Report) -> Outcome {
    let requirements = &report.requirements;
    if matches!(report.ending, Ending::Interrupted { .. }) {
        Outcome::Interrupted
    } else if requirements.iter().any(|it| fails(report, it)) {
        Outcome::Failed
    } else if report.ending != Ending::Complete
        || requirements.iter().all(|it| it.verdict != Verdict::Passed)
        || requirements.iter().any(|it| leaves_open(report, it))
    {
        Outcome::NotTested
    } else if report.known_failures.iter().any(|entry| entry.state.is_outdated()) {
        Outcome::Outdated
    } else {
        Outcome::Passed
    }
}

/// Whether a requirement is binding in the run.
fn is_binding(report: &Report, requirement: &RequirementResult) -> bool {
    requirement.level == Level::Must || report.strict
}

/// Whether a requirement fails the run: it is binding, and at least one of its findings is no known failure.
pub fn fails(report: &Report, requirement: &RequirementResult) -> bool {
    is_binding(report, requirement) && requirement.triage() == Triage::New
}

/// Whether a binding requirement is inconclusive, so that the run cannot pass.
pub fn leaves_open(report: &Report, requirement: &RequirementResult) -> bool {
    is_binding(report, requirement) && is_inconclusive(requirement)
}

/// Whether a requirement is inconclusive, or one of its cases is although all of its findings are known.
fn is_inconclusive(requirement: &RequirementResult) -> bool {
    let has_open_case = requirement.cases.iter().any(|case| case.verdict == Verdict::Inconclusive);
    requirement.verdict == Verdict::Inconclusive || (requirement.triage() == Triage::Known && has_open_case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EntryState, sample};

    fn outcome_of(strict: bool, results: &[(Level, Verdict)]) -> Outcome {
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
        assert_eq!(outcome(&report), Outcome::NotTested);
    }

    #[test]
    fn each_verdict_has_its_outcome() {
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
            (false, &[passed, (Must, Inconclusive)], Outcome::NotTested),
            (false, &[passed, (Should, Inconclusive)], Outcome::Passed),
            (true, &[passed, (Should, Inconclusive)], Outcome::NotTested),
            (false, &[(Must, Inconclusive), (Must, Failed)], Outcome::Failed),
            (false, &[(Must, Skipped)], Outcome::NotTested),
            (false, &[(Should, Failed)], Outcome::NotTested),
            (false, &[], Outcome::NotTested),
        ] {
            assert_eq!(outcome_of(strict, results), expected, "strict {strict}: {results:?}");
        }
    }

    #[test]
    fn ending_decides_first() {
        assert_eq!(outcome(&sample::interrupted()), Outcome::Interrupted);
        assert_eq!(outcome(&sample::not_tested()), Outcome::NotTested);
        // A failure before the target stopped responding counts; the absence of one does not.
        let ended = |report: Report| Report { ending: sample::not_tested().ending, ..report };
        assert_eq!(outcome(&ended(sample::failed())), Outcome::Failed);
        assert_eq!(outcome(&ended(sample::all_passed())), Outcome::NotTested);
    }

    #[test]
    fn known_failure_passes_and_outdated_entry_fails() {
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
    fn exit_codes_are_as_documented() {
        use Outcome::{Failed, Interrupted, NotTested, Outdated, Passed};
        let all = [Passed, Failed, Outdated, NotTested, Interrupted];
        assert_eq!(all.map(Outcome::code), [0, 1, 1, 3, 130]);
    }
}
