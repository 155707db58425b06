//! `cargo xtask fuzz`: looks for inputs on which a law of a reader does not hold, guided by coverage.

use anyhow::{Context, Result, bail};
use clap::Args as ClapArgs;
use duct::cmd;

use crate::workspace;

/// The arguments of `cargo xtask fuzz`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Seconds for each reader
    #[arg(long, value_name = "N", default_value = "60")]
    seconds: u32,
    /// Readers, by the names of fuzz/corpus; all if none is named
    targets: Vec<String>,
}

/// Fuzzes each reader. What is found goes to `fuzz/artifacts`; new inputs go to `target/fuzz`, so that the
/// committed corpus grows by choice alone.
///
/// # Errors
/// cargo-fuzz is missing, a name is unknown, or a law does not hold.
pub(crate) fn run(args: &Args) -> Result<()> {
    if cmd!("cargo-fuzz", "--version").stdout_null().stderr_null().run().is_err() {
        bail!("cargo-fuzz is missing: `cargo install cargo-fuzz --locked`");
    }
    let known = targets()?;
    if let Some(unknown) = args.targets.iter().find(|name| !known.contains(name)) {
        bail!("there is no reader `{unknown}`; the readers are {}", known.join(", "));
    }
    let chosen = if args.targets.is_empty() { &known } else { &args.targets };
    for target in chosen {
        println!("\n── {target}");
        let found = workspace::folder(&format!("fuzz/{target}"))?.display().to_string();
        let committed = format!("fuzz/corpus/{target}");
        let seconds = format!("-max_total_time={}", args.seconds);
        // Nothing here is unsafe: what a sanitizer of memory would find is a panic already.
        let fuzz = ["fuzz", "run", "--sanitizer=none", target, &found, &committed, "--"];
        let limits =
            [&seconds, "-timeout=10", "-rss_limit_mb=2048", "-max_len=16384", "-print_final_stats=1"];
        workspace::cargo(fuzz.into_iter().chain(limits)).run().with_context(|| {
            format!("a law of `{target}` does not hold; the input is in fuzz/artifacts/{target}")
        })?;
    }
    Ok(())
}

/// The readers that have a corpus; a test holds that they are all.
fn targets() -> Result<Vec<String>> {
    let folder = workspace::root().join("fuzz/corpus");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("read {}", folder.display()))?;
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
    fn each_corpus_has_a_target_of_cargo_fuzz() {
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
    fn an_unknown_reader_is_named() {
        let args = Args { seconds: 1, targets: vec!["odd".to_owned()] };
        let error = run(&args).unwrap_err().to_string();
        assert!(error.contains("cargo install cargo-fuzz") || error.contains("`odd`"), "{error}");
    }
}
