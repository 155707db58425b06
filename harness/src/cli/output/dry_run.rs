//! `boundstone run --dry-run`: how many requests a run sends, and how long it takes.

use std::fmt::Write as _;
use std::time::Duration;

use reports::summary::{counted, seconds};

use crate::client::layers::rate::Rate;
use crate::plan::estimate::Estimate;
use crate::setup::prepare::RunSetup;

/// The estimate for a run with at most `max_requests`.
pub(crate) fn text(setup: &RunSetup, max_requests: Option<u64>) -> String {
    render(&Estimate::of(&setup.plan), setup.rate, max_requests)
}

fn render(estimate: &Estimate, rate: Option<Rate>, max_requests: Option<u64>) -> String {
    let mut text = format!(
        "{}, {}; each failure needs up to a few hundred more requests to reproduce and shrink.\n",
        counted(estimate.cases as u64, "case"),
        counted(estimate.requests, "request")
    );
    // Writing to a string cannot fail.
    for (cases, need) in [
        (estimate.without_fixture, "a fixture"),
        (estimate.unfit, "--sigv4 or --http 1.1"),
        (estimate.waiting, "more time (--budget)"),
    ] {
        if cases > 0 {
            let verb = if cases == 1 { "needs" } else { "need" };
            let _ = writeln!(text, "Skipped: {} that {verb} {need}.", counted(cases as u64, "case"));
        }
    }
    if estimate.not_offered > 0 {
        let cases = counted(estimate.not_offered as u64, "case");
        let _ = writeln!(text, "Skipped: {cases} that the target does not offer.");
    }
    if let Some(max) = max_requests.filter(|max| *max < estimate.requests) {
        let _ = writeln!(text, "--max-requests ends the run after {}.", counted(max, "request"));
    }
    let requests = max_requests.unwrap_or(u64::MAX).min(estimate.requests);
    let _ = match rate {
        Some(rate) => {
            writeln!(text, "Time: at least {} at {rate}.", seconds(time(requests, rate.interval())))
        }
        None => writeln!(text, "Time: depends on the target; there is no rate limit (--rate)."),
    };
    text
}

fn time(requests: u64, interval: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rough estimate")]
    let requests = requests as f64;
    requests * interval.as_secs_f64()
}
