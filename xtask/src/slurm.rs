//! `cargo xtask slurm`: the job array of `deploy/slurm` on a Slurm of one node, which is this machine.
//!
//! Its daemons belong to the user who runs this, have ports and a key of their own, and end with it.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::{Expression, cmd};

use crate::server::{Server, free_address, is_listening};
use crate::shards::Whole;
use crate::workspace;
use crate::workspace::write;

/// The shards of the array.
const SHARDS: usize = 3;

/// Runs the array and holds what it finds to what one run finds.
pub(crate) fn run() -> Result<()> {
    let boundstone = workspace::build_boundstone()?;
    let folder = workspace::empty_folder("slurm")?;
    let whole = Whole::judge(&boundstone, &folder)?;

    let slurm = Slurm::start(&folder)?;
    let reports = folder.join("reports");
    let bin = boundstone.parent().context("a binary is in a folder")?;
    let submit = |arguments: &[String]| {
        // A job that no node takes waits for ever.
        let mut all: Vec<OsString> = ["120", "sbatch", "--parsable"].map(Into::into).into();
        all.extend(arguments.iter().map(OsString::from));
        slurm
            .command("timeout", all)
            .env("PATH", workspace::path_behind(bin))
            .env("REPORTS", &reports)
            .read()
            .with_context(|| format!("the job does not run to its end; the logs are in {}", folder.display()))
    };

    let script = workspace::root().join("deploy/slurm/boundstone.sbatch").display().to_string();
    let target = whole.mock().arguments();
    let from_zero = submit(&[&["--wait".into(), "--array=0-1".into(), script.clone()], &target[..]].concat());
    ensure!(from_zero.is_err(), "an array that counts from 0 is taken for shards");
    let job = submit(&[&[format!("--array=1-{SHARDS}"), script], &target[..]].concat())?;
    let merge = "boundstone report merge \"$REPORTS\"/*/report.json --out \"$REPORTS/all\"; [ $? -eq 1 ]";
    let after = format!("--dependency=afterok:{job}");
    submit(&["--wait".into(), "--kill-on-invalid-dep=yes".into(), after, format!("--wrap={merge}")])?;

    let shards: Vec<PathBuf> =
        (1..=SHARDS).map(|shard| reports.join(shard.to_string()).join("report.json")).collect();
    whole.is_found_by(&shards, &reports.join("all/report.json"))?;
    println!("an array of {SHARDS} tasks finds what one run finds");
    Ok(())
}

/// A Slurm of one node. The daemons end in the order of the fields.
struct Slurm {
    configuration: PathBuf,
    folder: PathBuf,
    _node: Server,
    _controller: Server,
    _munge: Server,
}

impl Slurm {
    fn start(folder: &Path) -> Result<Self> {
        let [controller_address, node_address] = [free_address()?, free_address()?];
        for inner in ["state", "spool"] {
            std::fs::create_dir(folder.join(inner))?;
        }
        let configuration = folder.join("slurm.conf");
        write(&configuration, &configure(folder, controller_address, node_address)?)?;
        write(&folder.join("cgroup.conf"), cgroups(&cmd!("slurmd", "-V").read()?))?;

        let file = |name: &str| folder.join(name);
        let key = format!("--keyfile={}", file("munge.key").display());
        cmd!("mungekey", "--create", &key).run().context("there is no munge (is it installed?)")?;
        let socket = file("munge.socket");
        let munged = cmd!(
            "munged",
            "--foreground",
            // It asks nothing of folders that only root may write.
            "--force",
            format!("--key-file={}", file("munge.key").display()),
            format!("--socket={}", socket.display()),
            format!("--pid-file={}", file("munged.pid").display()),
            format!("--seed-file={}", file("munged.seed").display()),
            format!("--log-file={}", file("munged.log").display())
        );
        let munge = daemon("munged", &munged, folder)?;
        munge.wait_until(|| socket.exists())?;

        let controller = daemon("slurmctld", &cmd!("slurmctld", "-D", "-f", &configuration), folder)?;
        controller.wait_until(|| is_listening(controller_address))?;
        let node = daemon("slurmd", &cmd!("slurmd", "-D", "-f", &configuration), folder)?;
        node.wait_until(|| is_listening(node_address))?;
        Ok(Self {
            configuration,
            folder: folder.to_owned(),
            _node: node,
            _controller: controller,
            _munge: munge,
        })
    }

    /// A command of Slurm, in the folder.
    fn command(&self, program: &str, arguments: Vec<OsString>) -> Expression {
        cmd(program, arguments).env("SLURM_CONF", &self.configuration).dir(&self.folder)
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        // What runs outlives the daemons.
        let all = vec!["--state=RUNNING".into(), "--full".into()];
        if let Err(error) = self.command("scancel", all).stderr_null().unchecked().run() {
            println!("cannot cancel what runs: {error}");
        }
    }
}

/// Starts a daemon that stays in the foreground.
fn daemon(name: &'static str, command: &Expression, folder: &Path) -> Result<Server> {
    let command = command.stdin_null().stderr_to_stdout().stdout_path(folder.join(format!("{name}.out")));
    Server::start(name, &command)
}

/// A `cgroup.conf`. From 23.11 on a node wants cgroups unless it is told otherwise; before, it knows no such word.
fn cgroups(version: &str) -> &'static str {
    let number = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    if number >= "23.11" { "CgroupPlugin=disabled\n" } else { "" }
}

/// A `slurm.conf` that needs no root, no cgroups, no database and no name service.
fn configure(folder: &Path, controller: SocketAddr, node: SocketAddr) -> Result<String> {
    let host = cmd!("hostname", "--short").read()?;
    let user = cmd!("id", "--user", "--name").read()?;
    let (controller, node, folder) = (controller.port(), node.port(), folder.display());
    Ok(format!(
        "ClusterName=boundstone
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,sched_min_interval=0,batch_sched_delay=0,bf_interval=1
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=2048
PartitionName=all Nodes={host} Default=YES
"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_newer_versions_are_told_of_cgroups() {
        assert_eq!(cgroups("slurm 22.05.8"), "");
        assert_eq!(cgroups("slurm-wlm 23.11.4"), "CgroupPlugin=disabled\n");
        assert_eq!(cgroups("slurm 24.11.5"), "CgroupPlugin=disabled\n");
    }
}
