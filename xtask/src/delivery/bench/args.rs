//! The arguments.

use clap::Args as ClapArgs;

/// The arguments of `cargo xtask bench`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Set the number of turns; the medians of the turns are compared
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub(super) turns: usize,
    /// Set the samples for each case, of the runs that show how time and memory grow
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16,500,5000")]
    pub(super) scale: Vec<u32>,
}
