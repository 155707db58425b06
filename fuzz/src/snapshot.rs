//! Snapshots: what is written of one is read as it is written.

use snapshots::Document;

use super::display::shows_safely;

/// Reads a snapshot and what is written of it.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // What is written has none, and of one in front of a line feed nobody knows whose it is.
    if text.contains('\r') {
        return;
    }
    match text.parse::<Document>() {
        Ok(document) => {
            let written = document.to_string();
            let again: Document = written.parse().expect("what is written can be read");
            assert_eq!(again.to_string(), written);
            assert_eq!(again.exchanges.len(), document.exchanges.len(), "{written}");
            let outcomes =
                |it: &Document| -> Vec<_> { it.exchanges.iter().map(|it| it.outcome.clone()).collect() };
            assert_eq!(outcomes(&again), outcomes(&document), "{written}");
        }
        Err(error) => {
            let line = error.line.checked_sub(1).and_then(|index| text.lines().nth(index));
            assert!(line.is_some_and(|line| line.ends_with(&error.text)), "{error}");
            shows_safely(&error);
        }
    }
}
