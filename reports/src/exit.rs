//! What a run comes to, as the exit code of the program tells it.

use cases::id::Level;

use crate::report::{Ending, Report, Verdict};

/// What a run comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Every binding requirement that could be tried held, and at least one did.
    Held,
    /// A binding requirement is violated or unstable.
    Violated,
    /// Nothing contradicts the contract, but too little was shown to say that it is kept.
    NotJudged,
    /// The run did not come to its end.
    Interrupted,
}

impl Outcome {
    /// The exit code of the program.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Held => 0,
            Outcome::Violated => 1,
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
    let binding = |verdict: Verdict| {
        report.requirements.iter().any(|r| r.verdict == verdict && (r.level == Level::Must || report.strict))
    };
    let any_held = report.requirements.iter().any(|r| r.verdict == Verdict::Held);
    if binding(Verdict::Violated) || binding(Verdict::Unstable) {
        Outcome::Violated
    } else if !any_held || binding(Verdict::Inconclusive) || report.ending != Ending::Complete {
        Outcome::NotJudged
    } else {
        Outcome::Held
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn each_verdict_leads_to_its_outcome() {
        use Level::{Must, Should};
        use Verdict::{Held, Inconclusive, Skipped, Unstable, Violated};
        let held = (Must, Held);
        for (strict, results, expected) in [
            (false, &[held][..], Outcome::Held),
            (false, &[held, (Must, Skipped)], Outcome::Held),
            (false, &[held, (Should, Violated)], Outcome::Held),
            (true, &[held, (Should, Violated)], Outcome::Violated),
            (true, &[held, (Should, Unstable)], Outcome::Violated),
            (false, &[held, (Must, Violated)], Outcome::Violated),
            (false, &[held, (Must, Unstable)], Outcome::Violated),
            (false, &[(Must, Violated)], Outcome::Violated),
            (false, &[held, (Must, Inconclusive)], Outcome::NotJudged),
            (false, &[held, (Should, Inconclusive)], Outcome::Held),
            (true, &[held, (Should, Inconclusive)], Outcome::NotJudged),
            (false, &[(Must, Inconclusive), (Must, Violated)], Outcome::Violated),
            (false, &[(Must, Skipped)], Outcome::NotJudged),
            (false, &[(Should, Violated)], Outcome::NotJudged),
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
        assert_eq!(outcome(&left(sample::violated())), Outcome::Violated);
        assert_eq!(outcome(&left(sample::all_held())), Outcome::NotJudged);
    }

    #[test]
    fn codes_are_the_documented_ones() {
        let all = [Outcome::Held, Outcome::Violated, Outcome::NotJudged, Outcome::Interrupted];
        assert_eq!(all.map(Outcome::code), [0, 1, 3, 130]);
    }
}
