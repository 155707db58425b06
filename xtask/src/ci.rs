//! `cargo xtask ci`: every check in order, each with its name and duration.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Args as ClapArgs, ValueEnum};
use duct::Handle;

use crate::workspace;

/// The arguments of `cargo xtask ci`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Leave a step out; may be given several times
    #[arg(long, value_name = "NAME")]
    skip: Vec<Step>,
}

/// A step of the checks. The order of the variants is the order of the run: what fails fastest
/// comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    Fmt,
    Clippy,
    Doc,
    Test,
    TestXtask,
    Tidy,
    Deny,
    Readers,
    Soak,
    RealTime,
    Mutants,
    Browser,
    Workflows,
    Ministack,
    Prism,
    Boto3,
}

impl Step {
    /// The arguments of the cargo command that is this step.
    fn cargo_arguments(self) -> &'static [&'static str] {
        match self {
            Step::Fmt => &["fmt", "--all", "--check"],
            Step::Clippy => &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"],
            Step::Doc => &["doc", "--workspace", "--no-deps"],
            // The command of the README: every crate but this one.
            Step::Test => &["test"],
            Step::TestXtask => &["test", "--profile", "tool", "--package", "xtask"],
            Step::Tidy => &["xtask", "tidy"],
            Step::Deny => &["xtask", "deny"],
            Step::Readers => &["xtask", "readers"],
            Step::Soak => &["xtask", "soak", "--minutes", "0.5"],
            // Both contracts for each take twice as long: run them after a change to mutants or cases.
            Step::Mutants => &["xtask", "mutants", "--jobs", "2", "--seeds", "1", "--one-contract"],
            // One target that enforces its interval, waited for as a user would.
            Step::RealTime => {
                &["xtask", "mutants", "--only", "interval-enforced-16", "--seeds", "1", "--real-time"]
            }
            Step::Browser => &["xtask", "browser"],
            Step::Workflows => &["xtask", "workflows"],
            Step::Ministack => &["xtask", "emulators", "ministack"],
            Step::Prism => &["xtask", "emulators", "prism"],
            Step::Boto3 => &["xtask", "emulators", "boto3"],
        }
    }

    /// Whether it computes so little that the next one may run meanwhile.
    fn waits(self) -> bool {
        self == Step::RealTime
    }
}

/// The steps that are left when `skip` is left out.
fn plan(skip: &[Step]) -> Vec<Step> {
    Step::value_variants().iter().copied().filter(|step| !skip.contains(step)).collect()
}

/// A step that was started.
struct Running {
    command: String,
    start: Instant,
    handle: Handle,
}

impl Running {
    fn start(step: Step) -> Result<Self> {
        let arguments = step.cargo_arguments();
        let command = format!("cargo {}", arguments.join(" "));
        println!("\n── {command}");
        let start = Instant::now();
        let expression = workspace::cargo(arguments.iter().copied()).env("RUSTDOCFLAGS", "--deny warnings");
        let handle = expression.start().with_context(|| format!("the step `{command}` does not start"))?;
        Ok(Self { command, start, handle })
    }

    fn finish(&self) -> Result<()> {
        let Self { command, start, handle } = self;
        handle.wait().with_context(|| format!("the step `{command}` failed"))?;
        println!("── {command}: ok, {:.1} s", start.elapsed().as_secs_f64());
        Ok(())
    }
}

impl Drop for Running {
    /// Ends what still runs where another step failed.
    fn drop(&mut self) {
        // What has ended cannot be ended, which is all the same here.
        let _ended = self.handle.kill();
    }
}

/// Runs the steps and stops at the first that fails. A step that waits goes on while the next one runs.
pub(crate) fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let mut waiting: Option<Running> = None;
    for step in plan(&args.skip) {
        let running = Running::start(step)?;
        if step.waits() {
            waiting = Some(running);
            continue;
        }
        running.finish()?;
        if let Some(waited) = waiting.take() {
            waited.finish()?;
        }
    }
    if let Some(waited) = waiting {
        waited.finish()?;
    }
    println!("\nall steps passed, {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_steps_leave_the_order_of_the_others() {
        assert_eq!(
            plan(&[Step::Test, Step::TestXtask, Step::Mutants]),
            [
                Step::Fmt,
                Step::Clippy,
                Step::Doc,
                Step::Tidy,
                Step::Deny,
                Step::Readers,
                Step::Soak,
                Step::RealTime,
                Step::Browser,
                Step::Workflows,
                Step::Ministack,
                Step::Prism,
                Step::Boto3
            ]
        );
    }

    #[test]
    fn nothing_is_left_out_unasked() {
        assert_eq!(plan(&[]), Step::value_variants());
    }
}
