//! The arguments.

use clap::Args as ClapArgs;

/// The arguments of `cargo xtask dist`.
#[derive(ClapArgs)]
#[command(
    after_help = "Without --optimized the binary has the profile `tool`, with which `cargo xtask` itself is \
                        built. That is enough to check the archive, as `cargo xtask ci` does, but not for a release."
)]
pub(crate) struct Args {
    /// Build with the profile `dist`, as for a release; this takes about four minutes of processor time
    #[arg(long)]
    pub(super) optimized: bool,
    /// Build for this target instead of the host; its binary has to run on this machine, because the task runs it
    #[arg(long, value_name = "TRIPLE")]
    pub(super) target: Option<String>,
}
