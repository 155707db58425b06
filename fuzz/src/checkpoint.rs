//! Checkpoints: what is read has an end that is that of a line, and up to there the same is read again; what
//! an earlier process is said to have sent adds up.

use std::path::Path;

use boundstone::results::case_result::CaseEvidence;
use boundstone::results::checkpoint::{CheckpointState, Settings};

use super::display::shows_safely;

/// Reads a checkpoint.
pub fn hold(data: &[u8]) {
    let settings: Settings = vec![("--seed".to_owned(), "0".to_owned())];
    let read = |data| CheckpointState::read(data, Path::new("checkpoint.jsonl"), &settings, 9);
    let (state, length) = match read(data) {
        Ok(Some(read)) => read,
        Ok(None) => {
            return assert!(data.split_inclusive(|byte| *byte == b'\n').all(|line| !line.ends_with(b"\n")));
        }
        Err(error) => return shows_safely(&error),
    };
    let whole = &data[..usize::try_from(length).expect("it was read to there")];
    assert!(whole.ends_with(b"\n") && !data[whole.len()..].contains(&b'\n'));
    let (again, same) = read(whole).expect("it was read before").expect("it was not empty");
    let contents = |state: &CheckpointState| {
        let done: Vec<_> = state.finished.values().map(|done| format!("{done:?}")).collect();
        (state.started_at.clone(), done, format!("{:?}", state.spent), state.registry.collisions().count)
    };
    assert_eq!((contents(&again), same), (contents(&state), length));
    let mut sum = CaseEvidence::default();
    for done in state.finished.into_values() {
        assert!(done.case.0 < 9);
        sum.add(done.evidence);
    }
}
