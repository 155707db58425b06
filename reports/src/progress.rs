//! What a person sees while a run goes on.

use std::time::Duration;

use cases::catalogue::Drift;
use cases::id::CaseId;
use textwrap::core::display_width;

use crate::drift;
use crate::escape::line;
use crate::event::Event;
use crate::report::{TargetKind, Verdict};
use crate::summary::{counted, number, seconds};

/// The most cases that are named where no line can be redrawn.
const NAMED: u64 = 10;

/// The fewest columns in which what is under way is worth a mention.
const NAME_WIDTH: usize = 16;

/// How far a run is. Fed with every event, it makes the text of a progress line at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    cases: u64,
    done: u64,
    /// About how many requests there will be; 0 as long as nobody knows.
    planned: u64,
    failed: u64,
    flaky: u64,
    /// The case that started last.
    running: Option<CaseId>,
    confirming: bool,
    /// The seconds for which sequences wait together.
    waiting: Option<u64>,
}

impl Progress {
    /// Takes note of an event.
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
            Event::Confirming => self.confirming = true,
            Event::CaseDiffers { .. } | Event::RunFinished { .. } => {}
        }
    }

    /// Takes note of about how many requests the run will have sent if nothing differs.
    pub fn expects(&mut self, requests: u64) {
        self.planned = requests;
    }

    /// One line of at most `width` columns on the state of the run, `elapsed` after its start and after so
    /// many requests. What tells most comes first, and what does not fit is left out.
    pub fn line(&self, elapsed: Duration, requests: u64, width: usize) -> String {
        if self.cases == 0 {
            return String::new();
        }
        let long = format!("{} of {}", number(self.done), counted(self.cases, "case"));
        let mut out = if display_width(&long) <= width {
            long
        } else {
            // A line that is not wide enough for this either says nothing.
            let short = format!("{}/{}", self.done, self.cases);
            return if display_width(&short) <= width { short } else { String::new() };
        };
        for part in self.parts(elapsed.as_secs_f64(), requests) {
            if display_width(&out) + 2 + display_width(&part) > width {
                return out;
            }
            out.push_str(&format!(", {part}"));
        }
        let under_way = match &self.running {
            _ if self.confirming => "looking again at what differs".to_owned(),
            _ if let Some(at_most) = self.waiting => {
                format!("sequences wait together, up to {at_most} s")
            }
            Some(case) => line(case.as_str()),
            None => return out,
        };
        let room = width.saturating_sub(display_width(&out) + 2);
        if room >= NAME_WIDTH {
            out.push_str(&format!(": {}", end(&under_way, room)));
        }
        out
    }

    /// What there is to say beside the cases.
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
            if requests < self.planned && !self.confirming && self.waiting.is_none() {
                parts.push(format!("about {} left", seconds((self.planned - requests) as f64 / rate)));
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            parts.push(format!("{}/s", number(rate.round() as u64)));
        }
        parts.push(counted(requests, "request"));
        parts
    }

    /// The line that the event just noted is worth where no line can be redrawn: the start, and the first
    /// cases that are not as they should be.
    pub fn plain(&self, event: &Event) -> Option<String> {
        match event {
            Event::RunStarted { contract, target, seed, cases, drift, .. } => {
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
            Event::CaseFinished { case, verdict: verdict @ (Verdict::Failed | Verdict::Flaky), .. } => {
                match self.failed + self.flaky {
                    ..=NAMED => Some(format!("{verdict}: {}", line(case.as_str()))),
                    n if n == NAMED + 1 => Some("More that differ are in the report.".to_owned()),
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
            | Event::Confirming
            | Event::RunFinished { .. } => None,
        }
    }
}

/// The end of a text, in at most `width` columns; a cut is marked.
fn end(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let starts = text.char_indices().map(|(start, _)| &text[start..]);
    let rest = starts.skip(1).find(|rest| display_width(rest) < width).unwrap_or_default();
    format!("…{rest}")
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

    fn started(cases: usize) -> Event {
        Event::RunStarted {
            contract: ContractInfo { name: "page\u{1b}".into(), digest: String::new() },
            target: TargetInfo { kind: TargetKind::Url, url: "http://127.0.0.1:1".into(), notes: vec![] },
            seed: 7,
            cases,
            drift: None,
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
    fn a_line_tells_how_far_the_run_is() {
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
        progress.on(&Event::Confirming);
        assert_eq!(
            progress.line(Duration::from_millis(1500), 2_001, 120),
            "4 of 4 cases, 1 failed, 1 flaky, 1,334/s, 2,001 requests: looking again at what differs"
        );
    }

    #[test]
    fn no_time_is_told_where_none_can_be() {
        let progress = after(&[started(1), finished(Verdict::Passed), finished(Verdict::Passed)]);
        assert_eq!(progress.line(SECOND, 8_001, 80), "2 of 1 case, 8,001/s, 8,001 requests");
    }

    #[test]
    fn a_line_fits_any_width() {
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
        let line = progress.line(SECOND, 2_000, 96);
        assert!(line.ends_with("2,000 requests: …長さ長さ長さ長さ\\u{1b}"), "{line}");
    }

    #[test]
    fn only_the_start_and_the_first_bad_news_are_lines() {
        assert_eq!(
            Progress::default().plain(&started(131)).as_deref(),
            Some("Judging http://127.0.0.1:1 by the contract page\\u{1b}: 131 cases, seed 7.")
        );
        let Event::RunStarted { contract, target, seed, cases, .. } = started(1) else { return };
        let drift = Some(sample::drift());
        let start = Event::RunStarted { contract, target, seed, cases, drift };
        let text = Progress::default().plain(&start).expect("the start");
        assert!(text.starts_with("Beside the built-in contract model, page\\u{1b} has 2 new"), "{text}");
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
        assert_eq!(many(11).as_deref(), Some("More that differ are in the report."));
        assert_eq!(many(12), None);
        for verdict in [Verdict::Passed, Verdict::Skipped, Verdict::Inconclusive] {
            assert_eq!(Progress::default().plain(&finished(verdict)), None);
        }
        let case = CaseId::new(["a"]);
        let report = Box::new(sample::all_held());
        for event in [Event::CaseStarted { case }, Event::Confirming, Event::RunFinished { report }] {
            assert_eq!(Progress::default().plain(&event), None);
        }
    }
}
