//! The arguments.

use clap::Args as ClapArgs;

/// The arguments of `cargo xtask soak`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Set how many minutes to run
    #[arg(long, value_name = "N", default_value_t = 60.0)]
    pub(super) minutes: f64,
    /// Set the seed that draws the turns; the speed of the machine may still change results
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(super) seed: u64,
}
