//! A report for tests.

use serde_json::{Value, json};

/// A report with these failed requirements, and with numbers of others that passed or were skipped.
pub(crate) fn report(passed: u64, skipped: u64, failed: &[Value]) -> Value {
    let count = failed.len();
    json!({
        "schema_version": 1,
        "boundstone": "0.1.0",
        "contract": {"name": "model", "digest": ""},
        "target": {"kind": "url", "url": "http://127.0.0.1:1"},
        "seed": 0,
        "started_at": "2026-01-01T00:00:00Z",
        "seconds": 1.0,
        "ending": {"kind": "complete"},
        "strict": false,
        "totals": {
            "requirements": {
                "passed": passed,
                "failed": count,
                "flaky": 0,
                "inconclusive": 0,
                "skipped": skipped
            },
            "cases": count,
            "requests": count,
            "responses": count
        },
        "requirements": failed
    })
}
