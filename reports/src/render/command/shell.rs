//! Words of a POSIX shell.

use crate::render::escape::line;

/// One word of the shell, which is also safe to paste into a terminal. NUL is removed, since no argument can
/// contain it.
pub fn quoted(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "/-._:,=+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_safe) {
        text.to_owned()
    } else if is_plain(text) {
        // Single quotes keep every other character as it is.
        format!("'{}'", text.replace('\'', r"'\''"))
    } else {
        format!("\"$(printf '{}')\"", printf_format(text.replace('\0', "").as_bytes()))
    }
}

/// A shell word for a header whose value is in an environment variable of its name. The shell fails if the
/// variable is not set.
pub fn from_environment(name: &str) -> String {
    let variable: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    let digit = if variable.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    let value = format!("${{{digit}{variable}:?}}");
    match quoted(name) {
        plain if plain == name => format!("\"{name}: {value}\""),
        quoted => format!("{quoted}\": {value}\""),
    }
}

/// Whether a person can read and paste the text, and a shell takes it as an argument.
pub(crate) fn is_plain(text: &str) -> bool {
    line(text) == text
}

/// A format for `printf`, without the single quotes around it.
pub(crate) fn printf_format(bytes: &[u8]) -> String {
    let escaped = |(at, &byte): (usize, &u8)| match byte {
        b'%' => "%%".to_owned(),
        // They would end the string, or start an escape or, in a log, a command.
        b'\'' | b'\\' | b'#' | b':' => octal(byte),
        // It would start an option.
        b'-' if at == 0 => octal(byte),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => octal(byte),
    };
    bytes.iter().enumerate().map(escaped).collect()
}

pub(crate) fn octal(byte: u8) -> String {
    format!("\\{byte:03o}")
}
