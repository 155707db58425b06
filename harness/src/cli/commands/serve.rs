//! `boundstone serve`.

use crate::cli::args::ServeArgs;
use crate::cli::error::CliError;
use crate::cli::terminal::{print, print_error};
use crate::client::http::tls;
use crate::setup::connection::positive_duration;
use crate::setup::embedded_mock::{Embedded, contract};
use mock::named::{Contracts, Named};
use mock::signature::{Gate, REGION};
use mock::{Serving, deviation, variant};

pub(crate) async fn main(args: ServeArgs) -> Result<u8, CliError> {
    if args.deviation.as_deref() == Some("help") {
        list(deviation::all().map(|deviation| (deviation.name, deviation.about)));
        return Ok(0);
    }
    if args.variant.as_deref() == Some("help") {
        list(variant::all().map(|variant| (variant.name, variant.about)));
        return Ok(0);
    }
    let contract = contract(&args.contract)?;
    let (mut serving, with) = serving(&args, &contract.name)?;
    if args.require_sigv4 {
        serving = serving.signed_for(args.region.as_deref().unwrap_or(REGION));
    }
    if let Some(latency) = positive_duration("latency", args.latency)? {
        serving.options.latency = latency;
    }
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let mock = Embedded::start_over(&contract, serving, args.listen, tls).await?;
    print(&mock.gate().map(credentials).unwrap_or_default());
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

/// The credentials of signed requests, as comments of a fixtures file that can be pasted into a shell.
fn credentials(gate: &Gate) -> String {
    let Gate { keys, region, .. } = gate;
    format!(
        "# Requests have to be signed (boundstone run --sigv4) with the credentials of this mock:\n\
         # export AWS_ACCESS_KEY_ID={}\n# export AWS_SECRET_ACCESS_KEY={}\n# export AWS_SESSION_TOKEN={}\n\
         # export AWS_REGION={region}\n\n",
        keys.access_key_id, keys.secret_access_key, keys.session_token
    )
}

fn list(named: impl Iterator<Item = (&'static str, &'static str)>) {
    for (name, about) in named {
        print(&format!("{name}\n    {about}\n"));
    }
}

/// The mock to serve, and the text that names its mutant or variant.
fn serving(args: &ServeArgs, contract: &str) -> Result<(Serving, String), CliError> {
    if let Some(name) = &args.deviation {
        let deviation = deviation::find(name)?;
        let with = with(deviation, deviation.contracts, contract)?;
        return Ok((deviation.serving(), with));
    }
    if let Some(name) = &args.variant {
        let variant = variant::find(name)?;
        let with = with(variant, variant.contracts, contract)?;
        return Ok(((variant.serving)(), with));
    }
    Ok((Serving::default(), String::new()))
}

/// Names a mutant or variant, if it has an effect under the contract.
fn with<T: Named>(named: &T, contracts: Contracts, contract: &str) -> Result<String, CliError> {
    let (sort, name) = (T::SORT, named.name());
    match contracts.instead_of(contract) {
        Some(contract) => Err(CliError::OtherContract { sort, name, contract }),
        None => Ok(format!(", with the {sort} {name}")),
    }
}
