//! Shows the progress of a run on standard error.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reports::model::Event;
use reports::render::terminal::{Progress, changes};
use textwrap::core::display_width;

use crate::cli::terminal::print_error;
use crate::limits::Limits;
use crate::plan::estimate::Estimate;
use crate::plan::run_plan::Plan;

/// The time between two updates of the line on a terminal.
const FRAME: Duration = Duration::from_millis(100);

/// The time between two lines in a log: long enough for short logs, and short enough to show that the run
/// does not hang.
const LOG_INTERVAL: Duration = Duration::from_secs(20);

/// The duration of a run before its cost is estimated: the estimate generates every sample once.
const ESTIMATE_AFTER: Duration = Duration::from_secs(1);

/// The columns of a line in a log.
const LOG_WIDTH: usize = 120;

const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// The columns of `^C`, which a terminal echoes after the line.
const ECHO: usize = 2;

/// The columns that the line leaves free: for the spinner, for the echo after the line or after the spaces
/// that erase it, and one more, since some terminals wrap a full line.
const FREE: usize = 2 + 2 * ECHO + 1;

/// The output of events.
pub(crate) enum Sink {
    /// No output.
    Quiet,
    /// One line on a terminal, which is overwritten.
    Line(Arc<Mutex<State>>),
    /// A few lines in a log.
    Lines(Arc<Mutex<State>>),
}

/// The progress of the run, and the state of the line.
pub(crate) struct State {
    progress: Progress,
    limits: Arc<Limits>,
    start: Instant,
    /// The columns of the current line.
    drawn: usize,
    ended: bool,
}

impl Sink {
    /// A sink for standard error.
    pub(crate) fn new(quiet: bool, limits: Arc<Limits>, plan: Arc<Plan>) -> Self {
        if quiet {
            return Self::Quiet;
        }
        let progress = Progress::default();
        let state = State { progress, limits, start: Instant::now(), drawn: 0, ended: false };
        let state = Arc::new(Mutex::new(state));
        tokio::spawn(estimate(Arc::clone(&state), plan));
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stderr().is_terminal() && !is_dumb {
            tokio::spawn(draw(Arc::clone(&state)));
            Self::Line(state)
        } else {
            tokio::spawn(log(Arc::clone(&state)));
            Self::Lines(state)
        }
    }

    /// Shows an event.
    pub(crate) fn on(&self, event: &Event) {
        match self {
            Self::Quiet => {}
            Self::Lines(state) => {
                let mut state = lock(state);
                state.progress.on(event);
                state.ended = matches!(event, Event::RunFinished { .. });
                if let Some(line) = state.progress.plain(event) {
                    print_error(&format!("{line}\n"));
                }
            }
            Self::Line(state) => {
                let mut state = lock(state);
                state.progress.on(event);
                match event {
                    Event::RunFinished { .. } => {
                        state.erase();
                        state.ended = true;
                    }
                    Event::RunStarted { contract, contract_changes: Some(found), .. } => {
                        state.erase();
                        print_error(&changes(&contract.name, found));
                    }
                    _ => {}
                }
            }
        }
    }
}

impl State {
    fn line(&self, width: usize) -> String {
        self.progress.line(self.start.elapsed(), self.limits.requests(), width)
    }

    /// Overwrites the line in one write and without erasing it first, to avoid flicker.
    fn draw(&mut self, spinner: char) {
        let width = terminal_size::terminal_size_of(std::io::stderr());
        let width = width.map_or(80, |(width, _)| usize::from(width.0));
        let line = self.line(width.saturating_sub(FREE));
        let text = if line.is_empty() { line } else { format!("{spinner} {line}") };
        let columns = display_width(&text);
        if columns + self.drawn > 0 {
            let rest = (self.drawn + ECHO).saturating_sub(columns);
            print_error(&format!("\r{text}{:rest$}", ""));
        }
        self.drawn = columns;
    }

    /// Erases the line.
    fn erase(&mut self) {
        if self.drawn > 0 {
            print_error(&format!("\r{:1$}\r", "", self.drawn + ECHO));
        }
        self.drawn = 0;
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Estimates the number of requests, unless the run is short.
async fn estimate(state: Arc<Mutex<State>>, plan: Arc<Plan>) {
    tokio::time::sleep(ESTIMATE_AFTER).await;
    if lock(&state).ended {
        return;
    }
    let estimate = tokio::task::spawn_blocking(move || Estimate::of(&plan)).await;
    let mut state = lock(&state);
    if let Ok(estimate) = estimate {
        let max = state.limits.remaining_requests().map_or(u64::MAX, |left| state.limits.requests() + left);
        state.progress.expects(estimate.requests.min(max));
    }
}

/// Updates the line until the run ends.
async fn draw(state: Arc<Mutex<State>>) {
    let mut frames = tokio::time::interval(FRAME);
    for spinner in SPINNER.into_iter().cycle() {
        frames.tick().await;
        let mut state = lock(&state);
        if state.ended {
            return;
        }
        state.draw(spinner);
    }
}

/// Logs the progress at intervals until the run ends.
async fn log(state: Arc<Mutex<State>>) {
    let mut interval = tokio::time::interval(LOG_INTERVAL);
    // The first tick is immediate.
    interval.tick().await;
    loop {
        interval.tick().await;
        let state = lock(&state);
        if state.ended {
            return;
        }
        print_error(&format!("{}\n", state.line(LOG_WIDTH)));
    }
}
