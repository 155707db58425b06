//! The command `boundstone`.

use std::process::ExitCode;

/// A run makes and drops many small values on a few threads; this allocator takes half the time of the
/// system's for them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    boundstone::cli::main()
}
