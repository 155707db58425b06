//! The file `SHA256SUMS`, as `sha256sum --check` reads it.

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::support::hex::hex;

/// The name of the file.
pub(super) const NAME: &str = "SHA256SUMS";

/// The line of a file.
pub(super) fn line(name: &str, content: &[u8]) -> String {
    format!("{}  {name}\n", digest(content))
}

/// Compares the digest of a file with its line.
///
/// # Errors
/// `lines` has no line for the file, or the digest differs.
pub(super) fn check(lines: &str, name: &str, content: &[u8]) -> Result<()> {
    let mut lines = lines.lines().filter_map(|line| line.split_once("  "));
    let (expected, _) = lines
        .find(|(_, listed)| *listed == name)
        .with_context(|| format!("{NAME} has no line for {name}"))?;
    let actual = digest(content);
    ensure!(actual == expected, "{NAME} has {expected} for {name}, but its digest is {actual}");
    Ok(())
}

fn digest(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_has_digest_and_name() {
        // FIPS 180-2, appendix B.1.
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(line("a.tar.gz", b"abc"), format!("{digest}  a.tar.gz\n"));
    }

    #[test]
    fn changed_or_unlisted_file_is_an_error() {
        let lines = line("a", b"abc") + &line("b", b"");
        assert!(check(&lines, "a", b"abc").is_ok());
        assert!(check(&lines, "b", b"").is_ok());
        assert!(check(&lines, "b", b"abc").unwrap_err().to_string().contains("its digest is ba78"));
        assert!(check(&lines, "c", b"").unwrap_err().to_string().contains("no line for c"));
    }
}
