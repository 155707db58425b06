//! `boundstone provision` and `boundstone run --provision`, where they are not built in.

use crate::cli::args::{ProvisionArgs, RunArgs};
use crate::plan::plan::Plan;
use crate::setup::error::CliError;
use crate::setup::prepare::Prepared;

/// There is none.
pub(crate) enum Wish {}

impl Wish {
    /// Refuses the wish.
    pub(crate) fn of(args: &RunArgs) -> Result<Option<Self>, CliError> {
        if args.provision { Err(not_built_in("--provision")) } else { Ok(None) }
    }
}

pub(crate) fn pretend(wish: &Wish, _plan: &mut Plan) -> Result<(), CliError> {
    match *wish {}
}

pub(crate) async fn around<F>(
    wish: Wish,
    _prepared: Prepared,
    _quiet: bool,
    _judge: impl FnOnce(Prepared) -> F,
) -> Result<u8, CliError> {
    match wish {}
}

pub(crate) async fn main(_args: ProvisionArgs) -> Result<u8, CliError> {
    Err(not_built_in("provision"))
}

fn not_built_in(what: &str) -> CliError {
    CliError::Provision(format!(
        "{what}: this boundstone was built without its feature `aws`: build it with that, or name resources that \
         exist with --fixtures FILE"
    ))
}
