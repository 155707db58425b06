//! Builds, packs, and checks.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use duct::cmd;

use super::args::Args;
use super::{archive, checksum, content};
use crate::support::workspace;

/// The version of all crates of this workspace.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Writes the archive and its checksum to `target/dist`, and checks them.
///
/// # Errors
/// The build fails, a file cannot be read or written, or the unpacked binary does not work.
pub(crate) fn run(args: &Args) -> Result<()> {
    let triple = args.target.clone().map_or_else(host, Ok)?;
    let binary = build(args)?;
    let out = workspace::folder("dist")?;
    let folder = format!("boundstone-{VERSION}-{triple}");
    let name = format!("{folder}.tar.gz");
    let packed = archive::pack(content::files(&folder, &binary)?)?;
    let path = out.join(&name);
    std::fs::write(&path, &packed).with_context(|| format!("cannot write {}", path.display()))?;
    workspace::write(&out.join(checksum::NAME), &checksum::line(&name, &packed))?;

    check(&out, &name, &Path::new(&folder).join(binary.file_name().unwrap_or_default()))?;
    println!("{}: {} bytes, checked", path.display(), packed.len());
    Ok(())
}

/// The target triple of this machine.
fn host() -> Result<String> {
    let version = cmd!("rustc", "-vV").dir(workspace::root()).read().context("cannot run rustc")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`rustc -vV` printed no host")?.to_owned())
}

fn build(args: &Args) -> Result<PathBuf> {
    let mut arguments = vec!["--locked"];
    if args.optimized {
        arguments.push("--profile=dist");
    } else {
        // As for the other tasks: the libraries of this task are built already.
        arguments.extend(["--profile=tool", "--package=xtask"]);
    }
    let target = args.target.as_ref().map(|triple| format!("--target={triple}"));
    arguments.extend(target.as_deref());
    workspace::build(&arguments)
}

/// Compares the checksum of the archive, and runs its binary from an empty folder.
fn check(out: &Path, name: &str, binary: &Path) -> Result<()> {
    let archive = std::fs::read(out.join(name)).with_context(|| format!("cannot read {name}"))?;
    let lines = std::fs::read_to_string(out.join(checksum::NAME))?;
    checksum::check(&lines, name, &archive)?;
    let folder = workspace::empty_folder("dist/check")?;
    archive::unpack(&archive, &folder)?;
    let binary = folder.join(binary);
    let version = content::output(&binary, &["--version"])?;
    let version = String::from_utf8_lossy(&version);
    ensure!(version.trim_end() == format!("boundstone {VERSION}"), "the unpacked binary is {version}");
    content::output(&binary, &["list"])?;
    Ok(())
}
