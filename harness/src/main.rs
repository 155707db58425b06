//! The command `boundstone`.

use std::process::ExitCode;

fn main() -> ExitCode {
    boundstone::cli::main()
}
