//! What a run shows on a terminal, and where there is none.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::process::Stdio;

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use crate::support::{self, folder, output, report};

/// Takes about three seconds.
const RUN: [&str; 5] = ["run", "--rate", "250/s", "--only", "application-identifier/length"];

/// What was written, and what the screen showed after each piece of it.
struct Shown {
    code: Option<i32>,
    bytes: Vec<u8>,
    screens: Vec<Vec<String>>,
    wrapped: bool,
}

impl Shown {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether something sets a colour or another attribute of characters.
    fn has_colour(&self) -> bool {
        has_colour(&self.text())
    }

    fn last(&self) -> String {
        self.screens.last().map(|screen| screen.concat()).unwrap_or_default()
    }
}

fn has_colour(text: &str) -> bool {
    let mut sequences = text.split("\u{1b}[").skip(1);
    sequences.any(|it| it.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

/// The names of the environment that say how a terminal is written to.
const NAMES: [&str; 5] = ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "COLORTERM"];

fn boundstone(name: &str, arguments: &[&str]) -> Command {
    let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("BOUNDSTONE_"));
    ours.chain(NAMES.map(str::to_owned))
        .fold(Command::new(env!("CARGO_BIN_EXE_boundstone")), Command::env_remove)
        .env("TERM", "xterm-256color")
        .current_dir(folder(&format!("terminal/{name}")))
        .args(arguments)
}

/// Runs on a terminal of so many columns, and types when something is shown that `types` responds to.
fn shown(command: Command, columns: u16, types: impl Fn(&str) -> Option<&'static [u8]>) -> Shown {
    const ROWS: u16 = 50;
    let size = |n| NonZeroU16::new(n).unwrap();
    let (mut pty, pts): (Pty, _) = open().unwrap();
    pty.resize(Size::new(ROWS, columns)).unwrap();
    let mut child = command.spawn(pts).unwrap();
    let mut parser = vt100::Parser::new(size(ROWS), size(columns), 0);
    let mut shown = Shown { code: None, bytes: Vec::new(), screens: Vec::new(), wrapped: false };
    let mut buffer = [0; 4096];
    let mut typed = false;
    // The end of a terminal's last process is an error to its reader.
    while let Ok(length @ 1..) = pty.read(&mut buffer) {
        parser.process(&buffer[..length]);
        shown.bytes.extend(&buffer[..length]);
        let screen = parser.screen();
        shown.wrapped |= (0..ROWS).any(|row| screen.row_wrapped(row));
        shown.screens.push(screen.rows(0, columns).map(|row| row.trim_end().to_owned()).collect());
        if let (false, Some(keys)) = (typed, types(&screen.contents())) {
            pty.write_all(keys).unwrap();
            typed = true;
        }
    }
    shown.code = child.wait().unwrap().code();
    shown
}

fn untouched(_: &str) -> Option<&'static [u8]> {
    None
}

#[test]
fn progress_is_one_line_that_fits_and_goes() {
    for columns in [200, 80, 20, 5] {
        let name = format!("columns-{columns}");
        let shown = shown(boundstone(&name, &RUN).stdout(Stdio::null()), columns, untouched);
        assert_eq!(shown.code, Some(0), "{}", shown.text());
        assert!(!shown.wrapped, "{columns}: {}", shown.text());
        for screen in &shown.screens {
            assert!(screen[1..].iter().all(String::is_empty), "{columns}: {screen:?}");
        }
        assert_eq!(shown.last(), "", "{columns}");
        let says = |what: &str| shown.screens.iter().flatten().any(|row| row.contains(what));
        assert_eq!(says(" of 20 cases"), columns >= 20, "{columns}: {}", shown.text());
        assert_eq!(says("about ") && says("/s"), columns >= 80, "{columns}");
        assert_eq!(says("application-identifier/length/"), columns >= 200, "{columns}");
    }
}

#[test]
fn colour_is_as_the_environment_and_the_flag_say() {
    let run = ["run", "--only", "application-identifier/length"];
    let shows = |name: &str, more: &[&str], variable: Option<(&str, &str)>| {
        let command = boundstone(name, &[&run[..], more].concat());
        let command = variable.into_iter().fold(command, |command, (name, value)| command.env(name, value));
        let shown = shown(command, 80, untouched);
        assert!(shown.text().contains("Passed: "), "{}", shown.text());
        shown
    };
    assert!(shows("plain", &[], None).has_colour());
    assert!(!shows("no-color", &[], Some(("NO_COLOR", "1"))).has_colour());
    assert!(!shows("never", &["--color", "never"], None).has_colour());
    assert!(shows("always", &["--color", "always"], Some(("NO_COLOR", "1"))).has_colour());
    let dumb = shows("dumb", &[], Some(("TERM", "dumb")));
    assert!(!dumb.bytes.contains(&0x1b), "{}", dumb.text());
    assert!(dumb.text().starts_with("Testing the mock"), "{}", dumb.text());
}

#[test]
fn where_there_is_no_terminal_nothing_controls_one() {
    let run = |name: &str, quiet: &[&str], forced: bool| {
        let arguments = [&["run", "--only", "application-identifier/length"], quiet].concat();
        let mut command = support::boundstone(&folder(&format!("terminal/{name}")), &arguments);
        NAMES.iter().fold(&mut command, |command, name| command.env_remove(name));
        if forced {
            command.env("CLICOLOR_FORCE", "1");
        }
        let (_, stdout, stderr) = output(&mut command);
        [stdout, stderr]
    };
    let [stdout, stderr] = run("pipe", &[], false);
    assert!(!stdout.contains(['\u{1b}', '\r']) && !stderr.contains(['\u{1b}', '\r']), "{stdout}{stderr}");
    assert_eq!(stderr, "Testing the mock against the contract page: 20 cases, seed 0.\n");
    assert!(has_colour(&run("forced", &[], true)[0]));
    let [stdout, stderr] = run("quiet", &["--quiet"], false);
    assert!(
        stdout.starts_with("Passed: ") && stdout.lines().count() == 1 && stderr.is_empty(),
        "{stdout}{stderr}"
    );
}

#[test]
fn ctrl_c_clears_the_line_and_reports_what_was_done() {
    let mut arguments = RUN;
    arguments[2] = "20/s";
    let folder = folder("terminal/interrupted");
    let command = boundstone("interrupted", &arguments).current_dir(&folder);
    let shown = shown(command, 80, |screen| screen.contains("/s").then_some(b"\x03"));
    assert_eq!(shown.code, Some(130), "{}", shown.text());
    let last = shown.last();
    assert!(last.contains("Interrupted: ") && !last.contains(" left, "), "{last}");
    let report = report(&folder.join("target/boundstone"));
    assert!(matches!(report.ending, reports::model::Ending::Interrupted { .. }));
}
