//! What a run comes to, in one sentence and in one line.

use crate::model::{Ending, Report, TargetInfo, TargetKind, Verdict};

use super::known_failures::outdated_sentence;
use super::number::{counted, number, seconds};
use super::outcome::{Outcome, outcome};
use super::tally::Tally;

/// The verdicts that a conformant target has none of.
const NOT_CONFORMANT: [Verdict; 3] = [Verdict::Failed, Verdict::Flaky, Verdict::Inconclusive];

/// The result of the run in one sentence, or two if there is a reason to give.
pub fn headline(report: &Report) -> String {
    let tally = &Tally::of(&report.requirements);
    match outcome(report) {
        Outcome::Passed => conforms(report, tally),
        Outcome::Outdated => format!("{} {}.", conforms(report, tally), outdated_sentence(report)),
        Outcome::Failed => breaks(report, tally),
        Outcome::NotTested => not_tested(report, tally),
        Outcome::Interrupted => {
            let reason = match &report.ending {
                Ending::Interrupted { reason } => sentence(reason),
                _ => String::new(),
            };
            format!("The run did not finish: {}. {reason}", tally.passed())
        }
    }
}

fn conforms(report: &Report, tally: &Tally) -> String {
    let target = target(&report.target);
    let verb = if is_merged(report) { "conform" } else { "conforms" };
    let extent = if NOT_CONFORMANT.into_iter().all(|verdict| tally.unknown(verdict) == 0) {
        "the contract"
    } else {
        "every MUST of the contract"
    };
    let except = if tally.known.total() > 0 { ", except for known failures" } else { "" };
    format!("{target} {verb} to {extent} {}{except}: {}.", report.contract.name, tally.passed())
}

fn breaks(report: &Report, tally: &Tally) -> String {
    let target = target(&report.target);
    let verb = if is_merged(report) { "break" } else { "breaks" };
    let parts: Vec<String> = [Verdict::Failed, Verdict::Flaky]
        .into_iter()
        .map(|verdict| (tally.unknown(verdict), verdict))
        .filter(|(n, _)| *n > 0)
        .map(|(n, verdict)| format!("{} {verdict}", number(n)))
        .collect();
    let reason = match &report.ending {
        Ending::NotTested { reason } => format!(" {}", sentence(reason)),
        _ => String::new(),
    };
    let (parts, contract) = (parts.join(" and "), &report.contract.name);
    format!("{target} {verb} the contract {contract}: {parts} of {}.{reason}", tally.requirements())
}

fn not_tested(report: &Report, tally: &Tally) -> String {
    let reason = match &report.ending {
        Ending::NotTested { reason } => sentence(reason),
        _ if tally.all.passed == 0 => "No requirement passed.".to_owned(),
        _ => format!("{} inconclusive.", counted(tally.all.inconclusive, "requirement")),
    };
    let (target, contract) = (target(&report.target), &report.contract.name);
    format!("{target} could not be tested against the contract {contract}. {reason}")
}

/// The outcome in a word with the totals of the run, one line.
pub fn closing(report: &Report) -> String {
    let tally = &Tally::of(&report.requirements);
    let result = match outcome(report) {
        Outcome::Passed => format!("Passed: {}", tally.with_verdict(Verdict::Passed)),
        Outcome::Outdated => format!("Known failures out of date: {}", tally.passed()),
        Outcome::Failed if tally.unknown(Verdict::Failed) == 0 => {
            format!("Flaky: {}", tally.with_verdict(Verdict::Flaky))
        }
        Outcome::Failed => format!("Failed: {}", tally.with_verdict(Verdict::Failed)),
        Outcome::NotTested => format!("Not tested: {}", tally.passed()),
        Outcome::Interrupted => format!("Interrupted: {}", tally.passed()),
    };
    format!(
        "{result}, {}, {}, {}.",
        counted(report.totals.cases, "case"),
        counted(report.totals.requests, "request"),
        seconds(report.seconds),
    )
}

fn target(target: &TargetInfo) -> String {
    match target.kind {
        TargetKind::Mock => "The mock".to_owned(),
        TargetKind::Url => target.url.clone(),
    }
}

/// Whether the report covers several targets.
fn is_merged(report: &Report) -> bool {
    report.target.targets().count() > 1
}

/// A text that ends like a sentence.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.is_empty() || text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{text}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn headline_is_one_line_of_plain_words() {
        assert_eq!(
            headline(&sample::all_passed()),
            "http://127.0.0.1:8080 conforms to the contract page: 3 of 3 requirements passed."
        );
        let mut partly = sample::all_passed();
        partly.target.kind = TargetKind::Mock;
        partly.requirements[2].verdict = Verdict::Failed;
        assert_eq!(
            headline(&partly),
            "The mock conforms to every MUST of the contract page: \
             2 of 3 requirements passed (1 failed)."
        );
        assert_eq!(
            headline(&sample::mixed()),
            "http://127.0.0.1:8080 breaks the contract page: 1 flaky of 5 requirements."
        );
        assert_eq!(
            headline(&sample::not_tested()),
            "http://127.0.0.1:8080 could not be tested against the contract page. \
             A web server responded with 404 and HTML; is the URL right?"
        );
        assert_eq!(
            headline(&sample::interrupted()),
            "The run did not finish: 1 of 2 requirements passed (1 skipped). Stopped by Ctrl-C."
        );
    }

    #[test]
    fn closing_line_has_the_totals() {
        assert_eq!(
            closing(&sample::all_passed()),
            "Passed: 3 of 3 requirements, 2 cases, 2,431 requests, 1.2 s."
        );
        assert_eq!(
            closing(&sample::failed()),
            "Failed: 2 of 3 requirements (1 passed), 3 cases, 2,431 requests, 1.2 s."
        );
        assert_eq!(
            closing(&sample::mixed()),
            "Flaky: 1 of 5 requirements (1 inconclusive, 2 skipped, 1 passed), \
             5 cases, 2,431 requests, 1.2 s."
        );
    }

    #[test]
    fn known_failures_do_not_break_the_contract() {
        assert_eq!(
            headline(&sample::known()),
            "http://127.0.0.1:8080 conforms to the contract page, except for known failures: \
             1 of 3 requirements passed (1 failed and known, 1 flaky and known)."
        );
        assert_eq!(
            closing(&sample::known()),
            "Passed: 1 of 3 requirements (1 failed and known, 1 flaky and known), \
             3 cases, 2,431 requests, 1.2 s."
        );
        let mut report = sample::known();
        report.requirements.push(sample::failed().requirements.remove(2));
        assert_eq!(
            closing(&report),
            "Failed: 1 of 4 requirements (1 failed and known, 1 flaky and known, 1 passed), \
             3 cases, 2,431 requests, 1.2 s."
        );
    }

    #[test]
    fn outdated_known_failures_are_counted() {
        let (headline, closing) = (headline(&sample::outdated()), closing(&sample::outdated()));
        assert!(headline.ends_with(" 3 known failures no longer apply."), "{headline}");
        assert!(closing.starts_with("Known failures out of date: 1 of 4 requirements passed ("), "{closing}");
    }
}
