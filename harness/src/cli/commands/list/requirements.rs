//! `boundstone list`: the requirements and cases of a contract.

use std::fmt::Write as _;

use cases::catalogue::{Catalogue, ContractDiff};
use cases::contract::Contract;
use cases::coverage::Coverage;
use serde::Serialize;

use crate::cli::args::ListArgs;
use crate::cli::commands::list::coverage;
use crate::cli::error::CliError;
use crate::cli::terminal::print;
use crate::setup::embedded_mock::contract;

pub(crate) fn main(args: &ListArgs) -> Result<u8, CliError> {
    let contract = contract(&args.contract)?;
    let catalogue = Catalogue::of(&contract);
    if args.changes {
        print(&changes(&contract, &catalogue, args.json)?);
        return Ok(0);
    }
    print(&match (args.coverage, args.json) {
        (false, false) => text(&catalogue),
        (false, true) => json(&catalogue),
        (true, false) => coverage::text(&contract, &Coverage::of(&contract, &catalogue)),
        (true, true) => coverage::json(&contract, &Coverage::of(&contract, &catalogue)),
    });
    Ok(0)
}

/// How the contract differs from the built-in one.
fn changes(contract: &Contract, catalogue: &Catalogue, json: bool) -> Result<String, CliError> {
    let published = Contract::model()?;
    if published.service != contract.service {
        return Err(CliError::NoBuiltIn {
            contract: contract.name.clone(),
            service: contract.service.to_string(),
        });
    }
    let found = ContractDiff::between(&published.name, &Catalogue::of(&published), catalogue);
    if json {
        // Strings and lists always serialize.
        return Ok(serde_json::to_string_pretty(&found).unwrap_or_default() + "\n");
    }
    Ok(reports::render::terminal::changes(&contract.name, &found))
}

fn text(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    for requirement in &catalogue.requirements {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:6} {}\n       {}\n       {}",
            requirement.level, requirement.id, requirement.text, requirement.source
        );
        for case in catalogue.cases.iter().filter(|case| case.requirement == requirement.id) {
            let partition = case.id.as_str().rsplit('/').next().unwrap_or_default();
            let _ = writeln!(text, "         {partition}: {}", case.description);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{} requirements, {} cases", catalogue.requirements.len(), catalogue.cases.len());
    text
}

#[derive(Serialize)]
struct Requirement<'a> {
    id: &'a str,
    operation: &'a str,
    level: cases::id::Level,
    text: &'a str,
    source: &'a str,
    cases: Vec<Case<'a>>,
}

#[derive(Serialize)]
struct Case<'a> {
    id: &'a str,
    about: &'a str,
}

fn json(catalogue: &Catalogue) -> String {
    let requirements: Vec<_> = catalogue
        .requirements
        .iter()
        .map(|requirement| Requirement {
            id: requirement.id.as_str(),
            operation: &requirement.operation,
            level: requirement.level,
            text: &requirement.text,
            source: &requirement.source,
            cases: catalogue
                .cases
                .iter()
                .filter(|case| case.requirement == requirement.id)
                .map(|case| Case { id: case.id.as_str(), about: &case.description })
                .collect(),
        })
        .collect();
    // Strings and lists always serialize.
    serde_json::to_string_pretty(&requirements).unwrap_or_default() + "\n"
}
