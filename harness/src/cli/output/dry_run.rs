//! `boundstone run --dry-run`: what a run would send and how long that takes.

use std::fmt::Write as _;
use std::time::Duration;

use reports::summary::{counted, seconds};

use crate::cli::args::RunArgs;
use crate::client::layers::rate::Rate;
use crate::plan::estimate::Estimate;
use crate::setup::prepare::Prepared;

/// The estimate for a run.
pub(crate) fn text(prepared: &Prepared, args: &RunArgs) -> String {
    render(&Estimate::of(&prepared.plan), prepared.rate, args.max_requests.map(Into::into))
}

/// The estimate as text. `most` is the limit on requests.
fn render(estimate: &Estimate, rate: Option<Rate>, most: Option<u64>) -> String {
    let mut text = format!(
        "{}, {}; each difference costs up to some hundred more to confirm and to make small.\n",
        counted(estimate.cases as u64, "case"),
        counted(estimate.requests, "request")
    );
    // Writing to a string cannot fail.
    for (cases, why) in [
        (estimate.without_fixture, "a fixture"),
        (estimate.unfit, "--sigv4 or --http 1.1"),
        (estimate.waiting, "more time (--budget)"),
    ] {
        if cases > 0 {
            let _ = writeln!(text, "Left out: {} for want of {why}.", counted(cases as u64, "case"));
        }
    }
    if estimate.not_offered > 0 {
        let _ = writeln!(text, "Left out: {} not offered.", counted(estimate.not_offered as u64, "case"));
    }
    if let Some(most) = most.filter(|most| *most < estimate.requests) {
        let _ = writeln!(text, "--max-requests ends it after {}.", counted(most, "request"));
    }
    let requests = most.unwrap_or(u64::MAX).min(estimate.requests);
    let _ = match rate {
        Some(rate) => {
            writeln!(text, "Time: at least {} at {rate}.", seconds(time(requests, rate.interval())))
        }
        None => writeln!(text, "Time: as the target answers; no --rate is set."),
    };
    text
}

fn time(requests: u64, interval: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rough estimate")]
    let requests = requests as f64;
    requests * interval.as_secs_f64()
}
