//! Fixtures files: what was read is read again from what is written of it.

use std::path::Path;
use std::sync::LazyLock;

use boundstone::config::fixtures::{parse, render};
use cases::contract::Contract;

use super::display::shows_safely;

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| Contract::model().expect("it is built in"));

/// Reads a file, writes what it says, and reads that.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // No file is next to it.
    let path = Path::new("nowhere/fixtures.toml");
    match parse(text, path, &CONTRACT) {
        // What a file holds need be no text.
        Ok(_) if text.contains("file") => {}
        Ok(fixtures) => assert_eq!(parse(&render(&fixtures), path, &CONTRACT).expect(text), fixtures),
        Err(error) => shows_safely(&error),
    }
}
