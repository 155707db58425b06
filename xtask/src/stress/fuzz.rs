//! `cargo xtask fuzz` searches for inputs that break a property of a parser, guided by coverage.

use anyhow::{Context, Result, bail};
use clap::Args as ClapArgs;
use duct::cmd;

use crate::support::workspace;

/// The arguments of `cargo xtask fuzz`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Set how many seconds to fuzz each target
    #[arg(long, value_name = "N", default_value = "60")]
    seconds: u32,
    /// Fuzz only these targets, named as in fuzz/corpus
    targets: Vec<String>,
}

/// Fuzzes each target. Failing inputs go to `fuzz/artifacts`. New inputs go to `target/fuzz`, and not into the committed
/// corpus.
///
/// # Errors
/// cargo-fuzz is missing, a name is unknown, or a property is broken.
pub(crate) fn run(args: &Args) -> Result<()> {
    if cmd!("cargo-fuzz", "--version").stdout_null().stderr_null().run().is_err() {
        bail!("cargo-fuzz is not installed: run `cargo install cargo-fuzz --locked`");
    }
    let known = targets()?;
    if let Some(unknown) = args.targets.iter().find(|name| !known.contains(name)) {
        bail!("there is no fuzz target `{unknown}`; use {}", known.join(", "));
    }
    let chosen = if args.targets.is_empty() { &known } else { &args.targets };
    for target in chosen {
        println!("\n── {target}");
        let new_inputs = workspace::folder(&format!("fuzz/{target}"))?.display().to_string();
        let committed = format!("fuzz/corpus/{target}");
        let seconds = format!("-max_total_time={}", args.seconds);
        // The code is safe Rust: a memory error would be a panic, which needs no sanitizer.
        let fuzz = ["fuzz", "run", "--sanitizer=none", target, &new_inputs, &committed, "--"];
        let limits =
            [&seconds, "-timeout=10", "-rss_limit_mb=2048", "-max_len=16384", "-print_final_stats=1"];
        workspace::cargo(fuzz.into_iter().chain(limits)).run().with_context(|| {
            format!("`{target}` breaks a property; the input is in fuzz/artifacts/{target}")
        })?;
    }
    Ok(())
}

/// The targets that have a corpus. A test checks that all have one.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/corpus");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_corpus_has_a_target() {
        let manifest = std::fs::read_to_string(workspace::root().join("fuzz/Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let mut binaries: Vec<_> = manifest["bin"]
            .as_array()
            .unwrap()
            .iter()
            .map(|binary| binary["name"].as_str().unwrap().to_owned())
            .collect();
        binaries.sort();
        assert_eq!(binaries, targets().unwrap());
    }

    #[test]
    fn unknown_target_is_named() {
        let args = Args { seconds: 1, targets: vec!["odd".to_owned()] };
        let error = run(&args).unwrap_err().to_string();
        assert!(error.contains("cargo install cargo-fuzz") || error.contains("`odd`"), "{error}");
    }
}
