//! `cargo xtask ci` runs all checks in order, and prints the name and the duration of each.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::{Args as ClapArgs, ValueEnum};
use duct::Handle;

use crate::support::workspace;

/// The arguments of `cargo xtask ci`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Skip a step; repeat the flag to skip several
    #[arg(long, value_name = "NAME")]
    skip: Vec<Step>,
}

/// A step. The steps run in the order of the variants: first those that fail fast.
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
    Dist,
}

impl Step {
    /// The arguments of cargo that run this step.
    fn cargo_arguments(self) -> &'static [&'static str] {
        match self {
            Step::Fmt => &["fmt", "--all", "--check"],
            Step::Clippy => &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"],
            Step::Doc => &["doc", "--workspace", "--no-deps"],
            // Every crate except this one, as the README says.
            Step::Test => &["test"],
            Step::TestXtask => &["test", "--profile", "tool", "--package", "xtask"],
            Step::Tidy => &["xtask", "tidy"],
            Step::Deny => &["xtask", "deny"],
            Step::Readers => &["xtask", "readers"],
            Step::Soak => &["xtask", "soak", "--minutes", "0.5"],
            // Both contracts take twice as long: run them after a change to mutants or cases.
            Step::Mutants => &["xtask", "mutants", "--jobs", "2", "--seeds", "1", "--one-contract"],
            // A target that enforces its poll interval, in real time.
            Step::RealTime => {
                &["xtask", "mutants", "--only", "interval-enforced-16", "--seeds", "1", "--real-time"]
            }
            Step::Browser => &["xtask", "browser"],
            Step::Workflows => &["xtask", "workflows"],
            Step::Ministack => &["xtask", "emulators", "ministack"],
            Step::Prism => &["xtask", "emulators", "prism"],
            Step::Boto3 => &["xtask", "emulators", "boto3"],
            // With the profile `tool`. A release uses `--optimized`, which builds everything again.
            Step::Dist => &["xtask", "dist"],
        }
    }

    /// Whether it computes so little that the next step may run at the same time.
    fn mostly_waits(self) -> bool {
        self == Step::RealTime
    }
}

/// All steps except those in `skip`.
fn plan(skip: &[Step]) -> Vec<Step> {
    Step::value_variants().iter().copied().filter(|step| !skip.contains(step)).collect()
}

/// A step that has started.
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
        let handle = expression.start().with_context(|| format!("cannot start the step `{command}`"))?;
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
    /// Ends the step if it still runs after another one failed.
    fn drop(&mut self) {
        // This fails if the step has ended, which is fine.
        let _ended = self.handle.kill();
    }
}

/// Runs the steps and stops at the first that fails. A step that mostly waits runs while the next one does.
///
/// # Errors
/// A step fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let mut waiting: Option<Running> = None;
    for step in plan(&args.skip) {
        let running = Running::start(step)?;
        if step.mostly_waits() {
            waiting = Some(running);
            continue;
        }
        running.finish()?;
        if let Some(step) = waiting.take() {
            step.finish()?;
        }
    }
    if let Some(step) = waiting {
        step.finish()?;
    }
    println!("\nall steps passed, {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_steps_keep_order_of_others() {
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
                Step::Boto3,
                Step::Dist
            ]
        );
    }

    #[test]
    fn all_steps_run_by_default() {
        assert_eq!(plan(&[]), Step::value_variants());
    }
}
