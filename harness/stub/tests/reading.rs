//! Members are read from where they are bound.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use serde_json::json;

use crate::support::{error, put, put_members, request, respond, with_body};

fn serialization() -> (u16, String) {
    (400, "SerializationException".to_owned())
}

#[test]
fn values_of_their_type_are_accepted() {
    for members in [
        json!({"count": 3}),
        json!({"count": 3.0, "wide": 9_223_372_036_854_775_807_i64}),
        json!({"ratio": 0.5}),
        json!({"isNew": true, "data": "YWI=", "at": 1.5, "on": "1985-04-12T23:20:50.52Z"}),
        json!({"count": null, "labels": null, "tree": null, "unknown": [1]}),
        json!({"sparse": [1, null], "anything": [{"a": null}]}),
        json!({"choice": {"number": 3, "text": null, "__type": "a"}}),
        json!({"tree": {"name": "ab", "children": [{"name": "ab", "children": []}]}}),
    ] {
        let response = respond(&put_members(&members));
        assert_eq!(response.status(), 201, "{members} {:?}", response.body());
    }
}

#[test]
fn values_of_other_types_are_refused() {
    for members in [
        json!({"name": 5}),
        json!({"count": "3"}),
        json!({"count": 3.5}),
        json!({"count": 2_147_483_648_i64}),
        json!({"wide": 1e30}),
        json!({"ratio": "0.5"}),
        json!({"isNew": "true"}),
        json!({"data": "YWI"}),
        json!({"data": "?"}),
        json!({"at": "1.5"}),
        json!({"on": 5}),
        json!({"on": "1985-04-12"}),
        json!({"tags": {}}),
        json!({"tags": ["ab", null]}),
        json!({"labels": {"ab": null}}),
        json!({"labels": []}),
        json!({"tree": []}),
        json!({"tree": {"name": "ab", "children": [5]}}),
        json!({"choice": {}}),
        json!({"choice": {"number": 3, "text": "ab"}}),
        json!({"choice": {"unknown": 3}}),
    ] {
        assert_eq!(error(&respond(&put_members(&members))), serialization(), "{members}");
    }
}

#[test]
fn bodies_are_one_object() {
    let nested = "[".repeat(100_000);
    for body in ["{", "[]", "5", "null", "{}{}", "\u{feff}{}", "{'name':'ab'}", nested.as_str()] {
        assert_eq!(error(&respond(&put(body.to_owned()))), serialization(), "{body:.40}");
    }
    assert_eq!(error(&respond(&put(vec![b'"', 0xff, b'"']))), serialization());
    assert_eq!(error(&respond(&put(vec![b' '; (4 << 20) + 1]))).0, 413);
}

#[test]
fn media_types_are_checked() {
    let put = |media_type| with_body("POST", "/things", &[("content-type", media_type)], r#"{"name":"ab"}"#);
    assert_eq!(respond(&put("application/json; charset=utf-8")).status(), 201);
    assert_eq!(respond(&put("Application/JSON")).status(), 201);
    assert_eq!(error(&respond(&put("text/plain"))), (415, "UnsupportedMediaTypeException".to_owned()));
    assert_eq!(respond(&with_body("POST", "/things", &[], r#"{"name":"ab"}"#)).status(), 415);
    let upload = |media_type| with_body("POST", "/blob", &[("content-type", media_type)], "ab");
    assert_eq!(respond(&upload("image/png")).status(), 200);
    assert_eq!(respond(&upload("application/json")).status(), 415);
    for (accept, status) in [("*/*", 200), ("text/html, application/*;q=0.5", 200), ("text/html", 406)] {
        let response = respond(&request("GET", "/things", &[("accept", accept)]));
        assert_eq!(response.status(), status, "{accept}");
    }
}

#[test]
fn queries_are_read() {
    for (query, accepted) in [
        ("q=", true),
        ("q", true),
        ("q=a&limit=3&limit=4", true),
        ("q=a&limit=3&limit=x", false),
        ("q=a&limit=", false),
        ("q=a&since=1985-04-12T23:20:50Z", true),
        ("q=a&since=482196050", false),
        ("q=a&ab=c", true),
        ("q=%FF", false),
    ] {
        let response = respond(&request("GET", &format!("/search?{query}"), &[]));
        assert_eq!(response.status(), if accepted { 200 } else { 400 }, "{query} {:?}", response.body());
    }
}

#[test]
fn headers_are_read() {
    const DATE: &str = "Mon, 16 Dec 2019 23:48:18 GMT";
    let dates = format!("{DATE}, {DATE}");
    for (name, value, accepted) in [
        ("x-words", "ab, cd", true),
        ("x-words", "\"ab\",cd", true),
        ("x-words", "\"ab", false),
        ("x-dates", dates.as_str(), true),
        ("x-dates", "2019-12-16T23:48:18Z", false),
        ("x-media", "e30=", true),
        ("x-media", "{}", false),
        ("x-meta-ab", "abc", true),
        ("x-meta-ab", "abcd", false),
    ] {
        let response = respond(&request("GET", "/search?q=a", &[(name, value)]));
        assert_eq!(
            response.status(),
            if accepted { 200 } else { 400 },
            "{name}: {value} {:?}",
            response.body()
        );
    }
}

#[test]
fn labels_are_read() {
    for (path, accepted) in [
        ("/things/99/1985-04-12T23:20:50Z", true),
        ("/things/99/1985-04-12T23%3A20%3A50Z", true),
        ("/things/100/1985-04-12T23:20:50Z", false),
        ("/things/40000/1985-04-12T23:20:50Z", false),
        ("/things/x/1985-04-12T23:20:50Z", false),
        ("/things/1/today", false),
        ("/things/%FF/today", false),
    ] {
        let response = respond(&request("GET", path, &[]));
        assert_eq!(response.status(), if accepted { 200 } else { 400 }, "{path} {:?}", response.body());
    }
}

#[test]
fn payloads_are_read() {
    const JSON: &str = "application/json";
    for (method, target, media_type, body, status) in [
        ("POST", "/blob", "image/png", "ab", 200),
        ("POST", "/blob", "image/png", "", 400),
        ("POST", "/text", "text/plain", "abc", 200),
        ("POST", "/text", "text/plain", "ABC", 400),
        ("PUT", "/structure", JSON, r#"{"name":"ab"}"#, 200),
        ("PUT", "/structure", JSON, r#"{"name":5}"#, 400),
        ("PUT", "/structure", JSON, "", 400),
        ("PUT", "/structure", JSON, "null", 400),
    ] {
        let response = respond(&with_body(method, target, &[("content-type", media_type)], body));
        assert_eq!(response.status(), status, "{target} {body} {:?}", response.body());
    }
}
