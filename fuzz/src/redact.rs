//! A target sends back a secret: no output shows it, in whatever form it was sent.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use boundstone::redact::Redactor;

const SECRET: &str = "Tr0ub4dor&3-corr\"ect_h\u{f6}rse";

/// Puts a secret into a text, in the forms that a target may repeat it in.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let secrets = Redactor::new(&[SECRET.to_owned()]);
    let middle = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let (before, after) = text.split_at(middle);
    // A backslash before an escape makes another text of it.
    let before = before.trim_end_matches('\\');
    let base64 = BASE64_STANDARD.encode(SECRET);
    for form in [
        SECRET.to_owned(),
        SECRET.to_ascii_uppercase(),
        json(SECRET),
        percent(SECRET),
        html(SECRET),
        base64.trim_end_matches('=').to_owned(),
    ] {
        let clean = secrets.redact(&format!("{before}{form}{after}"));
        // What the text has of it by itself is found as well.
        assert!(!clean.contains(&form), "{form} in {clean:?}");
    }
    // What is clean stays as it is.
    let clean = secrets.redact(text);
    assert_eq!(secrets.redact(&clean), clean);
    let _bytes = secrets.redact_bytes(data);
}

/// What is written for each part of a text.
fn each<T>(parts: impl Iterator<Item = T>, write: impl Fn(T) -> String) -> String {
    parts.map(write).collect::<Vec<_>>().concat()
}

fn json(text: &str) -> String {
    each(text.chars(), |c| format!("\\u{:04x}", u32::from(c)))
}

fn percent(text: &str) -> String {
    each(text.bytes(), |byte| format!("%{byte:02x}"))
}

fn html(text: &str) -> String {
    each(text.chars(), |c| format!("&#{};", u32::from(c)))
}
