//! Runs the commands in a real shell with a real curl, and checks the bytes that arrive at a socket.

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "the crate is pure, its test needs a socket; helpers of a test may fail it"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread;

use cases::protocol::Alteration;
use reports::model::{Payload, RecordedRequest, Source, Use};
use reports::render::command::{Route, curl};

fn route(base_url: &str) -> Route {
    Route { base_url: base_url.to_owned(), ..Route::default() }
}

/// The bytes of one request that arrived.
struct Received {
    /// Request line and headers.
    head: Vec<String>,
    body: Vec<u8>,
}

impl Received {
    fn header_names(&self) -> Vec<String> {
        let name = |line: &String| line.split(':').next().unwrap_or("").to_ascii_lowercase();
        let mut names: Vec<String> = self.head[1..].iter().map(name).collect();
        names.sort();
        names
    }
}

/// Sends `requests` with the commands and responds to each with the next of `responses`. `None` without curl.
fn run(requests: &[RecordedRequest], responses: &[&str]) -> Option<(Vec<Received>, Output)> {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: there is no curl on this machine");
        return None;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let base_url = format!("http://{}", listener.local_addr().expect("its address"));
    let responses: Vec<String> = responses.iter().map(|&response| response.to_owned()).collect();
    let server = thread::spawn(move || {
        responses
            .iter()
            .map(|response| serve(&mut listener.accept().expect("a connection").0, response))
            .collect::<Vec<_>>()
    });
    let script = curl(&route(&base_url), requests);
    println!("{script}");
    assert!(script.chars().all(|c| c == '\n' || !c.is_control()), "{script:?}");
    let output = Command::new("sh").arg("-c").arg(&script).output().expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.is_empty(), "{errors}");
    Some((server.join().expect("the server"), output))
}

fn serve(stream: &mut TcpStream, response: &str) -> Received {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head: Vec<String> =
                String::from_utf8_lossy(&bytes[..end]).lines().map(str::to_owned).collect();
            let length: usize = head
                .iter()
                .filter_map(|line| line.split_once(": "))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, length)| length.parse().expect("a length"));
            while bytes.len() < end + 4 + length {
                let read = stream.read(&mut buffer).expect("more of the body");
                bytes.extend(&buffer[..read]);
            }
            stream.write_all(response.as_bytes()).expect("room for the response");
            return Received { head, body: bytes.split_off(end + 4) };
        }
        let read = stream.read(&mut buffer).expect("more of the head");
        assert_ne!(read, 0, "the request ends in its head");
        bytes.extend(&buffer[..read]);
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

fn request(method: &str, target: &str, body: Payload) -> RecordedRequest {
    RecordedRequest {
        operation: "Any".into(),
        method: method.into(),
        target: target.into(),
        headers: vec![],
        body,
        after_seconds: 0,
        at_once: false,
        signing: None,
        uses: vec![],
    }
}

fn text(text: &str) -> Payload {
    Payload::Text(text.into())
}

#[test]
fn only_the_headers_of_the_request_are_sent() {
    let mut with_headers = request("POST", "/a", text("{\"a\":1}"));
    with_headers.headers = vec![
        ("Content-Type".into(), "application/json".into()),
        ("X-Empty".into(), String::new()),
        ("X-Odd".into(), "it's \"$HOME\" `id` \\ @ü".into()),
    ];
    let bare = request("POST", "/b", text("{\"a\":1}"));
    let empty = request("POST", "/c", text(""));
    let get = request("GET", "/d", text(""));
    let head = request("HEAD", "/e", text(""));
    let delete = request("DELETE", "/f", text("x"));
    let requests = [with_headers, bare, empty, get, head, delete];
    let Some((received, output)) = run(&requests, &[OK; 6]) else {
        return;
    };
    let names = ["content-length", "content-type", "host", "x-empty", "x-odd"];
    assert_eq!(received[0].header_names(), names);
    assert!(received[0].head.contains(&"X-Odd: it's \"$HOME\" `id` \\ @ü".to_owned()));
    assert!(received[0].head.contains(&"X-Empty:".to_owned()));
    for n in [1, 2, 5] {
        assert_eq!(received[n].header_names(), ["content-length", "host"], "{n}");
    }
    for n in [3, 4] {
        assert_eq!(received[n].header_names(), ["host"], "{n}");
    }
    let lines: Vec<&str> = received.iter().map(|request| request.head[0].as_str()).collect();
    assert_eq!(
        lines,
        [
            "POST /a HTTP/1.1",
            "POST /b HTTP/1.1",
            "POST /c HTTP/1.1",
            "GET /d HTTP/1.1",
            "HEAD /e HTTP/1.1",
            "DELETE /f HTTP/1.1"
        ]
    );
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(printed.matches("HTTP/1.1 200 OK").count(), 6);
}

#[test]
fn any_target_arrives_unchanged() {
    let targets = [
        "/",
        "/a/../b/./c//d",
        "/x?y={1..3}&[a-b]=%zz&empty=",
        "/x?",
        "/it's \"quoted\" $HOME `id`",
        "/ü?ß=\u{1b}",
        "/#fragment",
        "*",
    ];
    let requests = targets.map(|target| request("GET", target, text("")));
    let Some((received, _)) = run(&requests, &[OK; 8]) else {
        return;
    };
    for (target, received) in targets.iter().zip(received) {
        assert_eq!(received.head[0], format!("GET {target} HTTP/1.1"));
    }
}

#[test]
fn any_body_arrives_unchanged() {
    let bytes: Vec<u8> = (0..=255).collect();
    let long = "x".repeat(700) + "'%s\\n";
    let runs = |piece: &str, times: u64| Payload::Runs {
        runs: vec![("{\"a\":\"".into(), 1), (piece.into(), times), ("\"}\n".into(), 1)],
    };
    let bodies = [
        text("@/etc/passwd"),
        text("it's \"$HOME\" `id` \\n %s %% ü 😀"),
        text("\u{1b}]0;title\u{7}\r\n\t'\\101%d"),
        text("-n\n\n"),
        text(&long),
        Payload::of(&bytes),
        Payload::of(b"a\x00b"),
        runs("a", 65),
        runs("ü", 2049),
        runs("😀", 1000),
        runs("-'\"\\%", 500),
        runs("\u{0}", 100),
        runs("a", 1 << 20),
    ];
    let requests = bodies.clone().map(|body| request("POST", "/", body));
    let Some((received, _)) = run(&requests, &[OK; 13]) else {
        return;
    };
    for (body, received) in bodies.iter().zip(received) {
        let expected = body.to_bytes(1 << 21).expect("bytes");
        assert!(expected == received.body, "{body:?}: {} bytes", received.body.len());
        assert_eq!(received.header_names(), ["content-length", "host"]);
    }
}

#[test]
fn long_runs_are_abbreviated() {
    let body = Payload::of(format!("{{\"a\":\"{}\"}}", "a".repeat(1 << 20)).as_bytes());
    let script = curl(&route("http://127.0.0.1:1/"), &[request("POST", "/", body)]);
    assert!(script.len() < 500, "{script}");
    assert!(script.contains("1048576"), "{script}");
}

/// A token with all characters that have a meaning in a path, a shell, a JSON string or a regular expression.
const TOKEN: &str = r#"A+/=&#%?'"$HOME`id`\~[]{}|^<>!*.,:;@()-_end"#;

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let hex = std::str::from_utf8(&rest[..2]).expect("two digits");
            bytes.push(u8::from_str_radix(hex, 16).expect("two digits"));
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn values_of_earlier_responses_are_used() {
    let json = serde_json::json!({ "Other": "x", "Token": TOKEN, "Last": { "a": "b" } });
    let pretty = serde_json::to_string_pretty(&json).expect("JSON").replace('+', "\\u002B");
    let first = format!("HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n{pretty}");
    let second = format!(
        "HTTP/1.1 200 OK\r\nX-Next-Token-Not: no\r\nx-NEXT-token:  {TOKEN} \r\n\
         Connection: close\r\n\r\nX-Next-Token: no\n"
    );
    let of = |placeholder: &str, step, from: &Source, alter| Use {
        placeholder: placeholder.into(),
        step,
        from: from.clone(),
        alter,
    };
    let member = Source::Member("Token".into());
    let header = Source::Header("X-Next-Token".into());
    let mut poll = request("GET", "/poll?before=1&token=<1>&after=2", text(""));
    poll.uses = vec![of("<1>", 0, &member, None)];
    let mut again = request("PUT", "/poll?token=<2>", text("one <1> two <2> it's\u{1}<2>\n"));
    again.headers = vec![("X-Token".into(), "<2>".into())];
    again.uses = vec![of("<1>", 0, &member, None), of("<2>", 1, &header, None)];
    let altered = |alter| {
        let mut request = request("POST", "/altered", text("<1>"));
        request.uses = vec![of("<1>", 0, &member, Some(alter))];
        request
    };
    let more = [Alteration::ChangePadding, Alteration::ChangeAt(0), Alteration::ChangeAt(200)];
    let alters: Vec<_> = Alteration::ALL.into_iter().chain(more).collect();
    let mut requests = vec![request("POST", "/start", text("{}")), poll, again];
    requests.extend(alters.iter().copied().map(altered));
    let mut responses = vec![first.as_str(), second.as_str()];
    responses.resize(requests.len(), OK);
    let Some((received, output)) = run(&requests, &responses) else {
        return;
    };

    let query = received[1].head[0].split(' ').nth(1).expect("a target");
    let token = query.strip_prefix("/poll?before=1&token=").expect("the start");
    let token = token.strip_suffix("&after=2").expect("the end");
    assert!(!token.contains(['&', '#', '+', '=', '/']), "{token}");
    assert_eq!(percent_decoded(token), TOKEN);

    let body = format!("one {TOKEN} two {TOKEN} it's\u{1}{TOKEN}\n");
    assert_eq!(String::from_utf8_lossy(&received[2].body), body);
    assert!(received[2].head.contains(&format!("X-Token: {TOKEN}")));
    for (alter, received) in alters.iter().zip(&received[3..]) {
        let body = String::from_utf8_lossy(&received.body);
        assert_eq!(body, alter.apply(TOKEN), "{alter:?}");
        assert_ne!(body, TOKEN);
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("201 Created"), "{printed}");
    assert!(printed.contains("\"Last\""), "{printed}");
}

#[test]
fn altered_end_of_a_value_is_the_same() {
    // Three bytes, two and one; of either alphabet; with padding; no base64.
    let tokens =
        ["abcA", "abce", "abcf", "abc-", "abc/", "abcz", "abc9", "aB", "a_", "ab+", "ab=", "a9==", "a!"];
    let alters = [Alteration::ChangeEnd, Alteration::ChangePadding, Alteration::PercentEncode];
    let mut requests = Vec::new();
    let mut responses = Vec::new();
    for token in tokens {
        let step = requests.len();
        responses.push(format!("HTTP/1.1 200 OK\r\nToken: {token}\r\nConnection: close\r\n\r\n"));
        requests.push(request("POST", "/start", text("{}")));
        for alter in alters {
            let mut altered = request("POST", "/altered", text("<1>"));
            let from = Source::Header("Token".into());
            altered.uses = vec![Use { placeholder: "<1>".into(), step, from, alter: Some(alter) }];
            responses.push(OK.to_owned());
            requests.push(altered);
        }
    }
    let responses: Vec<&str> = responses.iter().map(String::as_str).collect();
    let Some((received, _)) = run(&requests, &responses) else { return };
    for (token, received) in tokens.iter().zip(received.chunks(1 + alters.len())) {
        for (alter, received) in alters.iter().zip(&received[1..]) {
            assert_eq!(String::from_utf8_lossy(&received.body), alter.apply(token), "{token}: {alter:?}");
        }
    }
}

#[test]
fn user_headers_come_from_the_environment() {
    let mut request = request("POST", "/a", text("{}"));
    request.headers =
        vec![("content-type".into(), "application/json".into()), ("accept".into(), "a/b".into())];
    let added = ["Authorization", "Accept", "x-2'$(a)"].map(str::to_owned);
    let script = curl(&Route { headers: added.to_vec(), ..route("http://127.0.0.1:1") }, [&request]);
    assert!(
        script.contains(r#" -H "Authorization: ${AUTHORIZATION:?}" -H 'x-2'\''$(a)'": ${X_2___A_:?}" "#),
        "{script}"
    );
    // A header of the request itself takes precedence, as in the run.
    assert!(script.contains(" -H 'accept: a/b' "), "{script}");
    assert!(!script.contains("${ACCEPT"), "{script}");
    assert!(!script.contains("Accept:'"), "{script}");
    let output =
        Command::new("sh").arg("-c").arg(&script).env_remove("AUTHORIZATION").output().expect("a shell");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{errors}");
    assert!(errors.contains("AUTHORIZATION"), "{errors}");
}

#[test]
fn path_of_the_base_url_is_kept() {
    let script = curl(&route("http://127.0.0.1:1/base/"), &[request("GET", "/a", text(""))]);
    assert!(script.contains("http://127.0.0.1:1/base/a"), "{script}");
    let script = curl(&route("http://127.0.0.1:1/base"), &[request("GET", "/a b", text(""))]);
    assert!(script.contains("--request-target /base'/a b' "), "{script}");
}

#[test]
fn simultaneous_requests_run_in_the_background() {
    let racing = |at_once| RecordedRequest { at_once, ..request("GET", "/race", text("")) };
    let last = RecordedRequest { after_seconds: 1, ..request("GET", "/last", text("")) };
    let requests = [request("GET", "/first", text("")), racing(false), racing(true), racing(true), last];
    let script = curl(&route("http://127.0.0.1:1"), &requests);
    let ends: Vec<&str> = script.lines().filter_map(|line| line.rsplit(['/', ' ']).next()).collect();
    assert_eq!(ends, ["first", "&", "&", "&", "wait", "1", "last"], "{script}");
    let Some((received, _)) = run(&requests, &[OK; 5]) else { return };
    let targets: Vec<&str> =
        received.iter().filter_map(|request| request.head[0].split(' ').nth(1)).collect();
    assert_eq!(targets, ["/first", "/race", "/race", "/race", "/last"]);
}
