//! Creates fixtures around a run, and by `boundstone provision`.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cases::contract::Contract;
use cases::fixture::Fixture;
use cases::generate::World;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use reports::render::escape::line;
use reports::summary::Outcome;
use reports::summary::counted;
use tokio::task::JoinSet;

use crate::cli::args::ProvisionArgs;
use crate::cli::commands::provision::request::ProvisionRequest;
use crate::cli::config_file::read_config_file;
use crate::cli::error::CliError;
use crate::cli::terminal::{print, print_error};
use crate::config::fixtures;
use crate::limits::{Limits, StopReason};
use crate::plan::run_plan::Plan;
use crate::provision::{
    ControlPlane, NotRemoved, ProvisionError, Provisioner, RunLabel, find_leftovers, planned_fixtures,
};
use crate::setup::embedded_mock::contract;
use crate::setup::prepare::RunSetup;

fn label() -> Result<RunLabel, CliError> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|_| {
        CliError::Provision(
            "the system provides no random numbers, which distinguish the fixtures of runs".to_owned(),
        )
    })?;
    let now = Timestamp::now().round(jiff::Unit::Second).unwrap_or_default();
    Ok(RunLabel::new(u32::from_be_bytes(random), now.to_string()))
}

/// Replaces the fixtures of a plan by those that a run would create. Creates nothing.
pub(crate) fn dry_run(_request: &ProvisionRequest, plan: &mut Plan) -> Result<(), CliError> {
    let contract = plan.world.contract.clone();
    let fixtures = planned_fixtures(&contract)?;
    plan.world = Arc::new(World::new(contract, fixtures));
    Ok(())
}

/// Creates fixtures, runs `run` with them, and removes them, even after Ctrl-C, an error or a panic. It names
/// resources that were not removed; these do not change the exit code.
pub(crate) async fn with_fixtures<F: Future<Output = Result<u8, CliError>>>(
    request: ProvisionRequest,
    setup: RunSetup,
    quiet: bool,
    run: impl FnOnce(RunSetup) -> F,
) -> Result<u8, CliError> {
    let provisioner = Provisioner::new(request.connect().await?, label()?);
    with_fixtures_of(provisioner, &request, setup, quiet, run).await
}

async fn with_fixtures_of<F: Future<Output = Result<u8, CliError>>>(
    mut provisioner: Provisioner,
    request: &ProvisionRequest,
    mut setup: RunSetup,
    quiet: bool,
    run: impl FnOnce(RunSetup) -> F,
) -> Result<u8, CliError> {
    let limits = Arc::clone(&setup.limits);
    let _signals = interrupt_on_signals(&limits);
    let result = AssertUnwindSafe(async {
        let contract = setup.plan.world.contract.clone();
        let fixtures = match create(&mut provisioner, &contract, &limits, quiet).await {
            Ok(fixtures) => fixtures,
            Err(ProvisionError::Interrupted) => return Ok(Outcome::Interrupted.code()),
            Err(error) => return Err(error.into()),
        };
        setup.plan.world = Arc::new(World::new(contract, fixtures));
        run(setup).await
    })
    .catch_unwind()
    .await;
    remove(&mut provisioner, request, quiet).await;
    let code = result.unwrap_or_else(|panic| resume_unwind(panic))?;
    if code == Outcome::Failed.code() && !quiet {
        print_error(
            "The fixtures are removed. To replay findings, create permanent ones with `boundstone provision`, and \
             run with --fixtures.\n",
        );
    }
    Ok(code)
}

pub(crate) async fn main(args: ProvisionArgs) -> Result<u8, CliError> {
    let file = read_config_file()?;
    let target = args.target.or(file.endpoint.target);
    let control = args.control_plane.or(file.control_plane);
    let region = args.region.or(file.endpoint.region);
    let contract = contract(args.contract.or(file.endpoint.contract).as_deref().unwrap_or("page"))?;
    let options = args.connection.or(file.endpoint.connection).into();
    let request = ProvisionRequest::at(target.as_deref(), control.as_deref(), region.as_deref(), &options)?;
    if args.clean {
        return clean(&request.connect().await?, args.dry_run).await;
    }
    let mut provisioner = Provisioner::new(request.connect().await?, label()?);
    let limits = Arc::new(Limits::default());
    let _signals = interrupt_on_signals(&limits);
    match create(&mut provisioner, &contract, &limits, false).await {
        Ok(fixtures) => {
            print(&format!("# Remove them with: {}\n\n{}", request.clean, fixtures::render(&fixtures)));
            Ok(Outcome::Passed.code())
        }
        Err(error) => {
            remove(&mut provisioner, &request, false).await;
            match error {
                ProvisionError::Interrupted => Ok(Outcome::Interrupted.code()),
                error => Err(error.into()),
            }
        }
    }
}

/// Creates fixtures, and prints what it created.
async fn create(
    provisioner: &mut Provisioner,
    contract: &Contract,
    limits: &Limits,
    quiet: bool,
) -> Result<Vec<Fixture>, ProvisionError> {
    if !quiet {
        print_error(&format!("Creating fixtures at {}.\n", line(provisioner.control().place())));
    }
    let stop = || limits.stop() == Some(StopReason::Interrupted);
    let fixtures = provisioner.create(contract, stop).await?;
    if !quiet {
        print_error(&format!(
            "Created {} in {}, run {}.\n",
            counted(fixtures.len() as u64, "fixture"),
            counted(provisioner.applications() as u64, "application"),
            provisioner.label().run()
        ));
    }
    for skipped in provisioner.skipped() {
        print_error(&format!("Skipped: {}\n", line(skipped)));
    }
    Ok(fixtures)
}

/// Removes the fixtures, and prints what was not removed.
async fn remove(provisioner: &mut Provisioner, request: &ProvisionRequest, quiet: bool) {
    let created = provisioner.applications();
    if created > 0 && !quiet {
        print_error("Removing the fixtures.\n");
    }
    let removal = provisioner.remove().await;
    for NotRemoved { what, reason } in &removal.not_removed {
        print_error(&format!("Not removed: {}\n", line(&format!("{what}: {reason}"))));
    }
    // An error that ends everything is the reason of each resource too.
    if let Some(reason) = &removal.not_searched
        && removal.not_removed.iter().all(|left| left.reason != *reason)
    {
        let run = provisioner.label().run();
        print_error(&format!("Not searched for other resources of run {run}: {}\n", line(reason)));
    }
    if !removal.is_complete() {
        print_error(&format!("To remove what is left: {}\n", line(&request.clean)));
    } else if created > 0 && !quiet {
        print_error("All fixtures are removed.\n");
    }
}

/// Removes or lists the resources that earlier runs left.
async fn clean(control: &ControlPlane, dry_run: bool) -> Result<u8, CliError> {
    let found = find_leftovers(control).await.map_err(ProvisionError::from)?;
    if found.leftovers.is_empty() && found.unknown.is_empty() {
        print(&format!("Nothing is left at {}.\n", line(control.place())));
    }
    let mut outcome = Outcome::Passed;
    for NotRemoved { what, reason } in &found.unknown {
        outcome = Outcome::NotTested;
        print_error(&format!("Not checked: {}\n", line(&format!("{what}: {reason}"))));
    }
    for one in &found.leftovers {
        if dry_run {
            print(&format!("Would remove: {}\n", line(&one.to_string())));
            continue;
        }
        match one.remove(control).await {
            Ok(()) => print(&format!("Removed: {}\n", line(&one.to_string()))),
            Err(error) => {
                outcome = Outcome::NotTested;
                print_error(&format!("Not removed: {}\n", line(&format!("{one}: {error}"))));
            }
        }
    }
    Ok(outcome.code())
}

/// Interrupts the run at each signal that would end the process, as long as the tasks live, so that no signal
/// leaves resources behind.
#[cfg(unix)]
fn interrupt_on_signals(limits: &Arc<Limits>) -> JoinSet<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let is_announced = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        // Without a handler, the signal ends the process as usual.
        let Ok(mut signal) = signal(kind) else { continue };
        let (limits, is_announced) = (Arc::clone(limits), Arc::clone(&is_announced));
        tasks.spawn(async move {
            while signal.recv().await.is_some() {
                interrupt(&limits, &is_announced);
            }
        });
    }
    tasks
}

#[cfg(not(unix))]
fn interrupt_on_signals(limits: &Arc<Limits>) -> JoinSet<()> {
    let (limits, is_announced) = (Arc::clone(limits), AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupt(&limits, &is_announced);
        }
    });
    tasks
}

fn interrupt(limits: &Limits, is_announced: &AtomicBool) {
    limits.interrupt();
    print_error(if is_announced.swap(true, Ordering::Relaxed) {
        "Already interrupted: removing the fixtures takes up to two minutes.\n"
    } else {
        "Interrupted: removing the fixtures first.\n"
    });
}

#[cfg(test)]
#[path = "../../../../tests/provision/fake.rs"]
#[allow(dead_code, reason = "shared with the integration tests, which use more of it")]
mod fake;

#[cfg(test)]
mod tests {
    use super::fake::Fake;
    use super::*;
    use crate::client::sign::credentials::access::Access;
    use crate::setup::connection_options::ConnectionOptions;
    use crate::setup::embedded_mock::Embedded;
    use crate::setup::prepare::prepare_for;

    #[tokio::test]
    async fn panic_removes_fixtures() {
        let fake = Fake::start().await;
        let access = Access::new(fake::REGION, Fake::credentials());
        let control = ControlPlane::with(&access, Some(fake.url())).await.unwrap();
        let provisioner = Provisioner::new(control, label().unwrap());
        let options = ConnectionOptions::default();
        let request = ProvisionRequest::at(Some(fake.url().as_str()), None, None, &options).unwrap();
        let mock = Embedded::start(&Contract::page().unwrap()).await.unwrap();
        let setup = prepare_for(crate::setup::config::RunConfig::default(), mock).await.unwrap();
        let run = |setup: RunSetup| async move {
            assert_eq!(setup.plan.world.fixtures.len(), 8);
            if setup.plan.seed == 0 { panic!("as a bug would") } else { Ok(0) }
        };
        let result =
            AssertUnwindSafe(with_fixtures_of(provisioner, &request, setup, true, run)).catch_unwind().await;
        assert_eq!(*result.err().unwrap().downcast::<&str>().unwrap(), "as a bug would");
        assert!(fake.calls().iter().any(|call| call.starts_with("POST /applications")));
        assert_eq!(fake.left(), Vec::<String>::new());
    }
}
