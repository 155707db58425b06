//! What a report says in short: the answer in one sentence, and the order of what follows it.
//!
//! Every rendering takes the answer, the findings and the reasons from here, so that they agree.
//! The texts quote the report as it is; whoever shows them escapes them.

use cases::id::Level;

use crate::exit::{Outcome, outcome};
use crate::group;
use crate::report::{
    Ending, EntryState, Finding, KnownFailure, Report, RequirementResult, TargetInfo, TargetKind, Verdict,
    VerdictCounts,
};

/// How a requirement stands beside the known failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// It passed.
    Passed,
    /// It is failed or flaky, and all that shows it is known.
    Known,
    /// It is failed or flaky, and not all that shows it is known.
    New,
    /// Nothing can be said about it.
    Open,
}

impl RequirementResult {
    /// See [`Standing`].
    pub fn standing(&self) -> Standing {
        match self.verdict {
            Verdict::Passed => Standing::Passed,
            Verdict::Inconclusive | Verdict::Skipped => Standing::Open,
            Verdict::Failed | Verdict::Flaky => {
                let known = !self.findings.is_empty() && self.findings.iter().all(Finding::is_known);
                if known { Standing::Known } else { Standing::New }
            }
        }
    }
}

impl Finding {
    /// Whether known failures cover it, in every case that showed it.
    pub fn is_known(&self) -> bool {
        self.known.as_ref().is_some_and(|covered| covered.uncovered.is_empty())
    }
}

/// Requirements by verdict, and how many of them are known.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    all: VerdictCounts,
    known: VerdictCounts,
}

impl Tally {
    fn of<'a>(requirements: impl IntoIterator<Item = &'a RequirementResult>) -> Self {
        let mut tally = Self::default();
        requirements.into_iter().for_each(|requirement| tally.add(requirement));
        tally
    }

    fn add(&mut self, requirement: &RequirementResult) {
        self.all.add(requirement.verdict);
        if requirement.standing() == Standing::Known {
            self.known.add(requirement.verdict);
        }
    }

    /// Those that are not known.
    fn unknown(&self, verdict: Verdict) -> u64 {
        self.all.of(verdict).saturating_sub(self.known.of(verdict))
    }
}

/// The answer in one sentence (two, if the run gives its reason).
pub fn answer(report: &Report) -> String {
    let target = target(&report.target);
    let are_many = report.target.targets().count() > 1;
    let (keeps, breaks) = if are_many { ("keep", "break") } else { ("keeps", "breaks") };
    let contract = &report.contract.name;
    let tally = &Tally::of(&report.requirements);
    let all = total(&tally.all);
    let kept = || {
        let kept = if BAD.into_iter().all(|verdict| tally.unknown(verdict) == 0) {
            "the contract"
        } else {
            "every MUST of the contract"
        };
        let but = if total(&tally.known) > 0 { ", but for known failures" } else { "" };
        format!("{target} {keeps} {kept} {contract}{but}: {}.", held_of(tally, all))
    };
    match outcome(report) {
        Outcome::Passed => kept(),
        Outcome::Outdated => {
            let count = report.known_failures.iter().filter(|entry| entry.state.is_outdated()).count() as u64;
            let apply = match count {
                1 => "1 known failure no longer applies".to_owned(),
                _ => format!("{} known failures no longer apply", number(count)),
            };
            format!("{} {apply}.", kept())
        }
        Outcome::Failed => {
            let parts =
                [(tally.unknown(Verdict::Failed), "failed"), (tally.unknown(Verdict::Flaky), "flaky")]
                    .into_iter()
                    .filter(|(n, _)| *n > 0)
                    .map(|(n, word)| format!("{} {word}", number(n)))
                    .collect::<Vec<_>>()
                    .join(" and ");
            let end = match &report.ending {
                Ending::NotJudged { reason } => format!(" {}", sentence(reason)),
                _ => String::new(),
            };
            format!("{target} {breaks} the contract {contract}: {parts} of {}.{end}", requirements(all))
        }
        Outcome::NotJudged => {
            let reason = match &report.ending {
                Ending::NotJudged { reason } => sentence(reason),
                _ if tally.all.passed == 0 => "No requirement was shown to hold.".to_owned(),
                _ => format!("{} inconclusive.", requirements(tally.all.inconclusive)),
            };
            format!("{target} could not be judged by the contract {contract}. {reason}")
        }
        Outcome::Interrupted => {
            let reason = match &report.ending {
                Ending::Interrupted { reason } => sentence(reason),
                _ => String::new(),
            };
            format!("The run did not finish: {}. {reason}", held_of(tally, all))
        }
    }
}

/// The verdict in a word with the totals of the run, one line.
pub fn closing(report: &Report) -> String {
    let tally = &Tally::of(&report.requirements);
    let all = total(&tally.all);
    let of = |verdict| {
        let n = number(tally.unknown(verdict));
        format!("{n} of {}{}", requirements(all), others(tally, verdict))
    };
    let verdict = match outcome(report) {
        Outcome::Passed => format!("Passed: {}", of(Verdict::Passed)),
        Outcome::Outdated => format!("Known failures out of date: {}", held_of(tally, all)),
        Outcome::Failed if tally.unknown(Verdict::Failed) == 0 => {
            format!("Flaky: {}", of(Verdict::Flaky))
        }
        Outcome::Failed => format!("Failed: {}", of(Verdict::Failed)),
        Outcome::NotJudged => format!("Not judged: {}", held_of(tally, all)),
        Outcome::Interrupted => format!("Interrupted: {}", held_of(tally, all)),
    };
    format!(
        "{verdict}, {}, {}, {}.",
        counted(report.totals.cases, "case"),
        counted(report.totals.requests, "request"),
        seconds(report.seconds),
    )
}

fn held_of(tally: &Tally, all: u64) -> String {
    format!("{} of {} passed{}", number(tally.all.passed), requirements(all), others(tally, Verdict::Passed))
}

fn requirements(n: u64) -> String {
    counted(n, "requirement")
}

/// ` (1 failed, 3 skipped)`: what there is beside `verdict`; nothing if there is nothing.
fn others(tally: &Tally, verdict: Verdict) -> String {
    let new =
        VERDICTS.into_iter().filter(|other| *other != verdict).map(|other| (tally.unknown(other), other, ""));
    let known = VERDICTS.into_iter().map(|other| (tally.known.of(other), other, " and known"));
    let parts: Vec<String> = known
        .chain(new)
        .filter(|(n, ..)| *n > 0)
        .map(|(n, verdict, known)| format!("{} {verdict}{known}", number(n)))
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
    [Verdict::Failed, Verdict::Flaky, Verdict::Inconclusive, Verdict::Skipped, Verdict::Passed];

/// The verdicts that keep a contract from being kept as a whole.
const BAD: [Verdict; 3] = [Verdict::Failed, Verdict::Flaky, Verdict::Inconclusive];

impl Verdict {
    /// The word for it, in texts and as a class of pages.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Failed => "failed",
            Verdict::Flaky => "flaky",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Skipped => "skipped",
            Verdict::Passed => "passed",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

impl VerdictCounts {
    /// The number of requirements with `verdict`.
    pub fn of(&self, verdict: Verdict) -> u64 {
        match verdict {
            Verdict::Failed => self.failed,
            Verdict::Flaky => self.flaky,
            Verdict::Inconclusive => self.inconclusive,
            Verdict::Skipped => self.skipped,
            Verdict::Passed => self.passed,
        }
    }

    /// Counts one more requirement.
    pub fn add(&mut self, verdict: Verdict) {
        *match verdict {
            Verdict::Failed => &mut self.failed,
            Verdict::Flaky => &mut self.flaky,
            Verdict::Inconclusive => &mut self.inconclusive,
            Verdict::Skipped => &mut self.skipped,
            Verdict::Passed => &mut self.passed,
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
    /// All known failures.
    known_failures: &'a [KnownFailure],
}

impl<'a> Listed<'a> {
    /// The known failures that speak of it.
    pub fn entries(&self) -> impl Iterator<Item = &'a KnownFailure> + use<'a> {
        let known_failures = self.known_failures;
        let covered = self.finding.known.iter().flat_map(|covered| &covered.entries);
        covered.filter_map(|index| known_failures.get(*index))
    }

    /// `failed`, `failed, known`.
    pub fn verdict(&self) -> String {
        let known = if self.finding.is_known() { ", known" } else { "" };
        format!("{}{known}", self.finding.verdict)
    }
}

/// All findings, worst first: a failed MUST, a failed SHOULD, then what is flaky, and at last
/// what is known; among equals in the order of the contract, but that what shows the same stands
/// together.
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
                known_failures: &report.known_failures,
            })
        })
        .collect();
    listed.sort_by_key(|entry| {
        (
            entry.finding.is_known(),
            entry.finding.verdict != Verdict::Failed,
            entry.requirement.level != Level::Must,
        )
    });
    group::gather(&mut listed);
    for (entry, number) in listed.iter_mut().zip(1..) {
        entry.number = number;
    }
    listed
}

/// What the commands that replay findings are made of, each a word of a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// What calls boundstone.
    pub program: String,
    /// Where the report is.
    pub report: String,
}

/// Gives each finding its number in the report's order, that of its group, and its replay command.
pub fn number_findings(report: &mut Report, replay: &Replay) {
    let groups = group::groups(report);
    let listed = groups.iter().flat_map(|group| group.all().map(|listed| (listed, group.first.number)));
    let order: Vec<_> = listed
        .map(|(listed, first)| (listed.requirement.id.clone(), listed.nth - 1, listed.number, first))
        .collect();
    for (id, nth, number, first) in order {
        for requirement in report.requirements.iter_mut().filter(|requirement| requirement.id == id) {
            if let Some(finding) = requirement.findings.get_mut(nth) {
                (finding.number, finding.group) = (number as u64, first as u64);
                let number = number.to_string();
                let words = [&replay.program, "replay", &finding.reach, &replay.report, &number];
                let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
                finding.replay = words.join(" ");
            }
        }
    }
}

/// The known failures that no longer apply, then those that were not put to the test, each
/// with what is to be said of it.
pub fn known_failures(report: &Report) -> Vec<(&KnownFailure, String)> {
    let mut notes: Vec<_> = report
        .known_failures
        .iter()
        .filter_map(|entry| {
            let says = match entry.state {
                EntryState::Occurs => return None,
                EntryState::Gone if entry.not_offered => {
                    "is offered after all: take the entry out, so that its cases are sent".to_owned()
                }
                EntryState::Gone => "no longer occurs: take the entry out".to_owned(),
                EntryState::Changed => {
                    let [was, is] =
                        [&entry.actual, &entry.instead].map(|it| it.as_deref().unwrap_or("another"));
                    format!(
                        "occurs with another result: {is} instead of {was}: look at it and change the entry"
                    )
                }
                EntryState::NotSeen => "is flaky and did not occur this time".to_owned(),
                EntryState::Unmatched => format!(
                    "matches no requirement and no case of the contract {}; `boundstone list` shows them",
                    report.contract.name
                ),
                EntryState::Expired => {
                    let date = entry.expires.as_deref().unwrap_or_default();
                    format!("has expired, its last day was {date}: mend the deviation or renew the entry")
                }
                EntryState::NotRun if entry.not_offered => {
                    "was not put to the test: the one call that tells proved nothing".to_owned()
                }
                EntryState::NotRun => {
                    "was not put to the test: not all of its cases were shown to hold".to_owned()
                }
            };
            Some((entry, says))
        })
        .collect();
    notes.sort_by_key(|(entry, _)| !entry.state.is_outdated());
    notes
}

impl KnownFailure {
    /// `known.toml:7`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }

    /// The reason, the link, the last day and the place in one line.
    pub fn about(&self) -> String {
        let issue = self.issue.as_ref().map(|issue| format!(" {issue}")).unwrap_or_default();
        format!("{}{issue} ({})", self.reason, self.until())
    }

    /// `known.toml:7, until 2027-01-31`.
    pub fn until(&self) -> String {
        let until = self.expires.as_ref().map(|date| format!(", until {date}")).unwrap_or_default();
        format!("{}{until}", self.place())
    }
}

/// The requirements of one operation.
#[derive(Debug)]
pub struct Operation<'a> {
    /// Its name in the model.
    pub name: &'a str,
    /// How many of them have which verdict.
    tally: Tally,
    /// The requirements in the order of the contract.
    pub requirements: Vec<&'a RequirementResult>,
}

impl Operation<'_> {
    /// `12 of 14 passed (1 failed, 1 skipped)`.
    pub fn passed(&self) -> String {
        let Tally { all, .. } = &self.tally;
        format!(
            "{} of {} passed{}",
            number(all.passed),
            number(total(all)),
            others(&self.tally, Verdict::Passed)
        )
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
                    tally: Tally::default(),
                    requirements: Vec::new(),
                });
                operations.len() - 1
            });
        operations[at].tally.add(requirement);
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
            "http://127.0.0.1:8080 keeps the contract page: 3 of 3 requirements passed."
        );
        let mut passed = sample::all_held();
        passed.target.kind = TargetKind::Mock;
        passed.requirements[2].verdict = Verdict::Failed;
        assert_eq!(
            answer(&passed),
            "The mock keeps every MUST of the contract page: \
             2 of 3 requirements passed (1 failed)."
        );
        assert_eq!(
            answer(&sample::mixed()),
            "http://127.0.0.1:8080 breaks the contract page: 1 flaky of 5 requirements."
        );
        assert_eq!(
            answer(&sample::not_judged()),
            "http://127.0.0.1:8080 could not be judged by the contract page. \
             A web server answered with 404 and HTML; is the URL right?"
        );
        assert_eq!(
            answer(&sample::interrupted()),
            "The run did not finish: 1 of 2 requirements passed (1 skipped). Stopped by Ctrl-C."
        );
    }

    #[test]
    fn the_closing_line_has_the_totals() {
        assert_eq!(
            closing(&sample::all_held()),
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
    fn what_is_known_is_said_and_does_not_break_the_contract() {
        assert_eq!(
            answer(&sample::known()),
            "http://127.0.0.1:8080 keeps the contract page, but for known failures: \
             1 of 3 requirements passed (1 failed and known, 1 flaky and known)."
        );
        assert_eq!(
            closing(&sample::known()),
            "Passed: 1 of 3 requirements (1 failed and known, 1 flaky and known), \
             3 cases, 2,431 requests, 1.2 s."
        );
        assert!(
            answer(&sample::outdated()).ends_with(" 3 known failures no longer apply."),
            "{}",
            answer(&sample::outdated())
        );
        assert!(
            closing(&sample::outdated())
                .starts_with("Known failures out of date: 1 of 4 requirements passed (")
        );
        let mut report = sample::known();
        report.requirements.push(sample::failed().requirements.remove(2));
        assert_eq!(
            closing(&report),
            "Failed: 1 of 4 requirements (1 failed and known, 1 flaky and known, 1 passed), \
             3 cases, 2,431 requests, 1.2 s."
        );
        let listed = findings(&report);
        assert_eq!(
            listed.iter().map(Listed::verdict).collect::<Vec<_>>(),
            ["failed", "failed, known", "flaky, known"]
        );
    }

    #[test]
    fn an_entry_that_does_not_occur_is_said_with_its_place() {
        let report = sample::outdated();
        let notes: Vec<_> = known_failures(&report)
            .into_iter()
            .map(|(entry, says)| format!("{} {says}", entry.place()))
            .collect();
        assert_eq!(notes.len(), 4);
        assert_eq!(notes[0], "known.toml:9 no longer occurs: take the entry out");
        assert!(
            notes[1].starts_with("known.toml:14 has expired, its last day was 2026-02-28: "),
            "{notes:?}"
        );
        assert!(
            notes[2].starts_with("known.toml:20 matches no requirement and no case of the contract page")
        );
        assert!(notes[3].starts_with("known.toml:24 was not put to the test"));
    }

    #[test]
    fn the_worst_finding_comes_first() {
        let mut report = sample::failed();
        let flaky = sample::mixed().requirements.remove(0);
        report.requirements.insert(0, flaky);
        let order: Vec<_> =
            findings(&report).iter().map(|f| (f.number, f.finding.verdict, f.requirement.level)).collect();
        assert_eq!(
            order,
            [
                (1, Verdict::Failed, Level::Must),
                (2, Verdict::Failed, Level::Should),
                (3, Verdict::Flaky, Level::Must),
            ]
        );
    }

    #[test]
    fn operations_keep_the_order_of_the_contract() {
        let report = sample::all_held();
        let operations = operations(&report);
        let shown: Vec<_> = operations.iter().map(|o| (o.name, o.passed())).collect();
        assert_eq!(
            shown,
            [
                ("StartConfigurationSession", "2 of 2 passed".to_owned()),
                ("GetLatestConfiguration", "1 of 1 passed".to_owned()),
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
