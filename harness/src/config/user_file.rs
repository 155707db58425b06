//! Reads the files that a user names, within a bound, and says what is wrong with one that cannot be used.

use std::fs::{File, metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The most that is read of a file of text: far more than any model has.
const MAX_TEXT: u64 = 64 << 20;
const MIB: u64 = 1 << 20;

/// The mark that some editors put before a text. It stands for nothing in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How files begin that hold others, what they are, and what unpacks them.
const PACKED: [(&[u8], &str, &str); 6] = [
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
    /// Nothing has this name.
    #[error("no such file")]
    Missing,
    /// It is a folder.
    #[error("is a folder, and a file is expected")]
    Folder,
    /// It is no file of a disk, and might never end.
    #[error("is a pipe, a socket or a device, and a file is expected")]
    Special,
    /// The user may not read it.
    #[error("permission denied; let the user who runs boundstone read it")]
    Forbidden,
    /// It cannot be read for another reason.
    #[error("{0}")]
    Unreadable(std::io::Error),
    /// It is larger than anything that is expected.
    #[error("is larger than {} MiB, which is the most that is read", .0 / MIB)]
    TooLarge(u64),
    /// It is not in UTF-8, but in an encoding that can be told.
    #[error(
        "is {0}; save it as UTF-8 (`iconv -f {0} -t UTF-8 FILE`, in PowerShell `Set-Content -Encoding utf8`)"
    )]
    Encoding(&'static str),
    /// It is not in UTF-8.
    #[error("is not UTF-8 in line {line}; save it as UTF-8")]
    NotUtf8 {
        /// The first line that is not, from 1.
        line: usize,
    },
    /// It holds others.
    #[error("is compressed ({format}); unpack it first (`{command}`)")]
    Packed {
        /// In which form.
        format: &'static str,
        /// What unpacks it.
        command: &'static str,
    },
}

/// A file that a user named and that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {problem}{}", remedy.map(|remedy| format!("; {remedy}")).unwrap_or_default())]
pub struct FileError {
    /// The file, as the user named it: with the flag, or alone.
    pub name: String,
    /// What is wrong with it.
    pub problem: FileProblem,
    /// Where such a file comes from, if that helps.
    pub remedy: Option<&'static str>,
}

impl FileError {
    /// The same file as the value of a flag.
    pub fn of_flag(flag: &str, path: &Path, problem: FileProblem) -> Self {
        Self { name: format!("{flag} {}", path.display()), problem, remedy: None }
    }

    /// The same, with where such a file comes from if it is not there.
    #[must_use]
    pub fn or_else(self, remedy: &'static str) -> Self {
        match self.problem {
            FileProblem::Missing | FileProblem::Folder | FileProblem::Unreadable(_) => {
                Self { remedy: Some(remedy), ..self }
            }
            _ => self,
        }
    }
}

/// The text of a file, without a byte order mark.
///
/// # Errors
/// What is wrong with the file.
pub fn read_text(path: &Path) -> Result<String, FileProblem> {
    text(read_plain(path)?)
}

/// The same as bytes, where not all of the text has to be in UTF-8, such as the remarks of a PEM file.
///
/// # Errors
/// What is wrong with the file.
pub fn read_plain(path: &Path) -> Result<Vec<u8>, FileProblem> {
    plain(read_bytes(path, MAX_TEXT)?)
}

/// What a file holds, if it is no more than `most` bytes. A pipe will do.
///
/// # Errors
/// What is wrong with the file.
pub fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, FileProblem> {
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
    file.take(most + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most { Err(FileProblem::TooLarge(most)) } else { Ok(bytes) }
}

/// What a file of a disk holds, if it is no more than `most` bytes: nothing is waited for.
///
/// # Errors
/// What is wrong with the file.
pub fn read_stored(path: &Path, most: u64) -> Result<Vec<u8>, FileProblem> {
    match metadata(path) {
        Ok(about) if !about.is_file() && !about.is_dir() => Err(FileProblem::Special),
        _ => read_bytes(path, most),
    }
}

/// The bytes of a text whose letters are those of ASCII.
fn plain(mut bytes: Vec<u8>) -> Result<Vec<u8>, FileProblem> {
    if let Some(encoding) = other_encoding(&bytes) {
        return Err(FileProblem::Encoding(encoding));
    }
    if let Some((_, format, command)) = PACKED.into_iter().find(|(start, ..)| bytes.starts_with(start)) {
        return Err(FileProblem::Packed { format, command });
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// The text that these bytes are.
fn text(bytes: Vec<u8>) -> Result<String, FileProblem> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        FileProblem::NotUtf8 { line: valid.split(|byte| *byte == b'\n').count() }
    })
}

/// The encoding of a text that is not in UTF-8, by its byte order mark or the zeros in its first characters.
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

/// A path beside the file that names it.
pub fn beside(file: &Path, name: &str) -> PathBuf {
    file.with_file_name("").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(bytes: &[u8]) -> String {
        match plain(bytes.to_vec()).and_then(text) {
            Ok(text) => format!("text {text}"),
            Err(problem) => problem.to_string(),
        }
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn text_is_utf8_with_or_without_a_mark() {
        assert_eq!(said("größe".as_bytes()), "text größe");
        assert_eq!(said("\u{feff}a = 1".as_bytes()), "text a = 1");
        assert_eq!(said(b""), "text ");
    }

    #[test]
    fn other_encodings_are_named_with_the_remedy() {
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in ["\u{feff}", ""] {
                let said = said(&utf16(&format!("{mark}seed = 5"), order));
                assert!(said.starts_with("is UTF-16; save it as UTF-8 (`iconv -f UTF-16 "), "{said}");
            }
        }
        for order in [u32::to_le_bytes, u32::to_be_bytes] {
            let bytes: Vec<u8> = "\u{feff}a".chars().flat_map(|c| order(c.into())).collect();
            assert!(said(&bytes).starts_with("is UTF-32; "));
        }
        assert_eq!(said(b"a = 1\nb = \"gr\xf6\xdfe\""), "is not UTF-8 in line 2; save it as UTF-8");
    }

    #[test]
    fn what_is_packed_has_to_be_unpacked() {
        assert_eq!(said(b"\x1f\x8b\x08\0\0"), "is compressed (gzip); unpack it first (`gunzip`)");
        assert!(said(b"PK\x03\x04\x14\0").contains("(zip)"));
    }

    #[test]
    fn a_file_is_read_within_its_bound() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let most = |path: &Path, most| match read_bytes(path, most) {
            Ok(bytes) => format!("{} bytes", bytes.len()),
            Err(problem) => problem.to_string(),
        };
        assert_eq!(most(&folder.join("none"), 9), "no such file");
        assert_eq!(most(&folder.join("Cargo.toml/none"), 9), "no such file");
        assert_eq!(most(folder, 9), "is a folder, and a file is expected");
        assert!(most(&folder.join("Cargo.toml"), 9).starts_with("is larger than 0 MiB"));
        assert!(most(&folder.join("Cargo.toml"), MIB).ends_with(" bytes"));
    }
}
