//! `cargo xtask emulators ministack`: boundstone judges an emulator of many AWS services.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use duct::cmd;

use super::emulator::{Emulator, Running};
use super::server::{Server, free_address, is_listening};
use super::{Fixtures, asset, folder, python};

pub(super) const MINISTACK: Emulator = Emulator {
    name: "MiniStack",
    key: "ministack",
    about: "`ministack` from PyPI. Its resources are made by `xtask/emulators/provision.py`.",
    usual_target: "http://127.0.0.1:4566",
    // Emulators route a request by the scope of its credential and do not check the signature.
    header: Some((
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appconfig/aws4_request, \
         SignedHeaders=host, Signature=00",
    )),
    arguments: &[],
};

/// Starts MiniStack, provisions and judges it.
pub(super) fn run(keep: bool) -> Result<()> {
    let programs = python::programs()?;
    let version = python::version(&programs, "ministack")?;
    let address = free_address()?;
    let server = start(&programs, address)?;
    let target = format!("http://{address}");
    let fixtures = provision(&programs, &target)?;
    MINISTACK.judge(&Running { server, target, version, fixtures }, keep)
}

/// Starts MiniStack without anything that outlives it or leaves this machine.
fn start(programs: &Path, address: SocketAddr) -> Result<Server> {
    let log = MINISTACK.out()?.join("ministack.log");
    let temporary = folder("ministack/tmp")?;
    let command = cmd!(programs.join("ministack"))
        .env("BIND_HOST", address.ip().to_string())
        .env("GATEWAY_PORT", address.port().to_string())
        .env("MINISTACK_REGION", "us-east-1")
        .env("PERSIST_STATE", "0")
        .env("S3_PERSIST", "0")
        .env("SFTP_ENABLED", "0")
        .env("IOT_MTLS_ENABLED", "0")
        // A socket that does not exist: MiniStack then leaves Docker alone.
        .env("DOCKER_HOST", format!("unix://{}", temporary.join("no-docker").display()))
        // Its process id file.
        .env("TMPDIR", temporary)
        .stdin_null()
        .stderr_to_stdout()
        .stdout_path(&log);
    let server = Server::start("MiniStack", &command)?;
    server.wait_until(|| is_listening(address)).with_context(|| format!("its log is {}", log.display()))?;
    Ok(server)
}

/// Creates the resources.
fn provision(programs: &Path, target: &str) -> Result<Fixtures> {
    let json = cmd!(programs.join("python"), asset("provision.py"), target)
        .read()
        .context("the resources could not be created")?;
    serde_json::from_str(&json).context("provision.py prints JSON")
}
