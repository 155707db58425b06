//! Standard output, standard error, color, and Ctrl-C.

use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;

use reports::render::terminal::Style;

use crate::cli::args::Color;
use crate::limits::Limits;

/// Writes to standard output. A closed output is no error.
pub(crate) fn print(text: &str) {
    let _closed = anstream::stdout().write_all(text.as_bytes());
}

/// Writes to standard error. A closed output is no error.
pub(crate) fn print_error(text: &str) {
    let _closed = anstream::stderr().write_all(text.as_bytes());
}

/// Warns that the certificate of the server is not verified.
pub(crate) fn warn_of_unverified() {
    print_error("warning: --insecure: the server's certificate is not verified; any server may respond\n");
}

/// Interrupts a run at each Ctrl-C.
pub(crate) fn interrupt_on_ctrl_c(limits: Arc<Limits>) {
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            limits.interrupt();
        }
    });
}

/// Turns color on or off for the whole process, and returns the style of reports.
pub(crate) fn style(color: Color) -> Style {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
    let size = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    // anstream removes the colors that are not wanted.
    Style { color: true, width: size.map_or(100, |(width, _)| usize::from(width.0).clamp(60, 140)) }
}
