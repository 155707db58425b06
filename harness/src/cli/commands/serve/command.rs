//! Selects the server of a contract.

use super::{mock, stub};
use crate::cli::args::ServeArgs;
use crate::cli::error::CliError;
use crate::setup::embedded_mock::contract;
use crate::setup::stub::serves;

pub(crate) async fn main(args: ServeArgs) -> Result<u8, CliError> {
    let contract = contract(&args.contract)?;
    if serves(&contract) { stub::main(args, contract).await } else { mock::main(args, contract).await }
}
