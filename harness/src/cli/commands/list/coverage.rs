//! `boundstone list --coverage`: what the contract says, and what tests it.

use cases::contract::{Contract, ShapeId};
use cases::coverage::{Coverage, CoveredStatement, CoveredTrait, Proof, Sums, Tests};
use cases::id::CaseId;
use indexmap::IndexMap;
use reports::render::escape::line;
use serde::Serialize;
use serde_json::Value;
use textwrap::{Options, WordSplitter};

/// The columns of the text.
const WIDTH: usize = 100;
/// So many requirements of a row are named; the rest is counted.
const NAMED: usize = 6;
/// The longest value of a trait that is shown whole, in characters.
const VALUE: usize = 80;
/// The heading for what no operation uses by itself.
const SERVICE: &str = "the service";
/// The heading for what several operations use.
const SEVERAL: &str = "several operations";

/// The coverage for people. Ends with the sums.
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
    let statements = Sums::of(coverage.statements.iter().map(|row| &row.proof));
    let traits = Sums::of(coverage.traits.iter().map(|row| &row.proof));
    blocks.push(wrap(&format!("statements: {}; traits: {}", summed(statements), summed(traits)), "", ""));
    blocks.join("\n\n") + "\n"
}

/// The coverage for machines.
pub(crate) fn json(contract: &Contract, coverage: &Coverage) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        contract: &'a str,
        statements: Vec<Statement<'a>>,
        traits: Vec<Trait<'a>>,
        totals: Totals,
    }
    #[derive(Serialize)]
    struct Statement<'a> {
        id: &'a str,
        place: &'a str,
        text: &'a str,
        #[serde(flatten)]
        proof: Proven<'a>,
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
    #[derive(Serialize)]
    struct Totals {
        statements: Total,
        traits: Total,
    }
    let document = Document {
        contract: &contract.name,
        statements: coverage
            .statements
            .iter()
            .map(|row| Statement {
                id: &row.statement.id,
                place: &row.statement.place,
                text: &row.statement.text,
                proof: Proven::of(&row.proof),
            })
            .collect(),
        traits: coverage
            .traits
            .iter()
            .map(|row| Trait {
                place: row.place.to_string(),
                name: &row.name,
                value: &row.value,
                operations: &row.operations,
                proof: Proven::of(&row.proof),
            })
            .collect(),
        totals: Totals {
            statements: Total::of(coverage.statements.iter().map(|row| &row.proof)),
            traits: Total::of(coverage.traits.iter().map(|row| &row.proof)),
        },
    };
    // Strings, lists and JSON values always serialise.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
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
        let Sums { tested, untestable, missing } = Sums::of(proofs);
        Self { tested, untestable, not_covered: missing }
    }
}

/// A heading with its rows.
fn block(heading: &str, rows: &[String]) -> String {
    format!("{}\n{}", line(heading), rows.join("\n"))
}

/// A statement's place, divided into the heading that it stands under and the rest.
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

/// Where a trait is shown: with the service, the one operation that its shape serves, or what
/// several of them share.
fn group_of(row: &CoveredTrait) -> &str {
    match row.operations.as_slice() {
        [] => SERVICE,
        [operation] => operation,
        _ => SEVERAL,
    }
}

/// One row for each trait, but one for all of the same name that go untested for the same reason.
fn traits(rows: &[&CoveredTrait]) -> Vec<String> {
    let mut alike: IndexMap<_, Vec<&CoveredTrait>> = IndexMap::new();
    for (index, row) in rows.iter().enumerate() {
        let key = match &row.proof {
            Proof::Untestable(reason) => (row.name.as_str(), Ok(reason)),
            Proof::Tested(_) | Proof::Missing => (row.name.as_str(), Err(index)),
        };
        alike.entry(key).or_default().push(row);
    }
    let text = |rows: &Vec<&CoveredTrait>| {
        let [first, others @ ..] = rows.as_slice() else { return String::new() };
        let mut places: Vec<String> = rows.iter().take(NAMED).map(|row| place(&row.place)).collect();
        if rows.len() > NAMED {
            places.push(format!("{} more", rows.len() - NAMED));
        }
        let name = first.name.strip_prefix("smithy.api#").unwrap_or(&first.name);
        let value = if others.iter().all(|row| row.value == first.value) {
            short(&first.value)
        } else {
            String::new()
        };
        entry(format!("{}: {name} {value}", places.join(", ")).trim_end(), &first.proof)
    };
    alike.values().map(text).collect()
}

/// What the contract says, and below it what tests that.
fn entry(what: &str, proof: &Proof) -> String {
    let below = match proof {
        Proof::Tested(tests) => {
            let mut named: Vec<String> = tests.iter().take(NAMED).map(tested).collect();
            if let Some(rest) = tests.get(NAMED..).filter(|rest| !rest.is_empty()) {
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

fn tested(tests: &Tests) -> String {
    let cases = match (tests.cases.len(), tests.of) {
        // Such a requirement is on what every answer carries.
        (_, 0) => "every answer".to_owned(),
        (some, all) if some < all => format!("{some} of {}", counted(all, "case")),
        (_, all) => counted(all, "case"),
    };
    format!("{}, {cases}", tests.requirement)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn summed(sums: Sums) -> String {
    let missing = match sums.missing {
        0 => String::new(),
        missing => format!(", {missing} NOT COVERED"),
    };
    format!("{} of {} tested, {} with reasons{missing}", sums.tested, sums.all(), sums.untestable)
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

/// A trait's value in short: `max 64, min 1`.
fn short(value: &Value) -> String {
    let text = plain(value);
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn plain(value: &Value) -> String {
    // What lies within needs its bounds.
    let inner = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) => format!("({})", plain(value)),
        value => plain(value),
    };
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name} {}", inner(value)));
            members.collect::<Vec<_>>().join(", ")
        }
        Value::Array(items) => items.iter().map(inner).collect::<Vec<_>>().join(", "),
        Value::String(text) => local(text).to_owned(),
        value => value.to_string(),
    }
}
