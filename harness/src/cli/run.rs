//! `boundstone run`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use jiff::Timestamp;
use reports::human::Style;
use wildmatch::WildMatch;

use super::args::{Color, RunArgs};
use super::connect::{Connection, duration};
use super::progress::Sink;
use super::target::Embedded;
use super::wire::HttpVersion;
use super::{CliError, print, reports_dir};
use crate::limits::Limits;
use crate::play::Advance;
use crate::run::{Plan, run};
use crate::transport::{Http, Patient};

/// The configuration file, looked for in the working folder.
const CONFIG: &str = "boundstone.toml";
const DEFAULT_OUT: &str = "target/boundstone";
const DEFAULT_SAMPLES: usize = 16;
const DEFAULT_CONCURRENCY: usize = 16;

pub(super) async fn main(args: RunArgs) -> Result<u8, CliError> {
    let args = args.or(config(Path::new(CONFIG))?);
    let style = style(args.color.unwrap_or(Color::Auto));
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_OUT));
    let quiet = args.quiet;
    let prepared = prepare(args).await?;

    let limits = Arc::clone(&prepared.limits);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            limits.interrupt();
        }
    });
    let sink = Sink::new(quiet);
    let report =
        run(Arc::new(prepared.plan), Arc::new(prepared.transport), prepared.limits, |event| sink.on(event))
            .await;
    reports_dir::write(&out, &report)?;
    if quiet {
        print(&format!("{}\n", reports::summary::closing(&report)));
    } else {
        print(&reports::human::render(&report, style));
        let files = ["report.html", "report.md", "report.json", "junit.xml"].join(", ");
        print(&format!("Reports: {}/ ({files})\n", out.display()));
    }
    Ok(reports::exit::outcome(&report).code())
}

/// All that a run needs, resolved from its arguments.
pub struct Prepared {
    /// What to do.
    pub plan: Plan,
    /// Where the requests go.
    pub transport: Patient<Http>,
    /// What bounds the run.
    pub limits: Arc<Limits>,
    /// The mock, if it is the target; it serves as long as this lives.
    pub mock: Option<Embedded>,
}

/// Resolves the arguments of a run, and starts the mock if no target is named.
pub async fn prepare(args: RunArgs) -> Result<Prepared, CliError> {
    let connection = Connection::open(&args.endpoint).await?;
    resolve(args, connection)
}

/// Resolves the arguments of a run against this mock.
pub fn prepare_for(args: RunArgs, mock: Embedded) -> Result<Prepared, CliError> {
    let connection = Connection::open_to(&args.endpoint, Some(mock))?;
    resolve(args, connection)
}

fn resolve(args: RunArgs, connection: Connection) -> Result<Prepared, CliError> {
    let start = Instant::now();
    let Connection { transport, base_url, target, world, secrets, mock } = connection;
    let catalogue = Catalogue::of(&world.contract);
    let selected = select(&catalogue, &world.contract, &args)?;
    let budget = duration("--budget", args.budget)?;
    let out = args.out.unwrap_or_else(|| PathBuf::from(DEFAULT_OUT));
    let plan = Plan {
        world,
        catalogue,
        selected,
        seed: args.seed.unwrap_or_default(),
        samples: args.cases.map_or(DEFAULT_SAMPLES, Into::into),
        concurrency: args.concurrency.map_or(DEFAULT_CONCURRENCY, Into::into),
        http2_only: args.endpoint.wire.http == Some(HttpVersion::Http2),
        strict: args.strict,
        target,
        base_url,
        replay: format!("{} replay {}", program(), out.join("report.json").display()),
        secrets,
        clock: mock.as_ref().map(advance),
        patience: budget,
        started_at: Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string(),
    };
    let limits = Limits::new(budget.map(|budget| start + budget), args.max_requests.map(Into::into));
    Ok(Prepared { plan, transport, limits: Arc::new(limits), mock })
}

/// Sets the clock of a mock forward.
pub fn advance(mock: &Embedded) -> Advance {
    let clock = mock.clock().clone();
    Arc::new(move |time| clock.advance(time))
}

/// The file's arguments, or none if there is no file.
fn config(path: &Path) -> Result<RunArgs, CliError> {
    let problem = |problem: String| CliError::Config { path: path.to_owned(), problem };
    match std::fs::read_to_string(path) {
        Ok(text) => RunArgs::from_toml(&text).map_err(problem),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(RunArgs::default()),
        Err(error) => Err(problem(error.to_string())),
    }
}

/// Which cases run.
fn select(catalogue: &Catalogue, contract: &Contract, args: &RunArgs) -> Result<Vec<bool>, CliError> {
    let ids: Vec<&str> = catalogue.cases.iter().map(|case| case.id.as_str()).collect();
    let patterns = |flag: &'static str, given: &[String]| {
        given
            .iter()
            .map(|text| {
                // Without a wildcard a pattern is a part of the id.
                let wild = text.contains(['*', '?']);
                let pattern = WildMatch::new(&if wild { text.clone() } else { format!("*{text}*") });
                if ids.iter().any(|id| pattern.matches(id)) {
                    Ok(pattern)
                } else {
                    Err(CliError::Pattern { flag, pattern: text.clone(), contract: contract.name.clone() })
                }
            })
            .collect::<Result<Vec<_>, _>>()
    };
    let only = patterns("--only", &args.only)?;
    let skip = patterns("--skip", &args.skip)?;
    let any = |patterns: &[WildMatch], id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    let selected: Vec<bool> =
        ids.iter().map(|id| (only.is_empty() || any(&only, id)) && !any(&skip, id)).collect();
    if selected.contains(&true) { Ok(selected) } else { Err(CliError::NothingSelected) }
}

/// How the user called boundstone, as far as it can be typed again from the same folder.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    let relative = Path::new(&called).is_relative() && called.contains('/');
    if relative { called } else { "boundstone".to_owned() }
}

fn style(color: Color) -> Style {
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
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        let args = RunArgs { only: owned(only), skip: owned(skip), ..RunArgs::default() };
        select(&catalogue, &contract, &args)
            .map(|selected| selected.into_iter().filter(|selected| *selected).count())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn patterns_select_cases() {
        assert_eq!(selected(&["*/application-identifier/required/*"], &[]), Ok(2));
        assert_eq!(selected(&["application-identifier/required"], &["*/null"]), Ok(1));
        assert!(selected(&["nowhere"], &[]).unwrap_err().starts_with("--only nowhere: matches no case"));
        assert_eq!(
            selected(&["required"], &["required"]).unwrap_err(),
            "--only and --skip leave no case to run"
        );
    }
}
