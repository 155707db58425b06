//! What became of targets over many runs, as a page.

use askama::Template;

use crate::model::{Report, VERDICTS, Verdict};
use crate::render::html::frame::{Frame, state};
use crate::render::html::plot::{self, Bar, Part, Point};
use crate::summary::{closing, counted, duration, headline};

use super::series::{History, Presence, Series, series};

/// For each target and contract: the headline of the last run, the verdicts and the latency of all runs, and
/// each finding with the runs that have it.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn trend_page(reports: &[Report]) -> String {
    let all = series(reports);
    let page = Page {
        frame: Frame::new(),
        title: format!("boundstone over {}", counted(reports.len() as u64, "run")),
        series: all.iter().zip(1..).map(|(series, nth)| SeriesView::new(series, nth)).collect(),
    };
    // Fails only if writing fails, and writing into a string does not.
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
    headline: String,
    last: &'a Report,
    first_day: String,
    last_day: String,
    verdicts: Vec<Bar>,
    latency: Option<Times>,
    histories: Vec<HistoryView<'a>>,
    runs: Vec<RunView<'a>>,
}

/// The numbers of a run.
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

/// How long responses took in each run.
struct Times {
    highest: String,
    /// The times of 99 % and of half of the responses, each with its class.
    lines: [(&'static str, Vec<Point>); 2],
}

struct HistoryView<'a> {
    history: &'a History<'a>,
    first: String,
    last: String,
    is_there: bool,
    squares: Vec<Square>,
}

/// A run, as a square of a history.
struct Square {
    verdict: Verdict,
    label: String,
}

/// The day of a report: the start of its time.
fn day(report: &Report) -> String {
    report.started_at.chars().take(10).collect()
}

impl<'a> SeriesView<'a> {
    fn new(series: &'a Series<'a>, nth: usize) -> Self {
        let runs = &series.runs;
        // A series has at least one run, so neither index fails.
        let (first, last) = (runs[0], runs[runs.len() - 1]);
        Self {
            anchor: format!("series-{nth}"),
            state: state(last),
            headline: headline(last),
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
        let square = |(presence, run): (&Presence, &&Report)| {
            let (verdict, says) = match presence {
                Presence::Present => (history.finding.verdict, "present"),
                Presence::Absent => (Verdict::Passed, "absent"),
                Presence::NotTested => (Verdict::Skipped, "not tested"),
            };
            Square { verdict, label: format!("{}: {says}", day(run)) }
        };
        Self {
            first: runs.get(history.first()).map(|run| day(run)).unwrap_or_default(),
            last: runs.get(history.last()).map(|run| day(run)).unwrap_or_default(),
            is_there: history.last() + 1 == runs.len(),
            squares: history.presence.iter().zip(runs).map(square).collect(),
            history,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn targets_and_findings_show_their_runs() {
        let at = |day: u32, mut report: Report| {
            report.started_at = format!("2026-03-{day:02}T01:00:00Z");
            report
        };
        let html =
            trend_page(&[at(2, sample::failed()), at(1, sample::failed()), at(3, sample::all_passed())]);
        assert!(html.contains("<h1>boundstone over 3 runs</h1>"), "{html}");
        // Two contracts, one of them with a hostile name.
        assert_eq!(html.matches("<section aria-labelledby=\"series-").count(), 2);
        assert!(html.contains("2026-03-01: present"), "{html}");
        assert!(html.contains("2026-03-02: present"), "{html}");
        assert!(html.contains("&#60;script&#62;alert(1)"));
        assert!(!html.contains("<script>alert"));
        assert!(html.chars().all(|c| c == '\n' || !c.is_control()));
        assert!(trend_page(&[]).contains("<h1>boundstone over 0 runs</h1>"));
    }
}
