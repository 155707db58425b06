//! `boundstone run`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cases::signing::Scope;
use reports::model::Report;
use reports::render::terminal::Style;
use reports::summary::outcome;

use crate::cli::args::{Color, RunArgs};
use crate::cli::commands::resume::Start;
use crate::cli::commands::{provision, resume};
use crate::cli::config_file::read_config_file;
use crate::cli::error::CliError;
use crate::cli::output::known_failures_draft::Draft;
use crate::cli::output::progress::Sink;
use crate::cli::output::{actions, dry_run, reports_dir};
use crate::cli::terminal::{interrupt_on_ctrl_c, print, print_error, style, warn_of_unverified};
use crate::plan::run_plan::Plan;
use crate::runner::run::run;
use crate::setup::config::{DEFAULT_OUT, RunConfig};
use crate::setup::prepare::{RunSetup, prepare};
use crate::setup::wait::{Wait, Waited};

pub(crate) async fn main(args: RunArgs) -> Result<u8, CliError> {
    let args = args.or(read_config_file()?);
    resume::check(&args)?;
    let provision = provision::ProvisionRequest::new(&args)?;
    let output = Output::new(&args)?;
    if args.dry_run {
        return estimate(args, provision.as_ref()).await;
    }
    let setup = connect(args.config()?, output.quiet).await?;
    if let Some(request) = provision {
        let quiet = output.quiet;
        return provision::with_fixtures(request, setup, quiet, |setup| test(setup, output)).await;
    }
    interrupt_on_ctrl_c(Arc::clone(&setup.limits));
    test(setup, output).await
}

/// The output of a run.
struct Output {
    folder: PathBuf,
    style: Style,
    quiet: bool,
    annotate: bool,
    /// The file of known failures to write.
    draft: Option<Draft>,
    /// Whether the run resumes an earlier one.
    start: Start,
}

impl Output {
    fn new(args: &RunArgs) -> Result<Self, CliError> {
        let draft = args.write_known_failures.clone();
        Ok(Self {
            folder: args.out.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_OUT)),
            style: style(args.color.unwrap_or(Color::Auto)),
            quiet: args.quiet,
            annotate: args.annotate,
            draft: draft.map(|file| Draft::new(file, args.known_failures.as_deref())).transpose()?,
            start: if args.resume { Start::Resumed } else { Start::Fresh },
        })
    }
}

/// Prints the cost of a run. It sends nothing, so it needs no credentials.
async fn estimate(args: RunArgs, provision: Option<&provision::ProvisionRequest>) -> Result<u8, CliError> {
    let mut config = args.config()?;
    let signs = std::mem::take(&mut config.endpoint.sigv4);
    let max_requests = config.max_requests.map(Into::into);
    let mut setup = prepare(config).await?;
    if setup.is_unverified {
        warn_of_unverified();
    }
    if let Some(request) = provision {
        provision::dry_run(request, &mut setup.plan)?;
    }
    if signs {
        setup.plan.route.scope = Some(Scope::default());
    }
    print(&dry_run::text(&setup, max_requests));
    Ok(0)
}

/// Connects to the target and waits until it is up.
async fn connect(config: RunConfig, quiet: bool) -> Result<RunSetup, CliError> {
    let note = |text: &str| {
        if !quiet {
            print_error(text);
        }
    };
    let wait = Wait::of(&config.endpoint);
    let has_rate = config.endpoint.rate.is_some();
    let mut setup = prepare(config).await?;
    if setup.is_unverified {
        warn_of_unverified();
    }
    if let (Some(rate), false) = (setup.rate, has_rate) {
        note(&format!("The target is remote: at most {rate} (--rate changes this).\n"));
    }
    match wait.until_up_or_ctrl_c(&setup.http, &setup.plan.world.contract, note).await {
        Waited::Up => {}
        Waited::TimedOut(time) => setup.plan.waited = Some(time),
        Waited::Interrupted => setup.limits.interrupt(),
    }
    Ok(setup)
}

/// Tests the target, writes the output, and returns the exit code. The caller handles Ctrl-C.
async fn test(setup: RunSetup, output: Output) -> Result<u8, CliError> {
    let folder = &output.folder;
    std::fs::create_dir_all(folder).map_err(|error| CliError::Out { path: folder.clone(), error })?;
    let mut plan = setup.plan;
    resume::open(&mut plan, folder, output.start, output.quiet)?;
    let plan = Arc::new(plan);
    let sink = Sink::new(output.quiet, Arc::clone(&setup.limits), Arc::clone(&plan));
    let transport = Arc::new(setup.transport);
    let report = run(Arc::clone(&plan), transport, setup.limits, |event| sink.on(event)).await;
    write(&report, &plan, output)?;
    Ok(outcome(&report).code())
}

/// Writes and prints the report. It prints the findings even if a file cannot be written.
fn write(report: &Report, plan: &Plan, output: Output) -> Result<(), CliError> {
    let Output { folder, style, quiet, annotate, draft, start: _ } = output;
    let written = reports_dir::write(&folder, report);
    let drafted = draft.map(|draft| draft.write(report)).transpose();
    if quiet {
        print(&format!("{}\n", reports::summary::closing(report)));
    } else {
        print(&reports::render::terminal::render(report, style));
    }
    if annotate {
        actions::annotate(report);
    }
    actions::append_summary(report)?;
    let checkpoint = end_checkpoint(plan, &folder, written.is_ok());
    written?;
    let drafted = drafted?.unwrap_or_default();
    if !quiet {
        print(&reports_dir::summary_line(&folder));
        print(&drafted);
        print(&checkpoint);
    }
    Ok(())
}

/// Ends the checkpoint. Without reports, the run can be resumed.
fn end_checkpoint(plan: &Plan, folder: &Path, has_reports: bool) -> String {
    let Some(checkpoint) = &plan.checkpoint else { return String::new() };
    if !has_reports {
        checkpoint.keep();
    }
    resume::end(checkpoint, folder)
}
