//! Reads a report, replays its findings, and prints the results.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use reports::model::{Report, TargetInfo, TargetKind};
use reports::summary::Outcome;
use reports::summary::{Listed, counted, findings};

use crate::cli::args::{EndpointArgs, ReplayArgs};
use crate::cli::commands::replay::target::{Replayed, Target};
use crate::cli::commands::report::read;
use crate::cli::error::CliError;
use crate::cli::terminal::{print, print_error, warn_of_unverified};
use crate::setup::config::EndpointConfig;
use crate::setup::connection::Connection;
use crate::setup::wait::Wait;

pub(crate) async fn main(args: &ReplayArgs) -> Result<u8, CliError> {
    let report = read(&args.report)?;
    let endpoint = endpoint(args, &report)?;
    let all = findings(&report);
    let selected: Vec<&Listed<'_>> =
        all.iter().filter(|listed| args.finding.is_none_or(|number| number.get() == listed.number)).collect();
    if let (Some(number), true) = (args.finding, selected.is_empty()) {
        return Err(CliError::Finding { number: number.get(), count: counted(all.len() as u64, "finding") });
    }
    let (mut failed, mut inconclusive) = (0, 0);
    // A report may have several targets.
    let mut targets: BTreeMap<Option<&String>, Target> = BTreeMap::new();
    for finding in &selected {
        let own = finding.finding.target.as_ref().filter(|_| args.endpoint.target.is_none());
        let target = match targets.entry(own) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(connect(&endpoint, own).await?),
        };
        let replayed = target.replay(finding).await;
        match &replayed {
            Replayed::Fails(_) => failed += 1,
            Replayed::Inconclusive(_) => inconclusive += 1,
            Replayed::Passes => {}
        }
        print(&line(finding, &replayed));
    }
    let verb = if failed == 1 { "fails" } else { "fail" };
    print(&format!("{failed} of {} still {verb}.\n", counted(selected.len() as u64, "finding")));
    let outcome = if failed > 0 {
        Outcome::Failed
    } else if inconclusive > 0 {
        Outcome::NotTested
    } else {
        Outcome::Passed
    };
    Ok(outcome.code())
}

/// The endpoint of the arguments. The report provides what is missing.
fn endpoint(args: &ReplayArgs, report: &Report) -> Result<EndpointConfig, CliError> {
    let contract = args.endpoint.contract.clone().or(Some(report.contract.name.clone()));
    let endpoint = EndpointArgs { contract, ..args.endpoint.clone() }.config()?;
    let of_report = (report.target.kind == TargetKind::Url).then(|| report.target.url.clone());
    Ok(EndpointConfig {
        target: endpoint.target.clone().or(of_report),
        sigv4: endpoint.sigv4 || is_signed(report),
        ..endpoint
    })
}

/// Whether the run of a report signed its requests.
fn is_signed(report: &Report) -> bool {
    let findings = report.requirements.iter().flat_map(|requirement| &requirement.findings);
    findings.flat_map(|finding| &finding.counterexample).any(|exchange| exchange.request.signing.is_some())
}

/// Connects to the target of a finding, or to the endpoint, and waits until it is up.
async fn connect(endpoint: &EndpointConfig, own: Option<&String>) -> Result<Target, CliError> {
    let target = match own {
        Some(own) => Some(own.clone()).filter(|own| own != TargetInfo::MOCK),
        None => endpoint.target.clone(),
    };
    let endpoint = EndpointConfig { target, ..endpoint.clone() };
    let connection = Connection::open(&endpoint, Arc::default()).await?;
    if connection.is_unverified {
        warn_of_unverified();
    }
    let (http, contract) = (&connection.http, &connection.world.contract);
    Wait::of(&endpoint).until_up(http, contract, print_error).await;
    Ok(Target::new(connection))
}

/// The line about a finding.
fn line(finding: &Listed<'_>, replayed: &Replayed) -> String {
    let (verdict, detail) = match replayed {
        Replayed::Fails(failure) => ("still fails", failure.clone()),
        Replayed::Passes => ("no longer fails", expected(finding)),
        Replayed::Inconclusive(reason) => ("inconclusive", reason.clone()),
    };
    let text = format!("{}. {verdict}: {}: {detail}", finding.number, finding.requirement.id);
    reports::render::escape::line(&text) + "\n"
}

fn expected(finding: &Listed<'_>) -> String {
    let difference = finding.finding.differences.first();
    difference
        .map(|difference| format!("{} is {}", difference.field, difference.expected))
        .unwrap_or_default()
}
