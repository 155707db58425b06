//! What a target sends stays text wherever it is shown.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response};
use pulldown_cmark::{Event, Options, Parser};

use super::child::{Ended, run};
use super::peer::{Peer, bytes_with, page};
use crate::support::folder;

/// Text that means something somewhere.
const HOSTILE: [&str; 12] = [
    "<script>alert(1)</script>",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "]]></failure></testsuites>",
    "a|b|`c`|```|d",
    "line\r\n::error::x\n::error file=a::y\n##[error]z\n##vso[task.complete]",
    "::error::x",
    "nul\0nul",
    "\u{85}\u{9b}31m\u{9d}0;title\u{9c}",
    "\u{202e}evil\u{2066}more\u{2069}\u{200f}",
    "'\"><img src=x onerror=alert(1)>&lt;b&gt;</code></pre>",
    "[link](javascript:alert(1)) @octocat #1 ![i](http://x/y)",
    "\u{fffe}\u{feff}\u{2028}end",
];

/// A response that says the text wherever it can be said.
fn poisoned(honest: &Response<Bytes>, text: &str) -> Vec<u8> {
    // A header takes no control characters but the tab; a response with such is no HTTP.
    let header: Vec<u8> = text.bytes().filter(|byte| *byte >= 0x20 && *byte != 0x7f).collect();
    let header = HeaderValue::from_bytes(&header).unwrap();
    let mut response = Response::builder().status(honest.status()).body(Bytes::new()).unwrap();
    *response.headers_mut() = honest.headers().clone();
    if honest.status().is_success() {
        response.headers_mut().insert("version-label", header.clone());
        response.headers_mut().insert("next-poll-interval-in-seconds", header.clone());
        *response.body_mut() = honest.body().clone();
    } else {
        let body =
            serde_json::json!({ "__type": text, "Message": text, "Reason": text, "Details": { text: text } });
        response.headers_mut().remove("x-amzn-errortype");
        response.headers_mut().insert("content-type", header.clone());
        *response.body_mut() = body.to_string().into_bytes().into();
    }
    response.headers_mut().insert("x-other", header.clone());
    bytes_with(&response, header.as_bytes())
}

/// The same with bytes that are no UTF-8.
fn broken(honest: &Response<Bytes>) -> Vec<u8> {
    let mut response = honest.clone();
    if !honest.status().is_success() {
        response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_bytes(b"\xff\xfe\x80").unwrap());
        *response.body_mut() = Bytes::from_static(b"{\"Message\":\"\xff\xc0\x80\xed\xa0\x80\"}\xff");
    }
    bytes_with(&response, b"\xff\xfe")
}

async fn judged(name: &str, response: impl Fn(&Response<Bytes>) -> Vec<u8> + Send + Sync + 'static) -> Ended {
    let (mock, fixtures) = page();
    let peer = Peer::responding(move |request| response(&mock.respond(request))).await;
    let folder = folder(&format!("network/{name}"));
    std::fs::write(folder.join("f.toml"), fixtures).unwrap();
    let url = peer.url();
    let ended = tokio::task::spawn_blocking(move || {
        let cases = ["--cases", "2", "--only", "application-identifier/length", "--only", "token/single-use"];
        let arguments = [&["--target", &url, "--fixtures", "f.toml"], &cases[..]].concat();
        run(&folder, &arguments, Duration::from_mins(1))
    });
    ended.await.unwrap()
}

/// Whether a character may be in what people read on a terminal or in an editor.
fn is_shown(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c == '\n' || !(c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{feff}'))
}

fn holds_no_command(place: &str, text: &str) {
    let odd: Vec<char> = text.chars().filter(|c| !is_shown(*c)).collect();
    assert!(odd.is_empty(), "{place}: {odd:?} in {text}");
    for line in text.lines() {
        let line = line.trim_start();
        assert!(
            !line.starts_with("::") && !line.contains("##[") && !line.contains("##vso["),
            "{place}: {line}"
        );
    }
}

fn check(name: &str, ended: &Ended) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    holds_no_command(&format!("{name}: stdout"), &text(&ended.stdout));
    holds_no_command(&format!("{name}: stderr"), &text(&ended.stderr));

    let json = ended.file("report.json");
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
    assert!(json.chars().all(is_shown), "{name}: {json}");

    let junit = ended.file("junit.xml");
    holds_no_command(&format!("{name}: junit.xml"), &junit);
    let document = roxmltree::Document::parse(&junit).unwrap();
    assert!(document.root_element().has_tag_name("testsuites"));
    let known = [
        "testsuites",
        "testsuite",
        "testcase",
        "properties",
        "property",
        "failure",
        "error",
        "skipped",
        "system-out",
        "system-err",
    ];
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(known.contains(&element.tag_name().name()), "{name}: {:?}", element.tag_name());
    }

    let markdown = ended.file("report.md");
    holds_no_command(&format!("{name}: report.md"), &markdown);
    for event in Parser::new_ext(&markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.to_ascii_lowercase();
                assert!(!html.contains("script") && !html.contains("<img"), "{name}: {html}");
            }
            Event::Start(
                pulldown_cmark::Tag::Link { dest_url, .. } | pulldown_cmark::Tag::Image { dest_url, .. },
            ) => {
                panic!("{name}: a link to {dest_url}");
            }
            _ => {}
        }
    }

    let html = ended.file("report.html");
    assert!(html.chars().all(is_shown), "{name}: report.html");
    let lower = html.to_ascii_lowercase();
    assert_eq!(lower.matches("<script").count(), 1, "{name}: only the script of the page itself");
    for markup in ["<script>alert", "<img", "onerror=alert(1)>", "]]>"] {
        assert!(!lower.contains(markup), "{name}: {markup} in report.html");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_the_target_stays_text_in_findings() {
    for (number, text) in HOSTILE.into_iter().enumerate() {
        let name = format!("escape-{number}");
        let ended = judged(&name, move |honest| poisoned(honest, text)).await;
        let report = ended.report();
        assert!(report.requirements.iter().any(|it| !it.findings.is_empty()), "{name}: {}", ended.said());
        // It is there, in the only place that keeps it as it is.
        let shown = serde_json::to_string(&report).unwrap();
        let quoted = serde_json::to_string(text).unwrap();
        let quoted = serde_json::to_string(quoted.trim_matches('"')).unwrap();
        assert!(
            shown.contains(quoted.trim_matches('"')) || shown.contains(&text[..3]),
            "{name}: {quoted}: {shown}"
        );
        check(&name, &ended);
    }
    let ended = judged("escape-broken", broken).await;
    assert!(ended.report().requirements.iter().any(|it| !it.findings.is_empty()), "{}", ended.said());
    check("escape-broken", &ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn text_of_the_target_stays_text_in_the_reason_why_it_is_not_judged() {
    for (number, text) in HOSTILE.into_iter().enumerate() {
        for (which, header) in ["content-type", "location"].into_iter().enumerate() {
            let name = format!("escape-reason-{number}-{which}");
            let ended = judged(&name, move |_| {
                let body = serde_json::json!({ "__type": text }).to_string();
                let status = if header == "location" { 302 } else { 400 };
                let mut refusal = Response::builder().status(status).body(Bytes::from(body)).unwrap();
                let value: Vec<u8> = text.bytes().filter(|byte| *byte >= 0x20 && *byte != 0x7f).collect();
                let url = [b"http://".as_slice(), &value].concat();
                let value = if header == "location" { url } else { value };
                refusal.headers_mut().insert(header, HeaderValue::from_bytes(&value).unwrap());
                bytes_with(&refusal, &value)
            })
            .await;
            assert_eq!(ended.code, 3, "{name}: {}", ended.said());
            check(&name, &ended);
        }
    }
}
