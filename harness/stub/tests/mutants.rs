//! Mutants differ from the stub, and only where they say.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use serde_json::json;
use stub::{Mutant, Stub, find, mutants};

use crate::support::{body, contract, put_members, request, with_body};

/// The responses of the stub and of a mutant to one request: their statuses.
fn statuses(name: &str, request: &Request<Bytes>) -> (u16, u16) {
    let contract = contract();
    let mutant = find(&contract, name).unwrap_or_else(|| panic!("there is no mutant {name}"));
    let plain = Stub::least(contract.clone()).respond(request);
    let mutated = Stub::least(contract).with_mutant(&mutant).respond(request);
    (plain.status().as_u16(), mutated.status().as_u16())
}

#[test]
fn input_bugs_accept_what_is_invalid() {
    for (name, members) in [
        ("put/name/required/not-enforced", json!({"name": null})),
        ("put/name/length/min-off-by-one", json!({"name": "a"})),
        ("put/name/length/max-off-by-one", json!({"name": "abcdefghi"})),
        ("put/name/pattern/not-enforced", json!({"name": "AB"})),
        ("put/count/range/min-off-by-one", json!({"count": 1})),
        ("put/count/range/max-off-by-one", json!({"count": 6})),
        ("put/count/type/converted", json!({"count": "3"})),
        ("put/count/type/ignored", json!({"count": []})),
        ("put/ratio/range/max-off-by-one", json!({"ratio": 1.5})),
        ("put/color/enum/letter-case", json!({"color": "RED"})),
        ("put/level/enum/not-enforced", json!({"level": 2})),
        ("put/tags/unique-items/not-enforced", json!({"tags": ["ab", "ab"]})),
        ("put/tags/element/length/first-element-only", json!({"tags": ["ab", "c"]})),
        ("put/tags/element/null/not-enforced", json!({"tags": ["ab", null]})),
        ("put/labels/value/null/not-enforced", json!({"labels": {"ab": null}})),
        ("put/labels/key/pattern/not-enforced", json!({"labels": {"AB": "a"}})),
        ("put/choice/cardinality/two-accepted", json!({"choice": {"number": 3, "text": "ab"}})),
        ("put/choice/cardinality/none-accepted", json!({"choice": {}})),
        ("put/choice/number/range/not-enforced", json!({"choice": {"number": 9}})),
        ("put/tree/name/required/not-enforced", json!({"tree": {}})),
        ("put/nested/not-enforced", json!({"tree": {"name": "A"}})),
        (
            "put/trees/element/name/length/first-element-only",
            json!({"trees": [{"name": "ab"}, {"name": "a"}]}),
        ),
    ] {
        assert_eq!(statuses(name, &put_members(&members)), (400, 201), "{name}");
    }
}

#[test]
fn bytes_are_counted_instead_of_characters() {
    let request = put_members(&json!({"text": "äöü"}));
    assert_eq!(statuses("put/text/length/counts-bytes", &request), (201, 400));
}

#[test]
fn bindings_have_mutants() {
    let request = request("GET", "/search?q=a", &[("x-words", "ab, AB")]);
    assert_eq!(statuses("search/words/element/pattern/not-enforced", &request), (400, 200));
}

#[test]
fn error_bugs_change_the_error() {
    let request = put_members(&json!({"count": 9}));
    assert_eq!(statuses("put/count/range/status-404", &request), (400, 404));
    assert_eq!(statuses("put/count/range/status-500", &request), (400, 500));
    assert_eq!(statuses("put/name/length/status-500", &request), (400, 400));
    let contract = contract();
    let mutant = find(&contract, "put/count/range/other-error").unwrap();
    let response = Stub::least(contract).with_mutant(&mutant).respond(&request);
    assert_eq!(response.headers()["x-amzn-errortype"], "Conflict");
}

#[test]
fn output_bugs_change_the_output() {
    let contract = contract();
    let respond = |name: &str| {
        let mutant = find(&contract, name).unwrap_or_else(|| panic!("there is no mutant {name}"));
        Stub::least(contract.clone()).with_mutant(&mutant).respond(&put_members(&json!({})))
    };
    let missing = body(&respond("put/response/name/required/missing"));
    assert_eq!((missing.get("name"), missing.get("count")), (None, Some(&json!(2))));
    assert_eq!(body(&respond("put/response/count/type/wrong-type"))["count"], "text");
    assert_eq!(body(&respond("put/response/count/range/below-min"))["count"], 1);
    assert_eq!(body(&respond("put/response/count/range/above-max"))["count"], 6);
    assert_eq!(body(&respond("put/response/name/length/below-min"))["name"], "a");
    assert_eq!(body(&respond("put/response/color/enum/unknown-value"))["color"], "NO-VALUE-OF-THE-ENUM");
    let nested = body(&respond("put/response/tree/name/required/missing"));
    assert_eq!(nested["tree"], json!({}));
    let within = body(&respond("put/response/tree/children/element/type/wrong-type"));
    assert_eq!(within["tree"]["children"], json!(["text"]));
    assert!(!respond("put/response/etag/required/missing").headers().contains_key("etag"));
    assert_eq!(respond("put/response/wrong-status").status(), 200);
    assert_eq!(respond("put/response/wrong-content-type").headers()["content-type"], "text/html");
}

#[test]
fn names_are_unique_and_requirements_follow_the_path() {
    let contract = contract();
    let mutants: Vec<_> = mutants(&contract).collect();
    let names: BTreeSet<&str> = mutants.iter().map(Mutant::name).collect();
    assert_eq!(names.len(), mutants.len());
    assert!(mutants.len() > 200, "{}", mutants.len());
    assert!(mutants.iter().all(|mutant| !mutant.must_fail().is_empty() && mutant.about().ends_with('.')));
    let must_fail = |name: &str| find(&contract, name).unwrap().must_fail().to_vec();
    assert_eq!(must_fail("put/labels/key/length/not-enforced"), ["put/labels/key/length"]);
    assert_eq!(must_fail("put/response/tree/name/required/missing"), ["put/response/tree"]);
    let nested = must_fail("put/nested/not-enforced");
    assert!(nested.contains(&"put/trees/element/name/pattern".to_owned()), "{nested:?}");
    assert!(!nested.contains(&"put/name/pattern".to_owned()), "{nested:?}");
}

#[test]
fn other_operations_have_no_bug() {
    let request = with_body("PUT", "/structure", &[("content-type", "application/json")], r#"{"name":"A"}"#);
    assert_eq!(statuses("put/nested/not-enforced", &request), (400, 400));
}
