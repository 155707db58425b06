//! The journal of a run: what is done is on disk as soon as it is, so that a run that was killed can go
//! on.
//!
//! One JSON value a line: first what is run, then each single-use value that the census keeps, as its
//! digest, each case as it stands after a round of its samples or where a limit cut it off, and what was
//! spent by then. Nothing in it is secret that would not be in a report. A last line that was not written
//! to its end is as good as none.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::io::{BufRead as _, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use reports::model::Latency;
use serde::{Deserialize, Serialize};

use crate::execute::samples::Part;
use crate::execute::token_registry::{Census, Origin};
use crate::results::case_result::{Explored, Round};

/// No honest count is higher, and as many as there are cases add up to no overflow.
const MOST: u64 = 1 << 48;

/// A journal that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("{}: {error}; a file that can be written to is expected", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Another process writes it.
    #[error("{}: another run is under way there; name another folder with --out", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// A line of it is none.
    #[error("--resume: {}:{line}: {problem}; without --resume the run begins anew", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong.
        problem: String,
    },
    /// It is of another run.
    #[error(
        "--resume: {} is of a run with {name} {theirs}, not {ours}; the same is expected, or no --resume, \
         with which the run begins anew",
        path.display()
    )]
    Other {
        /// The file.
        path: PathBuf,
        /// What differs.
        name: String,
        /// As the journal has it.
        theirs: String,
        /// As this run has it.
        ours: String,
    },
}

/// What has to be the same for a run to go on: names, mostly of flags, and values.
pub type Settings = Vec<(String, String)>;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Run { started_at: String, settings: Settings },
    Issued(String, usize, usize, Part, usize),
    Case(Box<Done>),
    Spent(Box<Spent>),
}

/// A case as far as it was run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Done {
    /// Its index in the catalogue.
    pub case: usize,
    /// How many rounds of its samples are done.
    pub rounds: usize,
    /// How many samples of the next one are, if the run was cut off in it.
    #[serde(default)]
    pub within: usize,
    /// What came of it.
    pub explored: Explored,
}

/// What a run has spent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Spent {
    /// Requests.
    pub requests: u64,
    /// Time.
    pub seconds: f64,
    /// How long answers took.
    pub latency: Latency,
}

/// What a run has behind it when it begins: nothing, or what a journal says.
#[derive(Debug, Default)]
pub struct Past {
    /// When it was begun first, RFC 3339, if that is not now.
    pub started_at: Option<String>,
    /// The single-use values so far.
    pub census: Census,
    /// The cases, by their index in the catalogue.
    pub done: BTreeMap<usize, Done>,
    /// What was spent.
    pub spent: Spent,
}

/// A journal that is written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    sheet: Mutex<Sheet>,
}

#[derive(Debug)]
struct Sheet {
    file: BufWriter<File>,
    /// Why it cannot be written any more.
    trouble: Option<io::Error>,
    /// Whether a case stands in it.
    has_cases: bool,
    /// Whether the run has left something to be done.
    is_cut: bool,
}

impl Past {
    /// What a journal says that was written by a run with these settings over so many cases, and the
    /// length of the part of it that is whole; nothing if its first line is not.
    ///
    /// # Errors
    /// It cannot be read, a line is none, or it is of another run. `path` is what errors name.
    pub fn read(
        text: impl Read,
        path: &Path,
        settings: &Settings,
        cases: usize,
    ) -> Result<Option<(Self, u64)>, JournalError> {
        let mut text = BufReader::new(text);
        let (mut past, mut length) = (None, 0);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = text.read_until(b'\n', &mut line);
            read.map_err(|error| JournalError::File { path: path.to_owned(), error })?;
            if line.last() != Some(&b'\n') {
                break;
            }
            length += line.len() as u64;
            let wrong = |problem: String| JournalError::Line { path: path.to_owned(), line: number, problem };
            let parsed = serde_json::from_slice(&line).map_err(|error| wrong(error.to_string()))?;
            match (&mut past, parsed) {
                (None, Line::Run { started_at, settings: theirs }) => {
                    if let Some((name, theirs, ours)) = first_difference(&theirs, settings) {
                        return Err(JournalError::Other { path: path.to_owned(), name, theirs, ours });
                    }
                    past = Some(Self { started_at: Some(started_at), ..Self::default() });
                }
                (Some(past), line) => past.add(line, cases).map_err(|problem| wrong(problem.to_owned()))?,
                (None, _) => return Err(wrong("a journal begins with what is run".to_owned())),
            }
        }
        Ok(past.map(|past| (past, length)))
    }

    fn add(&mut self, line: Line, cases: usize) -> Result<(), &'static str> {
        match line {
            Line::Run { .. } => return Err("a journal is of one run"),
            Line::Issued(digest, case, sample, part, step) if case < cases => {
                let digest = u128::from_str_radix(&digest, 16).map_err(|_| "a digest is hexadecimal")?;
                self.census.restore(digest, Origin::new(case, sample, part, step));
            }
            Line::Case(done) if done.case < cases => {
                if done.rounds > Round::ALL.len() {
                    return Err("no case has as many rounds");
                }
                if done.explored.counts().any(|count| count > MOST) {
                    return Err("no run counts as far");
                }
                self.done.insert(done.case, *done);
            }
            Line::Issued(..) | Line::Case(_) => return Err("the contract has no such case"),
            Line::Spent(spent) if spent.is_possible() => self.spent = *spent,
            Line::Spent(_) => return Err("no run spends as much"),
        }
        Ok(())
    }
}

impl Spent {
    fn is_possible(&self) -> bool {
        self.requests <= MOST && self.latency.total() <= MOST && (0.0..1e12).contains(&self.seconds)
    }
}

fn first_difference(theirs: &Settings, ours: &Settings) -> Option<(String, String, String)> {
    let unset = || "unset".to_owned();
    let value = |settings: &Settings, name: &str| {
        settings.iter().find(|(other, _)| other == name).map_or_else(unset, |(_, value)| value.clone())
    };
    let names = ours.iter().chain(theirs).map(|(name, _)| name);
    names.map(|name| (name.clone(), value(theirs, name), value(ours, name))).find(|(_, a, b)| a != b)
}

impl Journal {
    /// Begins a journal, or goes on with one that a run with the same settings over so many cases has
    /// left, if that is wished and there is one.
    ///
    /// # Errors
    /// The file cannot be written, another process writes it, or it cannot be gone on with.
    pub fn open(
        path: &Path,
        settings: Settings,
        cases: usize,
        started_at: &str,
        resume: bool,
    ) -> Result<(Self, Past), JournalError> {
        let trouble = |error| JournalError::File { path: path.to_owned(), error };
        let options = &mut OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).open(path).map_err(trouble)?;
        // Where files cannot be locked, a journal is better than none.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(JournalError::Busy { path: path.to_owned() });
        }
        let past = if resume { Past::read(&file, path, &settings, cases)? } else { None };
        let length = past.as_ref().map_or(0, |(_, length)| *length);
        file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0))).map_err(trouble)?;
        let past = past.map(|(past, _)| past).unwrap_or_default();
        let has_cases = !past.done.is_empty();
        let sheet = Sheet { file: BufWriter::new(file), trouble: None, has_cases, is_cut: false };
        let journal = Self { path: path.to_owned(), sheet: Mutex::new(sheet) };
        if length == 0 {
            journal.write(&[Line::Run { started_at: started_at.to_owned(), settings }], true);
        }
        Ok((journal, past))
    }

    /// Takes note of a single-use value, on disk with the next case at the latest.
    pub fn issued(&self, digest: u128, origin: Origin) {
        let (digest, part) = (format!("{digest:032x}"), origin.part());
        self.write(&[Line::Issued(digest, origin.case(), origin.sample(), part, origin.step())], false);
    }

    /// Takes note of a case after a round, and of what was spent by then.
    pub fn done(&self, done: Done, spent: Spent) {
        self.write(&[Line::Case(Box::new(done)), Line::Spent(Box::new(spent))], true);
        self.locked().has_cases = true;
    }

    /// Takes note that the run leaves something to be done.
    pub fn cut(&self) {
        self.locked().is_cut = true;
    }

    fn locked(&self) -> MutexGuard<'_, Sheet> {
        self.sheet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, lines: &[Line], is_due: bool) {
        let mut sheet = self.locked();
        if sheet.trouble.is_none() {
            sheet.trouble = sheet.write(lines, is_due).err();
        }
    }

    /// Ends the journal, and removes it if nothing is left to be done or nothing to go on with. Says
    /// whether it is still there.
    ///
    /// # Errors
    /// It was not written to its end, or could not be removed.
    pub fn end(&self) -> Result<bool, JournalError> {
        let mut sheet = self.locked();
        let is_kept = sheet.is_cut && sheet.has_cases;
        let ended = match sheet.trouble.take() {
            Some(error) => Err(error),
            None if is_kept => sheet.file.flush(),
            None => std::fs::remove_file(&self.path),
        };
        ended.map(|()| is_kept).map_err(|error| JournalError::File { path: self.path.clone(), error })
    }
}

impl Sheet {
    fn write(&mut self, lines: &[Line], is_due: bool) -> io::Result<()> {
        for line in lines {
            serde_json::to_writer(&mut self.file, line)?;
            self.file.write_all(b"\n")?;
        }
        if is_due { self.file.flush() } else { Ok(()) }
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

    fn done(case: usize, rounds: usize, requests: u64) -> Line {
        let explored = Explored { requests, ..Explored::default() };
        Line::Case(Box::new(Done { case, rounds, within: 0, explored }))
    }

    fn issued(case: usize, digest: &str) -> Line {
        Line::Issued(digest.to_owned(), case, 0, Part::Alone(1), 2)
    }

    fn text(lines: &[Line]) -> String {
        lines.iter().map(|line| serde_json::to_string(line).unwrap() + "\n").collect()
    }

    fn read(text: &str) -> Result<Option<(Past, u64)>, String> {
        let read = Past::read(text.as_bytes(), Path::new("j"), &settings("0"), CASES);
        read.map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_written_is_read_again_and_a_torn_line_is_none() {
        let spent = Spent { requests: 9, seconds: 1.5, ..Spent::default() };
        let lines = [
            first(),
            issued(1, "ff"),
            issued(2, "ff"),
            done(1, 1, 3),
            done(1, 2, 5),
            Line::Spent(Box::new(spent)),
        ];
        let whole = text(&lines);
        let (past, length) = read(&whole).unwrap().unwrap();
        assert_eq!((past.started_at.as_deref(), length), (Some("2026-11-27T00:00:00Z"), whole.len() as u64));
        let known: Vec<_> =
            past.done.values().map(|done| (done.case, done.rounds, done.explored.requests)).collect();
        assert_eq!((known.as_slice(), past.census.collisions().count), (&[(1, 2, 5)][..], 1));
        assert_eq!((past.spent.requests, past.spent.seconds.to_bits()), (9, 1.5_f64.to_bits()));
        for cut in 0..whole.len() {
            let (part, ends) = (&whole[..cut], whole[..cut].rfind('\n').map(|end| end as u64 + 1));
            assert_eq!(read(part).unwrap().map(|(_, length)| length), ends, "{cut}");
        }
    }

    #[test]
    fn what_is_no_journal_of_this_run_is_named_by_its_line() {
        let with = |line: Line| read(&text(&[first(), line])).unwrap_err();
        let wrong = |problem: &str| format!("--resume: j:2: {problem}; without --resume the run begins anew");
        assert_eq!(with(first()), wrong("a journal is of one run"));
        assert_eq!(with(done(CASES, 1, 1)), wrong("the contract has no such case"));
        assert_eq!(with(done(0, 4, 1)), wrong("no case has as many rounds"));
        assert_eq!(with(issued(CASES, "0")), wrong("the contract has no such case"));
        assert_eq!(with(issued(0, "x")), wrong("a digest is hexadecimal"));
        assert_eq!(with(done(0, 1, u64::MAX)), wrong("no run counts as far"));
        for spent in
            [Spent { requests: u64::MAX, ..Spent::default() }, Spent { seconds: -1.0, ..Spent::default() }]
        {
            assert_eq!(with(Line::Spent(Box::new(spent))), wrong("no run spends as much"));
        }
        assert!(read("{}\n").unwrap_err().starts_with("--resume: j:1: "));
        assert!(read(&text(&[done(0, 1, 1)])).unwrap_err().contains("begins with what is run"));
        let other =
            Past::read(text(&[first()]).as_bytes(), Path::new("j"), &settings("7"), CASES).unwrap_err();
        assert!(other.to_string().starts_with("--resume: j is of a run with --seed 0, not 7; "), "{other}");
    }
}
