//! Journals: what is read has an end that is that of a line, and up to there the same is read again; what
//! an earlier process is said to have sent adds up.

use std::path::Path;

use boundstone::results::case_result::Explored;
use boundstone::results::checkpoint::{Past, Settings};

use super::shows_safely;

/// Reads a journal.
pub fn hold(data: &[u8]) {
    let settings: Settings = vec![("--seed".to_owned(), "0".to_owned())];
    let read = |data| Past::read(data, Path::new("journal.jsonl"), &settings, 9);
    let (past, length) = match read(data) {
        Ok(Some(read)) => read,
        Ok(None) => {
            return assert!(data.split_inclusive(|byte| *byte == b'\n').all(|line| !line.ends_with(b"\n")));
        }
        Err(error) => return shows_safely(&error),
    };
    let whole = &data[..usize::try_from(length).expect("it was read to there")];
    assert!(whole.ends_with(b"\n") && !data[whole.len()..].contains(&b'\n'));
    let (again, same) = read(whole).expect("it was read before").expect("it was not empty");
    let told = |past: &Past| {
        let done: Vec<_> = past.done.values().map(|done| format!("{done:?}")).collect();
        (past.started_at.clone(), done, format!("{:?}", past.spent), past.census.collisions().count)
    };
    assert_eq!((told(&again), same), (told(&past), length));
    let mut sum = Explored::default();
    for done in past.done.into_values() {
        assert!(done.case < 9);
        sum.add(done.explored);
    }
}
