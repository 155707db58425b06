//! Puts the snapshots into the binary, so that it needs no checkout.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const CONTRACTS: [&str; 2] = ["page", "model"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut entries = Vec::new();
    for contract in CONTRACTS {
        println!("cargo::rerun-if-changed={contract}");
        let folder = root.join(contract);
        if !folder.exists() {
            continue;
        }
        for entry in walkdir::WalkDir::new(&folder) {
            let entry = entry?;
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "snap") {
                entries.push((name(&root, path)?, contents(path)?));
            }
        }
    }
    entries.sort();
    let mut code = "[\n".to_owned();
    for (name, text) in entries {
        writeln!(code, "({name:?}, {text:?}),")?;
    }
    code.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs"), code)?;
    Ok(())
}

/// `page/start-configuration-session/…`: the path below the crate without the ending.
fn name(root: &Path, path: &Path) -> Result<String, Box<dyn Error>> {
    let relative = path.strip_prefix(root)?.with_extension("");
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    Ok(parts.join("/"))
}

/// insta only warns of a file that it cannot read; here it fails the build.
fn contents(path: &Path) -> Result<String, Box<dyn Error>> {
    let snapshot =
        insta::Snapshot::from_file(path).map_err(|error| format!("{}: {error}", path.display()))?;
    match snapshot.contents() {
        insta::internals::SnapshotContents::Text(text) => Ok(text.to_string()),
        insta::internals::SnapshotContents::Binary(_) => {
            Err(format!("{}: not a text snapshot", path.display()).into())
        }
    }
}
