//! Shows the events of a run while it goes on, on standard error.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};
use reports::event::Event;
use reports::progress::{Progress, changes, plain};

use super::print_error;

/// Where the events go.
pub(super) enum Sink {
    /// Nowhere.
    Quiet,
    /// A line that is written over, on a terminal.
    Line(Mutex<State>),
    /// A few lines, elsewhere.
    Lines,
}

pub(super) struct State {
    progress: Progress,
    start: Instant,
    bar: ProgressBar,
}

impl Sink {
    /// The sink for this process's standard error.
    pub(super) fn new(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if std::io::stderr().is_terminal() {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = indicatif::ProgressStyle::with_template("{spinner} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            Self::Line(Mutex::new(State { progress: Progress::default(), start: Instant::now(), bar }))
        } else {
            Self::Lines
        }
    }

    /// Shows an event.
    pub(super) fn on(&self, event: &Event) {
        match self {
            Self::Quiet => {}
            Self::Lines => {
                if let Some(line) = plain(event) {
                    print_error(&format!("{line}\n"));
                }
            }
            Self::Line(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                if let Event::RunFinished { .. } = event {
                    state.bar.finish_and_clear();
                    return;
                }
                if let Event::RunStarted { contract, drift: Some(drift), .. } = event {
                    state.bar.suspend(|| print_error(&changes(&contract.name, drift)));
                }
                state.progress.on(event);
                state.bar.set_message(state.progress.line(state.start.elapsed()));
            }
        }
    }
}
