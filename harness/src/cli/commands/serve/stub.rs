//! Serves the stub of any service.

use cases::contract::Contract;
use mock::UnknownName;
use stub::{Mutant, Stub, find, mutants};

use super::names::list;
use crate::cli::args::ServeArgs;
use crate::cli::error::CliError;
use crate::cli::terminal::print_error;
use crate::client::http::tls;
use crate::setup::error::SetupError;
use crate::setup::stub::EmbeddedStub;

pub(super) async fn main(args: ServeArgs, contract: Contract) -> Result<u8, CliError> {
    if args.mutant.as_deref() == Some("help") {
        list(mutants(&contract).map(|mutant| (mutant.name().to_owned(), mutant.about().to_owned())));
        return Ok(0);
    }
    check(&args, &contract)?;
    let mutant = args.mutant.as_deref().map(|name| mutant(&contract, name)).transpose()?;
    let with =
        mutant.as_ref().map(|mutant| format!(", with the mutant {}", mutant.name())).unwrap_or_default();
    let name = contract.name.clone();
    let plain = Stub::new(contract, args.seed);
    let stub = match &mutant {
        Some(mutant) => plain.with_mutant(mutant),
        None => plain,
    };
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let stub = EmbeddedStub::start(stub, args.listen, tls).await?;
    print_error(&format!("Serving the contract {name} on {}{with}. Stop with Ctrl-C.\n", stub.url()));
    tokio::select! {
        () = stub.served() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(0)
}

fn mutant(contract: &Contract, name: &str) -> Result<Mutant, UnknownName> {
    let unknown = || UnknownName { kind: "mutant", name: name.to_owned(), similar: Vec::new() };
    find(contract, name).ok_or_else(unknown)
}

/// Refuses what the mock alone can do.
fn check(args: &ServeArgs, contract: &Contract) -> Result<(), SetupError> {
    let flags = [
        (args.variant.is_some(), "variant"),
        (args.require_sigv4, "require-sigv4"),
        (args.latency.is_some(), "latency"),
    ];
    match flags.into_iter().find(|(is_set, _)| *is_set) {
        None => Ok(()),
        Some((_, flag)) => Err(SetupError::NotServed {
            contract: contract.name.clone(),
            problem: format!("{flag} is for a contract that the mock serves; remove it"),
        }),
    }
}
