//! `boundstone compare`.

use std::path::Path;
use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::fixture::Fixture;
use reports::summary::{Outcome, counted};

use crate::cli::args::CompareArgs;
use crate::cli::{end_with_ctrl_c, print, print_error, warn_of_unverified};
use crate::client::client::Client;
use crate::compare::sides::{Pair, Side};
use crate::execute::clock::Clock;
use crate::judge::token_checks::Hidden;
use crate::limits::Limits;
use crate::setup::config::EndpointConfig;
use crate::setup::connection::Connection;
use crate::setup::error::CliError;
use crate::setup::prepare::select;
use crate::setup::wait::{Wait, Waited};

pub(crate) async fn main(args: CompareArgs) -> Result<u8, CliError> {
    let limits = Arc::new(Limits::default());
    let both = args.endpoint.config()?;
    let a = EndpointConfig { target: Some(args.a), ..both.clone() };
    let b = EndpointConfig {
        target: Some(args.b),
        fixtures: args.fixtures_b.clone().or(both.fixtures.clone()),
        headers: if args.headers_b.is_empty() { both.headers.clone() } else { args.headers_b },
        ..both
    };
    let opened = tokio::try_join!(open("A", &a, Arc::clone(&limits)), open("B", &b, Arc::clone(&limits)))?;
    let ((a, waited), (b, waited_b)) = opened;
    if [&waited, &waited_b].contains(&&Waited::Interrupted) {
        return Ok(Outcome::Interrupted.code());
    }
    if let Some(path) = &args.fixtures_b {
        same_form(path, &a.world.fixtures, &b.world.fixtures)?;
    }
    let catalogue = Catalogue::of(&a.world.contract);
    let selected = select(&catalogue, &a.world.contract, &args.only, &args.skip)?;
    end_with_ctrl_c(Arc::clone(&limits));
    let (one, other) = tokio::join!(a.contact(&catalogue), b.contact(&catalogue));
    let silent = [(one, waited), (other, waited_b)].into_iter().filter_map(|(contact, waited)| {
        let reason = contact.err()?;
        Some(match waited {
            Waited::InVain(time) => format!("{reason} It did not come up within {time} (--wait)."),
            Waited::Up | Waited::Interrupted => reason,
        })
    });
    let silent: Vec<String> = silent.collect();
    if !silent.is_empty() {
        print_error(
            &silent.iter().map(|reason| reports::render::escape::line(reason) + "\n").collect::<String>(),
        );
        return Ok(Outcome::NotTested.code());
    }
    let [a_url, b_url, contract] =
        [&a.url, &b.url, &a.world.contract.name].map(|text| reports::render::escape::line(text));
    let (seed, samples) = (args.seed, args.cases);
    let pair = Arc::new(Pair { a, b, catalogue, seed, samples, limits: Arc::clone(&limits) });
    let begin = |cases| {
        let (cases, seed) = (counted(cases, "case"), args.seed);
        print_error(&format!(
            "Comparing {a_url} with {b_url} by the contract {contract}: {cases}, seed {seed}.\n"
        ));
    };
    let found = pair.compare(&selected, begin).await;
    print(&if args.json { found.to_json() } else { found.to_text() });
    Ok(if found.interrupted {
        Outcome::Interrupted.code()
    } else if limits.gone().is_some() {
        Outcome::NotTested.code()
    } else if !found.contrasts.is_empty() {
        Outcome::Failed.code()
    } else if found.cases == 0 {
        Outcome::NotTested.code()
    } else {
        Outcome::Passed.code()
    })
}

/// Connects to one of the two, and waits for it.
async fn open(
    name: &'static str,
    endpoint: &EndpointConfig,
    limits: Arc<Limits>,
) -> Result<(Side<Client>, Waited), CliError> {
    let of_side = |error| CliError::Side { name, error: Box::new(error) };
    let connection = Connection::open(endpoint, Arc::clone(&limits)).await.map_err(of_side)?;
    if connection.is_unverified {
        warn_of_unverified();
    }
    let Connection { transport, http, world, secrets, target, route, .. } = connection;
    let waited = Wait::of(endpoint).until_up_or_ctrl_c(&http, &world.contract, print_error).await;
    let hidden = Hidden::new(&world, &secrets);
    let (signs, http2_only) = (route.scope.is_some(), endpoint.connection.is_http2_only());
    let side = Side {
        name,
        url: target.url,
        transport,
        world,
        hidden,
        secrets,
        signs,
        http2_only,
        clock: Clock::new(None),
        limits,
    };
    Ok((side, waited))
}

/// Sees that two lists of fixtures lead to the same requests, but for the names in them.
fn same_form(path: &Path, a: &[Fixture], b: &[Fixture]) -> Result<(), CliError> {
    let problem = |problem| CliError::FixturesDiffer { path: path.to_owned(), problem };
    if a.len() != b.len() {
        let (has, wants) = (counted(b.len() as u64, "resource"), a.len());
        return Err(problem(format!("{has} where --fixtures has {wants}")));
    }
    let form = |fixture: &Fixture| -> Vec<String> {
        let parts = fixture.parts.iter().map(|(sort, part)| {
            let given =
                [("id", &part.id), ("name", &part.name)].into_iter().filter(|(_, text)| text.is_some());
            format!("`{sort}` by its {}", given.map(|(word, _)| word).collect::<Vec<_>>().join(" and "))
        });
        parts.chain(fixture.contents.keys().map(|key| format!("`{key}`"))).collect()
    };
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
