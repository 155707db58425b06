//! `boundstone serve`.

use super::args::ServeArgs;
use super::target::{Embedded, contract};
use super::{CliError, print, print_error};
use crate::mock::behaviour::{Behaviour, Reference};
use crate::mock::deviation::{self, Deviation};
use crate::mock::named::Named as _;

pub(super) async fn main(args: ServeArgs) -> Result<u8, CliError> {
    if args.deviation.as_deref() == Some("help") {
        for deviation in deviation::all() {
            print(&format!("{}\n    {}\n", deviation.name, deviation.about));
        }
        return Ok(0);
    }
    let contract = contract(&args.contract)?;
    let behaviour = behaviour(args.deviation.as_deref(), &contract.name)?;
    let mock = Embedded::start_with(&contract, behaviour, args.listen).await?;
    print(&mock.fixtures);
    let with = args.deviation.map(|name| format!(", with the deviation {name}")).unwrap_or_default();
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

fn behaviour(deviation: Option<&str>, contract: &str) -> Result<Box<dyn Behaviour>, CliError> {
    let Some(name) = deviation else { return Ok(Box::new(Reference)) };
    let deviation = deviation::find(name)?;
    match deviation.contracts.instead_of(contract) {
        Some(contract) => {
            Err(CliError::OtherContract { sort: Deviation::SORT, name: deviation.name, contract })
        }
        None => Ok((deviation.behaviour)()),
    }
}
