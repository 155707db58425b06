//! The command `boundstone`.

use std::process::ExitCode;

/// A run allocates many small values on a few threads, which takes a quarter of its time with the allocator
/// of the system. This version of mimalloc, without huge pages, needs little more memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    boundstone::cli::main()
}
