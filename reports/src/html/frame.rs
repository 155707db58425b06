//! What all pages share: style, script, and the policy that lets nothing else in.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// Copies commands and filters lists; a page says the same without it.
const SCRIPT: &str = include_str!("../../templates/page.js");

/// The parts of a page that do not depend on what it shows.
pub(super) struct Frame {
    /// Begins and ends with a line feed.
    pub(super) script: String,
    /// A Content Security Policy (W3C, level 3): no address is asked for anything, and no script runs but
    /// the one whose digest stands in it.
    pub(super) policy: String,
}

impl Frame {
    pub(super) fn new() -> Self {
        let script = format!("\n{SCRIPT}");
        let digest = BASE64_STANDARD.encode(Sha256::digest(&script));
        let policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; \
             form-action 'none'"
        );
        Self { script, policy }
    }
}
