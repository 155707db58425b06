//! `boundstone run --dry-run`: what a run would send, how long that takes and what it costs.

use std::fmt::Write as _;
use std::time::Duration;

use reports::summary::{counted, number, seconds};

use super::CliError;
use super::args::RunArgs;
use super::rate::Rate;
use super::run::Prepared;
use crate::estimate::{Estimate, Paid};

/// The estimate for a run, with the prices that the user set.
pub(super) fn text(prepared: &Prepared, args: &RunArgs) -> Result<String, CliError> {
    let mut estimate = Estimate::of(&prepared.plan);
    let call = amount("--price-per-call", args.price_per_call)?;
    let received = amount("--price-per-configuration", args.price_per_configuration)?;
    for paid in estimate.paid.values_mut() {
        paid.price.call = call.unwrap_or(paid.price.call);
        paid.price.received = received.unwrap_or(paid.price.received);
    }
    Ok(render(&estimate, prepared.rate, args.max_requests.map(Into::into)))
}

fn amount(flag: &'static str, given: Option<f64>) -> Result<Option<f64>, CliError> {
    match given {
        Some(value) if !(value.is_finite() && value >= 0.0) => Err(CliError::Price { flag, value }),
        given => Ok(given),
    }
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
        (estimate.lacking, "a fixture"),
        (estimate.unfit, "--sigv4 or --http 1.1"),
        (estimate.waiting, "more time (--budget)"),
    ] {
        if cases > 0 {
            let _ = writeln!(text, "Left out: {} for want of {why}.", counted(cases as u64, "case"));
        }
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
    for (operation, paid) in &estimate.paid {
        let _ = writeln!(text, "{}", price(operation, paid));
    }
    text
}

fn time(requests: u64, interval: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a rough estimate")]
    let requests = requests as f64;
    requests * interval.as_secs_f64()
}

fn price(operation: &str, paid: &Paid) -> String {
    let (price, currency) = (&paid.price, &paid.price.currency);
    format!(
        "Price: at most {:.2} {currency}, if the target charges: {} calls of {operation} at {} {currency}, of which \
         at most {} deliver at {} {currency} (--price-per-call and --price-per-configuration set the prices of the day).",
        paid.most(),
        number(paid.calls),
        price.call,
        number(paid.deliver),
        price.received
    )
}
