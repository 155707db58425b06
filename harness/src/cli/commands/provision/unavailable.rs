//! `boundstone provision` and `boundstone run --provision` in a build without the feature `aws`.

use crate::cli::args::{ProvisionArgs, RunArgs};
use crate::cli::error::CliError;
use crate::plan::run_plan::Plan;
use crate::setup::prepare::RunSetup;

/// A request for provisioning, which cannot exist in this build.
pub(crate) enum ProvisionRequest {}

impl ProvisionRequest {
    /// Rejects `--provision`.
    pub(crate) fn new(args: &RunArgs) -> Result<Option<Self>, CliError> {
        if args.provision { Err(not_built_in("--provision")) } else { Ok(None) }
    }
}

pub(crate) fn dry_run(request: &ProvisionRequest, _plan: &mut Plan) -> Result<(), CliError> {
    match *request {}
}

pub(crate) async fn with_fixtures<F>(
    request: ProvisionRequest,
    _setup: RunSetup,
    _quiet: bool,
    _run: impl FnOnce(RunSetup) -> F,
) -> Result<u8, CliError> {
    match request {}
}

pub(crate) async fn main(_args: ProvisionArgs) -> Result<u8, CliError> {
    Err(not_built_in("provision"))
}

fn not_built_in(what: &str) -> CliError {
    CliError::Provision(format!(
        "{what}: this build cannot create fixtures; build boundstone with the feature `aws`, or name existing \
         resources with --fixtures FILE"
    ))
}
