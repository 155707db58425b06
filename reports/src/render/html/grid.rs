//! The whole contract as a grid: operations, their parts, and each case as a square.

use std::collections::HashMap;

use cases::id::CaseId;

use crate::model::{CaseResult, Report, RequirementResult, Verdict};
use crate::render::text::clip;
use crate::summary::{Listed, Operation, case_name, operations};

use super::anchor::{anchor, finding_anchor};

/// The row of requirements on no single part of an operation.
const IN_GENERAL: &str = "in general";

/// The squares of one operation.
pub(super) struct Grid<'a> {
    pub(super) name: &'a str,
    pub(super) passed: String,
    pub(super) rows: Vec<Row<'a>>,
}

/// The part of an operation that is tested: a member, the body, the response.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) groups: Vec<Squares<'a>>,
}

/// The squares of one requirement.
pub(super) struct Squares<'a> {
    pub(super) name: String,
    pub(super) anchor: String,
    pub(super) requirement: &'a RequirementResult,
    pub(super) cells: Vec<Cell>,
}

/// One case, or the requirement itself if it has none of its own.
pub(super) struct Cell {
    pub(super) verdict: Verdict,
    pub(super) name: String,
    /// The HTML id to which it links: the finding that it shows, or its place in the list of cases.
    pub(super) link: String,
}

/// The HTML ids of findings by the requirement and the case that show them.
pub(super) struct FindingAnchors<'a>(HashMap<(&'a str, &'a CaseId), String>);

impl<'a> FindingAnchors<'a> {
    pub(super) fn new<'l>(findings: impl IntoIterator<Item = &'l Listed<'a>>) -> Self
    where
        'a: 'l,
    {
        let mut anchors = HashMap::new();
        for listed in findings {
            for case in listed.finding.cases.iter().chain([&listed.finding.case]) {
                let key = (listed.requirement.id.as_str(), case);
                anchors.entry(key).or_insert_with(|| finding_anchor(listed));
            }
        }
        Self(anchors)
    }

    /// The HTML id of the finding that a case shows; none if the case did not fail.
    pub(super) fn of(&self, requirement: &RequirementResult, case: &CaseResult) -> Option<String> {
        let finding = self.0.get(&(requirement.id.as_str(), &case.id));
        finding.filter(|_| case.verdict.is_failure()).cloned()
    }
}

/// The grids of all operations.
pub(super) fn grids<'a>(report: &'a Report, finding_anchors: &FindingAnchors<'_>) -> Vec<Grid<'a>> {
    operations(report).into_iter().map(|operation| grid(&operation, finding_anchors)).collect()
}

fn grid<'a>(operation: &Operation<'a>, finding_anchors: &FindingAnchors<'_>) -> Grid<'a> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    for requirement in &operation.requirements {
        let (row, name) = row_and_name(requirement.id.as_str());
        let squares = squares(requirement, name, finding_anchors);
        match rows.iter_mut().find(|known| known.name == row) {
            Some(known) => known.groups.push(squares),
            None => rows.push(Row { name: row, groups: vec![squares] }),
        }
    }
    // Parts come first, in the order of the contract.
    rows.sort_by_key(|row| row.name == IN_GENERAL);
    Grid { name: operation.name, passed: operation.passed(), rows }
}

/// The row of an id and its name there: `start/application/length` is *length* of *application*.
fn row_and_name(id: &str) -> (&str, &str) {
    let below = id.split_once('/').map_or(id, |(_, below)| below);
    below.split_once('/').unwrap_or((IN_GENERAL, below))
}

fn squares<'a>(
    requirement: &'a RequirementResult,
    name: &str,
    finding_anchors: &FindingAnchors<'_>,
) -> Squares<'a> {
    let id = requirement.id.as_str();
    let cells = requirement.cases.iter().map(|case| Cell {
        verdict: case.verdict,
        name: clip(case_name(requirement, &case.id), 200),
        link: finding_anchors.of(requirement, case).unwrap_or_else(|| anchor(case.id.as_str())),
    });
    let mut cells: Vec<Cell> = cells.collect();
    if cells.is_empty() {
        let finding = requirement.findings.first();
        let finding = finding.and_then(|finding| finding_anchors.0.get(&(id, &finding.case)).cloned());
        cells.push(Cell {
            verdict: requirement.verdict,
            name: "every response".to_owned(),
            link: finding.unwrap_or_else(|| anchor(id)),
        });
    }
    Squares { name: clip(name, 80), anchor: anchor(id), requirement, cells }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;
    use crate::summary::findings;

    #[test]
    fn case_links_to_its_finding_or_its_entry() {
        let report = sample::failed();
        let grids = grids(&report, &FindingAnchors::new(&findings(&report)));
        let rows: Vec<&str> = grids.iter().flat_map(|grid| &grid.rows).map(|row| row.name).collect();
        assert!(rows.contains(&"application-identifier"), "{rows:?}");
        let groups = || grids.iter().flat_map(|grid| &grid.rows).flat_map(|row| &row.groups);
        let cell = |name: &str| {
            let mut cells = groups().filter(|it| it.anchor.contains("application-identifier"));
            cells.find_map(|group| group.cells.iter().find(|cell| cell.name == name)).unwrap()
        };
        assert_eq!(cell("at-max").link, "start-configuration-session/application-identifier/length/at-max");
        assert_eq!(groups().count(), report.requirements.len());
    }

    #[test]
    fn requirement_without_cases_is_one_square() {
        let report = sample::all_passed();
        let grids = grids(&report, &FindingAnchors::new(&[]));
        let last = &grids[1].rows[0];
        assert_eq!(
            (last.name, last.groups[0].name.as_str(), last.groups[0].cells.len()),
            ("errors", "type-header", 1)
        );
    }

    #[test]
    fn any_id_has_a_row_and_a_name() {
        assert_eq!(row_and_name("start/member/length"), ("member", "length"));
        assert_eq!(row_and_name("start/member/length/more"), ("member", "length/more"));
        assert_eq!(row_and_name("start/accepts"), (IN_GENERAL, "accepts"));
        assert_eq!(row_and_name("odd"), (IN_GENERAL, "odd"));
    }
}
