//! The built binary, as a user runs it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::process::Command;

use reports::model::Verdict;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{ClosedPort, FIXTURES, Served, boundstone, folder, output, report, run};

/// A text whose line breaks do not matter.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A server that gives every request the same response.
fn responding(response: &'static str) -> (tokio::runtime::Runtime, String) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(async move {
        loop {
            let Ok((mut socket, _)) = listener.accept().await else { break };
            tokio::spawn(async move {
                let _read = socket.read(&mut vec![0; 1 << 16]).await;
                let _written = socket.write_all(response.as_bytes()).await;
            });
        }
    });
    (runtime, url)
}

/// Runs against such a server with a fixture.
fn run_against(name: &str, response: &'static str) -> (i32, String) {
    let folder = folder(&format!("cli/{name}"));
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    let (_runtime, url) = responding(response);
    let (code, stdout, _) = run(&folder, &["run", "--target", &url, "--fixtures", "f.toml"]);
    let report = report(&folder.join("target/boundstone"));
    assert_eq!(report.totals.requirements.passed, 0, "{stdout}");
    (code, unwrapped(&stdout))
}

#[test]
fn both_contracts_hold_on_the_mock_and_leave_four_reports() {
    for contract in ["page", "model"] {
        let folder = folder(&format!("cli/passed-{contract}"));
        let (code, stdout, stderr) = run(&folder, &["run", "--contract", contract]);
        assert_eq!(code, 0, "{stdout}{stderr}");
        for file in ["report.json", "junit.xml", "report.md", "report.html"] {
            assert!(folder.join("target/boundstone").join(file).metadata().unwrap().len() > 0);
        }
        let report = report(&folder.join("target/boundstone"));
        let counts = report.totals.requirements;
        assert_eq!((counts.failed, counts.flaky, counts.inconclusive), (0, 0, 0));
        let skipped = report.requirements.iter().filter(|it| it.verdict == Verdict::Skipped);
        assert!(skipped.clone().all(|it| it.id.as_str().contains("/signature/")), "{stdout}");
        assert_eq!(skipped.count() as u64, counts.skipped);
        assert!(stdout.contains("requires --sigv4: the requests of this run are not signed"), "{stdout}");
        assert!(counts.passed >= 40 && report.totals.responses >= 2000, "{stdout}");
        assert_eq!(report.latency.total(), report.totals.requests);
    }
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let folder = folder("cli/seed");
    let served = Served::start(&folder, &["--mutant", "length-max-plus-one-accepted"]);
    let report = |seed: &str| {
        let arguments = ["run", "--target", &served.url, "--fixtures", "fixtures.toml", "--seed", seed];
        let (code, stdout, stderr) = run(&folder, &arguments);
        assert_eq!(code, 1, "{stdout}{stderr}");
        let text = std::fs::read_to_string(folder.join("target/boundstone/report.json")).unwrap();
        let mut report: serde_json::Value = serde_json::from_str(&text).unwrap();
        for times in ["started_at", "seconds", "latency"] {
            assert!(report.as_object_mut().unwrap().remove(times).is_some(), "{times}");
        }
        report
    };
    let first = report("7");
    assert_eq!(first, report("7"));
    assert_ne!(first, report("8"));
}

#[test]
fn a_mutant_is_found_shrunk_replayed_and_gone_once_fixed() {
    let folder = folder("cli/mutant");
    let served = Served::start(&folder, &["--mutant", "length-max-plus-one-accepted"]);
    let (code, stdout, _) = run(&folder, &["run", "--target", &served.url, "--fixtures", "fixtures.toml"]);
    assert_eq!(code, 1, "{stdout}");
    let report = report(&folder.join("target/boundstone"));
    let findings = reports::summary::findings(&report);
    let body = findings[0].finding.counterexample[0].request.body.to_bytes(1000).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["ApplicationIdentifier"], "a".repeat(65));

    let replay =
        |target: &str| run(&folder, &["replay", "target/boundstone/report.json", "--target", target]);
    let (code, stdout, _) = replay(&served.url);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("1. still fails: start-configuration-session/application-identifier/length: status is 404, not 400"), "{stdout}");

    let curl = Command::new("sh").arg("-c").arg(&findings[0].finding.curl).output().unwrap();
    let response = String::from_utf8_lossy(&curl.stdout);
    assert!(response.starts_with("HTTP/1.1 404"), "{response}{}", String::from_utf8_lossy(&curl.stderr));

    let fixed = Served::start(&folder, &[]);
    let (code, stdout, _) = replay(&fixed.url);
    assert_eq!(code, 0, "{stdout}");
    assert!(stdout.ends_with("0 of 3 findings still fail.\n"), "{stdout}");
}

#[test]
fn a_server_that_refuses_everything_holds_nothing() {
    let refusal = "HTTP/1.1 400 Bad Request\r\nx-amzn-errortype: BadRequestException\r\ncontent-type: application/json\r\n\
                   content-length: 15\r\nconnection: close\r\n\r\n{\"Message\":\"a\"}";
    let (code, stdout) = run_against("refuses", refusal);
    assert_eq!(code, 3);
    assert!(stdout.contains("with 400 BadRequestException: no valid call is accepted"), "{stdout}");
}

#[test]
fn what_is_no_such_endpoint_is_named() {
    let page =
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 4\r\nconnection: close\r\n\r\n<p>a";
    let (code, stdout) = run_against("web-server", page);
    assert_eq!(code, 3);
    assert!(stdout.contains("with 200 and an HTML page: a web server, a proxy or a login page"), "{stdout}");

    let forbidden = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (code, stdout) = run_against("forbidden", forbidden);
    assert_eq!(code, 3);
    assert!(stdout.contains("--header 'Authorization: …'"), "{stdout}");
}

#[test]
fn a_closed_port_is_one_sentence() {
    let folder = folder("cli/closed");
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    let closed_port = ClosedPort::bind();
    let url = closed_port.url();
    let (code, stdout, _) = run(&folder, &["run", "--target", &url, "--fixtures", "f.toml"]);
    assert_eq!(code, 3);
    let stdout = unwrapped(&stdout);
    assert!(stdout.contains("The target cannot be connected to. Is it running?"), "{stdout}");
}

#[test]
fn the_other_contract_is_recognised() {
    let folder = folder("cli/other-contract");
    let served = Served::start(&folder, &["--contract", "model"]);
    let (code, stdout, _) = run(&folder, &["run", "--target", &served.url, "--fixtures", "fixtures.toml"]);
    assert_eq!(code, 3);
    let stdout = unwrapped(&stdout);
    assert!(stdout.contains("accepts those of `model`. Try --contract model."), "{stdout}");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn bad_input_is_one_error_and_exit_2() {
    let folder = folder("cli/bad-input");
    std::fs::write(folder.join("broken.json"), "{\"smithy\":\"2.0\"}").unwrap();
    let unsigned = cases::contract::embedded::MODEL.replace("aws.auth#sigv4", "aws.auth#sigv4a");
    std::fs::write(folder.join("unsigned.json"), unsigned).unwrap();
    std::fs::write(folder.join("broken.toml"), "[[resource]]\napplication = 5\n").unwrap();
    for (arguments, error) in [
        (&["run", "--contract", "nowhere.json"][..], "error: contract nowhere.json: "),
        (
            &["run", "--contract", "broken.json"],
            "error: broken.json: the model has no shape of type `service`",
        ),
        (
            &["list", "--contract", "broken.json"],
            "error: broken.json: the model has no shape of type `service`",
        ),
        (&["run", "--fixtures", "broken.toml"], "error: broken.toml:2: `application` is a whole number; "),
        (&["run", "--fixtures", "none.toml"], "error: fixtures none.toml: "),
        (&["run", "--target", "nowhere"], "error: target nowhere: "),
        (&["run", "--only", "nothing-like-it"], "error: only nothing-like-it: matches no case"),
        (&["run", "--header", "s3cret"], "error: header: value 1 is not `Name: value`"),
        (
            &["run", "--sigv4", "--header", "authorization: s3cret"],
            "error: sigv4: a header sets Authorization",
        ),
        (
            &["run", "--sigv4", "--contract", "unsigned.json"],
            "error: sigv4: the service of the contract `unsigned.json` has no trait `aws.auth#sigv4`",
        ),
        (
            &["serve", "--require-sigv4", "--contract", "unsigned.json"],
            "error: sigv4: the service of the contract `unsigned.json` has no trait `aws.auth#sigv4`",
        ),
        (&["run", "--timeout", "0s"], "error: timeout 0s: "),
        (
            &["run", "--rate", "0/s"],
            "error: invalid value '0/s' for '--rate <N/s>': pass a whole number above zero",
        ),
        (&["run", "--cases", "0"], "error: invalid value '0' for '--cases <N>'"),
        (&["serve", "--mutant", "lenght"], "error: --mutant: no mutant is named"),
        (&["serve", "--mutant", "interval-wraps"], "error: --mutant interval-wraps: has no effect under"),
        (&["replay", "broken.json"], "error: broken.json: "),
    ] {
        let (code, stdout, stderr) = run(&folder, arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.starts_with(error), "{arguments:?}: {stderr}");
        assert!(stdout.is_empty() && !stderr.contains("panicked") && !stderr.contains("s3cret"), "{stderr}");
    }
    // What is wrong, and what would be right.
    std::fs::write(folder.join("cut.json"), "{\"schema_version\": 1,").unwrap();
    std::fs::write(folder.join("newer.json"), "{\"schema_version\": 9}").unwrap();
    for (arguments, error, remedy) in [
        (
            &["run", "--out", "broken.toml"][..],
            "error: --out broken.toml: ",
            "; name a folder that can be written to",
        ),
        (
            &["run", "--write-known-failures", "no/a.toml"],
            "error: no/a.toml: ",
            "--write-known-failures creates none",
        ),
        (&["run", "--fixtures", "none.toml"], "error: fixtures none.toml: ", "; `boundstone provision` and"),
        (
            &["run", "--known-failures", "none.toml"],
            "error: known-failures none.toml: ",
            "; --write-known-failures drafts",
        ),
        (&["run", "--contract", "cut.json"], "error: cut.json:1:21: not JSON: ", "`smithy ast "),
        (
            &["run", "--budget", "5"],
            "error: invalid value '5' for '--budget <DURATION>': ",
            "such as 10s or 2m",
        ),
        (
            &["run", "--cases", "x"],
            "error: invalid value 'x' for '--cases <N>': ",
            "a whole number above zero",
        ),
        (
            &["serve", "--listen", "here"],
            "error: invalid value 'here' for '--listen <ADDR>': ",
            "127.0.0.1:8787",
        ),
        (&["serve", "--variant", "x"], "error: --variant: no variant is named \"x\"", "; `help` lists all"),
        (&["replay", "none.json"], "error: none.json: ", "; name the report.json of a run"),
        (&["replay", "cut.json"], "error: cut.json: not a valid report.json: EOF while", "line 1 column 21"),
        (
            &["replay", "newer.json"],
            "error: newer.json: the report has schema_version 9",
            "use the boundstone that",
        ),
        (&["replay", "broken.json", "0"], "error: invalid value '0' for '[FINDING]': ", "above zero"),
    ] {
        let (code, _, stderr) = run(&folder, arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.starts_with(error) && stderr.contains(remedy), "{arguments:?}: {stderr}");
    }
    std::fs::write(folder.join("boundstone.toml"), "sed = 5\n").unwrap();
    let (code, _, stderr) = run(&folder, &["run"]);
    assert_eq!(code, 2);
    assert!(
        stderr.starts_with("error: boundstone.toml:1: unknown key `sed`; did you mean `seed`?"),
        "{stderr}"
    );
}

#[test]
fn flag_over_environment_over_file() {
    let folder = folder("cli/precedence");
    std::fs::write(folder.join("boundstone.toml"), "seed = 1\nonly = [\"required\"]\nout = \"from-file\"\n")
        .unwrap();
    let seed = |command: &mut Command| {
        assert!(command.output().unwrap().status.success());
        report(&folder.join("from-file")).seed
    };
    assert_eq!(seed(&mut boundstone(&folder, &["run"])), 1);
    assert_eq!(seed(boundstone(&folder, &["run"]).env("BOUNDSTONE_SEED", "2")), 2);
    assert_eq!(seed(boundstone(&folder, &["run", "--seed", "3"]).env("BOUNDSTONE_SEED", "2")), 3);
}

#[test]
fn list_shows_what_run_judges() {
    let folder = folder("cli/list");
    let (code, stdout, _) = run(&folder, &["list", "--contract", "model", "--json"]);
    assert_eq!(code, 0);
    let requirements: Vec<serde_json::Value> = serde_json::from_str(&stdout).unwrap();
    let range = requirements.iter().find(|requirement| {
        requirement["id"] == "start-configuration-session/required-minimum-poll-interval-in-seconds/range"
    });
    assert_eq!(range.unwrap()["level"], "MUST");
    let (_, text, _) = run(&folder, &["list"]);
    assert!(text.contains("MUST   start-configuration-session/application-identifier/length\n"), "{text}");
}

#[test]
fn a_contract_file_is_judged_too() {
    let folder = folder("cli/file");
    std::fs::write(folder.join("own.json"), cases::contract::embedded::MODEL.replace("128", "100")).unwrap();
    let (code, stdout, stderr) = run(&folder, &["run", "--contract", "own.json"]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (_, text, _) = run(&folder, &["list", "--contract", "own.json"]);
    assert!(text.contains("1 to 100 characters long"), "{text}");
}

#[test]
fn a_step_of_github_actions_gets_summary_and_annotations() {
    let folder = folder("cli/actions");
    let (summary, only) = (folder.join("summary.md"), ["--only", "application-identifier/length"]);
    std::fs::write(&summary, "before\n").unwrap();
    let arguments = [&["run", "--annotate", "--quiet"], &only[..]].concat();
    let (code, stdout, _) = output(boundstone(&folder, &arguments).env("GITHUB_STEP_SUMMARY", &summary));
    assert_eq!(code, 0);
    let text = std::fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n✅ **"), "{text}");
    // Nothing was found.
    assert!(!stdout.contains("::"));
}

#[test]
fn a_shell_gets_completions_and_a_manual_its_pages() {
    let folder = folder("cli/completions");
    let says = |arguments: &[&str]| {
        let (code, stdout, _) = run(&folder, arguments);
        assert_eq!(code, 0, "{arguments:?}");
        stdout
    };
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let completions = says(&["completions", shell]);
        assert!(completions.contains("max-requests") && completions.contains("provision"), "{shell}");
    }
    let man = says(&["man"]);
    for page in ["boundstone", "boundstone-run", "boundstone-report", "boundstone-report-render"] {
        let head = format!(".TH {page} 1 \" \" \"boundstone {}\" boundstone", env!("CARGO_PKG_VERSION"));
        assert!(man.contains(&head), "{page}");
    }
    assert!(man.contains("\\-\\-max\\-requests"));
}

#[test]
fn findings_of_several_targets_are_each_replayed_at_their_own() {
    let folder = folder("cli/several");
    let served = ["a", "b"].map(|name| {
        let served = Served::start(&folder, &["--mutant", "length-max-plus-one-accepted"]);
        let arguments = ["run", "--target", &served.url, "--fixtures", "fixtures.toml", "--out", name];
        let only = ["--only", "application-identifier/length"];
        assert_eq!(run(&folder, &[&arguments[..], &only].concat()).0, 1);
        served
    });
    let merge = ["report", "merge", "a/report.json", "b/report.json", "--out", "both"];
    let (code, stdout, stderr) = run(&folder, &merge);
    assert_eq!(code, 1, "{stdout}{stderr}");
    // Each as its run did.
    assert!(stdout.contains("replay --fixtures fixtures.toml both/report.json 2"), "{stdout}");
    let replay = ["replay", "both/report.json"];
    assert!(run(&folder, &replay).1.ends_with("2 of 2 findings still fail.\n"));
    // One of the mock, which no URL names, is looked for in a mock.
    let path = folder.join("both/report.json");
    let report = std::fs::read_to_string(&path).unwrap();
    let own = format!(r#""target": "{}""#, served[0].url);
    assert!(report.contains(&own), "{report}");
    std::fs::write(&path, report.replace(&own, r#""target": "embedded mock""#)).unwrap();
    let (code, stdout, stderr) = run(&folder, &replay);
    assert!(code == 1 && stdout.ends_with("1 of 2 findings still fails.\n"), "{stdout}{stderr}");
    drop(served);
    let (code, stdout, _) = run(&folder, &replay);
    assert_ne!(code, 0, "{stdout}");
}
