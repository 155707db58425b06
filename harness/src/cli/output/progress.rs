//! Shows the events of a run while it goes on, on standard error.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reports::model::Event;
use reports::render::terminal::{Progress, changes};
use textwrap::core::display_width;

use crate::cli::print_error;
use crate::limits::Limits;
use crate::plan::estimate::Estimate;
use crate::plan::plan::Plan;

/// How often a line is drawn anew.
const FRAME: Duration = Duration::from_millis(100);

/// How often a run says where it is, if no line can be written over: seldom enough for a log, and often
/// enough for those who take silence for a hang.
const BEAT: Duration = Duration::from_secs(20);

/// How long a run takes before it is worth to know how long it will: the estimate makes every sample once.
const SHORT: Duration = Duration::from_secs(1);

/// The columns of a line in a log.
const WIDTH: usize = 120;

const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// The columns of `^C`, which a terminal shows behind the line when it is typed.
const TYPED: usize = 2;

/// The columns that the state of a run leaves free: of the spinner, of what is typed behind the line or
/// behind what wipes it out, and one more, since some terminals go on to the next line if one is full.
const FREE: usize = 2 + 2 * TYPED + 1;

/// Where the events go: nowhere, to a terminal, or to a log.
pub(crate) enum Sink {
    /// Nowhere.
    Quiet,
    /// A line that is written over, on a terminal.
    Line(Arc<Mutex<State>>),
    /// A few lines, elsewhere.
    Lines(Arc<Mutex<State>>),
}

/// What is known of the run, and what is shown of it.
pub(crate) struct State {
    progress: Progress,
    limits: Arc<Limits>,
    start: Instant,
    /// The columns that are written over next time.
    drawn: usize,
    ended: bool,
}

impl Sink {
    /// The sink for this process's standard error and a run of this plan within these limits.
    pub(crate) fn new(quiet: bool, limits: Arc<Limits>, plan: Arc<Plan>) -> Self {
        if quiet {
            return Self::Quiet;
        }
        let progress = Progress::default();
        let state = State { progress, limits, start: Instant::now(), drawn: 0, ended: false };
        let state = Arc::new(Mutex::new(state));
        tokio::spawn(expect(Arc::clone(&state), plan));
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if std::io::stderr().is_terminal() && !is_dumb {
            tokio::spawn(draw(Arc::clone(&state)));
            Self::Line(state)
        } else {
            tokio::spawn(beat(Arc::clone(&state)));
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
                        state.wipe();
                        state.ended = true;
                    }
                    Event::RunStarted { contract, contract_changes: Some(drift), .. } => {
                        state.wipe();
                        print_error(&changes(&contract.name, drift));
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

    /// Writes over what was drawn, in one piece and without clearing it first, so that nothing flickers.
    fn draw(&mut self, spinner: char) {
        let width = terminal_size::terminal_size_of(std::io::stderr());
        let width = width.map_or(80, |(width, _)| usize::from(width.0));
        let line = self.line(width.saturating_sub(FREE));
        let text = if line.is_empty() { line } else { format!("{spinner} {line}") };
        let columns = display_width(&text);
        if columns + self.drawn > 0 {
            let rest = (self.drawn + TYPED).saturating_sub(columns);
            print_error(&format!("\r{text}{:rest$}", ""));
        }
        self.drawn = columns;
    }

    /// Leaves an empty line.
    fn wipe(&mut self) {
        if self.drawn > 0 {
            print_error(&format!("\r{:1$}\r", "", self.drawn + TYPED));
        }
        self.drawn = 0;
    }
}

fn lock(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Finds out how many requests there will be, if the run is not over soon.
async fn expect(state: Arc<Mutex<State>>, plan: Arc<Plan>) {
    tokio::time::sleep(SHORT).await;
    if lock(&state).ended {
        return;
    }
    let estimate = tokio::task::spawn_blocking(move || Estimate::of(&plan)).await;
    let mut state = lock(&state);
    if let Ok(estimate) = estimate {
        let most = state.limits.left().map_or(u64::MAX, |left| state.limits.requests() + left);
        state.progress.expects(estimate.requests.min(most));
    }
}

/// Draws the line until the run is over.
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

/// Says now and then where the run is, until it is over.
async fn beat(state: Arc<Mutex<State>>) {
    let mut beats = tokio::time::interval(BEAT);
    // The first one comes at once.
    beats.tick().await;
    loop {
        beats.tick().await;
        let state = lock(&state);
        if state.ended {
            return;
        }
        print_error(&format!("{}\n", state.line(WIDTH)));
    }
}
