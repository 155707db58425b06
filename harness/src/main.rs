//! The command `boundstone`.
fn main() {}
