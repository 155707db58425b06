//! The progress of a run on a terminal.

use std::time::Duration;

use cases::catalogue::ContractDiff;
use cases::id::CaseId;
use textwrap::core::display_width;

use crate::model::{Event, TargetKind, Verdict};
use crate::render::escape::line;
use crate::render::text::{contract_changes, contract_changes_sentence};
use crate::summary::{counted, number, seconds};

/// The most failed cases that are named where lines cannot be redrawn.
const MAX_NAMED: u64 = 10;

/// The fewest columns in which the current activity is shown.
const MIN_ACTIVITY_WIDTH: usize = 16;

/// The progress of a run. It takes every event, and gives the text of a progress line at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    cases: u64,
    done: u64,
    /// The approximate number of requests that the run will send; 0 if unknown.
    planned: u64,
    failed: u64,
    flaky: u64,
    /// The case that started last.
    running: Option<CaseId>,
    is_reproducing: bool,
    /// The seconds for which sequences wait together, if they do.
    waiting: Option<u64>,
}

impl Progress {
    /// Takes an event.
    pub fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted { cases, .. } => *self = Self { cases: *cases as u64, ..Self::default() },
            Event::CaseStarted { case } => self.running = Some(case.clone()),
            Event::CaseFinished { verdict, .. } => {
                self.done += 1;
                self.waiting = None;
                match verdict {
                    Verdict::Failed => self.failed += 1,
                    Verdict::Flaky => self.flaky += 1,
                    Verdict::Inconclusive | Verdict::Skipped | Verdict::Passed => {}
                }
            }
            Event::Waiting { seconds, .. } => self.waiting = Some(*seconds),
            Event::Reproducing => self.is_reproducing = true,
            Event::CaseDiffers { .. } | Event::RunFinished { .. } => {}
        }
    }

    /// Sets the approximate number of requests that the run will send if nothing fails.
    pub fn expects(&mut self, requests: u64) {
        self.planned = requests;
    }

    /// One line of at most `width` columns on the progress of the run, `elapsed` after its start and after
    /// `requests` requests. The most important parts come first, and what does not fit is omitted.
    pub fn line(&self, elapsed: Duration, requests: u64, width: usize) -> String {
        if self.cases == 0 {
            return String::new();
        }
        let long = format!("{} of {}", number(self.done), counted(self.cases, "case"));
        let mut out = if display_width(&long) <= width {
            long
        } else {
            // A terminal that is too narrow for this shows nothing.
            let short = format!("{}/{}", self.done, self.cases);
            return if display_width(&short) <= width { short } else { String::new() };
        };
        for part in self.parts(elapsed.as_secs_f64(), requests) {
            if display_width(&out) + 2 + display_width(&part) > width {
                return out;
            }
            out.push_str(&format!(", {part}"));
        }
        let activity = match &self.running {
            _ if self.is_reproducing => "reproducing failures".to_owned(),
            _ if let Some(at_most) = self.waiting => {
                format!("sequences wait together, up to {at_most} s")
            }
            Some(case) => line(case.as_str()),
            None => return out,
        };
        let room = width.saturating_sub(display_width(&out) + 2);
        if room >= MIN_ACTIVITY_WIDTH {
            out.push_str(&format!(": {}", end(&activity, room)));
        }
        out
    }

    /// The parts of the line after the number of cases, the most important first.
    fn parts(&self, elapsed: f64, requests: u64) -> Vec<String> {
        #![allow(clippy::cast_precision_loss, reason = "rough numbers")]
        let mut parts = Vec::new();
        for (n, verdict) in [(self.failed, "failed"), (self.flaky, "flaky")] {
            if n > 0 {
                parts.push(format!("{} {verdict}", number(n)));
            }
        }
        if elapsed > 0.0 && requests > 0 {
            let rate = requests as f64 / elapsed;
            if requests < self.planned && !self.is_reproducing && self.waiting.is_none() {
                parts.push(format!("about {} left", seconds((self.planned - requests) as f64 / rate)));
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            parts.push(format!("{}/s", number(rate.round() as u64)));
        }
        parts.push(counted(requests, "request"));
        parts
    }

    /// The line for an event where lines cannot be redrawn: the start, and the first failed cases. The event
    /// must have been taken by [`Progress::on`].
    pub fn plain(&self, event: &Event) -> Option<String> {
        match event {
            Event::RunStarted { contract, target, seed, cases, contract_changes, .. } => {
                let target = match target.kind {
                    TargetKind::Mock => "the mock".to_owned(),
                    TargetKind::Url => line(&target.url),
                };
                let changes =
                    contract_changes.as_ref().map(|it| changes(&contract.name, it)).unwrap_or_default();
                Some(format!(
                    "{changes}Testing {target} against the contract {}: {}, seed {seed}.",
                    line(&contract.name),
                    counted(*cases as u64, "case"),
                ))
            }
            Event::CaseFinished { case, verdict: verdict @ (Verdict::Failed | Verdict::Flaky), .. } => {
                match self.failed + self.flaky {
                    ..=MAX_NAMED => Some(format!("{verdict}: {}", line(case.as_str()))),
                    n if n == MAX_NAMED + 1 => Some("Further failures are listed in the report.".to_owned()),
                    _ => None,
                }
            }
            Event::Waiting { sequences, seconds, interval } => {
                let sequences = counted(*sequences as u64, "sequence");
                Some(match interval {
                    Some(interval) => format!(
                        "The target enforces a poll interval of {interval} s: {sequences} wait for it together, up to {seconds} s."
                    ),
                    None => format!("{sequences} wait together for time to pass, up to {seconds} s."),
                })
            }
            Event::CaseStarted { .. }
            | Event::CaseDiffers { .. }
            | Event::CaseFinished { .. }
            | Event::Reproducing
            | Event::RunFinished { .. } => None,
        }
    }
}

/// The last `width` columns of a text; a cut is marked.
fn end(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let starts = text.char_indices().map(|(start, _)| &text[start..]);
    let rest = starts.skip(1).find(|rest| display_width(rest) < width).unwrap_or_default();
    format!("…{rest}")
}

/// How a contract differs from the built-in contract of the same service, over several lines. Ends with a
/// line feed.
pub fn changes(contract: &str, changes: &ContractDiff) -> String {
    format!("{}\n{}", line(&contract_changes_sentence(contract, changes)), contract_changes(changes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ContractInfo, TargetInfo, sample};

    fn started(cases: usize) -> Event {
        Event::RunStarted {
            contract: ContractInfo { name: "page\u{1b}".into(), digest: String::new() },
            target: TargetInfo { kind: TargetKind::Url, url: "http://127.0.0.1:1".into(), notes: vec![] },
            seed: 7,
            cases,
            contract_changes: None,
        }
    }

    fn finished(verdict: Verdict) -> Event {
        Event::CaseFinished { case: CaseId::new(["a", "b"]), verdict, requests: 0 }
    }

    fn after(events: &[Event]) -> Progress {
        let mut progress = Progress::default();
        for event in events {
            progress.on(event);
        }
        progress.expects(8_000);
        progress
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn line_shows_the_progress() {
        assert_eq!(Progress::default().line(Duration::ZERO, 0, 80), "");
        let mut progress =
            after(&[started(4), Event::CaseStarted { case: CaseId::new(["start", "length"]) }]);
        assert_eq!(progress.line(SECOND, 0, 80), "0 of 4 cases, 0 requests: start/length");
        progress.on(&finished(Verdict::Passed));
        assert_eq!(
            progress.line(2 * SECOND, 2_000, 80),
            "1 of 4 cases, about 6.0 s left, 1,000/s, 2,000 requests: start/length"
        );
        for verdict in [Verdict::Failed, Verdict::Flaky, Verdict::Skipped] {
            progress.on(&finished(verdict));
        }
        progress.on(&Event::Reproducing);
        assert_eq!(
            progress.line(Duration::from_millis(1500), 2_001, 120),
            "4 of 4 cases, 1 failed, 1 flaky, 1,334/s, 2,001 requests: reproducing failures"
        );
    }

    #[test]
    fn remaining_time_is_omitted_if_unknown() {
        let progress = after(&[started(1), finished(Verdict::Passed), finished(Verdict::Passed)]);
        assert_eq!(progress.line(SECOND, 8_001, 80), "2 of 1 case, 8,001/s, 8,001 requests");
    }

    #[test]
    fn line_fits_any_width() {
        let wide =
            serde_json::from_value("start/水の長さ/長さ長さ長さ長さ長さ長さ\u{1b}".into()).expect("an id");
        let progress = after(&[started(4_000), Event::CaseStarted { case: wide }, finished(Verdict::Failed)]);
        for width in 0..200 {
            let line = progress.line(SECOND, 2_000, width);
            assert!(display_width(&line) <= width, "{width}: {line}");
            assert!(!line.contains('\u{1b}'), "{line}");
        }
        assert_eq!(progress.line(SECOND, 2_000, 3), "");
        assert_eq!(progress.line(SECOND, 2_000, 10), "1/4000");
        assert_eq!(progress.line(SECOND, 2_000, 20), "1 of 4,000 cases");
        let line = progress.line(SECOND, 2_000, 94);
        assert!(line.ends_with("2,000 requests: …長さ長さ長さ長さ\\u{1b}"), "{line}");
    }

    #[test]
    fn only_start_and_first_failures_are_lines() {
        assert_eq!(
            Progress::default().plain(&started(131)).as_deref(),
            Some("Testing http://127.0.0.1:1 against the contract page\\u{1b}: 131 cases, seed 7.")
        );
        let Event::RunStarted { contract, target, seed, cases, .. } = started(1) else { return };
        let contract_changes = Some(sample::contract_changes());
        let start = Event::RunStarted { contract, target, seed, cases, contract_changes };
        let text = Progress::default().plain(&start).expect("the start");
        assert!(
            text.starts_with("Compared with the built-in contract model, page\\u{1b} has 2 new"),
            "{text}"
        );
        assert!(text.contains("\nnew      MUST start-configuration-session/caller/length\n"), "{text}");
        assert!(text.ends_with("1 case, seed 7."), "{text}");
        for (verdict, line) in [(Verdict::Failed, "failed: a/b"), (Verdict::Flaky, "flaky: a/b")] {
            assert_eq!(after(&[finished(verdict)]).plain(&finished(verdict)).as_deref(), Some(line));
        }
        let many = |count: usize| {
            let bad = finished(Verdict::Failed);
            after(&vec![bad.clone(); count]).plain(&bad)
        };
        assert_eq!(many(10).as_deref(), Some("failed: a/b"));
        assert_eq!(many(11).as_deref(), Some("Further failures are listed in the report."));
        assert_eq!(many(12), None);
        for verdict in [Verdict::Passed, Verdict::Skipped, Verdict::Inconclusive] {
            assert_eq!(Progress::default().plain(&finished(verdict)), None);
        }
        let case = CaseId::new(["a"]);
        let report = Box::new(sample::all_passed());
        for event in [Event::CaseStarted { case }, Event::Reproducing, Event::RunFinished { report }] {
            assert_eq!(Progress::default().plain(&event), None);
        }
    }
}
