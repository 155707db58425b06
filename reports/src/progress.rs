//! What a person sees while a run goes on.

use std::time::Duration;

use cases::drift::Drift;

use crate::drift;
use crate::escape::line;
use crate::event::Event;
use crate::report::{TargetKind, Verdict};
use crate::summary::{counted, number, seconds};

/// How far a run is. Fed with every event, it makes the text of a progress line at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    cases: u64,
    done: u64,
    requests: u64,
    violated: u64,
    unstable: u64,
}

impl Progress {
    /// Takes note of an event.
    pub fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted { cases, .. } => {
                *self = Self { cases: *cases as u64, ..Self::default() };
            }
            Event::CaseFinished { verdict, requests, .. } => {
                self.done += 1;
                self.requests += requests;
                match verdict {
                    Verdict::Violated => self.violated += 1,
                    Verdict::Unstable => self.unstable += 1,
                    Verdict::Inconclusive | Verdict::Skipped | Verdict::Held => {}
                }
            }
            Event::CaseStarted { .. } | Event::CaseDiffers { .. } | Event::RunFinished { .. } => {}
        }
    }

    /// Cases done and all cases, for a bar.
    pub fn position(&self) -> (u64, u64) {
        (self.done, self.cases)
    }

    /// One line on the state of the run `elapsed` after its start.
    pub fn line(&self, elapsed: Duration) -> String {
        let mut parts = vec![
            format!("{} of {}", number(self.done), counted(self.cases, "case")),
            counted(self.requests, "request"),
        ];
        for (n, verdict) in [(self.violated, "violated"), (self.unstable, "unstable")] {
            if n > 0 {
                parts.push(format!("{} {verdict}", number(n)));
            }
        }
        let elapsed = elapsed.as_secs_f64();
        if elapsed > 0.0 && self.requests > 0 {
            #[allow(clippy::cast_precision_loss, reason = "a rounded rate")]
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            let rate = (self.requests as f64 / elapsed).round() as u64;
            parts.push(format!("{}/s", number(rate)));
        }
        if self.done > 0 && self.done < self.cases {
            #[allow(clippy::cast_precision_loss, reason = "a rough estimate")]
            let left = elapsed / self.done as f64 * (self.cases - self.done) as f64;
            parts.push(format!("about {} left", seconds(left)));
        }
        parts.join(", ")
    }
}

/// The line that an event is worth where no line can be redrawn: the start, and each case that is
/// not as it should be.
pub fn plain(event: &Event) -> Option<String> {
    match event {
        Event::RunStarted { contract, target, seed, cases, drift } => {
            let target = match target.kind {
                TargetKind::Mock => "the mock".to_owned(),
                TargetKind::Url => line(&target.url),
            };
            let changes = drift.as_ref().map(|drift| changes(&contract.name, drift)).unwrap_or_default();
            Some(format!(
                "{changes}Judging {target} by the contract {}: {}, seed {seed}.",
                line(&contract.name),
                counted(*cases as u64, "case"),
            ))
        }
        Event::CaseFinished { case, verdict: verdict @ (Verdict::Violated | Verdict::Unstable), .. } => {
            Some(format!("{verdict}: {}", line(case.as_str())))
        }
        Event::CaseStarted { .. }
        | Event::CaseDiffers { .. }
        | Event::CaseFinished { .. }
        | Event::RunFinished { .. } => None,
    }
}

/// What a contract has that the built-in one has not, and the reverse; ends with a line feed.
pub fn changes(contract: &str, changes: &Drift) -> String {
    format!("{}\n{}", line(&drift::sentence(contract, changes)), drift::text(changes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{ContractInfo, TargetInfo};
    use crate::sample;
    use cases::id::CaseId;

    fn started(cases: usize) -> Event {
        Event::RunStarted {
            contract: ContractInfo { name: "page\u{1b}".into(), digest: String::new() },
            target: TargetInfo { kind: TargetKind::Url, url: "http://127.0.0.1:1".into(), notes: vec![] },
            seed: 7,
            cases,
            drift: None,
        }
    }

    fn finished(verdict: Verdict, requests: u64) -> Event {
        Event::CaseFinished { case: CaseId::new(["a", "b"]), verdict, requests }
    }

    #[test]
    fn a_line_tells_how_far_the_run_is() {
        let mut progress = Progress::default();
        assert_eq!(progress.line(Duration::ZERO), "0 of 0 cases, 0 requests");
        progress.on(&started(4));
        assert_eq!(progress.line(Duration::from_secs(1)), "0 of 4 cases, 0 requests");
        progress.on(&Event::CaseStarted { case: CaseId::new(["a"]) });
        progress.on(&finished(Verdict::Held, 2000));
        assert_eq!(
            progress.line(Duration::from_secs(2)),
            "1 of 4 cases, 2,000 requests, 1,000/s, about 6.0 s left"
        );
        progress.on(&finished(Verdict::Violated, 1));
        progress.on(&finished(Verdict::Unstable, 0));
        progress.on(&finished(Verdict::Skipped, 0));
        progress.on(&Event::RunFinished { report: Box::new(sample::all_held()) });
        assert_eq!(
            progress.line(Duration::from_millis(1500)),
            "4 of 4 cases, 2,001 requests, 1 violated, 1 unstable, 1,334/s"
        );
        assert_eq!(progress.position(), (4, 4));
    }

    #[test]
    fn more_cases_than_planned_do_no_harm() {
        let mut progress = Progress::default();
        progress.on(&started(1));
        progress.on(&finished(Verdict::Held, 1));
        progress.on(&finished(Verdict::Held, 1));
        assert_eq!(progress.line(Duration::from_secs(1)), "2 of 1 case, 2 requests, 2/s");
    }

    #[test]
    fn only_the_start_and_bad_news_are_lines() {
        assert_eq!(
            plain(&started(131)).as_deref(),
            Some("Judging http://127.0.0.1:1 by the contract page\\u{1b}: 131 cases, seed 7.")
        );
        let Event::RunStarted { contract, target, seed, cases, .. } = started(1) else { return };
        let text = plain(&Event::RunStarted { contract, target, seed, cases, drift: Some(sample::drift()) });
        let text = text.expect("the start");
        assert!(text.starts_with("Beside the built-in contract model, page\\u{1b} has 2 new"), "{text}");
        assert!(text.contains("\nnew      MUST start-configuration-session/caller/length\n"), "{text}");
        assert!(text.ends_with("1 case, seed 7."), "{text}");
        assert_eq!(plain(&finished(Verdict::Violated, 1)).as_deref(), Some("violated: a/b"));
        assert_eq!(plain(&finished(Verdict::Unstable, 1)).as_deref(), Some("unstable: a/b"));
        for verdict in [Verdict::Held, Verdict::Skipped, Verdict::Inconclusive] {
            assert_eq!(plain(&finished(verdict, 1)), None);
        }
        assert_eq!(plain(&Event::CaseStarted { case: CaseId::new(["a"]) }), None);
        assert_eq!(plain(&Event::RunFinished { report: Box::new(sample::all_held()) }), None);
    }
}
