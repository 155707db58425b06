//! A run that is killed goes on where it was, and comes to the same report.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use reports::model::Report;

fn boundstone(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boundstone"));
    command.current_dir(folder).args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BOUNDSTONE_")) {
        command.env_remove(name);
    }
    command
}

/// A run to its end: its exit code and what it says on standard error.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let Output { status, stderr, .. } = boundstone(folder, arguments).output().unwrap();
    (status.code().unwrap(), String::from_utf8(stderr).unwrap())
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journal").join(name);
    let _absent = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn report(folder: &Path) -> Report {
    let text = std::fs::read_to_string(folder.join("out/report.json")).unwrap();
    reports::render::json::parse(&text).unwrap()
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// A server in the folder, with its fixtures, and its URL.
fn serve(folder: &Path, deviation: &str) -> (Running, String) {
    let fixtures = std::fs::File::create(folder.join("fixtures.toml")).unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--deviation", deviation];
    let mut command = boundstone(folder, &arguments);
    let mut child = command.stdout(fixtures).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    (Running(child), url.trim_end_matches(['.', ',']).to_owned())
}

/// How many times the journal says that a round of a case is done.
fn rounds(journal: &Path) -> usize {
    let text = std::fs::read_to_string(journal).unwrap_or_default();
    text.lines().filter(|line| line.starts_with(r#"{"case""#)).count()
}

#[expect(clippy::disallowed_methods, reason = "there is no runtime here")]
fn glance() {
    std::thread::sleep(Duration::from_millis(1));
}

/// Begins a run and kills it when the journal has so many rounds of cases.
fn kill(folder: &Path, arguments: &[&str], at: usize) {
    let journal = folder.join("out/journal.jsonl");
    let mut child = Running(boundstone(folder, arguments).stderr(Stdio::null()).spawn().unwrap());
    while rounds(&journal) < at {
        assert_eq!(child.0.try_wait().unwrap(), None, "it ended before it could be killed");
        glance();
    }
    child.0.kill().unwrap();
    child.0.wait().unwrap();
}

#[test]
fn a_run_that_is_killed_goes_on_and_finds_the_same() {
    let folder = folder("killed");
    let (_server, url) = serve(&folder, "fifth-poll-fails");
    let usual =
        ["run", "--target", &url, "--fixtures", "fixtures.toml", "--out", "out", "--cases", "40", "--quiet"];
    // So that a target which a busy machine makes slow is not tried as a slow one the first time only.
    let all = [&usual[..], &["--rate", "2000/s"]].concat();
    let resume = [&all[..], &["--resume"]].concat();
    assert_eq!(run(&folder, &all).0, 1);
    let whole = report(&folder);
    assert!(!folder.join("out/journal.jsonl").exists());
    // In the first round, in the one of boundaries, and among the random samples.
    for at in [20, 250, 400] {
        std::fs::remove_dir_all(folder.join("out")).unwrap();
        kill(&folder, &all, at);
        assert!(!folder.join("out/report.json").exists());
        let before = rounds(&folder.join("out/journal.jsonl"));
        assert_eq!(run(&folder, &resume).0, 1);
        let resumed = report(&folder);
        assert_eq!(resumed.requirements, whole.requirements, "killed after {before} rounds");
        // What was under way is sent again, and nothing else.
        let (sent, once) = (resumed.totals.requests, whole.totals.requests);
        assert!(
            (once..once + once / 2).contains(&sent),
            "{sent} requests, not {once}, after {before} rounds"
        );
        // Those that were under way had no answer.
        let answers = resumed.latency.total();
        assert!(answers <= sent && answers + 64 > sent, "{answers} answers to {sent} requests");
        assert!(!folder.join("out/journal.jsonl").exists());
    }
}

#[test]
fn what_is_no_journal_of_this_run_is_one_error() {
    let folder = folder("errors");
    let (_server, url) = serve(&folder, "fifth-poll-fails");
    let all = ["run", "--target", &url, "--fixtures", "fixtures.toml", "--out", "out"];
    let resume = |more: &[&str]| run(&folder, &[&all[..], &["--resume"], more].concat());
    kill(&folder, &all, 20);
    let journal = folder.join("out/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    for (more, name) in [
        (&["--seed", "7"][..], "--seed 0, not 7"),
        (&["--contract", "model"], "--contract page ("),
        (&["--only", "length"], "--only, --skip or --shard of digest "),
        (&["--cases", "4"], "--cases 16, not 4"),
    ] {
        let (code, error) = resume(more);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("out/journal.jsonl is of a run with ") && error.contains(name), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert_eq!(std::fs::read_to_string(&journal).unwrap(), text, "nothing is lost");
    let whole = &text[..=text.rfind('\n').unwrap()];
    std::fs::write(&journal, format!("{whole}{{}}\n")).unwrap();
    let (code, error) = resume(&[]);
    let line = format!("out/journal.jsonl:{}: ", whole.lines().count() + 1);
    assert_eq!((code, error.contains(&line)), (2, true), "{error}");
    for (more, name) in
        [("--provision", "--provision makes new fixtures"), ("--dry-run", "--dry-run sends nothing")]
    {
        let (code, error) = resume(&[more]);
        assert_eq!((code, error.contains(name)), (2, true), "{error}");
    }
    std::fs::remove_file(&journal).unwrap();
    let (code, error) = resume(&["--only", "required"]);
    assert_eq!(code, 0, "{error}");
    assert!(error.starts_with("Nothing to go on with in out/journal.jsonl"), "{error}");
}

#[test]
fn what_a_limit_cuts_off_is_not_done_and_one_command_comes_to_the_end() {
    let folder = folder("parts");
    let (_server, url) = serve(&folder, "length-min-refused");
    let all = ["run", "--target", &url, "--fixtures", "fixtures.toml", "--out", "out", "--quiet"];
    let all = [&all[..], &["--only", "application-identifier", "--cases", "3"]].concat();
    assert_eq!(run(&folder, &all).0, 1);
    let whole = report(&folder);
    // Few requests, so that most rounds of a case are cut off in their midst.
    for most in ["100", "173"] {
        let part = [&all[..], &["--max-requests", most, "--resume"]].concat();
        let mut parts = 1;
        std::fs::remove_dir_all(folder.join("out")).unwrap();
        run(&folder, &part);
        while folder.join("out/journal.jsonl").exists() {
            parts += 1;
            assert!(parts < 100, "no end with {most} requests each");
            run(&folder, &part);
        }
        let resumed = report(&folder);
        let verdicts = |report: &Report| -> Vec<_> {
            let verdict = |it: &reports::model::RequirementResult| (it.id.to_string(), it.verdict);
            report.requirements.iter().map(verdict).collect()
        };
        assert!(parts > 3, "{parts}");
        assert_eq!(verdicts(&resumed), verdicts(&whole), "{parts} parts");
    }
}

#[test]
fn what_a_limit_leaves_can_be_gone_on_with_and_one_folder_is_of_one_run() {
    let folder = folder("limits");
    let (_server, url) = serve(&folder, "fifth-poll-fails");
    let all = ["run", "--target", &url, "--fixtures", "fixtures.toml", "--out", "out", "--cases", "40"];
    let with = |more: &[&str]| {
        let Output { status, stdout, stderr } =
            boundstone(&folder, &[&all[..], more].concat()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    };
    let (_, told, _) = with(&["--max-requests", "3000"]);
    assert!(
        told.contains("Journal: out/journal.jsonl (the same command with --resume goes on from it)"),
        "{told}"
    );
    let (code, told, error) = with(&["--resume"]);
    assert!(code == 1 && error.starts_with("Goes on where out/journal.jsonl ends: "), "{error}");
    assert!(!told.contains("Journal:"), "{told}");
    let slowly = [&all[..], &["--rate", "100/s"]].concat();
    let mut first = boundstone(&folder, &slowly);
    let _first = Running(first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while rounds(&folder.join("out/journal.jsonl")) < 5 {
        glance();
    }
    let (code, _, error) = with(&[]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("out/journal.jsonl: another run is under way there"), "{error}");
}
