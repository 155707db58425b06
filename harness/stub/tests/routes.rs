//! Which operation a request is of.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use crate::support::{error, request, respond};

#[test]
fn most_specific_pattern_is_selected() {
    for (target, status) in [
        ("/things", 200),
        ("/things/", 200),
        ("/things/all/today", 202),
        ("/things/%61ll/today", 202),
        ("/things/5/1985-04-12T23:20:50Z", 200),
        ("/things/a/b/c/end", 204),
        ("/things/a%20b/c/end", 204),
        ("/search?q=a", 200),
        ("/search?more=yes&flag=", 202),
        ("/search?more=no&flag=a&q=a", 200),
    ] {
        let response = respond(&request("GET", target, &[]));
        assert_eq!(response.status(), status, "{target} {:?}", response.body());
    }
}

#[test]
fn unknown_paths_are_refused() {
    for (method, target) in [
        ("GET", "/"),
        ("GET", "/thing"),
        ("PATCH", "/things"),
        ("GET", "/things/1"),
        ("GET", "/things//1985-04-12T23:20:50Z"),
        ("GET", "/things/end"),
    ] {
        let response = respond(&request(method, target, &[]));
        assert_eq!(error(&response), (404, "UnknownOperationException".to_owned()), "{method} {target}");
    }
}
