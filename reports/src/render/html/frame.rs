//! What all pages share: style, script, and a policy that blocks everything else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

use crate::model::Report;
use crate::summary::{Outcome, outcome};

/// Copies commands and filters lists. A page shows the same without it.
const SCRIPT: &str = include_str!("../../../templates/page.js");

/// The parts of a page that do not depend on what it shows.
pub(crate) struct Frame {
    /// The script, which starts and ends with a line feed.
    pub(crate) script: String,
    /// A Content Security Policy (W3C, level 3): the page requests nothing, and only the script with the
    /// digest in the policy runs.
    pub(crate) policy: String,
}

impl Frame {
    pub(crate) fn new() -> Self {
        let script = format!("\n{SCRIPT}");
        let digest = BASE64_STANDARD.encode(Sha256::digest(&script));
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; \
             form-action 'none'"
        );
        Self { script, policy }
    }
}

/// The class that colors the headline.
pub(crate) fn state(report: &Report) -> &'static str {
    match outcome(report) {
        Outcome::Passed => "passed",
        Outcome::Failed | Outcome::Outdated => "failed",
        Outcome::NotTested => "inconclusive",
        Outcome::Interrupted => "interrupted",
    }
}
