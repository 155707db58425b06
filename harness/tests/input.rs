//! What a user gives the built binary, and what it says of what it cannot use.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]
#![allow(clippy::disallowed_methods, reason = "no runtime is here that could be blocked")]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use cases::contract::embedded;
use reports::model::{Report, Verdict};
use serde_json::Value;

use crate::support::{Served, boundstone, folder, output, report, run};

/// The one line on standard error of a command that cannot do what was asked.
fn refused(command: &mut Command) -> String {
    let (code, stdout, stderr) = output(command);
    assert!(code == 2 && stdout.is_empty(), "{code}: {stdout}{stderr}");
    let line = stderr.strip_prefix("error: ").and_then(|line| line.strip_suffix('\n')).unwrap();
    assert!(!line.contains('\n') && !line.contains("panicked"), "{stderr}");
    line.to_owned()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

const FIXTURES: &str = "[[resource]]\napplication = { id = \"abc1234\" }\nenvironment = { id = \"def5678\" }\n\
                        profile = { id = \"ghi9012\" }\nconfiguration = \"{}\"\n";

#[test]
fn an_unknown_variable_is_refused_by_every_command() {
    let folder = folder("input/variables");
    std::fs::write(folder.join("report.json"), "{}").unwrap();
    for arguments in [
        &["run"][..],
        &[],
        &["list"],
        &["serve", "--listen", "127.0.0.1:0"],
        &["replay", "report.json"],
        &["compare", "http://127.0.0.1:9", "http://127.0.0.1:9"],
        &["report", "render", "report.json"],
        &["provision"],
        &["completions", "bash"],
        &["man"],
    ] {
        let said = refused(boundstone(&folder, arguments).env("BOUNDSTONE_TARGTE", "http://s3cret"));
        let expected = "BOUNDSTONE_TARGTE: no setting of boundstone has this variable; the nearest is BOUNDSTONE_TARGET: \
                        correct or unset it (`boundstone help run` lists them)";
        assert_eq!(said, expected, "{arguments:?}");
    }
    // A variable of another command is known, and help is always given.
    let known = ["BOUNDSTONE_FIXTURES", "BOUNDSTONE_LISTEN", "BOUNDSTONE_WAIT", "BOUNDSTONE_MAX_FAILURES"];
    let (code, stdout, stderr) = output(boundstone(&folder, &["list"]).envs(known.map(|name| (name, "3s"))));
    assert!(code == 0 && !stdout.is_empty(), "{stderr}");
    assert_eq!(output(boundstone(&folder, &["--help"]).env("BOUNDSTONE_TARGTE", "")).0, 0);
}

#[test]
fn a_configuration_file_is_refused_at_the_line_that_is_wrong() {
    let folder = folder("input/configuration");
    let path = folder.join("boundstone.toml");
    for (text, expected) in [
        (
            "seed = 5\nmax_requests = 3\n",
            "boundstone.toml:2: unknown key `max_requests`; did you mean `max-requests`?",
        ),
        (
            "# mine\ntimeout = 10\n",
            "boundstone.toml:2: `timeout` is a whole number that cannot be used; a time with its unit",
        ),
        (
            "strict = \"yes\"\n",
            "boundstone.toml:1: `strict` is a string that cannot be used; true or false is expected",
        ),
        (
            "header = [\n  \"a: b\",\n  5,\n]\n",
            "boundstone.toml:3: an item of `header` is a whole number; a list of",
        ),
        (
            "wait = \"soon\"\n",
            "boundstone.toml:1: `wait` is a string that cannot be used; a time with its unit, such as",
        ),
        (
            "max-failures = 0\n",
            "boundstone.toml:1: `max-failures` is a whole number that cannot be used; a whole number above",
        ),
        ("seed = 5\nseed = 6\n", "boundstone.toml:2:1: "),
        ("seed = \n", "boundstone.toml:1:8: "),
    ] {
        std::fs::write(&path, text).unwrap();
        for command in [&["run"][..], &["run", "--dry-run"]] {
            let said = refused(&mut boundstone(&folder, command));
            assert!(said.starts_with(expected), "{said}");
        }
    }
    std::fs::write(&path, utf16("seed = 5\n")).unwrap();
    let said = refused(&mut boundstone(&folder, &["run"]));
    assert!(
        said.starts_with("boundstone.toml: is UTF-16; save it as UTF-8 (`iconv -f UTF-16 -t UTF-8"),
        "{said}"
    );
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert_eq!(refused(&mut boundstone(&folder, &["run"])), "boundstone.toml: is a folder; name a file");
    std::fs::remove_dir(&path).unwrap();
    // What Windows writes is read.
    std::fs::write(&path, "\u{feff}dry-run = true\r\nseed = 5\r\n").unwrap();
    assert_eq!(run(&folder, &["run"]).0, 0);
}

#[test]
fn fixtures_are_refused_at_the_line_that_is_wrong() {
    let folder = folder("input/fixtures");
    std::fs::create_dir(folder.join("served")).unwrap();
    std::fs::write(folder.join("large"), vec![b'a'; (4 << 20) + 1]).unwrap();
    std::fs::write(folder.join("flags.json"), "{}").unwrap();
    for (from, to, expected) in [
        (
            "id = \"def5678\"",
            "id = \"def5678:abc1234\"",
            "f.toml:3: the `id` of `environment` is `def5678:abc1234`, with the ids of \
            several resources, as Terraform prints it; write only the id of this resource, id = \"def5678\"",
        ),
        (
            "id = \"ghi9012\"",
            "id = \"ghi9012:abc1234\"",
            "f.toml:4: the `id` of `profile` is `ghi9012:abc1234`, ",
        ),
        (
            "id = \"def5678\"",
            "id = \"arn:aws:appconfig:eu-west-1:123456789012:application/abc1234/environment/def5678\"",
            "f.toml:3: the `id` of `environment` is an ARN; write the id that it contains, id = \"def5678\"",
        ),
        (
            "id = \"abc1234\"",
            "id = \"\"",
            "f.toml:2: the `id` of `application` is empty; write it, or leave it out and write",
        ),
        ("id = \"abc1234\"", "id = \"  \"", "f.toml:2: the `id` of `application` is blank; "),
        (
            "id = \"abc1234\"",
            "id = \" abc1234\"",
            "f.toml:2: the `id` of `application` has white space around it; write id = \"abc1234\"",
        ),
        (
            "id = \"abc1234\"",
            &format!("id = \"{}\"", "a".repeat(200)),
            "f.toml:2: the `id` of `application` is 200 characters long, but the contract `page` allows 1 to 64",
        ),
        ("{ id = \"abc1234\" }", "{}", "f.toml:2: `application` needs an `id` or a `name`"),
        (
            "\"{}\"",
            "{ file = \"none.json\" }",
            "f.toml:5: the `file` of `configuration`, none.json: no such file; names are relative",
        ),
        (
            "\"{}\"",
            "{ file = \"served\" }",
            "f.toml:5: the `file` of `configuration`, served: is a folder; name a file; ",
        ),
        (
            "\"{}\"",
            "{ file = \"large\" }",
            "f.toml:5: the `file` of `configuration`, large: is larger than 4 MiB; ",
        ),
        (
            "\"{}\"",
            "\"flags.json\"",
            "f.toml:5: `configuration` is the name of a file and not its content; write configuration = { file = \"flags.json\" }",
        ),
        ("\"{}\"", "\"none.yaml\"", "f.toml:5: `configuration` is the name of a file and not its content; "),
        ("profile", "profil", "f.toml:4: `profil` is no part of a resource; did you mean `profile`?"),
    ] {
        std::fs::write(folder.join("f.toml"), FIXTURES.replacen(from, to, 1)).unwrap();
        let said = refused(&mut boundstone(&folder, &["run", "--dry-run", "--fixtures", "f.toml"]));
        assert!(said.starts_with(expected), "{said}");
    }
    std::fs::write(folder.join("f.toml"), utf16(FIXTURES)).unwrap();
    let said = refused(&mut boundstone(&folder, &["run", "--fixtures", "f.toml"]));
    assert!(said.starts_with("fixtures f.toml: is UTF-16; save it as UTF-8 "), "{said}");
    let said = refused(&mut boundstone(&folder, &["run", "--fixtures", "served"]));
    assert!(said.starts_with("fixtures served: is a folder; name a file; `boundstone provision`"), "{said}");
    let file = FIXTURES.replace("\"{}\"", "{ file = \"flags.json\" }");
    std::fs::write(folder.join("f.toml"), format!("\u{feff}{file}")).unwrap();
    assert_eq!(run(&folder, &["run", "--dry-run", "--fixtures", "f.toml"]).0, 0);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_or_never_ends_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder("input/unreadable");
    let secret = folder.join("secret.json");
    std::fs::write(&secret, "{}").unwrap();
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o0)).unwrap();
    let refuse = |file: &str| {
        std::fs::write(
            folder.join("f.toml"),
            FIXTURES.replace("\"{}\"", &format!("{{ file = \"{file}\" }}")),
        )
        .unwrap();
        boundstone(&folder, &["run", "--dry-run", "--fixtures", "f.toml"])
    };
    let said = refused(&mut refuse("/dev/zero"));
    assert!(said.contains("is a pipe, a socket or a device; name a regular file"), "{said}");
    // Whoever is root may read it.
    if std::fs::read(&secret).is_err() {
        let said = refused(&mut refuse("secret.json"));
        assert!(
            said.contains("secret.json: permission denied; give the user who runs boundstone read access"),
            "{said}"
        );
    }
    let said = refused(&mut boundstone(&folder, &["run", "--fixtures", "/dev/zero"]));
    assert!(said.starts_with("fixtures /dev/zero: is larger than 64 MiB"), "{said}");
}

#[test]
fn what_is_no_contract_is_told_with_the_way_to_one() {
    let folder = folder("input/contracts");
    std::fs::create_dir(folder.join("model")).unwrap();
    for (name, bytes, expected) in [
        ("a.json", &b"{\"openapi\": \"3.0.3\"}"[..], "a.json: an OpenAPI description (version 3.0.3); "),
        (
            "a.yaml",
            b"openapi: 3.1.0\ninfo:\n  title: A\n",
            "a.yaml: an OpenAPI description (version 3.1.0), in YAML; ",
        ),
        ("b.json", b"{\"swagger\": \"2.0\"}", "b.json: a Swagger description (version 2.0); "),
        (
            "service-2.json",
            b"{\"version\":\"2.0\",\"metadata\":{},\"operations\":{},\"shapes\":{}}",
            "service-2.json: a service description of botocore (service-2.json); ",
        ),
        (
            "service-2.yaml",
            b"version: '2.0'\nmetadata: {}\noperations: {}\n",
            "service-2.yaml: a service description of botocore",
        ),
        (
            "a.smithy",
            b"$version: \"2\"\n\nnamespace a.b\n",
            "a.smithy: Smithy IDL, from which the JSON AST is made; ",
        ),
        ("b.smithy", b"namespace a.b\n", "b.smithy: Smithy IDL, from which the JSON AST is made; "),
        ("utf16.json", &utf16(embedded::MODEL), "contract utf16.json: is UTF-16; save it as UTF-8 (`iconv "),
        (
            "a.json.gz",
            b"\x1f\x8b\x08\0\0\0\0\0",
            "contract a.json.gz: is compressed (gzip); unpack it first (`gunzip`); ",
        ),
        ("a.zip", b"PK\x03\x04\x14\0", "contract a.zip: is compressed (zip); unpack it first (`unzip`); "),
        ("empty.json", b"", "empty.json: the file is empty; "),
        ("cut.json", b"{\"smithy\": \"2.0\",\n", "cut.json:2:0: not JSON: EOF while parsing a value; "),
        ("comma.json", b"{\n  \"smithy\": \"2.0\",\n}\n", "comma.json:3:1: not JSON: trailing comma; "),
        (
            "latin.json",
            b"{\n\"smithy\": \"2.0\", \"a\": \"\xe4\"}",
            "contract latin.json: is not UTF-8 in line 2; save it as UTF-8; ",
        ),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
        for command in [&["run"][..], &["list"], &["serve", "--listen", "127.0.0.1:0"]] {
            let said = refused(boundstone(&folder, command).args(["--contract", name]));
            assert!(said.starts_with(expected), "{said}");
            assert!(
                said.contains("`smithy ast ") && said.contains("github.com/aws/api-models-aws"),
                "{said}"
            );
        }
    }
    for (name, expected) in [
        ("model", None),
        (
            "none.json",
            Some("contract none.json: no such file; `page`, `model` or a Smithy JSON AST is expected: "),
        ),
        ("./model", Some("contract ./model: is a folder; name a file; `page`, `model` or a Smithy ")),
    ] {
        let mut command = boundstone(&folder, &["list", "--contract", name]);
        match expected {
            Some(expected) => assert!(refused(&mut command).starts_with(expected)),
            None => assert_eq!(output(&mut command).0, 0),
        }
    }
    std::fs::write(folder.join("marked.json"), format!("\u{feff}{}", embedded::MODEL)).unwrap();
    let (code, marked, stderr) = run(&folder, &["list", "--contract", "marked.json"]);
    assert!(code == 0 && marked.contains("1 to 128 characters long"), "{stderr}");
}

#[test]
fn other_files_of_the_user_are_read_alike() {
    let folder = folder("input/others");
    std::fs::write(folder.join("known.toml"), utf16("[[known]]\n")).unwrap();
    let said = refused(&mut boundstone(&folder, &["run", "--known-failures", "known.toml"]));
    assert!(said.starts_with("known-failures known.toml: is UTF-16; save it as UTF-8 "), "{said}");
    std::fs::write(folder.join("report.json"), utf16("{}")).unwrap();
    let said = refused(&mut boundstone(&folder, &["replay", "report.json"]));
    assert!(said.starts_with("report.json: is UTF-16; save it as UTF-8 "), "{said}");
    std::fs::write(folder.join("ca.pem"), utf16("-----BEGIN CERTIFICATE-----\n")).unwrap();
    let target = ["run", "--target", "https://127.0.0.1:9", "--ca-cert", "ca.pem"];
    let said = refused(&mut boundstone(&folder, &target));
    assert!(said.starts_with("ca-cert ca.pem: is UTF-16; save it as UTF-8 "), "{said}");
    let target = ["run", "--target", "http://127.0.0.1:9", "--header", "accept-encoding: gzip"];
    let said = refused(&mut boundstone(&folder, &target));
    assert!(
        said.starts_with("header accept-encoding: boundstone does not read compressed responses"),
        "{said}"
    );
}

#[test]
fn the_order_of_errors_in_a_model_is_no_change() {
    let folder = folder("input/changes");
    let mut model: Value = serde_json::from_str(embedded::MODEL).unwrap();
    for shape in model["shapes"].as_object_mut().unwrap().values_mut() {
        if let Some(errors) = shape.get_mut("errors").and_then(Value::as_array_mut) {
            errors.reverse();
        }
    }
    std::fs::write(folder.join("own.json"), model.to_string()).unwrap();
    let (code, stdout, _) = run(&folder, &["list", "--contract", "own.json", "--changes", "--json"]);
    let changes: Value = serde_json::from_str(&stdout).unwrap();
    assert!(code == 0 && changes["changed"].as_array().unwrap().is_empty(), "{stdout}");
    assert!(
        changes["added"].as_array().unwrap().is_empty() && changes["removed"].as_array().unwrap().is_empty()
    );
    // Another list is one.
    let shapes = model["shapes"].as_object_mut().unwrap();
    let operation = shapes.values_mut().find(|shape| shape["type"] == "operation").unwrap();
    operation["errors"].as_array_mut().unwrap().pop();
    std::fs::write(folder.join("own.json"), model.to_string()).unwrap();
    let (_, stdout, _) = run(&folder, &["list", "--contract", "own.json", "--changes", "--json"]);
    let changes: Value = serde_json::from_str(&stdout).unwrap();
    assert!(!changes["changed"].as_array().unwrap().is_empty(), "{stdout}");
}

#[test]
fn this_machine_is_asked_as_often_as_it_likes() {
    let folder = folder("input/near");
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    let free = |host: &str| {
        let url = format!("http://{host}:9");
        let (code, stdout, stderr) =
            run(&folder, &["run", "--dry-run", "--target", &url, "--fixtures", "f.toml"]);
        assert_eq!(code, 0, "{stderr}");
        stdout.contains("there is no rate limit (--rate)")
    };
    let name =
        std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "localhost".to_owned());
    let bracketed = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V6(address) => format!("[{address}]"),
        std::net::IpAddr::V4(address) => address.to_string(),
    };
    let own = if_addrs::get_if_addrs().unwrap().into_iter().map(|interface| bracketed(interface.ip()));
    let names =
        ["0.0.0.0", "[::]", "localhost", "127.1.2.3", "[::1]", "a.localhost", name.trim()].map(str::to_owned);
    for host in names.into_iter().chain(own) {
        assert!(free(&host), "{host}");
    }
    for host in ["192.0.2.1", "[2001:db8::1]", "target.example"] {
        assert!(!free(host), "{host}");
    }
    // It is spoken to there as well.
    let served = Served::start(&folder, &[]);
    let url = served.url.replace("127.0.0.1", "0.0.0.0");
    let only = ["--only", "application-identifier/required"];
    let target = ["run", "--target", &url, "--fixtures", "fixtures.toml"];
    let (code, stdout, stderr) = run(&folder, &[&target[..], &only].concat());
    assert!(code == 0 && !stderr.contains("another machine"), "{stdout}{stderr}");
}

/// Responds to connections with these, one after the other; with nothing it closes them.
fn responding(listener: &TcpListener, responses: &[&str]) {
    for response in responses {
        let (mut socket, _) = listener.accept().unwrap();
        if !response.is_empty() {
            let _read = socket.read(&mut [0; 4096]);
            let _written = socket.write_all(response.as_bytes());
        }
    }
}

const UNAVAILABLE: [&str; 3] = [
    "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
    "HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
];

#[test]
fn a_target_that_comes_up_is_waited_for() {
    let folder = folder("input/wait");
    let only = ["--only", "application-identifier/required"];
    // At first nothing is there, then something that closes, then a proxy without what is behind it.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let own = folder.clone();
    let server = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        let listener = TcpListener::bind(address).unwrap();
        responding(&listener, &[&["", ""][..], &UNAVAILABLE].concat());
        drop(listener);
        Served::at(&own, &address.to_string(), &["--contract", "model"])
    });
    let fixtures = {
        let other = self::folder("input/wait-fixtures");
        let _served = Served::start(&other, &["--contract", "model"]);
        std::fs::read_to_string(other.join("fixtures.toml")).unwrap()
    };
    std::fs::write(folder.join("f.toml"), fixtures).unwrap();
    let url = format!("http://{address}");
    let target = ["run", "--contract", "model", "--target", &url, "--fixtures", "f.toml", "--wait", "30s"];
    let (code, stdout, stderr) = run(&folder, &[&target[..], &only].concat());
    let _served = server.join().unwrap();
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(stderr.matches("Waiting up to 30s for http://127.0.0.1:").count(), 1, "{stderr}");
    // Who is there is not waited for, whoever says so.
    let target = ["run", "--contract", "model", "--target", &url, "--fixtures", "f.toml"];
    let (code, _, stderr) =
        output(boundstone(&folder, &[&target[..], &only].concat()).env("BOUNDSTONE_WAIT", "30s"));
    assert!(code == 0 && !stderr.contains("Waiting"), "{stderr}");
    let both = ["compare", &url, &url, "--contract", "model", "--fixtures", "f.toml", "--wait", "30s"];
    assert_eq!(run(&folder, &[&both[..], &only].concat()).0, 0);
}

#[test]
fn a_target_that_does_not_come_up_is_given_up_in_time() {
    let folder = folder("input/wait-in-vain");
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    std::fs::write(folder.join("boundstone.toml"), "wait = \"700ms\"\n").unwrap();
    let start = Instant::now();
    let (code, stdout, stderr) = run(&folder, &["run", "--target", &url, "--fixtures", "f.toml"]);
    assert!((Duration::from_millis(700)..Duration::from_secs(8)).contains(&start.elapsed()));
    assert_eq!(code, 3, "{stdout}{stderr}");
    let stdout = stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let said =
        "The target did not come up within 700ms (--wait). The target cannot be connected to. Is it running?";
    assert!(stdout.contains(said) && stderr.contains("Waiting up to 700ms for http://"), "{stdout}{stderr}");
    let (code, _, stderr) = run(&folder, &["compare", &url, &url, "--fixtures", "f.toml", "--wait", "300ms"]);
    assert!(code == 3 && stderr.contains("It did not come up within 300ms (--wait)."), "{stderr}");
    // Nothing is sent, and so nothing is waited for.
    let dry = ["run", "--dry-run", "--target", &url, "--fixtures", "f.toml", "--wait", "30s"];
    assert!(run(&folder, &dry).0 == 0 && start.elapsed() < Duration::from_secs(20));
}

#[test]
fn enough_failures_end_a_run() {
    let folder = folder("input/failures");
    let served = Served::start(&folder, &["--mutant", "length-max-not-enforced"]);
    let target = ["run", "--target", &served.url, "--fixtures", "fixtures.toml"];
    assert_eq!(run(&folder, &target).0, 1);
    let whole = report(&folder.join("target/boundstone"));
    let failed = |report: &Report| {
        report.requirements.iter().filter(|requirement| requirement.verdict == Verdict::Failed).count()
    };
    assert!(failed(&whole) >= 3, "{}", failed(&whole));
    let (code, stdout, stderr) = run(&folder, &[&target[..], &["--max-failures", "1"]].concat());
    assert_eq!(code, 1, "{stdout}{stderr}");
    let ended = report(&folder.join("target/boundstone"));
    assert!(ended.totals.requests * 2 < whole.totals.requests, "{stdout}");
    assert!(failed(&ended) >= 1, "{stdout}");
    let reason = Some("--max-failures 1 was reached");
    let cases = ended.requirements.iter().flat_map(|requirement| &requirement.cases);
    let skipped =
        cases.filter(|case| case.verdict == Verdict::Skipped && case.reason.as_deref() == reason).count();
    assert!(skipped > 5, "{skipped}: {stdout}");
    // A run that continues looks for as many more.
    let (code, stdout, stderr) = run(&folder, &[&target[..], &["--resume", "--max-failures", "9"]].concat());
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert_eq!(failed(&report(&folder.join("target/boundstone"))), failed(&whole), "{stdout}");
    let said = run(&folder, &["run", "--max-failures", "0"]).2;
    assert!(
        said.starts_with("error: invalid value '0' for '--max-failures <N>': a whole number above"),
        "{said}"
    );
}

#[test]
fn what_is_known_or_no_must_is_no_failure_that_ends_a_run() {
    let folder = folder("input/known-failures");
    let served = Served::start(&folder, &["--mutant", "errors-compressed-unrequested"]);
    let target = ["run", "--target", &served.url, "--fixtures", "fixtures.toml", "--max-failures", "1"];
    let (code, stdout, _) = run(&folder, &target);
    assert!(code == 0 && !stdout.contains("was reached"), "{stdout}");
    let (code, stdout, _) = run(&folder, &[&target[..], &["--strict"]].concat());
    assert!(code == 1 && stdout.contains("--max-failures 1 was reached"), "{stdout}");
    let known = "[[known]]\ncase = \"*/errors/content-type\"\nreason = \"an edge does it\"\n";
    std::fs::write(folder.join("known.toml"), known).unwrap();
    let (code, stdout, _) =
        run(&folder, &[&target[..], &["--strict", "--known-failures", "known.toml"]].concat());
    assert!(code != 1 && !stdout.contains("was reached"), "{stdout}");
}

#[test]
fn compressed_responses_are_one_finding_that_names_the_encoding() {
    let folder = folder("input/compressed");
    let served =
        Served::start(&folder, &["--mutant", "bodies-compressed-unrequested", "--contract", "model"]);
    let target = ["run", "--contract", "model", "--target", &served.url, "--fixtures", "fixtures.toml"];
    let (code, stdout, stderr) = run(&folder, &target);
    assert_eq!(code, 1, "{stdout}{stderr}");
    assert!(
        stdout.contains("content-encoding: <absent>") && stdout.contains("content-encoding: gzip"),
        "{stdout}"
    );
    let report = report(&folder.join("target/boundstone"));
    let findings: Vec<_> = report.requirements.iter().flat_map(|requirement| &requirement.findings).collect();
    let operations: Vec<_> = report
        .requirements
        .iter()
        .filter(|it| !it.findings.is_empty())
        .map(|it| it.operation.as_str())
        .collect();
    // Without a token that can be read, no poll is of a session.
    assert_eq!(operations, ["StartConfigurationSession"], "{stdout}");
    for finding in findings {
        let [difference] = finding.differences.as_slice() else { panic!("{finding:?}") };
        assert_eq!(
            (difference.field.as_str(), difference.expected.as_str(), difference.actual.as_str()),
            ("content-encoding", "<absent>", "gzip")
        );
    }
    // The header is kept, the request says what it asks for, and nothing of the body is shown.
    for (file, holds) in [
        ("report.json", "\"content-encoding\""),
        ("report.md", "content-encoding: gzip"),
        ("report.html", "content-encoding"),
        ("junit.xml", "content-encoding: gzip"),
    ] {
        let text = std::fs::read_to_string(folder.join("target/boundstone").join(file)).unwrap();
        assert!(text.contains(holds), "{file}: {text}");
        assert!(!text.contains('\u{1f}') && !text.contains("InitialConfigurationToken\\"), "{file}: {text}");
        let shows_bodies = matches!(file, "report.json" | "report.html");
        assert!(!shows_bodies || text.contains("bytes of gzip, not shown"), "{file}: {text}");
        assert!(text.contains("accept-encoding"), "{file}: {text}");
    }
    let (code, stdout, _) =
        run(&folder, &["replay", "--fixtures", "fixtures.toml", "target/boundstone/report.json", "1"]);
    assert!(code == 1 && stdout.contains("content-encoding is gzip, not <absent>"), "{stdout}");
}

#[test]
fn a_target_that_compresses_is_tested_whatever_it_compresses_with() {
    let folder = folder("input/codings");
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    for coding in ["br", "deflate", "zstd, x-own"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let response = format!(
            "HTTP/1.1 201 Created\r\nContent-Encoding: {coding}\r\ncontent-length: 4\r\nconnection: close\r\n\r\n\x0b\x01ab"
        );
        thread::spawn(move || {
            loop {
                responding(&listener, &[&response]);
            }
        });
        let target = ["run", "--contract", "model", "--target", &url, "--fixtures", "f.toml"];
        let only = ["--only", "start-configuration-session/accepts", "--cases", "1"];
        let (code, stdout, stderr) = run(&folder, &[&target[..], &only].concat());
        assert_eq!(code, 1, "{stdout}{stderr}");
        assert!(stdout.contains(&format!(" content-encoding: {coding}\n")), "{stdout}");
        assert!(!stdout.contains("InitialConfigurationToken: <absent>"), "{stdout}");
    }
}

#[test]
fn a_server_that_compresses_for_who_asks_is_not_accused() {
    let folder = folder("input/compresses");
    for variant in ["compresses-when-allowed", "encoding-identity", "chunked-responses"] {
        let served = Served::start(&folder, &["--variant", variant]);
        let target = ["run", "--strict", "--target", &served.url, "--fixtures", "fixtures.toml"];
        let (code, stdout, stderr) = run(&folder, &target);
        assert_eq!(code, 0, "{variant}: {stdout}{stderr}");
    }
}
