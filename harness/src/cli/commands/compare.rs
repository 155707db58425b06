//! `boundstone compare`.

use std::path::Path;
use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::fixture::Fixture;
use reports::summary::{Outcome, counted};

use crate::cli::args::CompareArgs;
use crate::cli::error::CliError;
use crate::cli::terminal::{interrupt_on_ctrl_c, print, print_error, warn_of_unverified};
use crate::client::stack::Client;
use crate::compare::sides::{Pair, Side};
use crate::execute::clock::Clock;
use crate::judge::token_checks::Identifiers;
use crate::limits::Limits;
use crate::setup::config::EndpointConfig;
use crate::setup::connection::Connection;
use crate::setup::prepare::select;
use crate::setup::wait::{Wait, Waited};

pub(crate) async fn main(args: CompareArgs) -> Result<u8, CliError> {
    let limits = Arc::new(Limits::default());
    let (a, b) = endpoints(&args)?;
    let opened = tokio::try_join!(open("A", &a, Arc::clone(&limits)), open("B", &b, Arc::clone(&limits)))?;
    let ((a, waited_a), (b, waited_b)) = opened;
    if [&waited_a, &waited_b].contains(&&Waited::Interrupted) {
        return Ok(Outcome::Interrupted.code());
    }
    if let Some(path) = &args.fixtures_b {
        check_form(path, &a.world.fixtures, &b.world.fixtures)?;
    }
    let catalogue = Catalogue::of(&a.world.contract);
    let selected = select(&catalogue, &a.world.contract, &args.only, &args.skip)?;
    interrupt_on_ctrl_c(Arc::clone(&limits));
    let (contact_a, contact_b) = tokio::join!(a.contact(&catalogue), b.contact(&catalogue));
    let contacts = [(contact_a, waited_a), (contact_b, waited_b)];
    let problems: String = contacts.into_iter().filter_map(contact_problem).collect();
    if !problems.is_empty() {
        print_error(&problems);
        return Ok(Outcome::NotTested.code());
    }
    let (seed, samples) = (args.seed, args.cases);
    let catalogue = Arc::new(catalogue);
    let pair = Pair { a, b, catalogue, seed, samples, limits: Arc::clone(&limits) };
    let title = title(&pair);
    let begin = |cases| print_error(&format!("{title}: {}, seed {seed}.\n", counted(cases, "case")));
    let found = Arc::new(pair).compare(&selected, begin).await;
    print(&if args.json { found.to_json() } else { found.to_text() });
    let outcome = if found.interrupted {
        Outcome::Interrupted
    } else if limits.given_up().is_some() {
        Outcome::NotTested
    } else if !found.contrasts.is_empty() {
        Outcome::Failed
    } else if found.cases == 0 {
        Outcome::NotTested
    } else {
        Outcome::Passed
    };
    Ok(outcome.code())
}

/// The configurations of A and B.
fn endpoints(args: &CompareArgs) -> Result<(EndpointConfig, EndpointConfig), CliError> {
    let both = args.endpoint.clone().config()?;
    let a = EndpointConfig { target: Some(args.a.clone()), ..both.clone() };
    let b = EndpointConfig {
        target: Some(args.b.clone()),
        fixtures: args.fixtures_b.clone().or(both.fixtures.clone()),
        headers: if args.headers_b.is_empty() { both.headers.clone() } else { args.headers_b.clone() },
        ..both
    };
    Ok((a, b))
}

/// A line about an endpoint that cannot be tested.
fn contact_problem((contact, waited): (Result<(), String>, Waited)) -> Option<String> {
    let reason = contact.err()?;
    let reason = match waited {
        Waited::TimedOut(time) => format!("{reason} It did not come up within {time} (--wait)."),
        Waited::Up | Waited::Interrupted => reason,
    };
    Some(reports::render::escape::line(&reason) + "\n")
}

fn title(pair: &Pair<Client>) -> String {
    let texts = [&pair.a.url, &pair.b.url, &pair.a.world.contract.name];
    let [a, b, contract] = texts.map(|text| reports::render::escape::line(text));
    format!("Comparing {a} with {b} by the contract {contract}")
}

/// Connects to an endpoint, and waits until it is up.
async fn open(
    name: &'static str,
    endpoint: &EndpointConfig,
    limits: Arc<Limits>,
) -> Result<(Side<Client>, Waited), CliError> {
    let connection = Connection::open(endpoint, Arc::clone(&limits)).await;
    let connection = connection.map_err(|error| CliError::Side { name, error })?;
    if connection.is_unverified {
        warn_of_unverified();
    }
    let Connection { transport, http, world, secrets, target, route, .. } = connection;
    let waited = Wait::of(endpoint).until_up_or_ctrl_c(&http, &world.contract, print_error).await;
    let identifiers = Arc::new(Identifiers::new(&world, &secrets));
    let (signs, http2_only) = (route.scope.is_some(), endpoint.connection.is_http2_only());
    let side = Side {
        name,
        url: target.url,
        transport,
        world,
        identifiers,
        secrets,
        signs,
        http2_only,
        clock: Arc::new(Clock::new(None)),
        limits,
    };
    Ok((side, waited))
}

/// Checks that two lists of fixtures lead to the same requests, except for ids and names.
fn check_form(path: &Path, a: &[Fixture], b: &[Fixture]) -> Result<(), CliError> {
    let problem = |problem| CliError::FixturesDiffer { path: path.to_owned(), problem };
    if a.len() != b.len() {
        let (has, wants) = (counted(b.len() as u64, "resource"), a.len());
        return Err(problem(format!("{has} where --fixtures has {wants}")));
    }
    match a.iter().map(form).zip(b.iter().map(form)).enumerate().find(|(_, (a, b))| a != b) {
        Some((index, (a, b))) => Err(problem(format!(
            "resource {} gives {} where --fixtures gives {}",
            index + 1,
            b.join(", "),
            a.join(", ")
        ))),
        None => Ok(()),
    }
}

/// The keys of a fixture, with the forms of its resources.
fn form(fixture: &Fixture) -> Vec<String> {
    let resources = fixture.resources.iter().map(|(kind, resource)| {
        let forms =
            [("id", &resource.id), ("name", &resource.name)].into_iter().filter(|(_, text)| text.is_some());
        format!("`{kind}` by its {}", forms.map(|(form, _)| form).collect::<Vec<_>>().join(" and "))
    });
    resources.chain(fixture.contents.keys().map(|key| format!("`{key}`"))).collect()
}
