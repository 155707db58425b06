//! The classifier against requests of the published model and of a small one.

use std::collections::BTreeSet;

use super::{Class, Constraint, MAX_DEPTH, OpenReason, Reading, Violation, classify};
use crate::contract::Contract;
use crate::protocol::Request;

fn start(body: &str) -> Request {
    Request {
        method: "POST".to_owned(),
        target: "/configurationsessions".to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())],
        body: body.as_bytes().to_vec(),
        ..Request::default()
    }
}

fn class(request: &Request) -> Class {
    classify(&Contract::model().unwrap(), request).class
}

fn invalid(member: Option<&str>, constraint: Constraint) -> Class {
    Class::Invalid(BTreeSet::from([Violation { member: member.map(str::to_owned), constraint }]))
}

fn body(application: &str) -> String {
    format!(
        r#"{{"ApplicationIdentifier":{application},"EnvironmentIdentifier":"e","ConfigurationProfileIdentifier":"p"}}"#
    )
}

fn get(target: &str) -> Request {
    Request { method: "GET".to_owned(), target: target.to_owned(), ..Request::default() }
}

#[test]
fn unknown_members_are_noticed() {
    let model = Contract::model().unwrap();
    let further = body(r#""a""#).replace('}', r#","Further":1}"#);
    for (text, expected) in [
        (further.as_str(), true),
        (r#"{"Further":1}"#, true),
        (&body(r#""a""#), false),
        ("{}", false),
        ("[]", false),
    ] {
        assert_eq!(classify(&model, &start(text)).unknown_members, expected, "{text}");
    }
}

#[test]
fn members_are_read_up_to_max_depth() {
    let nested = |depth: usize| {
        let further = format!(r#","Further":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        class(&start(&body(r#""a""#).replace('}', &further)))
    };
    assert_eq!(nested(MAX_DEPTH), Class::Valid);
    assert_eq!(nested(MAX_DEPTH + 1), Class::Open(OpenReason::TooDeep));
}

/// A library with books at a greedy path and a search by query.
fn library() -> Contract {
    let member =
        |target: &str, traits: serde_json::Value| serde_json::json!({"target": target, "traits": traits});
    let query = |target: &str, name: &str| member(target, serde_json::json!({"smithy.api#httpQuery": name}));
    let model = serde_json::json!({"smithy": "2.0", "shapes": {
        "a#Library": {
            "type": "service",
            "operations": [{"target": "a#Read"}, {"target": "a#Browse"}],
            "traits": {"aws.protocols#restJson1": {}, "boundstone#constraintError": {"error": "a#Bad"}}
        },
        "a#Bad": {"type": "structure", "members": {}, "traits": {"smithy.api#error": "client"}},
        "a#Read": {
            "type": "operation", "input": {"target": "a#ReadInput"}, "errors": [{"target": "a#Bad"}],
            "traits": {"smithy.api#http": {"method": "GET", "uri": "/books/{book+}"}}
        },
        "a#ReadInput": {"type": "structure", "members": {
            "book": member("smithy.api#String", serde_json::json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}}))
        }},
        "a#Browse": {
            "type": "operation", "input": {"target": "a#BrowseInput"}, "errors": [{"target": "a#Bad"}],
            "traits": {"smithy.api#http": {"method": "GET", "uri": "/shelves/{shelf}"}}
        },
        "a#BrowseInput": {"type": "structure", "members": {
            "shelf": member("smithy.api#String", serde_json::json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}})),
            "lent": query("smithy.api#Boolean", "lent"),
            "pages": query("smithy.api#Integer", "pages"),
            "weight": query("smithy.api#Double", "weight"),
            "title": query("smithy.api#String", "title")
        }}
    }});
    Contract::load("library", &model.to_string()).unwrap()
}

#[test]
fn query_members_are_read_by_their_shape() {
    let library = library();
    let class = |target: &str| classify(&library, &get(target)).class;
    for query in ["lent=true", "lent=false", "pages=5", "weight=0.5", "weight=2", "title=true", "title=5"] {
        assert_eq!(class(&format!("/shelves/a?{query}")), Class::Valid, "{query}");
    }
    for query in ["lent=yes", "lent=1", "pages=5.5", "pages=many", "weight=light"] {
        let member = query.split('=').next();
        assert_eq!(class(&format!("/shelves/a?{query}")), invalid(member, Constraint::Type), "{query}");
    }
}

#[test]
fn trailing_slash_is_part_of_greedy_labels_only() {
    let library = library();
    let reading = |target: &str| {
        let Reading { class, members, .. } = classify(&library, &get(target));
        (class, members.into_values().next().and_then(|value| value.as_str().map(str::to_owned)))
    };
    let valid = |label: &str| (Class::Valid, Some(label.to_owned()));
    assert_eq!(reading("/books/a/b"), valid("a/b"));
    assert_eq!(reading("/books/a/"), valid("a/"));
    assert_eq!(reading("/shelves/a"), valid("a"));
    assert!(matches!(reading("/shelves/a/").0, Class::Open(_)));
    assert_eq!(reading("/shelves/a/b").0, Class::Unrouted);
}

#[test]
fn lengths_are_counted_in_scalar_values() {
    for c in ['a', 'é', '漢', '😀'] {
        let text = |n: usize| format!("\"{}\"", c.to_string().repeat(n));
        assert_eq!(class(&start(&body(&text(128)))), Class::Valid, "{c}");
        assert_eq!(
            class(&start(&body(&text(129)))),
            invalid(Some("ApplicationIdentifier"), Constraint::Length),
            "{c}"
        );
    }
    assert_eq!(class(&start(&body("\"\""))), invalid(Some("ApplicationIdentifier"), Constraint::Length));
}

#[test]
fn null_counts_as_missing() {
    assert_eq!(class(&start(&body("null"))), invalid(Some("ApplicationIdentifier"), Constraint::Required));
    let optional = body("\"a\"").replace("\"e\"", "\"e\",\"RequiredMinimumPollIntervalInSeconds\":null");
    assert_eq!(class(&start(&optional)), Class::Valid);
}

#[test]
fn types_are_not_coerced() {
    for value in ["5", "true", "[]", "{}"] {
        assert_eq!(
            class(&start(&body(value))),
            invalid(Some("ApplicationIdentifier"), Constraint::Type),
            "{value}"
        );
    }
    let interval = |value: &str| {
        body("\"a\"").replace("\"e\"", &format!("\"e\",\"RequiredMinimumPollIntervalInSeconds\":{value}"))
    };
    let member = Some("RequiredMinimumPollIntervalInSeconds");
    for value in ["\"60\"", "true", "15.5", "1e30", "99999999999", "[]"] {
        assert_eq!(class(&start(&interval(value))), invalid(member, Constraint::Type), "{value}");
    }
    for value in ["14", "0", "-15", "86401"] {
        assert_eq!(class(&start(&interval(value))), invalid(member, Constraint::Range), "{value}");
    }
    assert_eq!(class(&start(&interval("60.0"))), Class::Open(OpenReason::WholeDecimal));
    assert_eq!(class(&start(&interval("15"))), Class::Valid);
    assert_eq!(class(&start(&interval("86400"))), Class::Valid);
}

#[test]
fn body_has_to_be_a_json_object() {
    assert_eq!(class(&start("{")), invalid(None, Constraint::Syntax));
    assert_eq!(class(&start("[]")), invalid(None, Constraint::Document));
    assert!(matches!(class(&start("")), Class::Invalid(violations) if violations.len() == 3));
    assert_eq!(class(&start(&body("\"\\ud800\""))), Class::Open(OpenReason::LoneSurrogate));
    assert_eq!(class(&start(&format!("\u{feff}{}", body("\"a\"")))), Class::Open(OpenReason::ByteOrderMark));
    let mut other_type = start(&body("\"a\""));
    other_type.headers.clear();
    assert_eq!(class(&other_type), Class::Open(OpenReason::ContentType));
    // The path may have no operation at all.
    other_type.target.push('/');
    assert_eq!(class(&other_type), Class::Open(OpenReason::TrailingSlash));
}

#[test]
fn duplicates_are_open_unless_both_are_invalid() {
    let twice = |first: &str, second: &str| {
        class(&start(&body(&format!("{first},\"ApplicationIdentifier\":{second}"))))
    };
    for (first, second) in [("\"a\"", "\"b\""), ("\"a\"", "5"), ("null", "\"a\"")] {
        assert_eq!(twice(first, second), Class::Open(OpenReason::Duplicate), "{first}, {second}");
    }
    let member = Some("ApplicationIdentifier");
    assert_eq!(twice("5", "true"), invalid(member, Constraint::Type));
    let Class::Invalid(violations) = twice("\"\"", "null") else { panic!("neither is valid") };
    let broken: Vec<_> = violations.iter().map(|violation| violation.constraint).collect();
    assert_eq!(broken, [Constraint::Required, Constraint::Length]);
}

#[test]
fn query_values_are_decoded_and_checked() {
    let token = Some("ConfigurationToken");
    let too_long = format!("?configuration_token={}", "a".repeat(8193));
    for (query, expected) in [
        ("?configuration_token=abc", Class::Valid),
        ("", invalid(token, Constraint::Required)),
        ("?configuration_token", invalid(token, Constraint::Pattern)),
        ("?configuration_token=", invalid(token, Constraint::Pattern)),
        ("?configuration_token=a%20b", invalid(token, Constraint::Pattern)),
        (&too_long, invalid(token, Constraint::Pattern)),
        ("?configuration_token=a&configuration_token=b", Class::Open(OpenReason::Duplicate)),
        ("?configuration_token=&configuration_token", invalid(token, Constraint::Pattern)),
        ("?configuration_token=a+b", Class::Open(OpenReason::Plus)),
        ("?configuration_token=a%bcd", Class::Open(OpenReason::NotUtf8)),
        ("?configuration_token=a%C3%B6", Class::Valid),
        ("?configuration_token=a%2Bb&other=a+b", Class::Valid),
        ("/?configuration_token=a", Class::Open(OpenReason::TrailingSlash)),
    ] {
        assert_eq!(class(&get(&format!("/configuration{query}"))), expected, "{query}");
    }
}

#[test]
fn other_methods_and_paths_are_unrouted() {
    let mut request = start("{}");
    request.method = "PUT".to_owned();
    assert_eq!(class(&request), Class::Unrouted);
    request.method = "POST".to_owned();
    request.target = "/configurationsessions/x".to_owned();
    assert_eq!(class(&request), Class::Unrouted);
}
