//! Outputs are valid, and depend on the seed alone.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;

use stub::Stub;

use crate::support::{body, contract, put_members, request, respond, with_body};

#[test]
fn least_outputs_have_what_is_required() {
    let response = respond(&put_members(&serde_json::json!({})));
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(!response.headers()["etag"].is_empty());
    let expected = serde_json::json!({
        "name": "aa", "color": "Red", "count": 2, "at": 1_704_067_200, "tags": ["aa", "vczm"],
        "choice": {"number": 2}, "tree": {"name": "aa"},
    });
    assert_eq!(body(&response), expected);
}

#[test]
fn seeds_decide_about_optional_members() {
    let contract = contract();
    let request = put_members(&serde_json::json!({}));
    let mut labels = BTreeSet::new();
    for seed in 0..40 {
        let respond = || Stub::new(contract.clone(), seed).respond(&request);
        let response = respond();
        assert_eq!(response.body(), respond().body());
        let body = body(&response);
        labels.insert(body.get("labels").is_some());
        let name = body["name"].as_str().unwrap();
        assert!((2..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
        assert!((2..=5).contains(&body["count"].as_i64().unwrap()));
        let tags: BTreeSet<_> =
            body["tags"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert!((2..=3).contains(&tags.len()), "{body}");
        assert_eq!(tags.len(), body["tags"].as_array().unwrap().len());
        assert_eq!(body["choice"].as_object().unwrap().len(), 1);
    }
    assert_eq!(labels.len(), 2);
}

#[test]
fn bodies_follow_the_bindings() {
    let empty = respond(&request("DELETE", "/things", &[]));
    assert_eq!((empty.status().as_u16(), empty.body().len()), (204, 0));
    let no_output = respond(&request("GET", "/things/all/today", &[]));
    assert!(no_output.body().is_empty() && !no_output.headers().contains_key("content-type"));
    let only_optional = respond(&request("GET", "/search?q=a", &[]));
    assert_eq!(only_optional.body(), "{}");
    assert_eq!(only_optional.headers()["x-dates"], "Mon, 01 Jan 2024 00:00:00 GMT");
    let blob = respond(&with_body("POST", "/blob", &[("content-type", "image/png")], "ab"));
    assert_eq!((blob.headers()["content-type"].to_str().unwrap(), blob.body().len()), ("image/png", 2));
    let text = respond(&with_body("POST", "/text", &[("content-type", "text/plain")], "ab"));
    assert_eq!(
        (text.headers()["content-type"].to_str().unwrap(), &text.body()[..]),
        ("text/plain", &b"aa"[..])
    );
    let stream = respond(&with_body("POST", "/stream", &[], "\0\0"));
    assert_eq!(stream.headers()["content-type"], "application/vnd.amazon.eventstream");
    assert!(stream.status().is_success() && stream.body().is_empty());
    let structure =
        respond(&with_body("PUT", "/structure", &[("content-type", "application/json")], r#"{"name":"ab"}"#));
    assert_eq!(body(&structure), serde_json::json!({"name": "aa"}));
}
