//! The findings of a report in order, and in groups.
//!
//! Findings of the same difference form a group: a difference that shows in several members or operations
//! reads as one bug in every rendering. The verdicts stay those of the requirements.

use std::collections::HashMap;

use cases::id::{Level, RequirementId};

use crate::model::{Finding, Report, Verdict};

use super::listed::Listed;
use super::number::counted;

/// All findings, worst first: a failed MUST, a failed SHOULD, then flaky ones, and known ones last. Among
/// equals they have the order of the contract, except that findings of one group are next to each other.
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
    gather_groups(&mut listed);
    for (entry, number) in listed.iter_mut().zip(1..) {
        entry.number = number;
    }
    listed
}

/// Findings of the same difference, each of another requirement.
#[derive(Debug)]
pub struct Group<'a> {
    /// The first of them, which renderings show in full.
    pub first: Listed<'a>,
    /// The others. Their numbers follow that of the first one.
    pub others: Vec<Listed<'a>>,
}

impl<'a> Group<'a> {
    /// All of them, in order.
    pub fn all(&self) -> impl Iterator<Item = &Listed<'a>> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// `the same in 2 more requirements`, if there are others.
    pub fn more(&self) -> Option<String> {
        let others = self.others.len() as u64;
        (others > 0).then(|| format!("the same in {}", counted(others, "more requirement")))
    }
}

/// The findings in groups, in the order of their numbers.
pub fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for listed in findings(report) {
        let key = GroupKey::of(&listed);
        match groups.last_mut().filter(|group| GroupKey::of(&group.first) == key) {
            Some(group) => group.others.push(listed),
            None => groups.push(Group { first: listed, others: Vec::new() }),
        }
    }
    groups
}

/// Moves the findings of a group next to the first of them.
fn gather_groups(listed: &mut [Listed<'_>]) {
    let mut places: HashMap<GroupKey<'_>, usize> = HashMap::new();
    for listed in listed.iter() {
        let next = places.len();
        places.entry(GroupKey::of(listed)).or_insert(next);
    }
    listed.sort_by_key(|listed| places.get(&GroupKey::of(listed)).copied());
}

/// What the findings of a group have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct GroupKey<'a> {
    aspect: &'a str,
    level: Level,
    verdict: Verdict,
    is_known: bool,
    target: Option<&'a str>,
    difference: FirstDifference<'a>,
    /// The number of findings of the same requirement before it that show the same.
    repetition: usize,
}

/// The first difference of a finding.
#[derive(Debug, PartialEq, Eq, Hash)]
enum FirstDifference<'a> {
    /// The field, the expected value and the actual value.
    Field([&'a str; 3]),
    /// The finding has no differences: its requirement, and its number there.
    None(&'a RequirementId, usize),
}

impl<'a> GroupKey<'a> {
    fn of(listed: &Listed<'a>) -> Self {
        let own = Self::without_repetition(listed, listed.nth, listed.finding);
        let earlier = (1..).zip(&listed.requirement.findings).take_while(|(nth, _)| *nth < listed.nth);
        let same = earlier.filter(|(nth, it)| Self::without_repetition(listed, *nth, it) == own);
        Self { repetition: same.count(), ..own }
    }

    /// The key of the finding of this number of the same requirement.
    fn without_repetition(listed: &Listed<'a>, nth: usize, finding: &'a Finding) -> Self {
        let requirement = listed.requirement;
        Self {
            aspect: aspect(&requirement.id),
            level: requirement.level,
            verdict: finding.verdict,
            is_known: finding.is_known(),
            target: finding.target.as_deref(),
            difference: match finding.differences.first() {
                Some(first) => FirstDifference::Field([&first.field, &first.expected, &first.actual]),
                None => FirstDifference::None(&requirement.id, nth),
            },
            repetition: 0,
        }
    }
}

/// The last part of an id: `length` of `start/application/length`.
fn aspect(id: &RequirementId) -> &str {
    let id = id.as_str();
    id.rsplit_once('/').map_or(id, |(_, aspect)| aspect)
}

/// The parts of the commands that replay findings, each a word of a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// The command that runs boundstone.
    pub program: String,
    /// The path of the report.
    pub report: String,
}

/// Sets the number of each finding, the number of its group, and its replay command.
pub fn number_findings(report: &mut Report, replay: &Replay) {
    let groups = groups(report);
    let listed = groups.iter().flat_map(|group| group.all().map(|listed| (listed, group.first.number)));
    let numbers: Vec<_> = listed
        .map(|(listed, first)| (listed.requirement.id.clone(), listed.nth - 1, listed.number, first))
        .collect();
    for (id, index, number, first) in numbers {
        for requirement in report.requirements.iter_mut().filter(|requirement| requirement.id == id) {
            if let Some(finding) = requirement.findings.get_mut(index) {
                (finding.number, finding.group) = (number as u64, first as u64);
                finding.replay = replay_command(replay, &finding.reach, number);
            }
        }
    }
}

/// `boundstone replay --fixtures fixtures.toml report.json 2`.
fn replay_command(replay: &Replay, reach: &str, number: usize) -> String {
    let number = number.to_string();
    let words = [&replay.program, "replay", reach, &replay.report, &number];
    let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RequirementResult, sample};

    #[test]
    fn worst_finding_comes_first() {
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

    /// The numbers of the findings of each group.
    fn numbers(report: &Report) -> Vec<Vec<usize>> {
        groups(report).iter().map(|group| group.all().map(|listed| listed.number).collect()).collect()
    }

    #[test]
    fn one_difference_in_several_members_is_one_group() {
        let report = sample::same();
        assert_eq!(numbers(&report), [vec![1, 2, 3], vec![4]]);
        let groups = groups(&report);
        assert_eq!(groups[0].more().as_deref(), Some("the same in 2 more requirements"));
        assert_eq!(groups[1].more(), None);
        let members = groups[0].all().map(|listed| listed.requirement.id.as_str());
        assert!(members.eq([
            "start-configuration-session/application-identifier/length",
            "start-configuration-session/environment-identifier/length",
            "start-configuration-session/profile-identifier/length"
        ]));
    }

    #[test]
    fn any_other_difference_is_another_group() {
        for change in [
            (|it| it.level = Level::Should) as fn(&mut RequirementResult),
            |it| it.id = RequirementId::new(["StartConfigurationSession", "ProfileIdentifier", "type"]),
            |it| it.findings[0].verdict = Verdict::Flaky,
            |it| it.findings[0].target = Some("http://b".to_owned()),
            |it| it.findings[0].differences[0].field = "content-type".to_owned(),
            |it| it.findings[0].differences[0].expected = "401".to_owned(),
            |it| it.findings[0].differences[0].actual = "500".to_owned(),
            |it| it.findings[0].differences.clear(),
        ] {
            let mut report = sample::same();
            let last = report.requirements.last_mut().expect("the profile's");
            assert!(last.id.as_str().contains("profile"), "{}", last.id);
            change(last);
            let sizes: Vec<usize> = groups(&report).iter().map(|group| group.all().count()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), 4);
            assert_eq!(sizes.iter().max(), Some(&2), "{sizes:?}");
        }
    }

    #[test]
    fn known_findings_form_their_own_group() {
        let mut report = sample::same();
        report.requirements[0].findings[0].known = sample::known().requirements[0].findings[0].known.clone();
        let known: Vec<_> = groups(&report).iter().map(|group| group.first.finding.is_known()).collect();
        assert_eq!(known, [false, false, true]);
    }

    #[test]
    fn requirement_occurs_once_in_a_group() {
        let mut report = sample::same();
        let again = report.requirements[0].findings[0].clone();
        report.requirements[0].findings.push(again);
        assert_eq!(numbers(&report), [vec![1, 2, 3], vec![4], vec![5]]);
    }

    #[test]
    fn every_finding_is_in_one_group_in_order() {
        for (name, report) in sample::all() {
            let all: Vec<usize> = numbers(&report).concat();
            assert_eq!(all, (1..=findings(&report).len()).collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn numbers_and_replay_commands_are_set() {
        let numbered = sample::same();
        let mut report = numbered.clone();
        for finding in report.requirements.iter_mut().flat_map(|it| &mut it.findings) {
            (finding.number, finding.group) = (0, 0);
            finding.replay.clear();
        }
        let replay = Replay { program: "boundstone".into(), report: "target/boundstone/report.json".into() };
        number_findings(&mut report, &replay);
        assert_eq!(report, numbered);
    }
}
