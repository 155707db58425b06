//! `boundstone list --coverage`: the statements of the contract, and the requirements that test them.

use cases::contract::{Contract, ShapeId};
use cases::coverage::{Coverage, CoveredStatement, CoveredTrait, CoveringRequirement, Proof, ProofCounts};
use cases::id::CaseId;
use indexmap::IndexMap;
use reports::render::escape::line;
use serde::Serialize;
use serde_json::Value;
use textwrap::{Options, WordSplitter};

/// The columns of the text.
const WIDTH: usize = 100;
/// The number of requirements that a row names; it counts the rest.
const MAX_NAMED: usize = 6;
/// The number of characters of a trait value that are shown.
const MAX_VALUE: usize = 80;
/// The heading for traits of no operation.
const SERVICE: &str = "the service";
/// The heading for traits of several operations.
const SEVERAL: &str = "several operations";

/// The coverage as text. The last line has the sums.
pub(crate) fn text(contract: &Contract, coverage: &Coverage) -> String {
    let mut blocks = Vec::new();
    let mut sections: IndexMap<&str, Vec<String>> = IndexMap::new();
    for row in &coverage.statements {
        sections.entry(section(row).0).or_default().push(statement(row));
    }
    blocks.extend(sections.iter().map(|(heading, rows)| block(&format!("Statements: {heading}"), rows)));
    let operations = contract.operations.iter().map(|operation| operation.name.as_str());
    for group in [SERVICE].into_iter().chain(operations).chain([SEVERAL]) {
        let rows: Vec<&CoveredTrait> = coverage.traits.iter().filter(|row| group_of(row) == group).collect();
        if !rows.is_empty() {
            blocks.push(block(&format!("Traits: {group}"), &traits(&rows)));
        }
    }
    let statements = ProofCounts::of(coverage.statements.iter().map(|row| &row.proof));
    let traits = ProofCounts::of(coverage.traits.iter().map(|row| &row.proof));
    blocks.push(wrap(&format!("statements: {}; traits: {}", summed(statements), summed(traits)), "", ""));
    blocks.join("\n\n") + "\n"
}

/// The coverage as JSON.
pub(crate) fn json(contract: &Contract, coverage: &Coverage) -> String {
    let document = Document {
        contract: &contract.name,
        statements: coverage.statements.iter().map(Statement::new).collect(),
        traits: coverage.traits.iter().map(Trait::new).collect(),
        totals: Totals {
            statements: Total::of(coverage.statements.iter().map(|row| &row.proof)),
            traits: Total::of(coverage.traits.iter().map(|row| &row.proof)),
        },
    };
    // Strings, lists and JSON values always serialize.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    contract: &'a str,
    statements: Vec<Statement<'a>>,
    traits: Vec<Trait<'a>>,
    totals: Totals,
}

#[derive(Serialize)]
struct Totals {
    statements: Total,
    traits: Total,
}

#[derive(Serialize)]
struct Statement<'a> {
    id: &'a str,
    place: &'a str,
    text: &'a str,
    #[serde(flatten)]
    proof: Proven<'a>,
}

impl<'a> Statement<'a> {
    fn new(row: &'a CoveredStatement) -> Self {
        let statement = &row.statement;
        Self {
            id: &statement.id,
            place: &statement.place,
            text: &statement.text,
            proof: Proven::of(&row.proof),
        }
    }
}

#[derive(Serialize)]
struct Trait<'a> {
    place: String,
    #[serde(rename = "trait")]
    name: &'a str,
    value: &'a Value,
    operations: &'a [String],
    #[serde(flatten)]
    proof: Proven<'a>,
}

impl<'a> Trait<'a> {
    fn new(row: &'a CoveredTrait) -> Self {
        Self {
            place: row.place.to_string(),
            name: &row.name,
            value: &row.value,
            operations: &row.operations,
            proof: Proven::of(&row.proof),
        }
    }
}

#[derive(Serialize)]
struct Proven<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tested_by: Vec<TestedBy<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct TestedBy<'a> {
    requirement: &'a str,
    cases: Vec<&'a str>,
}

impl<'a> Proven<'a> {
    fn of(proof: &'a Proof) -> Self {
        let (status, tests, reason) = match proof {
            Proof::Tested(tests) => ("tested", tests.as_slice(), None),
            Proof::Untestable(reason) => ("untestable", &[][..], Some(reason.as_str())),
            Proof::Missing => ("not_covered", &[][..], None),
        };
        let tested_by = tests.iter().map(|tests| TestedBy {
            requirement: tests.requirement.as_str(),
            cases: tests.cases.iter().map(CaseId::as_str).collect(),
        });
        Self { status, tested_by: tested_by.collect(), reason }
    }
}

#[derive(Serialize)]
struct Total {
    tested: usize,
    untestable: usize,
    not_covered: usize,
}

impl Total {
    fn of<'a>(proofs: impl Iterator<Item = &'a Proof>) -> Self {
        let ProofCounts { tested, untestable, missing } = ProofCounts::of(proofs);
        Self { tested, untestable, not_covered: missing }
    }
}

/// A heading with its rows.
fn block(heading: &str, rows: &[String]) -> String {
    format!("{}\n{}", line(heading), rows.join("\n"))
}

/// The place of a statement, divided into its heading and the rest.
fn section(row: &CoveredStatement) -> (&str, &str) {
    row.statement.place.rsplit_once(" › ").unwrap_or((&row.statement.place, ""))
}

fn statement(row: &CoveredStatement) -> String {
    let CoveredStatement { statement, proof } = row;
    let what = match section(row).1 {
        "" => statement.text.clone(),
        place => format!("{place}: {}", statement.text),
    };
    entry(&what, proof)
}

/// The group of a trait: the service, its operation, or several operations.
fn group_of(row: &CoveredTrait) -> &str {
    match row.operations.as_slice() {
        [] => SERVICE,
        [operation] => operation,
        _ => SEVERAL,
    }
}

/// One row for each trait, but only one for all untested traits with the same name and reason.
fn traits(rows: &[&CoveredTrait]) -> Vec<String> {
    let mut alike: IndexMap<_, Vec<&CoveredTrait>> = IndexMap::new();
    for (index, row) in rows.iter().enumerate() {
        let key = match &row.proof {
            Proof::Untestable(reason) => (row.name.as_str(), Ok(reason)),
            Proof::Tested(_) | Proof::Missing => (row.name.as_str(), Err(index)),
        };
        alike.entry(key).or_default().push(row);
    }
    alike.values().map(|rows| trait_row(rows)).collect()
}

/// One row for traits with the same name and proof.
fn trait_row(rows: &[&CoveredTrait]) -> String {
    let [first, others @ ..] = rows else { return String::new() };
    let mut places: Vec<String> = rows.iter().take(MAX_NAMED).map(|row| place(&row.place)).collect();
    if rows.len() > MAX_NAMED {
        places.push(format!("{} more", rows.len() - MAX_NAMED));
    }
    let name = first.name.strip_prefix("smithy.api#").unwrap_or(&first.name);
    let is_equal = others.iter().all(|row| row.value == first.value);
    let value = if is_equal { short(&first.value) } else { String::new() };
    entry(format!("{}: {name} {value}", places.join(", ")).trim_end(), &first.proof)
}

/// A statement of the contract, and below it what tests it.
fn entry(what: &str, proof: &Proof) -> String {
    let below = match proof {
        Proof::Tested(tests) => {
            let mut named: Vec<String> = tests.iter().take(MAX_NAMED).map(tested).collect();
            if let Some(rest) = tests.get(MAX_NAMED..).filter(|rest| !rest.is_empty()) {
                named.push(format!("and {} more", rest.len()));
            }
            let first = "    tested by ";
            let next = " ".repeat(first.len());
            let lines = named.iter().enumerate();
            lines.map(|(index, text)| wrap(text, if index == 0 { first } else { &next }, &next)).collect()
        }
        Proof::Untestable(reason) => vec![wrap(reason, "    not from outside: ", &" ".repeat(6))],
        Proof::Missing => vec!["    NOT COVERED".to_owned()],
    };
    format!("{}\n{}", wrap(what, "  ", &" ".repeat(6)), below.join("\n"))
}

fn tested(tests: &CoveringRequirement) -> String {
    let cases = match (tests.cases.len(), tests.case_count) {
        // Such a requirement applies to every response.
        (_, 0) => "every response".to_owned(),
        (some, all) if some < all => format!("{some} of {}", counted(all, "case")),
        (_, all) => counted(all, "case"),
    };
    format!("{}, {cases}", tests.requirement)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn summed(sums: ProofCounts) -> String {
    let missing = match sums.missing {
        0 => String::new(),
        missing => format!(", {missing} NOT COVERED"),
    };
    format!("{} of {} tested, {} with reasons{missing}", sums.tested, sums.total(), sums.untestable)
}

fn wrap(text: &str, first: &str, next: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(next)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(&line(text), options)
}

/// A shape or member without its namespace.
fn place(id: &ShapeId) -> String {
    let id = id.to_string();
    local(&id).replace('$', " › ")
}

fn local(id: &str) -> &str {
    id.split_once('#').map_or(id, |(_, name)| name)
}

/// The value of a trait in short: `max 64, min 1`.
fn short(value: &Value) -> String {
    let text = plain(value);
    match text.char_indices().nth(MAX_VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn plain(value: &Value) -> String {
    // Nested values need parentheses.
    let nested = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) => format!("({})", plain(value)),
        value => plain(value),
    };
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name} {}", nested(value)));
            members.collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(nested).collect::<Vec<_>>().join(", "),
        Value::String(text) => local(text).to_owned(),
        value => value.to_string(),
    }
}
