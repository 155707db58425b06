//! `boundstone run`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use cases::signing::Scope;
use jiff::Timestamp;
use reports::human::Style;
use reports::report::Report;

use super::args::{Color, RunArgs};
use super::connect::{Connection, duration};
use super::dry_run;
use super::progress::Sink;
use super::rate::Rate;
use super::resume::Start;
use super::target::{Embedded, drift};
use super::wait::{Wait, Waited};
use super::{CliError, actions, again, end_with_ctrl_c, print, print_error, provision, reports_dir, resume};
use crate::clock::Advance;
use crate::estimate;
use crate::in_flight::Concurrency;
use crate::journal::Past;
use crate::known_failures::{self, KnownFailures};
use crate::limits::Limits;
use crate::pattern::Pattern;
use crate::run::{Plan, REPRODUCING, run};
use crate::transport::{Client, Http};
use crate::user_file::{FileError, FileProblem, read_text};

/// The configuration file, looked for in the working folder.
pub(super) const CONFIG: &str = "boundstone.toml";
const DEFAULT_OUT: &str = "target/boundstone";
const DEFAULT_SAMPLES: usize = 16;

pub(super) async fn main(args: RunArgs) -> Result<u8, CliError> {
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
    let wait = Wait::of(&args.endpoint)?;
    let mut prepared = prepare(args).await?;
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
    match wait.until_up_or_ctrl_c(&prepared.http, &prepared.plan.world.contract, quiet).await {
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
        print(&reports::human::render(&report, style));
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
    Ok(reports::exit::outcome(&report).code())
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
    let draft = known_failures::draft(report, existing);
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

/// All that a run needs, resolved from its arguments.
pub struct Prepared {
    /// What to do.
    pub plan: Plan,
    /// Where the requests go.
    pub transport: Client,
    /// The same without any bound.
    pub http: Http,
    /// What bounds the run.
    pub limits: Arc<Limits>,
    /// How many requests may be sent in a time.
    pub rate: Option<Rate>,
    /// The mock, if it is the target; it serves as long as this lives.
    pub mock: Option<Embedded>,
}

/// Resolves the arguments of a run, and starts the mock if no target is named.
pub async fn prepare(args: RunArgs) -> Result<Prepared, CliError> {
    let connection = Connection::open(&args.endpoint, limits(&args)?).await?;
    resolve(args, connection)
}

/// Resolves the arguments of a run against this mock.
pub async fn prepare_for(args: RunArgs, mock: Embedded) -> Result<Prepared, CliError> {
    let connection = Connection::open_to(&args.endpoint, Some(mock), limits(&args)?).await?;
    resolve(args, connection)
}

fn limits(args: &RunArgs) -> Result<Arc<Limits>, CliError> {
    Ok(Arc::new(Limits::new(duration("--budget", args.budget)?, args.max_requests.map(Into::into))))
}

fn resolve(args: RunArgs, connection: Connection) -> Result<Prepared, CliError> {
    let Connection { transport, http, route, target, world, secrets, mock, limits, rate } = connection;
    let catalogue = Catalogue::of(&world.contract);
    let mut selected = select(&catalogue, &world.contract, &args.only, &args.skip)?;
    let (seed, samples) = (args.seed.unwrap_or_default(), args.cases.map_or(DEFAULT_SAMPLES, Into::into));
    if let Some(shard) = args.shard {
        shard.keep(&mut selected, |index| estimate::cost(&catalogue.cases[index], &world, seed, samples));
    }
    let known_failures =
        args.known_failures.as_deref().map(KnownFailures::read).transpose()?.unwrap_or_default();
    let budget = duration("--budget", args.budget)?;
    let out = args.out.unwrap_or_else(|| PathBuf::from(DEFAULT_OUT));
    let plan = Plan {
        drift: drift(args.endpoint.contract(), &world.contract, &catalogue)?,
        known_failures,
        max_failures: args.max_failures,
        waited: None,
        world,
        catalogue,
        selected,
        seed,
        samples,
        concurrency: args
            .concurrency
            .map_or(Concurrency::Adaptive, |number| Concurrency::Fixed(number.get())),
        between_requests: rate.map(Rate::interval),
        http2_only: args.endpoint.wire.is_http2_only(),
        strict: args.strict,
        target,
        reach: again::reach(&args.endpoint),
        replay: again::replay(&out),
        route,
        secrets,
        clock: mock.as_ref().map(advance),
        patience: budget,
        reproducing: REPRODUCING,
        past: Past::default(),
        journal: None,
        started_at: Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string(),
    };
    Ok(Prepared { plan, transport, http, limits, rate, mock })
}

/// Sets the clock of a mock forward.
pub fn advance(mock: &Embedded) -> Advance {
    let clock = mock.clock().clone();
    Arc::new(move |time| clock.advance(time))
}

/// The file's arguments, or none if there is no file.
pub(super) fn config(path: &Path) -> Result<RunArgs, CliError> {
    match read_text(path) {
        Ok(text) => {
            RunArgs::from_toml(&text).map_err(|problem| CliError::Config { path: path.to_owned(), problem })
        }
        Err(FileProblem::Missing) => Ok(RunArgs::default()),
        Err(problem) => Err(FileError { name: path.display().to_string(), problem, remedy: None }.into()),
    }
}

/// Which cases run.
pub(crate) fn select(
    catalogue: &Catalogue,
    contract: &Contract,
    only: &[String],
    skip: &[String],
) -> Result<Vec<bool>, CliError> {
    let ids: Vec<&str> = catalogue.cases.iter().map(|case| case.id.as_str()).collect();
    let patterns = |flag: &'static str, given: &[String]| {
        given
            .iter()
            .map(|text| {
                let pattern = Pattern::new(text, ids.iter().copied());
                if ids.iter().any(|id| pattern.matches(id)) {
                    Ok(pattern)
                } else {
                    Err(CliError::Pattern { flag, pattern: text.clone(), contract: contract.name.clone() })
                }
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let only = patterns("--only", only)?;
    let skip = patterns("--skip", skip)?;
    let any = |patterns: &[Pattern], id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let selected: Vec<bool> =
        ids.iter().map(|id| (only.is_empty() || any(&only, id)) && !any(&skip, id)).collect();
    if selected.contains(&true) { Ok(selected) } else { Err(CliError::NothingSelected) }
}

pub(super) fn style(color: Color) -> Style {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(only: &[&str], skip: &[&str]) -> Result<usize, String> {
        let contract = Contract::page().unwrap();
        let catalogue = Catalogue::of(&contract);
        let owned = |list: &[&str]| -> Vec<String> { list.iter().map(|text| (*text).to_owned()).collect() };
        select(&catalogue, &contract, &owned(only), &owned(skip))
            .map(|selected| selected.into_iter().filter(|selected| *selected).count())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn patterns_select_cases() {
        assert_eq!(selected(&["*/application-identifier/required/*"], &[]), Ok(4));
        assert_eq!(selected(&["application-identifier/required"], &["*/null"]), Ok(3));
        assert!(selected(&["nowhere"], &[]).unwrap_err().starts_with("--only nowhere: matches no case"));
        assert_eq!(
            selected(&["required"], &["required"]).unwrap_err(),
            "--only and --skip leave no case to run"
        );
    }
}
