//! The laws of what reads outside data (`fuzz`) hold on the committed inputs, and on what little changes
//! make of them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[expect(unreachable_pub, reason = "a crate of its own, where a fuzzer drives it")]
#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// So many changed inputs each reader gets.
const CHANGED: usize = 300;

fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target)
}

/// The committed inputs of a reader with their names.
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let files = std::fs::read_dir(corpus(target)).unwrap();
    let mut inputs: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    inputs.sort();
    inputs
}

/// One change of an input.
#[derive(Debug, Clone)]
enum Change {
    Drop(Index, usize),
    Repeat(Index, usize),
    Byte(Index, u8),
    Insert(Index, Vec<u8>),
    Number(Index),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let odd = prop::sample::select(vec![
            &b"\""[..],
            b"\\",
            b"\n",
            b"\r\n",
            b"\n\n",
            b": ",
            b"#",
            b"null",
            b"[",
            b"{",
            b"}",
            b"\0",
            b"\x1b[2J",
            b"\xff",
            b"\xef\xbb\xbf",
            "\u{202e}".as_bytes(),
            b"1e999",
            b"-0",
            b"\\ud800",
            b"::error::",
            b"<!--",
        ]);
        prop_oneof![
            (any::<Index>(), 1_usize..40).prop_map(|(at, length)| Self::Drop(at, length)),
            (any::<Index>(), 1_usize..40).prop_map(|(at, length)| Self::Repeat(at, length)),
            (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Self::Byte(at, byte)),
            (any::<Index>(), odd).prop_map(|(at, text)| Self::Insert(at, text.to_vec())),
            any::<Index>().prop_map(Self::Number),
        ]
    }

    fn apply(&self, input: &mut Vec<u8>) {
        let piece = |at: &Index, length: usize, input: &[u8]| {
            let start = at.index(input.len() + 1);
            start..(start + length).min(input.len())
        };
        match self {
            Self::Drop(at, length) => drop(input.drain(piece(at, *length, input))),
            Self::Repeat(at, length) => {
                let range = piece(at, *length, input);
                let repeated = input[range.clone()].to_vec();
                input.splice(range.start..range.start, repeated);
            }
            Self::Byte(at, byte) => {
                if !input.is_empty() {
                    let at = at.index(input.len());
                    input[at] = *byte;
                }
            }
            Self::Insert(at, bytes) => {
                let at = at.index(input.len() + 1);
                input.splice(at..at, bytes.iter().copied());
            }
            // A number as large as a counter may be.
            Self::Number(at) => {
                let digits: Vec<usize> =
                    (0..input.len()).filter(|index| input[*index].is_ascii_digit()).collect();
                if !digits.is_empty() {
                    let start = *at.get(&digits);
                    let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                    input.splice(start..start + length, u64::MAX.to_string().into_bytes());
                }
            }
        }
    }
}

#[track_caller]
fn hold(target: &str, name: &str, law: fn(&[u8]), input: &[u8]) {
    let passed = catch_unwind(AssertUnwindSafe(|| law(input)));
    assert!(passed.is_ok(), "{target}, {name}: {}", input.escape_ascii());
}

#[test]
fn every_reader_has_a_corpus_and_each_corpus_a_reader() {
    let mut folders: Vec<String> = std::fs::read_dir(corpus(""))
        .unwrap()
        .map(|folder| folder.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    assert_eq!(folders, fuzz::TARGETS.map(|(name, _)| name));
}

#[test]
fn the_laws_hold_on_what_is_committed() {
    for (target, law) in fuzz::TARGETS {
        let inputs = inputs(target);
        assert!(!inputs.is_empty(), "{target}");
        for (name, input) in inputs {
            hold(target, &name, law, &input);
        }
    }
}

#[test]
fn the_laws_hold_on_what_little_changes_make_of_it() {
    for (target, law) in fuzz::TARGETS {
        let inputs = inputs(target);
        let mut runner = TestRunner::deterministic();
        let changes = (any::<Index>(), prop::collection::vec(Change::any(), 1..6));
        for _ in 0..CHANGED {
            let (which, changes) = changes.new_tree(&mut runner).unwrap().current();
            let (name, mut input) = which.get(&inputs).clone();
            for change in &changes {
                change.apply(&mut input);
            }
            hold(target, &name, law, &input);
        }
    }
}
