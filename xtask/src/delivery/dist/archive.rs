//! Packs files into a tar.gz archive, and unpacks it. The same files always lead to the same bytes.

use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use tar::{Archive, Builder, EntryType, Header};

/// The time of every file: 1980-01-01 00:00:00 UTC, the earliest time that all common archive formats can store.
const MODIFIED: u64 = 315_532_800;

/// A file in an archive.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// The path in the archive, with `/` as the separator.
    pub(super) path: String,
    pub(super) content: Vec<u8>,
    pub(super) is_executable: bool,
}

/// Packs files in the order of their paths.
///
/// # Errors
/// A path is invalid in an archive.
pub(super) fn pack(mut files: Vec<File>) -> Result<Vec<u8>> {
    files.sort_by(|one, other| one.path.cmp(&other.path));
    // The header of gzip has neither a time nor a file name.
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for File { path, content, is_executable } in &files {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(if *is_executable { 0o755 } else { 0o644 });
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(MODIFIED);
        header.set_size(content.len() as u64);
        builder
            .append_data(&mut header, path, content.as_slice())
            .with_context(|| format!("cannot pack {path}"))?;
    }
    Ok(builder.into_inner()?.finish()?)
}

/// Unpacks an archive into a folder.
///
/// # Errors
/// The archive is invalid, or a file cannot be written.
pub(super) fn unpack(archive: &[u8], folder: &Path) -> Result<()> {
    let mut archive = Archive::new(GzDecoder::new(archive));
    archive.unpack(folder).with_context(|| format!("cannot unpack the archive into {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, content: &str, is_executable: bool) -> File {
        File { path: path.to_owned(), content: content.into(), is_executable }
    }

    fn files() -> Vec<File> {
        vec![
            file("tool-1/tool", "binary", true),
            file("tool-1/README.md", "# Tool é水\n", false),
            file("tool-1/completions/tool.fish", "", false),
        ]
    }

    #[test]
    fn same_files_have_same_bytes() {
        let archive = pack(files()).unwrap();
        assert_eq!(archive, pack(files()).unwrap());
        let mut reversed = files();
        reversed.reverse();
        assert_eq!(archive, pack(reversed).unwrap());
        let mut changed = files();
        changed[0].content.push(b'!');
        assert_ne!(archive, pack(changed).unwrap());
    }

    #[test]
    fn entries_are_sorted_and_have_no_owner() {
        let archive = pack(files()).unwrap();
        let mut archive = Archive::new(GzDecoder::new(archive.as_slice()));
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let entry = entry.unwrap();
            let header = entry.header();
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            assert_eq!(header.mtime().unwrap(), MODIFIED);
            assert_eq!(header.username().unwrap(), Some(""));
            seen.push((entry.path().unwrap().display().to_string(), header.mode().unwrap()));
        }
        let expected =
            [("tool-1/README.md", 0o644), ("tool-1/completions/tool.fish", 0o644), ("tool-1/tool", 0o755)];
        assert_eq!(seen, expected.map(|(path, mode)| (path.to_owned(), mode)));
    }

    #[test]
    fn gzip_header_has_no_time_and_no_name() {
        let archive = pack(files()).unwrap();
        assert_eq!(archive[..4], [0x1f, 0x8b, 8, 0]);
        assert_eq!(archive[4..8], [0; 4]);
    }

    #[test]
    fn unpacked_files_are_as_packed() {
        let folder = tempfile::tempdir().unwrap();
        unpack(&pack(files()).unwrap(), folder.path()).unwrap();
        for File { path, content, .. } in files() {
            assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), content);
        }
    }

    #[test]
    fn path_outside_of_archive_is_an_error() {
        assert!(pack(vec![file("../tool", "", false)]).unwrap_err().to_string().contains("../tool"));
    }
}
