//! `boundstone run`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cases::signing::Scope;
use reports::model::Report;
use reports::render::terminal::Style;

use crate::cli::args::{Color, RunArgs};
use crate::cli::commands::resume::Start;
use crate::cli::commands::{provision, resume};
use crate::cli::config_file::{CONFIG, config};
use crate::cli::output::progress::Sink;
use crate::cli::output::{actions, dry_run, reports_dir};
use crate::cli::{end_with_ctrl_c, print, print_error, warn_of_unverified};
use crate::config::draft::draft;
use crate::config::user_file::{FileError, read_text};
use crate::runner::run::run;
use crate::setup::config::DEFAULT_OUT;
use crate::setup::error::CliError;
use crate::setup::prepare::{Prepared, prepare};
use crate::setup::wait::{Wait, Waited};

pub(crate) async fn main(args: RunArgs) -> Result<u8, CliError> {
    let mut args = args.or(config(Path::new(CONFIG))?);
    let style = style(args.color.unwrap_or(Color::Auto));
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_OUT));
    let annotate = args.annotate;
    let (quiet, rate_is_given) = (args.quiet, args.endpoint.rate.is_some());
    let dry = args.dry_run.then(|| args.clone());
    if dry.is_some() {
        // Where nothing is sent no credentials are needed.
        args.endpoint.sigv4 = false;
    }
    let draft = args
        .write_known_failures
        .clone()
        .map(|file| existing(file, args.known_failures.as_deref()))
        .transpose()?;
    resume::is_possible(&args)?;
    let start = if args.resume { Start::Resumed } else { Start::Anew };
    let provision = provision::Wish::of(&args)?;
    let config = args.config()?;
    let wait = Wait::of(&config.endpoint);
    let mut prepared = prepare(config).await?;
    if prepared.is_unverified {
        warn_of_unverified();
    }
    if let Some(args) = dry {
        if let Some(wish) = &provision {
            provision::pretend(wish, &mut prepared.plan)?;
        }
        if args.endpoint.sigv4 {
            prepared.plan.route.scope = Some(Scope::default());
        }
        print(&dry_run::text(&prepared, &args));
        return Ok(0);
    }
    if let (Some(rate), false) = (prepared.rate, rate_is_given || quiet) {
        print_error(&format!("The target is another machine: at most {rate} (--rate sets another rate).\n"));
    }
    match wait
        .until_up_or_ctrl_c(&prepared.http, &prepared.plan.world.contract, |text| note(text, quiet))
        .await
    {
        Waited::Up => {}
        Waited::InVain(time) => prepared.plan.waited = Some(time),
        Waited::Interrupted => prepared.limits.interrupt(),
    }
    let judge = |prepared| judge(prepared, Output { folder: out, style, quiet, annotate, draft, start });
    if let Some(wish) = provision {
        return provision::around(wish, prepared, quiet, judge).await;
    }
    end_with_ctrl_c(Arc::clone(&prepared.limits));
    judge(prepared).await
}

fn note(text: &str, quiet: bool) {
    if !quiet {
        print_error(text);
    }
}

/// What a run leaves, and where.
struct Output {
    folder: PathBuf,
    style: Style,
    quiet: bool,
    annotate: bool,
    /// The file of known failures to be written, and the text that it begins with.
    draft: Option<(PathBuf, String)>,
    /// How it begins.
    start: Start,
}

/// Judges, writes the reports and gives the exit code. Whoever calls this listens for Ctrl-C.
async fn judge(prepared: Prepared, output: Output) -> Result<u8, CliError> {
    let Output { folder, style, quiet, annotate, draft, start } = output;
    std::fs::create_dir_all(&folder).map_err(|error| CliError::Out { path: folder.clone(), error })?;
    let mut plan = prepared.plan;
    resume::open(&mut plan, &folder, start, quiet)?;
    let plan = Arc::new(plan);
    let sink = Sink::new(quiet, Arc::clone(&prepared.limits), Arc::clone(&plan));
    let transport = Arc::new(prepared.transport);
    let report = run(Arc::clone(&plan), transport, prepared.limits, |event| sink.on(event)).await;
    let written = reports_dir::write(&folder, &report);
    let drafted = draft.map(|(file, existing)| write_known_failures(&file, &existing, &report)).transpose();
    // What was found is told also where it cannot be written.
    if quiet {
        print(&format!("{}\n", reports::summary::closing(&report)));
    } else {
        print(&reports::render::terminal::render(&report, style));
    }
    if annotate {
        actions::annotate(&report);
    }
    actions::summarise(&report)?;
    let journal = plan.journal.as_ref();
    if let (Err(_), Some(journal)) = (&written, journal) {
        journal.cut();
    }
    let kept = journal.map(|journal| resume::end(journal, &folder));
    written?;
    let drafted = drafted?.unwrap_or_default();
    if !quiet {
        print(&reports_dir::written(&folder));
        print(&drafted);
        print(&kept.unwrap_or_default());
    }
    Ok(reports::summary::outcome(&report).code())
}

/// The file of known failures to be written, and the text that it begins with: that of `--known-failures`. A
/// file of somebody else is not written over.
fn existing(file: PathBuf, known: Option<&Path>) -> Result<(PathBuf, String), CliError> {
    let text = match known {
        Some(path) => {
            read_text(path).map_err(|problem| FileError::of_flag("--known-failures", path, problem))?
        }
        None => String::new(),
    };
    if file.exists() && known != Some(file.as_path()) {
        return Err(CliError::KnownFailuresExist { path: file });
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    if folder.is_some_and(|folder| !folder.is_dir()) {
        let error = std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "--write-known-failures makes no folder, and its own is not there",
        );
        return Err(CliError::File { path: file, error });
    }
    Ok((file, text))
}

/// Writes the findings as known failures, and says so in a line.
fn write_known_failures(file: &Path, existing: &str, report: &Report) -> Result<String, CliError> {
    let draft = draft(report, existing);
    // The whole file or none: its entries may be all that somebody has.
    let beside = file.with_extension("toml.new");
    std::fs::write(&beside, &draft.text)
        .and_then(|()| std::fs::rename(&beside, file))
        .map_err(|error| CliError::File { path: file.to_owned(), error })?;
    let entries = match draft.entries {
        0 => "nothing new".to_owned(),
        1 => "1 new entry, which needs a reason".to_owned(),
        n => format!("{n} new entries, each of which needs a reason"),
    };
    Ok(format!("Known failures: {} ({entries})\n", file.display()))
}

pub(crate) fn style(color: Color) -> Style {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
    let narrow = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    // anstream strips the colours where they are not wanted.
    Style { color: true, width: narrow.map_or(100, |(width, _)| usize::from(width.0).clamp(60, 140)) }
}
