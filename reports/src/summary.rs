//! What a report says in short: the answer in one sentence, and the order of what follows it.
//!
//! Every rendering takes the answer, the findings and the reasons from here, so that they agree.
//! The texts quote the report as it is; whoever shows them escapes them.

use cases::id::Level;

use crate::exit::{Outcome, outcome};
use crate::report::{
    Ending, Finding, Report, RequirementResult, TargetInfo, TargetKind, Verdict, VerdictCounts,
};

/// The answer in one sentence (two, if the run gives its reason).
pub fn answer(report: &Report) -> String {
    let target = target(&report.target);
    let contract = &report.contract.name;
    let counts = &report.totals.requirements;
    let all = total(counts);
    match outcome(report) {
        Outcome::Held => {
            let kept = if counts.violated + counts.unstable + counts.inconclusive == 0 {
                "keeps the contract"
            } else {
                "keeps every MUST of the contract"
            };
            format!("{target} {kept} {contract}: {}.", held_of(counts, all))
        }
        Outcome::Violated => {
            let parts = [(counts.violated, "violated"), (counts.unstable, "unstable")]
                .into_iter()
                .filter(|(n, _)| *n > 0)
                .map(|(n, word)| format!("{} {word}", number(n)))
                .collect::<Vec<_>>()
                .join(" and ");
            let end = match &report.ending {
                Ending::NotJudged { reason } => format!(" {}", sentence(reason)),
                _ => String::new(),
            };
            format!("{target} breaks the contract {contract}: {parts} of {}.{end}", requirements(all))
        }
        Outcome::NotJudged => {
            let reason = match &report.ending {
                Ending::NotJudged { reason } => sentence(reason),
                _ if counts.held == 0 => "No requirement was shown to hold.".to_owned(),
                _ => format!("{} inconclusive.", requirements(counts.inconclusive)),
            };
            format!("{target} could not be judged by the contract {contract}. {reason}")
        }
        Outcome::Interrupted => {
            let reason = match &report.ending {
                Ending::Interrupted { reason } => sentence(reason),
                _ => String::new(),
            };
            format!("The run did not finish: {}. {reason}", held_of(counts, all))
        }
    }
}

/// The verdict in a word with the totals of the run, one line.
pub fn closing(report: &Report) -> String {
    let counts = &report.totals.requirements;
    let all = total(counts);
    let of = |verdict| {
        let n = number(counts.of(verdict));
        format!("{n} of {}{}", requirements(all), others(counts, verdict))
    };
    let verdict = match outcome(report) {
        Outcome::Held => format!("Held: {}", of(Verdict::Held)),
        Outcome::Violated if counts.violated == 0 => format!("Unstable: {}", of(Verdict::Unstable)),
        Outcome::Violated => format!("Violated: {}", of(Verdict::Violated)),
        Outcome::NotJudged => format!("Not judged: {}", held_of(counts, all)),
        Outcome::Interrupted => format!("Interrupted: {}", held_of(counts, all)),
    };
    format!(
        "{verdict}, {}, {}, {}.",
        counted(report.totals.cases, "case"),
        counted(report.totals.requests, "request"),
        seconds(report.seconds),
    )
}

fn held_of(counts: &VerdictCounts, all: u64) -> String {
    format!("{} of {} held{}", number(counts.held), requirements(all), others(counts, Verdict::Held))
}

fn requirements(n: u64) -> String {
    counted(n, "requirement")
}

/// ` (1 violated, 3 skipped)`: what there is beside `verdict`; nothing if there is nothing.
fn others(counts: &VerdictCounts, verdict: Verdict) -> String {
    let parts: Vec<String> = VERDICTS
        .into_iter()
        .filter(|other| *other != verdict && counts.of(*other) > 0)
        .map(|other| format!("{} {other}", number(counts.of(other))))
        .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn target(target: &TargetInfo) -> String {
    match target.kind {
        TargetKind::Mock => "The mock".to_owned(),
        TargetKind::Url => target.url.clone(),
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    let end = if text.is_empty() || text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{text}{end}")
}

/// The verdicts, worst first.
pub const VERDICTS: [Verdict; 5] =
    [Verdict::Violated, Verdict::Unstable, Verdict::Inconclusive, Verdict::Skipped, Verdict::Held];

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Verdict::Violated => "violated",
            Verdict::Unstable => "unstable",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Skipped => "skipped",
            Verdict::Held => "held",
        })
    }
}

impl VerdictCounts {
    /// The number of requirements with `verdict`.
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Violated => self.violated,
            Verdict::Unstable => self.unstable,
            Verdict::Inconclusive => self.inconclusive,
            Verdict::Skipped => self.skipped,
            Verdict::Held => self.held,
        }
    }

    /// Counts one more requirement.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Violated => &mut self.violated,
            Verdict::Unstable => &mut self.unstable,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Held => &mut self.held,
        } += 1;
    }
}

fn total(counts: &VerdictCounts) -> u64 {
    VERDICTS.into_iter().map(|verdict| counts.of(verdict)).sum()
}

/// A finding with its place in the report.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Its number in the list, from 1.
    pub number: usize,
    /// The requirement that it contradicts.
    pub requirement: &'a RequirementResult,
    /// Its number among the findings of its requirement, from 1.
    pub nth: usize,
    /// The finding.
    pub finding: &'a Finding,
}

/// All findings, worst first: a violated MUST, a violated SHOULD, then what is unstable; among
/// equals in the order of the contract.
pub fn findings(report: &Report) -> Vec<Listed<'_>> {
    let mut listed: Vec<Listed<'_>> = report
        .requirements
        .iter()
        .flat_map(|requirement| {
            requirement.findings.iter().zip(1..).map(move |(finding, nth)| Listed {
                number: 0,
                requirement,
                nth,
                finding,
            })
        })
        .collect();
    listed.sort_by_key(|entry| {
        (entry.finding.verdict != Verdict::Violated, entry.requirement.level != Level::Must)
    });
    for (entry, number) in listed.iter_mut().zip(1..) {
        entry.number = number;
    }
    listed
}

/// The requirements of one operation.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Its name in the model.
    pub name: &'a str,
    /// How many of them have which verdict.
    pub counts: VerdictCounts,
    /// The requirements in the order of the contract.
    pub requirements: Vec<&'a RequirementResult>,
}

impl Operation<'_> {
    /// `12 of 14 held (1 violated, 1 skipped)`.
    pub fn held(&self) -> String {
        let counts = &self.counts;
        format!("{} of {} held{}", number(counts.held), number(total(counts)), others(counts, Verdict::Held))
    }
}

/// The operations in the order in which the contract first names them.
pub fn operations(report: &Report) -> Vec<Operation<'_>> {
    let mut operations: Vec<Operation<'_>> = Vec::new();
    for requirement in &report.requirements {
        let at = operations
            .iter()
            .position(|operation| operation.name == requirement.operation)
            .unwrap_or_else(|| {
                operations.push(Operation {
                    name: &requirement.operation,
                    counts: VerdictCounts::default(),
                    requirements: Vec::new(),
                });
                operations.len() - 1
            });
        operations[at].counts.add(requirement.verdict);
        operations[at].requirements.push(requirement);
    }
    operations
}

/// What is open for one and the same reason.
#[derive(Debug)]
pub struct OpenFor<'a> {
    /// Inconclusive or skipped.
    pub verdict: Verdict,
    /// The reason.
    pub reason: &'a str,
    /// The requirements about which nothing can be said because of it.
    pub requirements: Vec<&'a RequirementResult>,
    /// The cases that are open because of it, of these and of other requirements.
    pub cases: usize,
}

impl OpenFor<'_> {
    /// `2 requirements, 5 cases`, without what is none.
    pub fn extent(&self) -> String {
        let requirements = self.requirements.len() as u64;
        let cases = self.cases as u64;
        match (requirements, cases) {
            (_, 0) => counted(requirements, "requirement"),
            (0, _) => counted(cases, "case"),
            _ => format!("{}, {}", counted(requirements, "requirement"), counted(cases, "case")),
        }
    }
}

/// What is inconclusive, then what is skipped, grouped by reason.
pub fn open(report: &Report) -> Vec<OpenFor<'_>> {
    const NO_REASON: &str = "no reason given";
    let is_open = |verdict| matches!(verdict, Verdict::Inconclusive | Verdict::Skipped);
    let mut groups: Vec<OpenFor<'_>> = Vec::new();
    for requirement in &report.requirements {
        let of_cases = requirement.cases.iter().find_map(|case| case.reason.as_deref());
        let own = requirement.reason.as_deref().or(of_cases).unwrap_or(NO_REASON);
        if is_open(requirement.verdict) {
            group(&mut groups, requirement.verdict, own).requirements.push(requirement);
        }
        for case in requirement.cases.iter().filter(|case| is_open(case.verdict)) {
            group(&mut groups, case.verdict, case.reason.as_deref().unwrap_or(own)).cases += 1;
        }
    }
    groups.sort_by_key(|group| group.verdict);
    groups
}

fn group<'g, 'a>(groups: &'g mut Vec<OpenFor<'a>>, verdict: Verdict, reason: &'a str) -> &'g mut OpenFor<'a> {
    let at = groups
        .iter()
        .position(|group| group.verdict == verdict && group.reason == reason)
        .unwrap_or_else(|| {
            groups.push(OpenFor { verdict, reason, requirements: Vec::new(), cases: 0 });
            groups.len() - 1
        });
    &mut groups[at]
}

/// A number with a comma between thousands.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of things: `1 case`, `2,431 requests`.
pub fn counted(n: u64, thing: &str) -> String {
    format!("{} {thing}{}", number(n), if n == 1 { "" } else { "s" })
}

/// How often a finding was seen: `12 times`, or `35 of 6,912 answers` if it did not come again.
pub fn times(finding: &Finding) -> String {
    match finding.of {
        Some(of) => format!("{} of {}", number(finding.count), counted(of, "answer")),
        None => counted(finding.count, "time"),
    }
}

/// A time span: `1.2 s`, `3 min 5 s`.
pub fn seconds(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
    let whole = seconds.round() as u64;
    format!("{} min {} s", number(whole / 60), whole % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_answer_is_one_line_of_plain_words() {
        assert_eq!(
            answer(&sample::all_held()),
            "http://127.0.0.1:8080 keeps the contract page: 3 of 3 requirements held."
        );
        let mut held = sample::all_held();
        held.target.kind = TargetKind::Mock;
        held.requirements[2].verdict = Verdict::Violated;
        held.totals.requirements = VerdictCounts { held: 2, violated: 1, ..Default::default() };
        assert_eq!(
            answer(&held),
            "The mock keeps every MUST of the contract page: \
             2 of 3 requirements held (1 violated)."
        );
        assert_eq!(
            answer(&sample::mixed()),
            "http://127.0.0.1:8080 breaks the contract page: 1 unstable of 5 requirements."
        );
        assert_eq!(
            answer(&sample::not_judged()),
            "http://127.0.0.1:8080 could not be judged by the contract page. \
             A web server answered with 404 and HTML; is the URL right?"
        );
        assert_eq!(
            answer(&sample::interrupted()),
            "The run did not finish: 1 of 2 requirements held (1 skipped). Stopped by Ctrl-C."
        );
    }

    #[test]
    fn the_closing_line_has_the_totals() {
        assert_eq!(
            closing(&sample::all_held()),
            "Held: 3 of 3 requirements, 2 cases, 2,431 requests, 1.2 s."
        );
        assert_eq!(
            closing(&sample::violated()),
            "Violated: 2 of 3 requirements (1 held), 3 cases, 2,431 requests, 1.2 s."
        );
        assert_eq!(
            closing(&sample::mixed()),
            "Unstable: 1 of 5 requirements (1 inconclusive, 2 skipped, 1 held), \
             5 cases, 2,431 requests, 1.2 s."
        );
    }

    #[test]
    fn the_worst_finding_comes_first() {
        let mut report = sample::violated();
        let unstable = sample::mixed().requirements.remove(0);
        report.requirements.insert(0, unstable);
        let order: Vec<_> =
            findings(&report).iter().map(|f| (f.number, f.finding.verdict, f.requirement.level)).collect();
        assert_eq!(
            order,
            [
                (1, Verdict::Violated, Level::Must),
                (2, Verdict::Violated, Level::Should),
                (3, Verdict::Unstable, Level::Must),
            ]
        );
    }

    #[test]
    fn operations_keep_the_order_of_the_contract() {
        let report = sample::all_held();
        let operations = operations(&report);
        let shown: Vec<_> = operations.iter().map(|o| (o.name, o.held())).collect();
        assert_eq!(
            shown,
            [
                ("StartConfigurationSession", "2 of 2 held".to_owned()),
                ("GetLatestConfiguration", "1 of 1 held".to_owned()),
            ]
        );
    }

    #[test]
    fn equal_reasons_are_one_group() {
        let mut report = sample::mixed();
        let mut case = report.requirements[2].cases[0].clone();
        case.reason.clone_from(&report.requirements[2].reason);
        report.requirements[4].cases.push(case);
        let shown: Vec<_> =
            open(&report).iter().map(|g| (g.verdict, g.reason.to_owned(), g.extent())).collect();
        assert_eq!(
            shown,
            [
                (
                    Verdict::Inconclusive,
                    "the valid twin was refused with status 403".to_owned(),
                    "1 requirement, 1 case".to_owned()
                ),
                (
                    Verdict::Skipped,
                    "no fixture has a name; add `name` to [[resource]]".to_owned(),
                    "2 requirements, 3 cases".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.04, 59.94, 60.0, 185.4].map(seconds), ["0.0 s", "59.9 s", "1 min 0 s", "3 min 5 s"]);
        assert_eq!(counted(1, "case"), "1 case");
    }
}
