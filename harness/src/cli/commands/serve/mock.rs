//! Serves the mock, which is written for one service.

use cases::contract::Contract;
use mock::signature::DEFAULT_REGION;
use mock::{Contracts, MockConfig, RequiredSignature, mutant, variant};

use super::names::list;
use crate::cli::args::ServeArgs;
use crate::cli::error::CliError;
use crate::cli::terminal::{print, print_error};
use crate::client::http::tls;
use crate::setup::connection::positive_duration;
use crate::setup::embedded_mock::Embedded;

pub(super) async fn main(args: ServeArgs, contract: Contract) -> Result<u8, CliError> {
    if args.mutant.as_deref() == Some("help") {
        list(mutant::all().map(|mutant| (mutant.name, mutant.about)));
        return Ok(0);
    }
    if args.variant.as_deref() == Some("help") {
        list(variant::all().map(|variant| (variant.name, variant.about)));
        return Ok(0);
    }
    let (mut config, with) = config(&args, &contract.name)?;
    if args.require_sigv4 {
        config = config.signed_for(args.region.as_deref().unwrap_or(DEFAULT_REGION));
    }
    if let Some(latency) = positive_duration("latency", args.latency)? {
        config.options.latency = latency;
    }
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let mock = Embedded::start_over(&contract, config, args.listen, tls).await?;
    print(&mock.required_signature().map(credentials).unwrap_or_default());
    print(&mock.fixtures);
    print_error(&format!(
        "Serving the contract {} on {}{with}. Pass the text above to `boundstone run --fixtures`. Stop with Ctrl-C.\n",
        contract.name,
        mock.url()
    ));
    tokio::select! {
        () = mock.served() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(0)
}

/// The credentials that requests have to be signed with, as comments in the fixtures file that a shell can
/// execute.
fn credentials(required: &RequiredSignature) -> String {
    let RequiredSignature { credentials, region, .. } = required;
    format!(
        "# Requests have to be signed (boundstone run --sigv4) with the credentials of this mock:\n\
         # export AWS_ACCESS_KEY_ID={}\n# export AWS_SECRET_ACCESS_KEY={}\n# export AWS_SESSION_TOKEN={}\n\
         # export AWS_REGION={region}\n\n",
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
}

/// What to serve, and how the message describes it.
fn config(args: &ServeArgs, contract: &str) -> Result<(MockConfig, String), CliError> {
    if let Some(name) = &args.mutant {
        let mutant = mutant::find(name)?;
        let with = with("mutant", mutant.name, mutant.contracts, contract)?;
        return Ok((mutant.config(), with));
    }
    if let Some(name) = &args.variant {
        let variant = variant::find(name)?;
        let with = with("variant", variant.name, variant.contracts, contract)?;
        return Ok(((variant.config)(), with));
    }
    Ok((MockConfig::default(), String::new()))
}

/// How the message describes a mutant or variant.
///
/// # Errors
/// It is like the reference under the contract.
fn with(
    kind: &'static str,
    name: &'static str,
    contracts: Contracts,
    contract: &str,
) -> Result<String, CliError> {
    match contracts.instead_of(contract) {
        Some(contract) => Err(CliError::OtherContract { kind, name, contract }),
        None => Ok(format!(", with the {kind} {name}")),
    }
}
