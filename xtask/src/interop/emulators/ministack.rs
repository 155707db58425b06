//! `cargo xtask emulators ministack` tests an emulator of many AWS services.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use duct::{Expression, cmd};

use super::assets::{asset, folder, python_programs};
use super::emulator::{Emulator, Running};
use crate::support::fixtures::Fixtures;
use crate::support::packages::python;
use crate::support::server::{Server, free_address, is_listening};
use crate::support::workspace::{self, write};

/// MiniStack stores data by region and access key.
const REGION: &str = "us-east-1";

/// How often the log of a run is read.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The exit code of a run that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

pub(super) const MINISTACK: Emulator = Emulator {
    name: "MiniStack",
    key: "ministack",
    about: "`ministack` from PyPI. `boundstone provision` creates its resources.",
    default_target: "http://127.0.0.1:4566",
    // Emulators route a request by the scope of its credential and do not check the signature.
    header: Some((
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appconfig/aws4_request, \
         SignedHeaders=host, Signature=00",
    )),
    arguments: &[],
};

/// Starts MiniStack, checks that runs remove what they create, creates resources, and tests it.
pub(super) fn run(keep: bool) -> Result<()> {
    let programs = python_programs()?;
    let version = python::version(&programs, "ministack")?;
    let boundstone = workspace::build_boundstone()?;
    let address = free_address()?;
    let server = start(&programs, address)?;
    let target = format!("http://{address}");

    let control = Control { programs: &programs, boundstone: &boundstone, target: &target };
    control.run_to_end()?;
    control.run_and_interrupt()?;
    let fixtures = control.provision()?;
    let running = Running { server: &server, target: &target, version: &version, fixtures: &fixtures };
    MINISTACK.test(&running, keep)?;
    if !keep {
        control.clean()?;
    }
    Ok(())
}

/// Starts MiniStack so that it stores nothing permanently and stays on this machine.
fn start(programs: &Path, address: SocketAddr) -> Result<Server> {
    let log = MINISTACK.out()?.join("ministack.log");
    let temporary = folder("ministack/tmp")?;
    let command = cmd!(programs.join("ministack"))
        .env("BIND_HOST", address.ip().to_string())
        .env("GATEWAY_PORT", address.port().to_string())
        .env("MINISTACK_REGION", REGION)
        .env("PERSIST_STATE", "0")
        .env("S3_PERSIST", "0")
        .env("SFTP_ENABLED", "0")
        .env("IOT_MTLS_ENABLED", "0")
        // Without this socket MiniStack does not use Docker.
        .env("DOCKER_HOST", format!("unix://{}", temporary.join("no-docker").display()))
        // For its process id file.
        .env("TMPDIR", temporary)
        .stdin_null()
        .stderr_to_stdout()
        .stdout_path(&log);
    let server = Server::start("MiniStack", &command)?;
    server.wait_until(|| is_listening(address)).with_context(|| format!("see its log {}", log.display()))?;
    Ok(server)
}

/// The control plane of MiniStack, as boundstone and boto3 see it.
struct Control<'a> {
    programs: &'a Path,
    boundstone: &'a Path,
    target: &'a str,
}

impl Control<'_> {
    fn boundstone(&self, command: &str, arguments: &[&str]) -> Expression {
        let target = format!("--target={}", self.target);
        let region = format!("--region={REGION}");
        let all = [&[command, &target, &region, "--contract=model"], arguments].concat();
        // MiniStack accepts any credentials.
        cmd(self.boundstone, all)
            .dir(workspace::root())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
    }

    /// A run that creates its own fixtures.
    fn run(&self, name: &str, arguments: &[&str]) -> Result<Expression> {
        let out = format!("--out={}", folder(&format!("ministack/{name}"))?.display());
        let header = MINISTACK.header.map(|(name, value)| format!("--header={name}: {value}"));
        let header = header.unwrap_or_default();
        Ok(self.boundstone("run", &[&["--provision", &out, &header], arguments].concat()))
    }

    /// Fails if boto3 sees an application.
    fn check_nothing_is_left(&self, after: &str) -> Result<()> {
        let left = cmd!(self.programs.join("python"), asset("applications.py"), self.target)
            .read()
            .context("cannot list the applications")?;
        ensure!(left.is_empty(), "after {after} these applications are left: {left}");
        println!("nothing is left after {after}");
        Ok(())
    }

    /// Checks that a complete run removes its fixtures.
    fn run_to_end(&self) -> Result<()> {
        let run = self.run("provisioned", &["--only=start-configuration-session/accepts/*"])?;
        run.run().context("a run with its own fixtures failed")?;
        self.check_nothing_is_left("a run")
    }

    /// Checks that an interrupted run removes its fixtures.
    fn run_and_interrupt(&self) -> Result<()> {
        let log = folder("ministack/interrupted")?.join("run.log");
        // A log of an earlier run could be taken for one of this run.
        write(&log, "")?;
        let run = self.run("interrupted", &[])?.stdout_null().stderr_path(&log).unchecked().start()?;
        let log_contains = |text: &str| std::fs::read_to_string(&log).is_ok_and(|log| log.contains(text));
        while run.wait_timeout(POLL_INTERVAL)?.is_none() && !log_contains("failed: ") {}
        for pid in run.pids() {
            cmd!("kill", "-INT", pid.to_string()).run()?;
        }
        let code = run.wait()?.status.code();
        ensure!(
            code == Some(INTERRUPTED),
            "an interrupted run ended with {code:?}; see its log {}",
            log.display()
        );
        ensure!(
            log_contains("All fixtures are removed."),
            "the run did not remove its fixtures; see its log {}",
            log.display()
        );
        self.check_nothing_is_left("an interrupted run")
    }

    /// Creates fixtures that stay.
    fn provision(&self) -> Result<Fixtures> {
        let fixtures = self.boundstone("provision", &[]).read().context("cannot create the resources")?;
        toml::from_str(&fixtures).context("cannot read the fixtures that boundstone printed")
    }

    /// Removes the fixtures.
    fn clean(&self) -> Result<()> {
        self.boundstone("provision", &["--clean"]).run()?;
        self.check_nothing_is_left("`boundstone provision --clean`")
    }
}
