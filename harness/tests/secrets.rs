//! No secret is in any output: neither what the user gave, nor what the target issued and delivered,
//! even if the target repeats all of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use boundstone::mock::{Behavior, Dialect, Mock, Reference, Server, mutant};
use bytes::Bytes;
use http::Request;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{MockServer, Respond, ResponseTemplate};

use crate::support::{boundstone, folder, output};

const SIGNATURE: &str = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
const KEY_ID: &str = "AKIDEXAMPLE7SECRET42";
const SECURITY_TOKEN: &str = "IQoJb3JpZ2luX2VjEH4a+CXVzLWVhc3Q/tMSJHMEUCIQ==";
const API_KEY: &str = r#"a "quoted\key" & <one> more"#;
const PASSWORD: &str = "correct horse battery";

/// What a target gave to its clients, and what it took from them.
#[derive(Default)]
struct Seen {
    tokens: BTreeSet<String>,
    contents: BTreeSet<String>,
    headers: BTreeMap<String, String>,
}

/// The mock, which is listened to; it may repeat what it was sent in every way that comes to mind.
struct Target {
    server: Server,
    repeats: bool,
    seen: Arc<Mutex<Seen>>,
}

impl Respond for Target {
    fn respond(&self, received: &wiremock::Request) -> ResponseTemplate {
        let path_and_query = received.url[url::Position::BeforePath..].parse().unwrap();
        let mut request = Request::new(Bytes::copy_from_slice(&received.body));
        *request.uri_mut() = path_and_query;
        *request.method_mut() = received.method.clone();
        *request.headers_mut() = received.headers.clone();
        let response = self.server.respond(&request);
        let mut seen = self.seen.lock().unwrap();
        for (name, value) in &received.headers {
            seen.headers.insert(name.to_string(), value.to_str().unwrap().to_owned());
        }
        if response.status().is_success() {
            let next = response.headers().get("next-poll-configuration-token");
            seen.tokens.extend(next.map(|value| value.to_str().unwrap().to_owned()));
            let text = String::from_utf8_lossy(response.body()).into_owned();
            if received.method == "GET" {
                seen.contents.insert(text);
            } else if let Ok(Value::Object(members)) = serde_json::from_str(&text) {
                seen.tokens.extend(members.values().filter_map(Value::as_str).map(str::to_owned));
            }
        }
        let mut status = response.status().as_u16();
        let mut body = response.body().to_vec();
        let mut headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        if self.repeats {
            let sent: Vec<String> = seen
                .headers
                .values()
                .cloned()
                .chain(received.url.query_pairs().map(|(_, value)| value.into_owned()))
                .filter(|text| !text.chars().any(char::is_control) && text.len() < 1000)
                .collect();
            let (error_type, more) = repetition(&sent, &seen.contents);
            if response.status().is_success() {
                if let Ok(Value::Object(mut members)) = serde_json::from_slice(&body)
                    && received.method != "GET"
                {
                    members.insert("Sent".to_owned(), more);
                    body = serde_json::to_vec(&members).unwrap();
                }
                headers.retain(|(name, _)| name != "version-label");
                headers.push(("version-label".to_owned(), error_type));
            } else {
                body = json!({ "Message": "no", "Sent": more }).to_string().into_bytes();
                headers.retain(|(name, _)| name != "x-amzn-errortype");
                headers.push(("x-amzn-errortype".to_owned(), error_type));
                // Neither status nor type are right, so that each refusal makes findings.
                if received.method == "GET" && received.url.query().is_some() {
                    status = 422;
                }
            }
        }
        let mut template = ResponseTemplate::new(status).set_body_bytes(body);
        for (name, value) in headers {
            template = template.append_header(name, value);
        }
        template
    }
}

/// Everything in every form, as the text of a header and as JSON.
fn repetition(sent: &[String], contents: &BTreeSet<String>) -> (String, Value) {
    let ascii = sent.iter().filter(|text| text.is_ascii());
    let in_header = ascii.map(|text| text.replace([':', '#'], " ")).collect::<Vec<_>>().join(" and ");
    let percent = |text: &String| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let html = |text: &String| {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
    };
    let forms = json!({
        "clear": sent,
        "percent": sent.iter().map(percent).collect::<String>(),
        "lower": sent.iter().map(|text| percent(text).to_lowercase().replace("%2b", "+")).collect::<Vec<_>>(),
        "base64": sent.iter().map(|text| BASE64_STANDARD.encode(text)).collect::<Vec<_>>(),
        "within": sent.iter().map(|text| BASE64_URL_SAFE_NO_PAD.encode(format!("a:{text};"))).collect::<Vec<_>>(),
        "json": serde_json::to_string(sent).unwrap(),
        "html": sent.iter().map(html).collect::<Vec<_>>(),
        "cut": sent.iter().map(|text| text.chars().take(40).collect::<String>()).collect::<Vec<_>>(),
        "contents": contents,
    });
    (in_header, forms)
}

/// A run and a replay of the built binary against a target, in a folder of their own.
struct Run {
    folder: PathBuf,
    url: String,
    seen: Arc<Mutex<Seen>>,
    _server: MockServer,
}

impl Run {
    async fn new(name: &str, behavior: Box<dyn Behavior>, repeats: bool) -> Self {
        let folder = folder(&format!("secrets/{name}"));
        let mock = Mock::from_config(Dialect::model(), behavior.into(), [7; 32]);
        std::fs::write(folder.join("fixtures.toml"), mock.resources().to_fixtures()).unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let target = Target { server: Server::new(mock), repeats, seen: Arc::clone(&seen) };
        let server = MockServer::builder().disable_request_recording().start().await;
        wiremock::Mock::given(any()).respond_with(target).mount(&server).await;
        Self { folder, url: server.uri(), seen, _server: server }
    }

    fn boundstone(&self, arguments: &[&str], environment: &str) -> (i32, String, String) {
        let mut command = boundstone(&self.folder, arguments);
        if !environment.is_empty() {
            command.env("BOUNDSTONE_HEADER", environment);
        }
        output(&mut command)
    }

    /// Everything that a run and the replay of its findings put out, by its name, and how many findings
    /// there are. `replayed` are the arguments that the file gave to the run and not to the replay.
    fn outputs(
        &self,
        flags: &[&str],
        environment: &str,
        replayed: &[&str],
    ) -> (BTreeMap<String, String>, usize) {
        const ONLY: &str = "accepts,single-use,issued,length/above-max";
        let endpoint = ["--contract", "model", "--target", &self.url, "--fixtures", "fixtures.toml"];
        let run = [&["run", "--strict", "--cases", "4", "--only", ONLY], &endpoint[..], flags].concat();
        let replay = [&["replay", "target/boundstone/report.json"], &endpoint[2..], flags, replayed].concat();
        let mut outputs = BTreeMap::new();
        for (name, arguments) in [("run", run), ("replay", replay)] {
            let (_, stdout, stderr) = self.boundstone(&arguments, environment);
            outputs.insert(format!("stdout of {name}"), stdout);
            outputs.insert(format!("stderr of {name}"), stderr);
        }
        for file in ["report.json", "junit.xml", "report.md", "report.html"] {
            let text = std::fs::read_to_string(self.folder.join("target/boundstone").join(file));
            let text = text.unwrap_or_else(|error| panic!("{file}: {error}: {outputs:?}"));
            outputs.insert(file.to_owned(), text);
        }
        let report = reports::render::json::parse(&outputs["report.json"]).unwrap();
        (outputs, reports::summary::findings(&report).len())
    }

    /// Sees that nothing that is secret is in an output, in whichever form.
    fn holds_no_secret(&self, outputs: &BTreeMap<String, String>, given: &[&str]) {
        let seen = self.seen.lock().unwrap();
        assert!(seen.tokens.len() > 2, "{:?}", seen.tokens);
        let contents = seen.contents.iter().map(String::as_str).filter(|text| text.len() >= 6);
        let whole: Vec<String> = given.iter().copied().chain(contents).flat_map(forms).collect();
        // So many bytes of a token are too many.
        let heads: HashSet<Vec<u8>> = seen
            .tokens
            .iter()
            .flat_map(|token| forms(token))
            .filter(|form| form.len() >= 24)
            .map(|form| form.as_bytes()[..24].to_vec())
            .collect();
        let mut leaks = String::new();
        for (name, text) in outputs {
            for secret in whole.iter().filter(|secret| text.contains(secret.as_str())) {
                writeln!(leaks, "{name} shows {secret}").unwrap();
            }
            if let Some(at) = text.as_bytes().windows(24).position(|window| heads.contains(window)) {
                let around = &text.as_bytes()[at.saturating_sub(80)..(at + 80).min(text.len())];
                writeln!(leaks, "{name} shows a token: …{}…", String::from_utf8_lossy(around)).unwrap();
            }
        }
        assert!(leaks.is_empty(), "{leaks}");
    }
}

/// A secret in clear, percent-encoded, as base64, and escaped for JSON (once, and once more in
/// report.json) and for markup.
fn forms(secret: &str) -> Vec<String> {
    let json = |text: &str| {
        let text = serde_json::to_string(text).unwrap();
        text[1..text.len() - 1].to_owned()
    };
    let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    let markup = |quote: &str| {
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', quote)
    };
    vec![
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        percent.to_lowercase(),
        percent,
        BASE64_STANDARD.encode(secret).trim_end_matches('=').to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(secret),
        markup("\""),
        markup("&quot;"),
        markup("&#34;"),
    ]
}

fn authorization() -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={KEY_ID}/20260101/us-east-1/appconfig/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature={SIGNATURE}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_repeats_all_that_it_is_sent_makes_no_report_tell_it() {
    let authorization = authorization();
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("me:{PASSWORD}")));
    let headers = [
        format!("Authorization: {authorization}"),
        format!("x-amz-security-token: {SECURITY_TOKEN}"),
        format!("X-Api-Key: {API_KEY}"),
        format!("Proxy-Authorization: {basic}"),
    ];
    let secrets = [&authorization, SIGNATURE, KEY_ID, SECURITY_TOKEN, API_KEY, &basic, &basic[6..], PASSWORD];
    let flags: Vec<&str> = headers.iter().flat_map(|header| ["--header", header]).collect();
    let file = format!("header = {}\n", serde_json::to_string(&headers).unwrap());
    for (name, flags, environment, file, replayed) in [
        ("flag", flags.as_slice(), String::new(), "", &[][..]),
        ("environment", &[], headers.join("\n"), "", &[]),
        ("file", &[], String::new(), file.as_str(), flags.as_slice()),
    ] {
        let run = Run::new(name, Box::new(Reference), true).await;
        std::fs::write(run.folder.join("boundstone.toml"), file).unwrap();
        let (outputs, findings) = run.outputs(flags, &environment, replayed);
        // Types that are another one in each response are one finding.
        assert!(findings > 2, "{}", outputs["stdout of run"]);
        // All of them were sent, and what was repeated of them was told apart.
        for secret in [&authorization, SECURITY_TOKEN, API_KEY, &basic] {
            assert!(
                run.seen.lock().unwrap().headers.values().any(|value| value == secret),
                "{name}: {secret}"
            );
        }
        let shown = outputs["report.json"].matches("<secret ").count();
        assert!(shown > 10 && outputs["report.json"].contains("~1.InitialConfigurationToken~"), "{shown}");
        assert!(outputs["stdout of replay"].contains("still fails"), "{}", outputs["stdout of replay"]);
        assert!(outputs["report.md"].contains("Authorization: ${AUTHORIZATION:?}"));
        run.holds_no_secret(&outputs, &secrets);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mutant_of_the_mock_makes_a_report_tell_a_token_or_a_configuration() {
    for name in [
        "error-carries-initial-token",
        "error-carries-next-token",
        "initial-token-renamed",
        "next-token-is-the-old-one",
        "next-token-with-blank",
        "token-is-json-in-base64",
        "token-never-spent",
        "token-not-authenticated",
        "unchanged-returns-204",
        "first-poll-empty",
        "length-max-plus-one-accepted",
    ] {
        let behavior = (mutant::find(name).unwrap().behavior)();
        let run = Run::new(name, behavior, false).await;
        let (outputs, findings) = run.outputs(&[], "", &[]);
        assert!(findings > 0, "{name}: {}", outputs["stdout of run"]);
        run.holds_no_secret(&outputs, &[]);
    }
}

#[test]
fn errors_tell_no_secret_either() {
    let folder = folder("secrets/errors");
    std::fs::write(folder.join("f.toml"), "[[resource]]\nconfiguration = \"s3cret\"\napplication = \"b\n")
        .unwrap();
    let run = |arguments: &[&str], file: &str| {
        std::fs::write(folder.join("boundstone.toml"), file).unwrap();
        let mut command = boundstone(&folder, arguments);
        let (code, stdout, stderr) = output(command.env("BOUNDSTONE_TARGET", "http://a:s3cret@127.0.0.1:9"));
        let text = stdout + &stderr;
        assert!(!text.contains("s3cret"), "{arguments:?}: {text}");
        (code, text)
    };
    for (arguments, file, error) in [
        (&["run"][..], "", "error: target http://…@127.0.0.1:9: it contains credentials"),
        (
            &["run", "--target", "http://127.0.0.1:9/?key=s3cret"],
            "",
            "error: target http://127.0.0.1:9/: it has a query",
        ),
        (&["run", "--target", "me:s3cret@127.0.0.1:9"], "", "error: target …@127.0.0.1:9: "),
        (&["run", "--header", "Bearer s3cret:x"], "", "error: header: value 1 is not `Name: value`"),
        (
            &["run", "--target", "http://127.0.0.1:9", "--header", "A: s3cret\u{7}"],
            "",
            "error: header A: not a valid HTTP header",
        ),
        (&["run", "--header", "Authorization:", "s3cret"], "", "error: unexpected argument"),
        (&["run", "--headers=Authorization: s3cret"], "", "error: unexpected argument '--headers"),
        (&["run"], "header = \"A: s3cret\"", "error: boundstone.toml:1: `header` is a string "),
        (&["run"], "seed = 1\nheader = [\"A: s3cret]", "error: boundstone.toml:2:"),
        (&["run", "--target", "http://127.0.0.1:9", "--fixtures", "f.toml"], "", "error: f.toml:3:"),
    ] {
        let (code, text) = run(arguments, file);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.starts_with(error), "{arguments:?}: {text}");
    }
    assert_eq!(run(&["run", "--help"], "").0, 0);
}
