//! A run that is killed continues where it was, and comes to the same report.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use reports::model::Report;

use crate::support::{Running, Served, boundstone, folder, report, run};

/// How many rounds of cases the checkpoint holds.
fn rounds(checkpoint: &Path) -> usize {
    let text = std::fs::read_to_string(checkpoint).unwrap_or_default();
    text.lines().filter(|line| line.starts_with(r#"{"case""#)).count()
}

#[expect(clippy::disallowed_methods, reason = "there is no runtime here")]
fn glance() {
    std::thread::sleep(Duration::from_millis(1));
}

/// Starts a run and kills it once the checkpoint holds this many rounds of cases.
fn kill(folder: &Path, arguments: &[&str], at: usize) {
    let checkpoint = folder.join("out/checkpoint.jsonl");
    let mut child = Running(boundstone(folder, arguments).stderr(Stdio::null()).spawn().unwrap());
    while rounds(&checkpoint) < at {
        assert_eq!(child.0.try_wait().unwrap(), None, "it ended before it could be killed");
        glance();
    }
    child.0.kill().unwrap();
    child.0.wait().unwrap();
}

#[test]
fn a_run_that_is_killed_goes_on_and_finds_the_same() {
    let folder = folder("resume/killed");
    let served = Served::start(&folder, &["--mutant", "fifth-poll-fails"]);
    let usual = [
        "run",
        "--target",
        &served.url,
        "--fixtures",
        "fixtures.toml",
        "--out",
        "out",
        "--cases",
        "40",
        "--quiet",
    ];
    // So that a target which a busy machine makes slow is not tried as a slow one the first time only.
    let all = [&usual[..], &["--rate", "2000/s"]].concat();
    let resume = [&all[..], &["--resume"]].concat();
    assert_eq!(run(&folder, &all).0, 1);
    let whole = report(&folder.join("out"));
    assert!(!folder.join("out/checkpoint.jsonl").exists());
    // In the first round, in the one of boundaries, and among the random samples.
    for at in [20, 250, 400] {
        std::fs::remove_dir_all(folder.join("out")).unwrap();
        kill(&folder, &all, at);
        assert!(!folder.join("out/report.json").exists());
        let before = rounds(&folder.join("out/checkpoint.jsonl"));
        assert_eq!(run(&folder, &resume).0, 1);
        let resumed = report(&folder.join("out"));
        assert_eq!(resumed.requirements, whole.requirements, "killed after {before} rounds");
        // What was under way is sent again, and nothing else.
        let (sent, once) = (resumed.totals.requests, whole.totals.requests);
        assert!(
            (once..once + once / 2).contains(&sent),
            "{sent} requests, not {once}, after {before} rounds"
        );
        // Those that were under way had no response.
        let responses = resumed.latency.total();
        assert!(responses <= sent && responses + 64 > sent, "{responses} responses to {sent} requests");
        assert!(!folder.join("out/checkpoint.jsonl").exists());
    }
}

#[test]
fn checkpoint_of_another_run_is_one_error() {
    let folder = folder("resume/errors");
    let served = Served::start(&folder, &["--mutant", "fifth-poll-fails"]);
    let all = ["run", "--target", &served.url, "--fixtures", "fixtures.toml", "--out", "out"];
    let resume = |more: &[&str]| run(&folder, &[&all[..], &["--resume"], more].concat());
    kill(&folder, &all, 20);
    let checkpoint = folder.join("out/checkpoint.jsonl");
    let text = std::fs::read_to_string(&checkpoint).unwrap();
    for (more, name) in [
        (&["--seed", "7"][..], "--seed 0, but this run uses 7"),
        (&["--contract", "model"], "--contract page ("),
        (&["--only", "length"], "--only, --skip or --shard of digest "),
        (&["--cases", "4"], "--cases 16, but this run uses 4"),
    ] {
        let (code, _, error) = resume(more);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("out/checkpoint.jsonl was written with ") && error.contains(name), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    assert_eq!(std::fs::read_to_string(&checkpoint).unwrap(), text, "nothing is lost");
    let whole = &text[..=text.rfind('\n').unwrap()];
    std::fs::write(&checkpoint, format!("{whole}{{}}\n")).unwrap();
    let (code, _, error) = resume(&[]);
    let line = format!("out/checkpoint.jsonl:{}: ", whole.lines().count() + 1);
    assert_eq!((code, error.contains(&line)), (2, true), "{error}");
    for (more, name) in
        [("--provision", "--provision creates new fixtures"), ("--dry-run", "--dry-run sends nothing")]
    {
        let (code, _, error) = resume(&[more]);
        assert_eq!((code, error.contains(name)), (2, true), "{error}");
    }
    std::fs::remove_file(&checkpoint).unwrap();
    let (code, _, error) = resume(&["--only", "required"]);
    assert_eq!(code, 0, "{error}");
    assert!(
        error.starts_with("Starting from the beginning: there is no checkpoint in out/checkpoint.jsonl"),
        "{error}"
    );
}

#[test]
fn what_a_limit_cuts_off_is_not_done_and_one_command_comes_to_the_end() {
    let folder = folder("resume/parts");
    let served = Served::start(&folder, &["--mutant", "length-min-refused"]);
    let all = ["run", "--target", &served.url, "--fixtures", "fixtures.toml", "--out", "out", "--quiet"];
    let all = [&all[..], &["--only", "application-identifier", "--cases", "3"]].concat();
    assert_eq!(run(&folder, &all).0, 1);
    let whole = report(&folder.join("out"));
    // Few requests, so that most rounds of a case are cut off in their midst.
    for most in ["100", "173"] {
        let part = [&all[..], &["--max-requests", most, "--resume"]].concat();
        let mut parts = 1;
        std::fs::remove_dir_all(folder.join("out")).unwrap();
        run(&folder, &part);
        while folder.join("out/checkpoint.jsonl").exists() {
            parts += 1;
            assert!(parts < 100, "no end with {most} requests each");
            run(&folder, &part);
        }
        let resumed = report(&folder.join("out"));
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
    let folder = folder("resume/limits");
    let served = Served::start(&folder, &["--mutant", "fifth-poll-fails"]);
    let all =
        ["run", "--target", &served.url, "--fixtures", "fixtures.toml", "--out", "out", "--cases", "40"];
    let with = |more: &[&str]| run(&folder, &[&all[..], more].concat());
    let (_, told, _) = with(&["--max-requests", "3000"]);
    assert!(
        told.contains("Checkpoint: out/checkpoint.jsonl (the same command with --resume continues)"),
        "{told}"
    );
    let (code, told, error) = with(&["--resume"]);
    assert!(code == 1 && error.starts_with("Resuming from out/checkpoint.jsonl: "), "{error}");
    assert!(!told.contains("Checkpoint:"), "{told}");
    let slowly = [&all[..], &["--rate", "100/s"]].concat();
    let mut first = boundstone(&folder, &slowly);
    let _first = Running(first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    while rounds(&folder.join("out/checkpoint.jsonl")) < 5 {
        glance();
    }
    let (code, _, error) = with(&[]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("out/checkpoint.jsonl: another run is writing this checkpoint"), "{error}");
}
