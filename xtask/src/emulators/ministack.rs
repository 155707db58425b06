//! `cargo xtask emulators ministack`: boundstone judges an emulator of many AWS services.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use duct::{Expression, cmd};

use super::emulator::{Emulator, Running};
use super::{Fixtures, asset, folder, python_programs};
use crate::packages::python;
use crate::server::{Server, free_address, is_listening};
use crate::workspace;
use crate::workspace::write;

/// MiniStack keeps data by region and access key.
const REGION: &str = "us-east-1";

const PAUSE: Duration = Duration::from_millis(20);

/// The exit code of a run that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

pub(super) const MINISTACK: Emulator = Emulator {
    name: "MiniStack",
    key: "ministack",
    about: "`ministack` from PyPI. Its resources are made by `boundstone provision`.",
    usual_target: "http://127.0.0.1:4566",
    // Emulators route a request by the scope of its credential and do not check the signature.
    header: Some((
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/appconfig/aws4_request, \
         SignedHeaders=host, Signature=00",
    )),
    arguments: &[],
};

/// Starts MiniStack, checks that a run leaves nothing there, provisions and judges it.
pub(super) fn run(keep: bool) -> Result<()> {
    let programs = python_programs()?;
    let version = python::version(&programs, "ministack")?;
    let boundstone = workspace::build_boundstone()?;
    let address = free_address()?;
    let server = start(&programs, address)?;
    let target = format!("http://{address}");

    let control = Control { programs: &programs, boundstone: &boundstone, target: &target };
    control.run_to_the_end()?;
    control.run_and_interrupt()?;
    let fixtures = control.provision()?;
    MINISTACK
        .judge(&Running { server: &server, target: &target, version: &version, fixtures: &fixtures }, keep)?;
    if !keep {
        control.clean()?;
    }
    Ok(())
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

/// The control plane of MiniStack, as boundstone and as others see it.
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
        // MiniStack takes any credentials.
        cmd(self.boundstone, all)
            .dir(workspace::root())
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
    }

    /// A run that makes its fixtures, with few cases.
    fn run(&self, name: &str, arguments: &[&str]) -> Result<Expression> {
        let out = format!("--out={}", folder(&format!("ministack/{name}"))?.display());
        let header = MINISTACK.header.map(|(name, value)| format!("--header={name}: {value}"));
        let header = header.unwrap_or_default();
        Ok(self.boundstone("run", &[&["--provision", &out, &header], arguments].concat()))
    }

    /// Fails if an application is there that a client of AWS sees.
    fn nothing_is_left(&self, after: &str) -> Result<()> {
        let left = cmd!(self.programs.join("python"), asset("applications.py"), self.target)
            .read()
            .context("the applications cannot be listed")?;
        ensure!(left.is_empty(), "after {after} there is still: {left}");
        println!("nothing is left after {after}");
        Ok(())
    }

    fn run_to_the_end(&self) -> Result<()> {
        let run = self.run("provisioned", &["--only=start-configuration-session/accepts/*"])?;
        run.run().context("a run with its own fixtures fails")?;
        self.nothing_is_left("a run")
    }

    fn run_and_interrupt(&self) -> Result<()> {
        let log = folder("ministack/interrupted")?.join("run.log");
        // A log of an earlier run would pass for one of this run.
        write(&log, "")?;
        let run = self.run("interrupted", &[])?.stdout_null().stderr_path(&log).unchecked().start()?;
        let said = |text: &str| std::fs::read_to_string(&log).is_ok_and(|log| log.contains(text));
        while run.wait_timeout(PAUSE)?.is_none() && !said("failed: ") {}
        for pid in run.pids() {
            cmd!("kill", "-INT", pid.to_string()).run()?;
        }
        let code = run.wait()?.status.code();
        ensure!(
            code == Some(INTERRUPTED),
            "an interrupted run ends with {code:?}; its log is {}",
            log.display()
        );
        ensure!(said("All fixtures are removed."), "the run removed nothing; its log is {}", log.display());
        self.nothing_is_left("an interrupted run")
    }

    /// Makes fixtures that stay.
    fn provision(&self) -> Result<Fixtures> {
        let fixtures =
            self.boundstone("provision", &[]).read().context("the resources could not be created")?;
        toml::from_str(&fixtures).context("boundstone prints fixtures")
    }

    fn clean(&self) -> Result<()> {
        self.boundstone("provision", &["--clean"]).run()?;
        self.nothing_is_left("`boundstone provision --clean`")
    }
}
