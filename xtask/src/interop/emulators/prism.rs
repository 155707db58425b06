//! `cargo xtask emulators prism` tests a mock server that knows the service only by an `OpenAPI` description.

use anyhow::{Context, Result};
use duct::cmd;

use super::assets::{asset, node_modules};
use super::emulator::{Emulator, Running};
use crate::support::fixtures::{Fixtures, Part, Resource};
use crate::support::packages::node;
use crate::support::server::{Server, free_address, is_listening};

/// The npm package.
const PACKAGE: &str = "@stoplight/prism-cli";

/// The example response of `GetLatestConfiguration` in the description, as Prism writes it.
const CONFIGURATION: &str = r#"{"colour":"green","limit":10}"#;

pub(super) const PRISM: Emulator = Emulator {
    name: "Prism",
    key: "prism",
    about: "`@stoplight/prism-cli` from npm, started with \
            `prism mock --verboseLevel warn xtask/emulators/appconfigdata.openapi.yaml`.",
    default_target: "http://127.0.0.1:4010",
    header: None,
    // Prism never responds to some requests. The other responses take milliseconds.
    arguments: &["--timeout=3s"],
};

/// Starts Prism and tests it.
pub(super) fn run(keep: bool) -> Result<()> {
    let modules = node_modules()?;
    let version = node::version(&modules, PACKAGE)?;
    let address = free_address()?;
    let log = PRISM.out()?.join("prism.log");
    let command = cmd!(
        node::program(&modules),
        modules.join(PACKAGE).join("dist/index.js"),
        "mock",
        "--host",
        address.ip().to_string(),
        "--port",
        address.port().to_string(),
        "--verboseLevel",
        "warn",
        asset("appconfigdata.openapi.yaml")
    )
    .stdin_null()
    .stderr_to_stdout()
    .stdout_path(&log);
    let server = Server::start("Prism", &command)?;
    server.wait_until(|| is_listening(address)).with_context(|| format!("see its log {}", log.display()))?;
    let (target, fixtures) = (format!("http://{address}"), fixtures());
    let running = Running { server: &server, target: &target, version: &version, fixtures: &fixtures };
    PRISM.test(&running, keep)
}

/// Any identifiers: Prism stores nothing and accepts every valid one.
fn fixtures() -> Fixtures {
    let part = |id: &str, name: &str| Part { id: Some(id.to_owned()), name: Some(name.to_owned()) };
    let resource = Resource {
        application: part("abc1234", "demo"),
        environment: part("def5678", "test"),
        profile: part("ghi9012", "main"),
        configuration: Some(CONFIGURATION.to_owned()),
    };
    Fixtures { resource: vec![resource] }
}
