//! Every constraint is enforced, at every depth.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use serde_json::{Value, json};

use crate::support::{body, error, put, put_members, request, respond};

#[test]
fn first_problem_is_named() {
    for (members, path) in [
        (json!({"name": null}), "/Name"),
        (json!({"name": "a"}), "/Name"),
        (json!({"name": "abcdefghi"}), "/Name"),
        (json!({"name": "AB"}), "/Name"),
        (json!({"count": 1}), "/count"),
        (json!({"count": 6}), "/count"),
        (json!({"ratio": 1.1}), "/ratio"),
        (json!({"ratio": "NaN"}), "/ratio"),
        (json!({"data": ""}), "/data"),
        (json!({"data": "YWJjZGU="}), "/data"),
        (json!({"color": "red"}), "/color"),
        (json!({"level": 2}), "/level"),
        (json!({"tags": ["ab"]}), "/tags"),
        (json!({"tags": ["ab", "ab"]}), "/tags"),
        (json!({"tags": ["ab", "c"]}), "/tags/1"),
        (json!({"labels": {}}), "/labels"),
        (json!({"labels": {"a": "a"}}), "/labels"),
        (json!({"labels": {"ab": ""}}), "/labels/ab"),
        (json!({"choice": {"number": 9}}), "/choice/number"),
        (json!({"tree": {}}), "/tree/name"),
        (
            json!({"tree": {"name": "ab", "children": [{"name": "ab"}, {"name": "A"}]}}),
            "/tree/children/1/name",
        ),
        (json!({"text": "\u{10348}abcd"}), "/text"),
    ] {
        let response = respond(&put_members(&members));
        assert_eq!(error(&response), (400, "ValidationException".to_owned()), "{members}");
        let body = body(&response);
        assert_eq!(body["fieldList"][0]["path"], path, "{members}");
        let problem = body["fieldList"][0]["message"].as_str().unwrap();
        assert_eq!(body["message"], format!("1 validation error detected. {problem}"), "{members}");
    }
}

#[test]
fn bounds_are_inclusive() {
    for members in [
        json!({"name": "ab", "count": 2, "ratio": 0, "data": "YQ==", "tags": ["ab", "cd"]}),
        json!({"name": "abcdefgh", "count": 5, "ratio": 1, "data": "YWJjZA==", "tags": ["ab", "cd", "ef"]}),
        json!({"level": 7, "color": "Blue", "text": "\u{10348}\u{10348}\u{10348}\u{10348}"}),
    ] {
        assert_eq!(respond(&put_members(&members)).status(), 201, "{members}");
    }
}

#[test]
fn messages_are_as_in_smithy() {
    let message =
        |members: Value| body(&respond(&put_members(&members)))["message"].as_str().unwrap().to_owned();
    assert_eq!(
        message(json!({"name": "a"})),
        "1 validation error detected. Value with length 1 at '/Name' failed to satisfy constraint: Member must have \
         length between 2 and 8, inclusive"
    );
    assert_eq!(
        message(json!({"color": "{path}"})),
        "1 validation error detected. Value at '/color' failed to satisfy constraint: Member must satisfy enum value \
         set: [Red, Blue]"
    );
}

#[test]
fn required_members_are_required() {
    assert_eq!(error(&respond(&put("{}"))).1, "ValidationException");
    assert_eq!(error(&respond(&put(""))).1, "ValidationException");
    assert_eq!(error(&respond(&request("GET", "/search", &[]))).1, "ValidationException");
}
