//! `cargo xtask emulators prism`: boundstone judges a mock server that knows the service only by an
//! `OpenAPI` description.

use anyhow::{Context, Result};
use duct::cmd;

use super::emulator::{Emulator, Running};
use super::{Fixtures, Part, Resource, asset, node_modules};
use crate::packages::node;
use crate::server::{Server, free_address, is_listening};

/// The npm package.
const PACKAGE: &str = "@stoplight/prism-cli";

/// The example in the description of what `GetLatestConfiguration` answers, as Prism writes it.
const CONFIGURATION: &str = r#"{"colour":"green","limit":10}"#;

pub(super) const PRISM: Emulator = Emulator {
    name: "Prism",
    key: "prism",
    about: "`@stoplight/prism-cli` from npm, started with \
            `prism mock --verboseLevel warn xtask/emulators/appconfigdata.openapi.yaml`.",
    usual_target: "http://127.0.0.1:4010",
    header: None,
    // It leaves some requests without an answer; it takes milliseconds for the others.
    arguments: &["--timeout=3s"],
};

/// Starts Prism and judges it.
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
    server.wait_until(|| is_listening(address)).with_context(|| format!("its log is {}", log.display()))?;
    let (target, fixtures) = (format!("http://{address}"), fixtures());
    PRISM.judge(&Running { server: &server, target: &target, version: &version, fixtures: &fixtures }, keep)
}

/// Prism keeps nothing and takes every valid identifier: any will do.
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
