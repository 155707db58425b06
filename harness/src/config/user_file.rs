//! Reads the files that a user names, up to a maximum size, and describes why one cannot be used.

use std::fs::{File, metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The maximum size of a text file in bytes, far more than any model has.
const MAX_TEXT: u64 = 64 << 20;
const MIB: u64 = 1 << 20;

/// The byte order mark that some editors put before a text. It has no meaning in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Compressed formats: the first bytes of a file, the name of the format, the command that unpacks it.
const COMPRESSED: [(&[u8], &str, &str); 6] = [
    (b"\x1f\x8b", "gzip", "gunzip"),
    (b"PK\x03\x04", "zip", "unzip"),
    (b"BZh", "bzip2", "bunzip2"),
    (b"\xfd7zXZ\0", "xz", "unxz"),
    (b"\x28\xb5\x2f\xfd", "zstd", "unzstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z", "7z x"),
];

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// There is no such file.
    #[error("no such file")]
    Missing,
    /// The path is a folder.
    #[error("is a folder; name a file")]
    Folder,
    /// The path is not a regular file, and reading it might never end.
    #[error("is a pipe, a socket or a device; name a regular file")]
    Special,
    /// The user may not read the file.
    #[error("permission denied; give the user who runs boundstone read access")]
    Forbidden,
    /// The file cannot be read for another reason.
    #[error("{0}")]
    Unreadable(std::io::Error),
    /// The file exceeds this size in bytes.
    #[error("is larger than {} MiB; boundstone reads no larger file here", .0 / MIB)]
    TooLarge(u64),
    /// The file has this encoding instead of UTF-8.
    #[error(
        "is {0}; save it as UTF-8 (`iconv -f {0} -t UTF-8 FILE`, in PowerShell `Set-Content -Encoding utf8`)"
    )]
    Encoding(&'static str),
    /// The file is not UTF-8.
    #[error("is not UTF-8 in line {line}; save it as UTF-8")]
    NotUtf8 {
        /// The first line that is not UTF-8, from 1.
        line: usize,
    },
    /// The file is compressed.
    #[error("is compressed ({format}); unpack it first (`{command}`)")]
    Compressed {
        /// The name of the format.
        format: &'static str,
        /// The command that unpacks it.
        command: &'static str,
    },
}

/// A file that cannot be used, with the name that the user gave.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}{}", remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default())]
pub struct FileError {
    /// The file as the user named it, after its setting if it has one.
    pub name: String,
    /// What is wrong with the file.
    pub problem: FileProblem,
    /// Where such a file comes from.
    pub remedy: Option<&'static str>,
}

impl FileError {
    /// The error for a file that is the value of a setting.
    pub fn of_setting(setting: &str, path: &Path, problem: FileProblem) -> Self {
        Self { name: format!("{setting} {}", path.display()), problem, remedy: None }
    }

    /// Adds where such a file comes from, if the file is missing or unreadable.
    #[must_use]
    pub fn with_remedy(self, remedy: &'static str) -> Self {
        match self.problem {
            FileProblem::Missing | FileProblem::Folder | FileProblem::Unreadable(_) => {
                Self { remedy: Some(remedy), ..self }
            }
            _ => self,
        }
    }
}

/// Reads the text of a file, without a byte order mark.
///
/// # Errors
/// What is wrong with the file.
pub fn read_text(path: &Path) -> Result<String, FileProblem> {
    text(read_plain(path)?)
}

/// Reads a text that need not be UTF-8 throughout, such as a PEM file with remarks.
///
/// # Errors
/// What is wrong with the file.
pub fn read_plain(path: &Path) -> Result<Vec<u8>, FileProblem> {
    plain(read_bytes(path, MAX_TEXT)?)
}

/// Reads a file or a pipe of at most `max` bytes.
///
/// # Errors
/// What is wrong with the file.
pub fn read_bytes(path: &Path, max: u64) -> Result<Vec<u8>, FileProblem> {
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FileProblem::Missing,
        ErrorKind::IsADirectory => FileProblem::Folder,
        ErrorKind::PermissionDenied => FileProblem::Forbidden,
        _ => FileProblem::Unreadable(error),
    };
    if path.is_dir() {
        return Err(FileProblem::Folder);
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(max + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > max { Err(FileProblem::TooLarge(max)) } else { Ok(bytes) }
}

/// Reads a regular file of at most `max` bytes. It never waits, as reading a pipe would.
///
/// # Errors
/// What is wrong with the file.
pub fn read_regular_file(path: &Path, max: u64) -> Result<Vec<u8>, FileProblem> {
    match metadata(path) {
        Ok(about) if !about.is_file() && !about.is_dir() => Err(FileProblem::Special),
        _ => read_bytes(path, max),
    }
}

/// The bytes of an ASCII-compatible text, without a byte order mark.
fn plain(mut bytes: Vec<u8>) -> Result<Vec<u8>, FileProblem> {
    if let Some(encoding) = other_encoding(&bytes) {
        return Err(FileProblem::Encoding(encoding));
    }
    if let Some((_, format, command)) = COMPRESSED.into_iter().find(|(start, ..)| bytes.starts_with(start)) {
        return Err(FileProblem::Compressed { format, command });
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// Decodes UTF-8.
fn text(bytes: Vec<u8>) -> Result<String, FileProblem> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        FileProblem::NotUtf8 { line: valid.split(|byte| *byte == b'\n').count() }
    })
}

/// Recognizes UTF-16 and UTF-32 by the byte order mark or the zeros in the first characters.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] | [_, 0, 0, 0, ..] | [0, 0, 0, _, ..] => {
            Some("UTF-32")
        }
        [0xff, 0xfe, ..]
        | [0xfe, 0xff, ..]
        | [1..=0xff, 0, 1..=0xff, 0, ..]
        | [0, 1..=0xff, 0, 1..=0xff, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// Resolves a name against the folder of the file that has it.
pub fn resolve(file: &Path, name: &str) -> PathBuf {
    file.with_file_name("").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        match plain(bytes.to_vec()).and_then(text) {
            Ok(text) => format!("text {text}"),
            Err(problem) => problem.to_string(),
        }
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn utf8_is_read_with_or_without_byte_order_mark() {
        assert_eq!(read("größe".as_bytes()), "text größe");
        assert_eq!(read("\u{feff}a = 1".as_bytes()), "text a = 1");
        assert_eq!(read(b""), "text ");
    }

    #[test]
    fn other_encoding_is_named_with_remedy() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["\u{feff}", ""] {
                let message = read(&utf16(&format!("{mark}seed = 5"), order));
                assert!(message.starts_with("is UTF-16; save it as UTF-8 (`iconv -f UTF-16 "), "{message}");
            }
        }
        for order in [u32::to_le_bytes, u32::to_be_bytes] {
            let bytes: Vec<u8> = "\u{feff}a".chars().flat_map(|c| order(c.into())).collect();
            assert!(read(&bytes).starts_with("is UTF-32; "));
        }
        assert_eq!(read(b"a = 1\nb = \"gr\xf6\xdfe\""), "is not UTF-8 in line 2; save it as UTF-8");
    }

    #[test]
    fn compressed_file_is_rejected() {
        assert_eq!(read(b"\x1f\x8b\x08\0\0"), "is compressed (gzip); unpack it first (`gunzip`)");
        assert!(read(b"PK\x03\x04\x14\0").contains("(zip)"));
    }

    #[test]
    fn file_is_read_up_to_its_maximum_size() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let size = |path: &Path, max| match read_bytes(path, max) {
            Ok(bytes) => format!("{} bytes", bytes.len()),
            Err(problem) => problem.to_string(),
        };
        assert_eq!(size(&folder.join("none"), 9), "no such file");
        assert_eq!(size(&folder.join("Cargo.toml/none"), 9), "no such file");
        assert_eq!(size(folder, 9), "is a folder; name a file");
        assert!(size(&folder.join("Cargo.toml"), 9).starts_with("is larger than 0 MiB"));
        assert!(size(&folder.join("Cargo.toml"), MIB).ends_with(" bytes"));
    }
}
