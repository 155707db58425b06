//! What became of targets over many runs, as a page.

use askama::Template;

use super::frame::Frame;
use super::plot::{self, Bar, Part, Point};
use super::state;
use crate::latency::duration;
use crate::report::{Report, Verdict};
use crate::summary::{VERDICTS, answer, closing, counted};
use crate::trend::{History, Seen, Series, series};

/// For each target and contract: the last answer, the verdicts and the times of all runs, and each finding
/// with the runs that had it.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(reports: &[Report]) -> String {
    let all = series(reports);
    let page = Page {
        frame: Frame::new(),
        title: format!("boundstone over {}", counted(reports.len() as u64, "run")),
        series: all.iter().zip(1..).map(|(series, nth)| SeriesView::new(series, nth)).collect(),
    };
    // Fails only where writing fails, and a string takes all.
    page.render().expect("HTML into a string")
}

#[derive(Template)]
#[template(path = "trend.html")]
struct Page<'a> {
    frame: Frame,
    title: String,
    series: Vec<SeriesView<'a>>,
}

struct SeriesView<'a> {
    anchor: String,
    state: &'static str,
    answer: String,
    last: &'a Report,
    first_day: String,
    last_day: String,
    verdicts: Vec<Bar>,
    latency: Option<Times>,
    histories: Vec<HistoryView<'a>>,
    runs: Vec<RunView<'a>>,
}

/// A run in numbers.
struct RunView<'a> {
    run: &'a Report,
    closing: String,
    half: String,
    most: String,
}

impl<'a> RunView<'a> {
    fn new(run: &'a Report) -> Self {
        let within = |percent| run.latency.within(percent).map(duration).unwrap_or_default();
        Self { run, closing: closing(run), half: within(50), most: within(99) }
    }
}

/// How long answers took in each run.
struct Times {
    highest: String,
    /// Half of the answers, and nearly all, each with its class.
    lines: [(&'static str, Vec<Point>); 2],
}

struct HistoryView<'a> {
    history: &'a History<'a>,
    first: String,
    last: String,
    is_there: bool,
    nights: Vec<Night>,
}

/// A run, as a square of a history.
struct Night {
    verdict: Verdict,
    label: String,
}

/// The day of a report, or what stands in its place.
fn day(report: &Report) -> String {
    report.started_at.chars().take(10).collect()
}

impl<'a> SeriesView<'a> {
    fn new(series: &'a Series<'a>, nth: usize) -> Self {
        let runs = &series.runs;
        // A series has at least the run that it was made for, so that neither index fails.
        let (first, last) = (runs[0], runs[runs.len() - 1]);
        Self {
            anchor: format!("series-{nth}"),
            state: state(last),
            answer: answer(last),
            last,
            first_day: day(first),
            last_day: day(last),
            verdicts: plot::columns(runs.iter().map(|run| column(run))),
            latency: times(runs),
            histories: series.histories.iter().map(|history| HistoryView::new(history, runs)).collect(),
            runs: runs.iter().rev().map(|run| RunView::new(run)).collect(),
        }
    }
}

/// The requirements of a run by verdict, the worst on top.
fn column(run: &Report) -> Vec<Part> {
    let part = |verdict: &Verdict| {
        let count = run.totals.requirements.of(*verdict);
        (verdict.name(), count, format!("{}: {count} {verdict}", day(run)))
    };
    VERDICTS.iter().rev().map(part).collect()
}

fn times(runs: &[&Report]) -> Option<Times> {
    let within = |percent, what: &'static str| {
        runs.iter().map(move |run| {
            let micros = run.latency.within(percent)?;
            Some((micros, format!("{}: {what} within {}", day(run), duration(micros))))
        })
    };
    let highest = runs.iter().filter_map(|run| run.latency.within(99)).max()?;
    Some(Times {
        highest: duration(highest),
        lines: [
            ("most", plot::line(within(99, "99 %"), highest)),
            ("half", plot::line(within(50, "half"), highest)),
        ],
    })
}

impl<'a> HistoryView<'a> {
    fn new(history: &'a History<'a>, runs: &[&Report]) -> Self {
        let night = |(seen, run): (&Seen, &&Report)| {
            let (verdict, says) = match seen {
                Seen::There => (history.finding.verdict, "there"),
                Seen::Absent => (Verdict::Passed, "not there"),
                Seen::NotJudged => (Verdict::Skipped, "not judged"),
            };
            Night { verdict, label: format!("{}: {says}", day(run)) }
        };
        Self {
            first: runs.get(history.first()).map(|run| day(run)).unwrap_or_default(),
            last: runs.get(history.last()).map(|run| day(run)).unwrap_or_default(),
            is_there: history.last() + 1 == runs.len(),
            nights: history.seen.iter().zip(runs).map(night).collect(),
            history,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn each_target_has_its_runs_and_each_finding_its_nights() {
        let at = |day: u32, mut report: Report| {
            report.started_at = format!("2026-03-{day:02}T01:00:00Z");
            report
        };
        let html = render(&[at(2, sample::failed()), at(1, sample::failed()), at(3, sample::all_held())]);
        assert!(html.contains("<h1>boundstone over 3 runs</h1>"), "{html}");
        // Two contracts: the hostile name of the one stays text.
        assert_eq!(html.matches("<section aria-labelledby=\"series-").count(), 2);
        assert!(html.contains("2026-03-01: there") && html.contains("2026-03-02: there"), "{html}");
        assert!(html.contains("&#60;script&#62;alert(1)") && !html.contains("<script>alert"));
        assert!(html.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(render(&[]).contains("<h1>boundstone over 0 runs</h1>"));
    }
}
