//! `boundstone serve`.

use super::args::ServeArgs;
use super::target::{Embedded, contract};
use super::{CliError, print, print_error};
use crate::mock::Serving;
use crate::mock::deviation;
use crate::mock::named::{Contracts, Named};
use crate::mock::variant;
use crate::transport::tls;

pub(super) async fn main(args: ServeArgs) -> Result<u8, CliError> {
    if args.deviation.as_deref() == Some("help") {
        list(deviation::all().map(|deviation| (deviation.name, deviation.about)));
        return Ok(0);
    }
    if args.variant.as_deref() == Some("help") {
        list(variant::all().map(|variant| (variant.name, variant.about)));
        return Ok(0);
    }
    let contract = contract(&args.contract)?;
    let (serving, with) = serving(&args, &contract.name)?;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let mock = Embedded::start_over(&contract, serving, args.listen, tls).await?;
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

fn list(named: impl Iterator<Item = (&'static str, &'static str)>) {
    for (name, about) in named {
        print(&format!("{name}\n    {about}\n"));
    }
}

/// What is to be served, and what to say of it.
fn serving(args: &ServeArgs, contract: &str) -> Result<(Serving, String), CliError> {
    if let Some(name) = &args.deviation {
        let deviation = deviation::find(name)?;
        let with = with(deviation, deviation.contracts, contract)?;
        return Ok(((deviation.behaviour)().into(), with));
    }
    if let Some(name) = &args.variant {
        let variant = variant::find(name)?;
        let with = with(variant, variant.contracts, contract)?;
        return Ok(((variant.serving)(), with));
    }
    Ok((Serving::default(), String::new()))
}

/// How to speak of what is served, if the contract shows it.
fn with<T: Named>(named: &T, contracts: Contracts, contract: &str) -> Result<String, CliError> {
    let (sort, name) = (T::SORT, named.name());
    match contracts.instead_of(contract) {
        Some(contract) => Err(CliError::OtherContract { sort, name, contract }),
        None => Ok(format!(", with the {sort} {name}")),
    }
}
