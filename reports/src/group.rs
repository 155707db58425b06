//! Findings that show the same: one difference in several members or operations is one group in every
//! rendering, so that one bug reads as one. Verdicts stay those of the requirements.

use std::collections::HashMap;

use cases::id::{Level, RequirementId};

use crate::report::{Finding, Report, Verdict};
use crate::summary::{Listed, counted, findings};

/// Findings of one difference, each of another requirement.
#[derive(Debug)]
pub struct Group<'a> {
    /// The first of them, which speaks for the others.
    pub first: Listed<'a>,
    /// The others, with the numbers after the first one's.
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
        let kind = Kind::of(&listed);
        match groups.last_mut().filter(|group| Kind::of(&group.first) == kind) {
            Some(group) => group.others.push(listed),
            None => groups.push(Group { first: listed, others: Vec::new() }),
        }
    }
    groups
}

/// Puts findings of one group next to each other, where the first of them stands.
pub(crate) fn gather(listed: &mut [Listed<'_>]) {
    let mut places: HashMap<Kind<'_>, usize> = HashMap::new();
    for listed in listed.iter() {
        let next = places.len();
        places.entry(Kind::of(listed)).or_insert(next);
    }
    listed.sort_by_key(|listed| places.get(&Kind::of(listed)).copied());
}

/// What findings of one group have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Kind<'a> {
    aspect: &'a str,
    level: Level,
    verdict: Verdict,
    is_known: bool,
    target: Option<&'a str>,
    difference: Difference<'a>,
    /// How many findings of the same requirement show the same before it.
    before: usize,
}

/// The field that differs, what was expected and what came; or which finding it is that says nothing of it.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Difference<'a> {
    In([&'a str; 3]),
    Untold(&'a RequirementId, usize),
}

impl<'a> Kind<'a> {
    fn of(listed: &Listed<'a>) -> Self {
        let Listed { requirement, nth, .. } = *listed;
        let found = |nth: usize| requirement.findings.get(nth.wrapping_sub(1));
        let of = |finding: Option<&'a Finding>| Self {
            aspect: aspect(&requirement.id),
            level: requirement.level,
            verdict: finding.map_or(requirement.verdict, |finding| finding.verdict),
            is_known: finding.is_some_and(Finding::is_known),
            target: finding.and_then(|finding| finding.target.as_deref()),
            difference: match finding.and_then(|finding| finding.differences.first()) {
                Some(first) => Difference::In([&first.field, &first.expected, &first.actual]),
                None => Difference::Untold(&requirement.id, nth),
            },
            before: 0,
        };
        let own = of(found(nth));
        let before = (1..nth).filter(|before| of(found(*before)) == own).count();
        Self { before, ..own }
    }
}

/// What of a member or an answer a requirement speaks of: `length` of `start/application/length`.
fn aspect(id: &RequirementId) -> &str {
    let id = id.as_str();
    id.rsplit_once('/').map_or(id, |(_, aspect)| aspect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RequirementResult;
    use crate::sample;

    /// The numbers of the findings of each group.
    fn numbers(report: &Report) -> Vec<Vec<usize>> {
        groups(report).iter().map(|group| group.all().map(|listed| listed.number).collect()).collect()
    }

    #[test]
    fn one_difference_of_several_members_is_one_group() {
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
    fn what_differs_in_anything_is_a_group_of_its_own() {
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
    fn what_is_known_stands_apart() {
        let mut report = sample::same();
        report.requirements[0].findings[0].known = sample::known().requirements[0].findings[0].known.clone();
        let known: Vec<_> = groups(&report).iter().map(|group| group.first.finding.is_known()).collect();
        assert_eq!(known, [false, false, true]);
    }

    #[test]
    fn a_requirement_stands_once_in_a_group() {
        let mut report = sample::same();
        let again = report.requirements[0].findings[0].clone();
        report.requirements[0].findings.push(again);
        assert_eq!(numbers(&report), [vec![1, 2, 3], vec![4], vec![5]]);
    }

    #[test]
    fn every_finding_stands_in_one_group_in_the_order_of_its_number() {
        for (name, report) in sample::all() {
            let all: Vec<usize> = numbers(&report).concat();
            assert_eq!(all, (1..=findings(&report).len()).collect::<Vec<_>>(), "{name}");
        }
    }
}
