//! Redacts secrets in texts that a target sends. Pure.
//!
//! A target may repeat what it received: percent-encoded, in a JSON string, in HTML or as base64, in another
//! letter case, and truncated. So a text is searched as it is and after each of these encodings is decoded.

use std::cmp::Reverse;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use base64::prelude::BASE64_STANDARD;
use cases::contract::{Contract, Operation};
use cases::generate::World;
use cases::oracle::{ContentState, Value};
use cases::protocol::{Call, Outputs, Response, outputs};
use memchr::memmem;
use sha2::{Digest, Sha256};

/// Minimum length of a secret in characters. Replacing shorter values would damage other text.
const MIN_CHARS: usize = 6;
/// Minimum length of a piece of a credential in characters. Shorter pieces belong to its syntax.
const MIN_PIECE_CHARS: usize = 16;
/// Number of bytes that identify a truncated secret.
const MIN_PREFIX: usize = 24;
/// Maximum number of bytes of a text that are searched and kept.
const MAX_TEXT: usize = 1 << 16;
/// The text before the signature of a request (AWS Signature Version 4). Each signature is different, so it
/// is not in the set of known secrets.
const SIGNATURE: &[u8] = b"Signature=";
/// Minimum number of digits in a signature.
const MIN_SIGNATURE_DIGITS: usize = 32;

/// Values that requests carry and that no output may show. The set grows while a run renews its credentials.
/// Clones share it.
#[derive(Clone, Default)]
pub struct RedactionSet(Arc<RwLock<Vec<String>>>);

impl fmt::Debug for RedactionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactionSet").finish_non_exhaustive()
    }
}

impl From<Vec<String>> for RedactionSet {
    fn from(values: Vec<String>) -> Self {
        Self(Arc::new(RwLock::new(values)))
    }
}

impl RedactionSet {
    /// Adds values, except those that are already known.
    pub fn add<'a>(&self, values: impl IntoIterator<Item = &'a str>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for value in values {
            if !known.iter().any(|other| other == value) {
                known.push(value.to_owned());
            }
        }
    }

    /// All values, in the order in which they were added.
    pub fn all(&self) -> Vec<String> {
        self.since(0)
    }

    /// The values that were added after the first `known` ones.
    pub fn since(&self, known: usize) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)[known..].to_vec()
    }
}

/// Replaces secrets in texts.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Vec<Secret>);

#[derive(Debug, Clone)]
struct Secret {
    value: String,
    /// The value in lower case.
    lower: String,
    placeholder: String,
}

/// A secret that was found in a text.
struct Match<'a> {
    range: Range<usize>,
    is_exact: bool,
    placeholder: &'a str,
}

impl Redactor {
    /// Redacts the values that every request carries, such as credentials, and their parts. A short digest
    /// replaces each value, so equal values look equal.
    pub fn new(values: &[String]) -> Self {
        let mut secrets = Self::default();
        for value in values {
            secrets.add_credential(value);
        }
        secrets
    }

    /// Adds a credential and its parts.
    pub fn add_credential(&mut self, value: &str) {
        let credential = value.split_once(' ').map(|(_, credential)| credential.trim());
        let basic = credential.and_then(|text| BASE64_STANDARD.decode(text).ok());
        let basic = basic.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        let password = basic.split_once(':').map(|(_, password)| password);
        let parts = [Some(value), credential, Some(&basic), password].into_iter().flatten();
        for part in parts.chain(credential_pieces(value)) {
            self.add(part, &digest(part));
        }
    }

    /// Redacts `values`, and the contents of the fixtures if the contract marks them as sensitive.
    pub fn for_world(world: &World, values: &[String]) -> Self {
        let mut secrets = Self::new(values);
        let outputs = world.contract.operations.iter().flat_map(|operation| &operation.output);
        let sensitive = outputs.filter(|member| member.sensitive).filter_map(|member| {
            let rule = member.rules.content.as_ref()?;
            Some(rule.of.as_str())
        });
        for content in sensitive.flat_map(|key| world.fixtures.iter().filter_map(|f| f.contents.get(key))) {
            secrets.add(&read(content), &Value::from(ContentState::OfFixture).to_string());
        }
        secrets
    }

    /// Adds a value, unless it is too short.
    pub fn add(&mut self, value: &str, placeholder: &str) {
        if value.chars().count() >= MIN_CHARS {
            self.push(value.to_owned(), placeholder.to_owned());
        }
    }

    /// Adds a value that is a string in a JSON body, however short it is.
    fn add_string(&mut self, value: &str, placeholder: &str) {
        if value.chars().count() >= MIN_CHARS {
            self.add(value, placeholder);
        } else if !value.is_empty() {
            let quoted = |text: &str| format!("\"{text}\"");
            self.push(quoted(value), quoted(placeholder));
        }
    }

    fn push(&mut self, value: String, placeholder: String) {
        self.0.push(Secret { lower: value.to_ascii_lowercase(), value, placeholder });
    }

    /// Adds the sensitive values of a response, with the placeholders of its step (from 0).
    pub fn add_issued(&mut self, operation: &Operation, step: usize, response: &Response) {
        let values = outputs(operation, response);
        for member in operation.output.iter().filter(|member| member.sensitive) {
            if let Some(value) = values.get(&member.name) {
                self.add_string(value, &placeholder(step, &member.name));
            }
        }
        if let Some(member) = operation.output_payload().filter(|member| member.sensitive)
            && response.is_success()
        {
            self.add(&read(&response.body), &placeholder(step, &member.name));
        }
    }

    /// Adds the sensitive values of the responses to a sequence of calls, and the altered values that the
    /// calls sent.
    pub fn add_sequence<'a>(
        &mut self,
        contract: &Contract,
        sequence: impl IntoIterator<Item = (&'a Call, Option<&'a Response>)>,
    ) {
        let mut issued: Vec<Outputs> = Vec::new();
        for (step, (call, response)) in sequence.into_iter().enumerate() {
            // An unaltered value was added with the response that issued it.
            for output in call.uses().filter(|output| output.alter.is_some()) {
                if let Some(altered) = output.resolve(&issued) {
                    self.add(&altered, &output.placeholder());
                }
            }
            let responded = contract.operation(&call.operation).zip(response);
            if let Some((operation, response)) = responded {
                self.add_issued(operation, step, response);
            }
            issued.push(
                responded.map(|(operation, response)| outputs(operation, response)).unwrap_or_default(),
            );
        }
    }

    /// Returns a body as text without secrets, truncated to the maximum length.
    pub fn redact_bytes(&self, bytes: &[u8]) -> String {
        self.redact(&read(bytes))
    }

    /// Returns a text without secrets.
    pub fn redact(&self, text: &str) -> String {
        let mut matches: Vec<Match<'_>> = Vec::new();
        for decoded in Decoded::all(text) {
            let lower = decoded.bytes.to_ascii_lowercase();
            for secret in &self.0 {
                let requested = secret.lower.as_bytes();
                for at in memmem::find_iter(&lower, &requested[..requested.len().min(MIN_PREFIX)]) {
                    let same = lower[at..].iter().zip(requested).take_while(|(a, b)| a == b).count();
                    let is_exact = decoded.bytes[at..at + same] == *secret.value.as_bytes();
                    let range = decoded.range(at..at + same, text);
                    matches.push(Match { range, is_exact, placeholder: &secret.placeholder });
                }
            }
            for at in memmem::find_iter(&decoded.bytes, SIGNATURE) {
                let at = at + SIGNATURE.len();
                let digits = decoded.bytes[at..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
                if digits >= MIN_SIGNATURE_DIGITS {
                    let range = decoded.range(at..at + digits, text);
                    matches.push(Match { range, is_exact: true, placeholder: "<signature>" });
                }
            }
        }
        // Where several matches begin, the longest wins. Matches that overlap it are dropped.
        matches.sort_by_key(|it| (it.range.start, Reverse(it.range.end), !it.is_exact));
        let mut clean = String::with_capacity(text.len());
        let mut rest = 0;
        for Match { range, placeholder, .. } in matches {
            if range.start >= rest {
                clean.push_str(&text[rest..range.start]);
                clean.push_str(placeholder);
            }
            rest = rest.max(range.end);
        }
        clean.push_str(&text[rest..]);
        clean
    }
}

/// The placeholder of a value that a step (from 0) issued.
pub fn placeholder(step: usize, member: &str) -> String {
    format!("~{}.{member}~", step + 1)
}

/// The pieces of a credential that are long enough to be secrets.
pub fn credential_pieces(secret: &str) -> impl Iterator<Item = &str> {
    let pieces = secret.split([' ', ',', ';', '=', '/', ':']);
    pieces.filter(|text| text.chars().count() >= MIN_PIECE_CHARS && !is_word(text))
}

/// Whether a text is the name of a header or of an algorithm (capital letters, hyphens and digits).
fn is_word(text: &str) -> bool {
    let is_algorithm = text.chars().all(|c| c.is_ascii_uppercase() || c == '-' || c.is_ascii_digit());
    is_algorithm && text.contains('-') || text.to_ascii_lowercase().starts_with("x-amz-")
}

/// Whether a character belongs to either alphabet of base64.
pub(crate) fn is_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// The placeholder of a credential.
fn digest(secret: &str) -> String {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(secret));
    format!("<secret {:08x}>", u32::from_be_bytes([a, b, c, d]))
}

/// The start of some bytes as text, up to the maximum length.
fn read(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT)]).into_owned()
}

/// A text with one encoding decoded.
#[derive(Default)]
struct Decoded {
    bytes: Vec<u8>,
    /// The position in the text where each byte begins, followed by the length of the text.
    starts: Vec<usize>,
}

impl Decoded {
    /// Every distinct decoded form of a text.
    fn all(text: &str) -> impl Iterator<Item = Self> {
        let coded = [('%', percent as fn(&str) -> Option<(usize, String)>), ('\\', escape), ('&', entity)];
        let coded = coded.into_iter().filter(|(sign, _)| text.contains(*sign));
        std::iter::once(Self::of(text, |_| None))
            .chain(coded.map(|(_, decode)| Self::of(text, decode)))
            .chain(std::iter::once(Self::of_base64(text)))
    }

    /// Decodes a text. `decode` returns the length of the escape sequence at the start of a text and the
    /// decoded characters, or nothing if there is none.
    fn of(text: &str, decode: impl Fn(&str) -> Option<(usize, String)>) -> Self {
        let mut decoded = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (length, next) = decode(rest).unwrap_or_else(|| (first.len_utf8(), first.to_string()));
            decoded.push(next.as_bytes(), text.len() - rest.len());
            rest = &rest[length..];
        }
        decoded.starts.push(text.len());
        decoded
    }

    /// Decodes the base64 in a text, in either alphabet. A value may be part of a longer run of base64
    /// characters.
    fn of_base64(text: &str) -> Self {
        let engine = GeneralPurpose::new(&STANDARD, NO_PAD.with_decode_allow_trailing_bits(true));
        let mut decoded = Self::default();
        for run in text.split(|c| !is_base64(c)).filter(|run| run.len() >= MIN_CHARS) {
            let start = run.as_ptr().addr() - text.as_ptr().addr();
            let run = run.replace('-', "+").replace('_', "/");
            for skipped in 0..4 {
                let part = &run[skipped..];
                // A length that is one more than a multiple of four is not base64.
                let part = if part.len() % 4 == 1 { &part[..part.len() - 1] } else { part };
                decoded.push(&engine.decode(part).unwrap_or_default(), start);
                // No UTF-8 text has this byte.
                decoded.push(&[0xFF], start + run.len());
            }
        }
        decoded.starts.push(text.len());
        decoded
    }

    fn push(&mut self, bytes: &[u8], start: usize) {
        self.bytes.extend(bytes);
        self.starts.extend(std::iter::repeat_n(start, bytes.len()));
    }

    /// The range of the text that a range of the bytes was decoded from.
    fn range(&self, range: Range<usize>, text: &str) -> Range<usize> {
        let start = self.starts[range.start];
        let last = self.starts[range.end - 1];
        let end = self.starts[range.end..].iter().find(|next| **next > last).copied();
        start..text.ceil_char_boundary(end.unwrap_or(text.len()))
    }
}

/// Decodes `%2B`.
fn percent(text: &str) -> Option<(usize, String)> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    let byte = u8::from_str_radix(digits, 16).ok()?;
    // A character beyond ASCII is a sequence of several bytes.
    let mut bytes = vec![byte];
    while byte >= 0x80
        && let Some(next) = text.get(bytes.len() * 3..bytes.len() * 3 + 3)
        && let Some(Ok(next)) = next.strip_prefix('%').map(|digits| u8::from_str_radix(digits, 16))
        && (0x80..0xC0).contains(&next)
    {
        bytes.push(next);
    }
    Some((bytes.len() * 3, String::from_utf8_lossy(&bytes).into_owned()))
}

/// Decodes `\"` and the other escapes of a JSON string.
fn escape(text: &str) -> Option<(usize, String)> {
    let kind = text.strip_prefix('\\')?.chars().next()?;
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    if kind == 'u' {
        let units = [Some(unit(0)?), unit(6)];
        let mut decoded = char::decode_utf16(units.into_iter().flatten());
        let c = decoded.next()?.ok()?;
        return Some((6 * c.len_utf16(), c.to_string()));
    }
    let c = match kind {
        '"' | '\\' | '/' => kind,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => return None,
    };
    Some((2, c.to_string()))
}

/// Decodes `&quot;` and `&#34;`.
fn entity(text: &str) -> Option<(usize, String)> {
    /// The longest entity is `&#1114111;`.
    const MAX_NAME: usize = 8;
    let (name, _) = text.strip_prefix('&')?.split_once(';').filter(|(name, _)| name.len() <= MAX_NAME)?;
    let c = match name {
        "amp" => '&',
        "apos" => '\'',
        "gt" => '>',
        "lt" => '<',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?)?
        }
    };
    Some((name.len() + 2, c.to_string()))
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    fn secrets(values: &[&str]) -> Redactor {
        Redactor::new(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn equal_secrets_look_equal() {
        let clean = secrets(&["s3cret-value"]).redact("a s3cret-value, b s3cret-value");
        let shown = digest("s3cret-value");
        assert_eq!(clean, format!("a {shown}, b {shown}"));
        assert_eq!(shown, "<secret bf496b76>");
        assert_ne!(digest("s3cret-valuf"), shown);
    }

    #[test]
    fn secrets_are_found_in_every_encoding() {
        const SECRET: &str = "p+a/s\"s\\w<ö&rd😀=";
        let json = serde_json::to_string(SECRET).unwrap();
        let base64 = |before: &str| BASE64_STANDARD.encode(format!("{before}{SECRET}"));
        let url = |text: String| text.replace('+', "-").replace('/', "_");
        let percent = utf8_percent_encode(SECRET, NON_ALPHANUMERIC).to_string();
        for written in [
            SECRET.to_owned(),
            json[1..json.len() - 1].to_owned(),
            r#"p\u002Ba\/s\"s\\w\u003c\u00f6\u0026rd\ud83d\ude00="#.to_owned(),
            percent.to_lowercase(),
            percent,
            "p+a/s%22s%5Cw%3cö&rd%F0%9F%98%80%3D".to_owned(),
            "p+a/s&quot;s\\w&lt;&#246;&amp;rd&#x1F600;=".to_owned(),
            base64(""),
            url(base64("")),
            base64("a:"),
            format!("/v1/{}", base64("bc").trim_end_matches('=')),
        ] {
            let text = format!("before {written} after");
            let clean = secrets(&[SECRET]).redact(&text);
            assert!(clean.starts_with("before <secret ") || clean.starts_with("before /"), "{text}: {clean}");
            assert!(
                clean.contains("> after") || clean.contains(">= after") || clean.contains(">== after"),
                "{text}: {clean}"
            );
            assert!(!clean.contains(written.trim_end_matches('=')), "{clean}");
        }
    }

    #[test]
    fn longest_match_wins_and_is_replaced_once() {
        let long = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/x, Signature=secret";
        let known = secrets(&["secret", long]);
        assert_eq!(known.redact(&format!("<{long}>")), format!("<{}>", digest(long)));
        assert_eq!(
            known.redact("a secret AKIAIOSFODNN7EXAMPLE"),
            format!("a {} {}", digest("secret"), digest("AKIAIOSFODNN7EXAMPLE"))
        );
        let mut overlapping = Redactor::default();
        overlapping.add("abcdefgh", "1");
        overlapping.add("efghijkl", "2");
        assert_eq!(overlapping.redact("-abcdefghijkl-"), "-1-");
    }

    #[test]
    fn credentials_are_found_without_their_scheme() {
        let basic = format!("Basic {}", BASE64_STANDARD.encode("me:pass-word"));
        let known = secrets(&[&basic, "Bearer abc.def"]);
        for text in ["abc.def", "me:pass-word", "pass-word", &basic[6..]] {
            assert!(!known.redact(&format!("the {text} is wrong")).contains(text), "{text}");
        }
        assert_eq!(known.redact("Basic and Bearer"), "Basic and Bearer");
    }

    #[test]
    fn truncated_secrets_are_found_by_their_prefix() {
        let token = "0123456789abcdefghijklmnopqrstuvwxyz";
        let mut known = Redactor::default();
        known.add(token, "~1.Token~");
        known.add(&format!("{token}A"), "~1.Token.one-appended~");
        assert_eq!(known.redact("bad token 0123456789abcdefghijklmnop…"), "bad token ~1.Token~…");
        assert_eq!(known.redact(token), "~1.Token~");
        let swapped = token.to_ascii_uppercase();
        known.add(&swapped, "~1.Token.case-swapped~");
        assert_eq!(known.redact(token), "~1.Token~");
        assert_eq!(known.redact(&swapped), "~1.Token.case-swapped~");
        assert_eq!(known.redact("0123456789aBCDefghijklmnopqrstuvwxyz"), "~1.Token~");
        assert_eq!(known.redact(&format!("{token}A")), "~1.Token.one-appended~");
        assert_eq!(known.redact("0123456789abcdefghij"), "0123456789abcdefghij");
    }

    #[test]
    fn signatures_are_redacted_but_header_names_are_not() {
        let digits = "0f".repeat(32);
        for sign in ["=", "%3D"] {
            let clean = secrets(&[]).redact(&format!("SignedHeaders=host, Signature{sign}{digits}, x"));
            assert_eq!(clean, format!("SignedHeaders=host, Signature{sign}<signature>, x"));
        }
        let header = "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host;x-amz-security-token, Signature=00";
        assert_eq!(credential_pieces(header).count(), 0);
        assert_eq!(secrets(&[header]).redact("no x-amz-security-token"), "no x-amz-security-token");
    }

    #[test]
    fn short_values_and_unusual_texts_stay_unchanged() {
        for text in ["", "on", "100% \\ & &; \\u12 \\uD800 %e4%", "漢字 %F0%9F 😀"] {
            assert_eq!(secrets(&["on", "x", ""]).redact(text), text);
        }
    }
}
