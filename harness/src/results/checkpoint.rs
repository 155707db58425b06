//! The checkpoint of a run: each finished round is on disk at once, so that `--resume` continues a run that
//! was killed.
//!
//! One JSON value a line: first the settings of the run, then the digest of each single-use value that the
//! token registry keeps, each case after a round of its samples or where a limit ended it, and what the run
//! had spent by then. It holds no secret that a report would not hold. An incomplete last line is ignored.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use reports::model::Latency;
use serde::{Deserialize, Serialize};

use crate::execute::samples::Variation;
use crate::execute::token_registry::{Origin, TokenRegistry};
use crate::results::case_result::{CaseEvidence, CaseIndex, Round};

/// The highest count that is accepted: no run counts as far, and the sum over all cases does not overflow.
const MAX_COUNT: u64 = 1 << 48;

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// It cannot be read or written.
    #[error("{}: {error}; make the file writable, or use another folder with --out", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Another process writes it.
    #[error("{}: another run is writing this checkpoint; use another folder with --out", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A line is invalid.
    #[error("--resume: {}:{line}: {problem}; omit --resume to start over", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// Another run wrote it.
    #[error(
        "--resume: {} was written with {name} {theirs}, but this run uses {ours}; use the same, or omit \
         --resume to start over",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// The setting that differs.
        name: String,
        /// Its value in the checkpoint.
        theirs: String,
        /// Its value in this run.
        ours: String,
    },
}

/// What has to be the same for a run to continue: names, mostly of flags, and values.
pub type Settings = Vec<(String, String)>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Run { started_at: String, settings: Settings },
    Issued(String, usize, usize, Variation, usize),
    Case(Box<FinishedRound>),
    Spent(Box<Spent>),
}

/// A case after a round.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FinishedRound {
    /// The case.
    pub case: CaseIndex,
    /// How many rounds of its samples are done.
    pub rounds: usize,
    /// How many samples of the next round are done, if a limit ended the run in it.
    #[serde(default)]
    pub within: usize,
    /// What it showed so far.
    pub evidence: CaseEvidence,
}

/// What a run has spent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Requests sent.
    pub requests: u64,
    /// Seconds since the run started, without those between its processes.
    pub seconds: f64,
    /// How long responses took.
    pub latency: Latency,
}

/// What a run continues from: nothing, or what a checkpoint holds.
#[derive(Debug, Default)]
pub struct CheckpointState {
    /// When the run started, RFC 3339; `None` if it starts now.
    pub started_at: Option<String>,
    /// The single-use values so far.
    pub registry: TokenRegistry,
    /// The cases that finished a round, each after its last one.
    pub finished: BTreeMap<CaseIndex, FinishedRound>,
    /// What was spent.
    pub spent: Spent,
}

/// A checkpoint that a run writes.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    writer: Mutex<Writer>,
}

#[derive(Debug)]
struct Writer {
    file: BufWriter<File>,
    /// Why writing failed. Nothing is written after that.
    error: Option<io::Error>,
    /// Whether it holds any case.
    has_cases: bool,
    /// Whether the run left something to do.
    is_needed: bool,
}

impl CheckpointState {
    /// Reads a checkpoint of a run with these settings and this number of cases. Returns it with the length
    /// in bytes of its complete lines, or `None` if it has no complete line.
    ///
    /// # Errors
    /// It cannot be read, a line is invalid, or another run wrote it. Errors name `path`.
    pub fn read(
        text: impl Read,
        path: &Path,
        settings: &Settings,
        cases: usize,
    ) -> Result<Option<(Self, u64)>, CheckpointError> {
        let mut text = BufReader::new(text);
        let (mut state, mut length) = (None, 0);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = text.read_until(b'\n', &mut line);
            read.map_err(|error| CheckpointError::File { path: path.to_owned(), error })?;
            if line.last() != Some(&b'\n') {
                break;
            }
            length += line.len() as u64;
            let invalid =
                |problem: String| CheckpointError::Line { path: path.to_owned(), line: number, problem };
            let parsed = serde_json::from_slice(&line).map_err(|error| invalid(error.to_string()))?;
            match (&mut state, parsed) {
                (None, Line::Run { started_at, settings: theirs }) => {
                    if let Some((name, theirs, ours)) = first_difference(&theirs, settings) {
                        return Err(CheckpointError::Other { path: path.to_owned(), name, theirs, ours });
                    }
                    state = Some(Self { started_at: Some(started_at), ..Self::default() });
                }
                (Some(state), line) => {
                    state.add(line, cases).map_err(|problem| invalid(problem.to_owned()))?;
                }
                (None, _) => return Err(invalid("the first line must name the run".to_owned())),
            }
        }
        Ok(state.map(|state| (state, length)))
    }

    fn add(&mut self, line: Line, cases: usize) -> Result<(), &'static str> {
        match line {
            Line::Run { .. } => return Err("only the first line may name the run"),
            Line::Issued(digest, case, sample, part, step) if case < cases => {
                let digest = u128::from_str_radix(&digest, 16).map_err(|_| "a digest must be hexadecimal")?;
                self.registry.restore(digest, Origin::new(case, sample, part, step));
            }
            Line::Case(finished) if finished.case.0 < cases => {
                if finished.rounds > Round::ALL.len() {
                    return Err("a case has fewer rounds");
                }
                if finished.evidence.counts().any(|count| count > MAX_COUNT) {
                    return Err("a count is too high");
                }
                self.finished.insert(finished.case, *finished);
            }
            Line::Issued(..) | Line::Case(_) => return Err("the contract has no such case"),
            Line::Spent(spent) if spent.is_possible() => self.spent = *spent,
            Line::Spent(_) => return Err("what was spent is out of range"),
        }
        Ok(())
    }
}

impl Spent {
    fn is_possible(&self) -> bool {
        self.requests <= MAX_COUNT && self.latency.total() <= MAX_COUNT && (0.0..1e12).contains(&self.seconds)
    }
}

/// The first setting that differs: its name and both values.
fn first_difference(theirs: &Settings, ours: &Settings) -> Option<(String, String, String)> {
    let value = |settings: &Settings, name: &str| {
        let found = settings.iter().find(|(other, _)| other == name);
        found.map_or_else(|| "unset".to_owned(), |(_, value)| value.clone())
    };
    let names = ours.iter().chain(theirs).map(|(name, _)| name);
    names.map(|name| (name.clone(), value(theirs, name), value(ours, name))).find(|(_, a, b)| a != b)
}

impl Checkpoint {
    /// Starts a checkpoint. With `resume` it continues the one that a run with the same settings and the
    /// same number of cases left, if there is one.
    ///
    /// # Errors
    /// The file cannot be written, another process writes it, or the run cannot continue from it.
    pub fn open(
        path: &Path,
        settings: Settings,
        cases: usize,
        started_at: &str,
        resume: bool,
    ) -> Result<(Self, CheckpointState), CheckpointError> {
        let of_file = |error| CheckpointError::File { path: path.to_owned(), error };
        let options = &mut OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(of_file)?;
        // Where files cannot be locked, a checkpoint without a lock is better than none.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(CheckpointError::Busy { path: path.to_owned() });
        }
        let read = if resume { CheckpointState::read(&file, path, &settings, cases)? } else { None };
        let (state, length) = read.unwrap_or_default();
        file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0))).map_err(of_file)?;
        let has_cases = !state.finished.is_empty();
        let writer = Writer { file: BufWriter::new(file), error: None, has_cases, is_needed: false };
        let checkpoint = Self { path: path.to_owned(), writer: Mutex::new(writer) };
        if length == 0 {
            checkpoint.write(&[Line::Run { started_at: started_at.to_owned(), settings }], true);
        }
        Ok((checkpoint, state))
    }

    /// Records a single-use value. It is on disk with the next case at the latest.
    pub fn record_issued(&self, digest: u128, origin: Origin) {
        let (digest, part) = (format!("{digest:032x}"), origin.variation());
        self.write(&[Line::Issued(digest, origin.case(), origin.sample(), part, origin.step())], false);
    }

    /// Records a case after a round, and what the run has spent by then.
    pub fn record_round(&self, finished: FinishedRound, spent: Spent) {
        self.write(&[Line::Case(Box::new(finished)), Line::Spent(Box::new(spent))], true);
        self.locked().has_cases = true;
    }

    /// Keeps the checkpoint when the run ends, since the run left something to do.
    pub fn keep(&self) {
        self.locked().is_needed = true;
    }

    fn locked(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, lines: &[Line], flush: bool) {
        let mut writer = self.locked();
        if writer.error.is_none() {
            writer.error = writer.write(lines, flush).err();
        }
    }

    /// Ends the checkpoint. Removes the file if the run left nothing to do or no case is finished. Returns
    /// whether the file is kept.
    ///
    /// # Errors
    /// Writing it failed, or it could not be removed.
    pub fn end(&self) -> Result<bool, CheckpointError> {
        let mut writer = self.locked();
        let is_kept = writer.is_needed && writer.has_cases;
        let ended = match writer.error.take() {
            Some(error) => Err(error),
            None if is_kept => writer.file.flush(),
            None => std::fs::remove_file(&self.path),
        };
        ended.map(|()| is_kept).map_err(|error| CheckpointError::File { path: self.path.clone(), error })
    }
}

impl Writer {
    fn write(&mut self, lines: &[Line], flush: bool) -> io::Result<()> {
        for line in lines {
            serde_json::to_writer(&mut self.file, line)?;
            self.file.write_all(b"\n")?;
        }
        if flush { self.file.flush() } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: usize = 5;

    fn settings(seed: &str) -> Settings {
        vec![("--seed".to_owned(), seed.to_owned())]
    }

    fn first() -> Line {
        Line::Run { started_at: "2026-11-27T00:00:00Z".to_owned(), settings: settings("0") }
    }

    fn finished(case: usize, rounds: usize, requests: u64) -> Line {
        let evidence = CaseEvidence { requests, ..CaseEvidence::default() };
        Line::Case(Box::new(FinishedRound { case: CaseIndex(case), rounds, within: 0, evidence }))
    }

    fn issued(case: usize, digest: &str) -> Line {
        Line::Issued(digest.to_owned(), case, 0, Variation::Isolated(1), 2)
    }

    fn text(lines: &[Line]) -> String {
        lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect()
    }

    fn read(text: &str) -> Result<Option<(CheckpointState, u64)>, String> {
        let read = CheckpointState::read(text.as_bytes(), Path::new("j"), &settings("0"), CASES);
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn write_read_round_trip_ignores_incomplete_line() {
        let spent = Spent { requests: 9, seconds: 1.5, ..Spent::default() };
        let lines = [
            first(),
            issued(1, "ff"),
            issued(2, "ff"),
            finished(1, 1, 3),
            finished(1, 2, 5),
            Line::Spent(Box::new(spent)),
        ];
        let whole = text(&lines);
        let (state, length) = read(&whole).unwrap().unwrap();
        assert_eq!((state.started_at.as_deref(), length), (Some("2026-11-27T00:00:00Z"), whole.len() as u64));
        let known: Vec<_> =
            state.finished.values().map(|it| (it.case.0, it.rounds, it.evidence.requests)).collect();
        assert_eq!((known.as_slice(), state.registry.collisions().count), (&[(1, 2, 5)][..], 1));
        assert_eq!((state.spent.requests, state.spent.seconds.to_bits()), (9, 1.5_f64.to_bits()));
        for cut in 0..whole.len() {
            let (part, ends) = (&whole[..cut], whole[..cut].rfind('\n').map(|end| end as u64 + 1));
            assert_eq!(read(part).unwrap().map(|(_, length)| length), ends, "{cut}");
        }
    }

    #[test]
    fn invalid_line_is_named_by_its_number() {
        let with = |line: Line| read(&text(&[first(), line])).unwrap_err();
        let error = |problem: &str| format!("--resume: j:2: {problem}; omit --resume to start over");
        assert_eq!(with(first()), error("only the first line may name the run"));
        assert_eq!(with(finished(CASES, 1, 1)), error("the contract has no such case"));
        assert_eq!(with(finished(0, 4, 1)), error("a case has fewer rounds"));
        assert_eq!(with(issued(CASES, "0")), error("the contract has no such case"));
        assert_eq!(with(issued(0, "x")), error("a digest must be hexadecimal"));
        assert_eq!(with(finished(0, 1, u64::MAX)), error("a count is too high"));
        for spent in
            [Spent { requests: u64::MAX, ..Spent::default() }, Spent { seconds: -1.0, ..Spent::default() }]
        {
            assert_eq!(with(Line::Spent(Box::new(spent))), error("what was spent is out of range"));
        }
        assert!(read("{}\n").unwrap_err().starts_with("--resume: j:1: "));
        assert!(read(&text(&[finished(0, 1, 1)])).unwrap_err().contains("the first line must name the run"));
        let other = CheckpointState::read(text(&[first()]).as_bytes(), Path::new("j"), &settings("7"), CASES)
            .unwrap_err();
        assert!(
            other.to_string().starts_with("--resume: j was written with --seed 0, but this run uses 7; "),
            "{other}"
        );
    }
}
