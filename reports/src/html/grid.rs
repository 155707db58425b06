//! The whole contract as a picture: operations, what of them is tested, and each case as a square.

use std::collections::HashMap;

use cases::id::CaseId;

use super::anchor::{self, anchor};
use crate::report::{CaseResult, Report, RequirementResult, Verdict};
use crate::show::{below, clip};
use crate::summary::{Listed, Operation, operations};

/// The row of what speaks of no single part of an operation.
const IN_GENERAL: &str = "in general";

/// The squares of one operation.
pub(super) struct Grid<'a> {
    pub(super) name: &'a str,
    pub(super) passed: String,
    pub(super) rows: Vec<Row<'a>>,
}

/// What of an operation is tested: a member, the body, the answer.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) groups: Vec<Group<'a>>,
}

/// One requirement.
pub(super) struct Group<'a> {
    pub(super) name: String,
    pub(super) anchor: String,
    pub(super) requirement: &'a RequirementResult,
    pub(super) cells: Vec<Cell>,
}

/// One case, or the requirement itself if it has none of its own.
pub(super) struct Cell {
    pub(super) verdict: Verdict,
    pub(super) name: String,
    /// The id that it leads to: the finding that it shows, or where it is listed.
    pub(super) leads_to: String,
}

/// The finding that a case of a requirement shows.
pub(super) struct ShownBy<'a>(HashMap<(&'a str, &'a CaseId), String>);

impl<'a> ShownBy<'a> {
    pub(super) fn new<'l>(findings: impl IntoIterator<Item = &'l Listed<'a>>) -> Self
    where
        'a: 'l,
    {
        let mut shown_by = HashMap::new();
        for listed in findings {
            for case in listed.finding.cases.iter().chain([&listed.finding.case]) {
                let of = (listed.requirement.id.as_str(), case);
                shown_by.entry(of).or_insert_with(|| anchor::finding(listed));
            }
        }
        Self(shown_by)
    }

    /// The id of the finding that a case shows which did not hold.
    pub(super) fn of(&self, requirement: &RequirementResult, case: &CaseResult) -> Option<String> {
        let is_bad = matches!(case.verdict, Verdict::Failed | Verdict::Flaky);
        let finding = self.0.get(&(requirement.id.as_str(), &case.id));
        finding.filter(|_| is_bad).cloned()
    }
}

/// The pictures of all operations.
pub(super) fn grids<'a>(report: &'a Report, shown_by: &ShownBy<'_>) -> Vec<Grid<'a>> {
    operations(report).into_iter().map(|operation| grid(&operation, shown_by)).collect()
}

fn grid<'a>(operation: &Operation<'a>, shown_by: &ShownBy<'_>) -> Grid<'a> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for requirement in &operation.requirements {
        let (row, name) = place(requirement.id.as_str());
        let group = group(requirement, name, shown_by);
        match rows.iter_mut().find(|known| known.name == row) {
            Some(known) => known.groups.push(group),
            None => rows.push(Row { name: row, groups: vec![group] }),
        }
    }
    // What is of one part comes first, as in the contract.
    rows.sort_by_key(|row| row.name == IN_GENERAL);
    Grid { name: operation.name, passed: operation.passed(), rows }
}

/// The row and the name in it of an id: `start/application/length` is *length* of *application*.
fn place(id: &str) -> (&str, &str) {
    let below = id.split_once('/').map_or(id, |(_, below)| below);
    below.split_once('/').unwrap_or((IN_GENERAL, below))
}

fn group<'a>(requirement: &'a RequirementResult, name: &str, shown_by: &ShownBy<'_>) -> Group<'a> {
    let id = requirement.id.as_str();
    let cells = requirement.cases.iter().map(|case| Cell {
        verdict: case.verdict,
        name: clip(below(requirement, &case.id), 200),
        leads_to: shown_by.of(requirement, case).unwrap_or_else(|| anchor(case.id.as_str())),
    });
    let mut cells: Vec<Cell> = cells.collect();
    if cells.is_empty() {
        let finding = requirement.findings.first();
        let finding = finding.and_then(|finding| shown_by.0.get(&(id, &finding.case)).cloned());
        cells.push(Cell {
            verdict: requirement.verdict,
            name: "every answer".to_owned(),
            leads_to: finding.unwrap_or_else(|| anchor(id)),
        });
    }
    Group { name: clip(name, 80), anchor: anchor(id), requirement, cells }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use crate::summary::findings;

    #[test]
    fn a_case_leads_to_what_it_shows_and_else_to_where_it_is_listed() {
        let report = sample::failed();
        let grids = grids(&report, &ShownBy::new(&findings(&report)));
        let rows: Vec<&str> = grids.iter().flat_map(|grid| &grid.rows).map(|row| row.name).collect();
        assert!(rows.contains(&"application-identifier"), "{rows:?}");
        let groups = || grids.iter().flat_map(|grid| &grid.rows).flat_map(|row| &row.groups);
        let cell = |name: &str| {
            let mut cells = groups().filter(|it| it.anchor.contains("application-identifier"));
            cells.find_map(|group| group.cells.iter().find(|cell| cell.name == name)).unwrap()
        };
        assert_eq!(
            cell("at-max").leads_to,
            "start-configuration-session/application-identifier/length/at-max"
        );
        assert_eq!(groups().count(), report.requirements.len());
    }

    #[test]
    fn a_requirement_without_cases_is_one_square() {
        let report = sample::all_held();
        let grids = grids(&report, &ShownBy::new(&[]));
        let last = &grids[1].rows[0];
        assert_eq!(
            (last.name, last.groups[0].name.as_str(), last.groups[0].cells.len()),
            ("errors", "type-header", 1)
        );
    }

    #[test]
    fn ids_of_any_form_have_a_place() {
        assert_eq!(place("start/member/length"), ("member", "length"));
        assert_eq!(place("start/member/length/more"), ("member", "length/more"));
        assert_eq!(place("start/accepts"), (IN_GENERAL, "accepts"));
        assert_eq!(place("odd"), (IN_GENERAL, "odd"));
    }
}
