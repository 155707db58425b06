//! A counterexample as shell commands with curl.
//!
//! The commands need a POSIX shell with `awk`, `sed` and `tr`, and curl 7.55 or later. They send the recorded
//! requests and nothing else: the headers that curl would add are removed.

use std::borrow::Cow;

use cases::protocol::Alteration;
use cases::signing::{Scope, Signing, UNKNOWN_KEY, WRONG_SECRET};

use crate::model::{Payload, RecordedRequest, Source, Use};

use super::shell::{from_environment, is_plain, octal, printf_format, quoted};

/// The longest body, in bytes, that is part of the command itself.
const MAX_INLINE: u64 = 600;
/// The longest repeated piece of a body, in bytes with its repetitions, that is spelled out.
const MAX_SPELLED_OUT: u64 = 64;

/// Percent-encodes a value for a path or a query.
const ENCODE: &str = r#"encode() { printf %s "$1" | sed 's/%/%25/g;s/ /%20/g;s/#/%23/g;s/"/%22/g;s/&/%26/g;s/+/%2B/g;s/,/%2C/g;s,/,%2F,g;s/:/%3A/g;s/;/%3B/g;s/</%3C/g;s/=/%3D/g;s/>/%3E/g;s/?/%3F/g;s/@/%40/g;s/\[/%5B/g;s/\\/%5C/g;s/]/%5D/g;s/\^/%5E/g;s/`/%60/g;s/{/%7B/g;s/|/%7C/g;s/}/%7D/g'; }"#;

/// The awk program that swaps upper and lower case, or appends an `A` if there are no letters.
const SWAP_CASE: &str = r#"{ if ($0 !~ /[A-Za-z]/) { print $0 "A"; next } for (i = 1; i <= length($0); i++) { c = substr($0, i, 1); printf "%s", (c ~ /[a-z]/ ? toupper(c) : tolower(c)) } print "" }"#;

/// The awk program that changes the last character such that the decoded bytes differ.
const CHANGE_END: &str = r#"{ a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"; t = $0; sub(/==?$/, "", t); p = length(t); c = substr(t, p, 1); i = index(a, c); if (i > 0) { w = i > 32 ? i - 32 : i + 32; if (w > 62) w = i - 16; d = substr(a, w, 1) } else if (c ~ /[-+]/) d = "e"; else if (c ~ /[_\/]/) d = "f"; else d = "A"; print substr(t, 1, p - 1) d substr($0, p + 1) }"#;

/// The awk program that changes the last character such that lenient base64 decoders read the same bytes, or
/// appends an `=` if there is no such character.
const CHANGE_PADDING: &str = r#"{ a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"; t = $0; sub(/==?$/, "", t); p = length(t); if (p % 4 < 2 || t ~ /[^A-Za-z0-9+\/_-]/) { print $0 "="; next } i = index(a, substr(t, p, 1)); print substr(t, 1, p - 1) substr(a, i % 2 ? i + 1 : i - 1, 1) substr($0, p + 1) }"#;

/// How requests reach the target.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// The URL to which their paths are appended.
    pub base_url: String,
    /// The names of headers that the user adds to every request. Their values may be secret: the commands
    /// take them from environment variables.
    pub headers: Vec<String>,
    /// The scope for which requests are signed, with credentials from the environment; none if they are not
    /// signed.
    pub scope: Option<Scope>,
    /// Options that make curl connect the same way, each a word of the shell.
    pub options: Vec<String>,
}

/// The commands that send `requests` in order, one command for each; every command prints the response with
/// its headers. Values of earlier responses are passed on in shell variables. Ends with a line feed.
pub fn curl<'a>(route: &Route, requests: impl IntoIterator<Item = &'a RecordedRequest>) -> String {
    let requests: Vec<&RecordedRequest> = requests.into_iter().collect();
    let mut lines = Vec::new();
    if requests.iter().any(|request| has_value_in_target(request)) {
        lines.push(ENCODE.to_owned());
    }
    let at_once = |step: usize| requests.get(step).is_some_and(|request| request.at_once);
    for (step, request) in requests.iter().enumerate() {
        if request.after_seconds > 0 {
            lines.push(format!("sleep {}", request.after_seconds));
        }
        let values = Values::of(step, request);
        lines.extend(values.0.iter().map(Value::assignment));
        let signature = signature(route.scope.as_ref(), request);
        lines.extend(signature.remark);
        let command = command(route, signature.options, request, &values);
        let used_later =
            requests[step + 1..].iter().any(|later| later.uses.iter().any(|value| value.step == step));
        if at_once(step) || at_once(step + 1) {
            // In the background; the last of the simultaneous requests waits for all of them.
            lines.push(format!("{command} &"));
            if !at_once(step + 1) {
                lines.push("wait".to_owned());
            }
        } else if used_later {
            lines.push(format!("response{}=$({command})", step + 1));
            lines.push(format!("printf '%s\\n' \"$response{}\"", step + 1));
        } else {
            lines.push(command);
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Whether the target contains a value of an earlier response, which the command must percent-encode.
fn has_value_in_target(request: &RecordedRequest) -> bool {
    request.uses.iter().any(|value| request.target.contains(&value.placeholder))
}

/// The values that one request takes from earlier responses.
struct Values<'a>(Vec<Value<'a>>);

/// One of them, with the shell variable that holds it.
struct Value<'a> {
    variable: String,
    from: &'a Use,
}

/// A part of a text with placeholders.
enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

impl<'a> Values<'a> {
    fn of(step: usize, request: &'a RecordedRequest) -> Self {
        let known = |value: &&Use| value.step < step && !value.placeholder.is_empty();
        let name = |(n, from)| Value { variable: format!("value{}_{n}", step + 1), from };
        Self((1..).zip(request.uses.iter().filter(known)).map(name).collect())
    }

    /// Splits `text` at the placeholders.
    fn split<'t>(&'t self, mut text: &'t str) -> Vec<Part<'t>> {
        let mut parts = Vec::new();
        while let Some((at, value)) = self
            .0
            .iter()
            .filter_map(|value| Some((text.find(&value.from.placeholder)?, value)))
            .min_by_key(|(at, _)| *at)
        {
            parts.push(Part::Text(&text[..at]));
            parts.push(Part::Variable(&value.variable));
            text = &text[at + value.from.placeholder.len()..];
        }
        parts.push(Part::Text(text));
        parts.retain(|part| !matches!(part, Part::Text("")));
        parts
    }

    /// A shell word for `text`; `variable` writes a variable of that name.
    fn word(&self, text: &str, variable: impl Fn(&str) -> String) -> String {
        let parts = self.split(text);
        if parts.is_empty() {
            return "''".to_owned();
        }
        parts
            .into_iter()
            .map(|part| match part {
                Part::Text(text) => quoted(text),
                Part::Variable(name) => variable(name),
            })
            .collect()
    }
}

impl Value<'_> {
    /// The shell command that sets the variable.
    fn assignment(&self) -> String {
        let Value { variable, from } = self;
        let find = match &from.from {
            Source::Member(name) => {
                // A JSON string in one line, and the escapes that serializers write.
                let name = sed_literal(name);
                let find =
                    format!(r#"s/.*"{name}"[[:space:]]*:[[:space:]]*"\([^"\\]*\(\\.[^"\\]*\)*\)".*/\1/p"#);
                let escapes = r#"s/\\u002[Bb]/+/g;s/\\u002[Ff]/\//g;s/\\u003[Dd]/=/g;s/\\u0026/\&/g;s/\\\//\//g;s/\\"/"/g;s/\\\\/\\/g"#;
                format!("tr '\\r\\n' '  ' | sed -n {} | sed {}", quoted(&find), quoted(escapes))
            }
            Source::Header(name) => {
                let find = format!(
                    "index(tolower($0), {}) == 1 \
                     {{ sub(/^[^:]*:[ \\t]*/, \"\"); sub(/[ \\t\\r]+$/, \"\"); print; exit }}",
                    awk_string(format!("{}:", name.to_ascii_lowercase()).as_bytes())
                );
                format!("awk {}", quoted(&find))
            }
        };
        let mut out = format!("{variable}=$(printf '%s\\n' \"$response{}\" | {find})", from.step + 1);
        out.push_str(&match from.alter {
            None => String::new(),
            Some(Alteration::ChangeFirst) => change(variable, "1"),
            Some(Alteration::ChangeMiddle) => change(variable, "int(length($0) / 2) + 1"),
            Some(Alteration::ChangeLast) => change(variable, "(length($0) > 1 ? length($0) - 1 : 1)"),
            Some(Alteration::ChangeEnd) => altered(variable, CHANGE_END),
            Some(Alteration::ChangePadding) => altered(variable, CHANGE_PADDING),
            Some(Alteration::ChangeAt(part)) => {
                change(variable, &format!("int(length($0) * {part} / 256) + 1"))
            }
            Some(Alteration::DropLast) => format!("\n{variable}=${{{variable}%?}}"),
            Some(Alteration::Append) => format!("\n{variable}=${{{variable}}}A"),
            Some(Alteration::SwapCase) => altered(variable, SWAP_CASE),
            Some(Alteration::Halve) => altered(variable, "{ print substr($0, 1, int(length($0) / 2)) }"),
            Some(Alteration::Behead) => altered(
                variable,
                "{ half = int(length($0) / 2); print substr($0, (half > 0 ? half : 1) + 1) }",
            ),
            Some(Alteration::PercentEncode) => format!(
                "\n{variable}=$(printf '%%%02X%s' \"'$(printf %.1s \"${variable}\")\" \"${{{variable}#?}}\")"
            ),
        });
        out
    }
}

/// The shell command that changes one character of a variable; `position` is an awk expression, from 1.
fn change(variable: &str, position: &str) -> String {
    let program = format!(
        r#"{{ p = {position}; print substr($0, 1, p - 1) (substr($0, p, 1) == "A" ? "B" : "A") substr($0, p + 1) }}"#
    );
    altered(variable, &program)
}

/// The shell command that sets a variable to the output of an awk program that reads it.
fn altered(variable: &str, program: &str) -> String {
    format!("\n{variable}=$(printf '%s\\n' \"${variable}\" | LC_ALL=C awk {})", quoted(program))
}

/// The arguments with which curl signs a request.
#[derive(Default)]
struct Signature {
    /// The options.
    options: Option<String>,
    /// A shell comment on what curl cannot do.
    remark: Option<String>,
}

/// Signs with credentials from the environment. curl always signs what it sends, and with the current time.
fn signature(scope: Option<&Scope>, request: &RecordedRequest) -> Signature {
    let (Some(scope), Some(signing)) = (scope, request.signing) else { return Signature::default() };
    if signing == Signing::Absent {
        return Signature::default();
    }
    let Scope { region, service } = scope.of(signing);
    let provider = quoted(&format!("aws:amz:{region}:{service}"));
    let key = if signing == Signing::UnknownKey { UNKNOWN_KEY } else { "$AWS_ACCESS_KEY_ID" };
    let secret = if signing == Signing::WrongSecret { WRONG_SECRET } else { "$AWS_SECRET_ACCESS_KEY" };
    let options = format!(
        "--aws-sigv4 {provider} --user \"{key}:{secret}\" \
         ${{AWS_SESSION_TOKEN:+-H \"x-amz-security-token: $AWS_SESSION_TOKEN\"}}"
    );
    let remark = match signing {
        Signing::Expired | Signing::TamperedBody | Signing::TamperedQuery => Some(format!(
            "# boundstone sent the next request {}. curl cannot do that: it sends a valid signature.",
            signing.description()
        )),
        _ => None,
    };
    Signature { options: Some(options), remark }
}

fn command(
    route: &Route,
    signature: Option<String>,
    request: &RecordedRequest,
    values: &Values<'_>,
) -> String {
    let mut words: Vec<Cow<'_, str>> =
        ["curl", "-sS", "-i", "-g", "--path-as-is"].map(Cow::Borrowed).to_vec();
    words.extend(route.options.iter().map(|word| Cow::Borrowed(word.as_str())));
    words.extend(signature.map(Cow::Owned));
    let body = Body::of(request, values);
    words.extend(method(request, &body));
    let has_own = |name: &str| request.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let added = || route.headers.iter().filter(|name| !has_own(name));
    let has = |name: &str| has_own(name) || added().any(|other| other.eq_ignore_ascii_case(name));
    let mut removed = vec!["User-Agent", "Accept"];
    if !matches!(body, Body::None) {
        removed.push("Content-Type");
    }
    if request.body.byte_len() > 1024 {
        removed.push("Expect");
    }
    for name in removed.into_iter().filter(|name| !has(name)) {
        words.push(Cow::Owned(format!("-H '{name}:'")));
    }
    words.extend(added().map(|name| Cow::Owned(format!("-H {}", from_environment(name)))));
    for (name, value) in &request.headers {
        // curl reads `name:` as a request to omit the header.
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        words.push(Cow::Owned(format!("-H {}", values.word(&header, in_quotes))));
    }
    match &body {
        Body::None => {}
        Body::Inline(word) => words.push(Cow::Owned(format!("--data-raw {word}"))),
        Body::Piped(_) => words.push(Cow::Borrowed("--data-binary @-")),
    }
    words.push(Cow::Owned(url(&route.base_url, &request.target, values)));
    let curl = words.join(" ");
    match body {
        Body::Piped(source) => format!("{source} | {curl}"),
        Body::None | Body::Inline(_) => curl,
    }
}

/// The options that make curl use the method.
fn method(request: &RecordedRequest, body: &Body) -> Option<Cow<'static, str>> {
    match (request.method.as_str(), body) {
        ("GET", Body::None) | ("POST", Body::Inline(_) | Body::Piped(_)) => None,
        ("HEAD", Body::None) => Some(Cow::Borrowed("--head")),
        // curl waits for a body, but the response to HEAD has none.
        ("HEAD", _) => Some(Cow::Borrowed("-X HEAD --max-time 10")),
        (other, _) => Some(Cow::Owned(format!("-X {}", quoted(other)))),
    }
}

fn url(base_url: &str, target: &str, values: &Values<'_>) -> String {
    let base = base_url.trim_end_matches('/');
    let target_word = values.word(target, |variable| format!("\"$(encode \"${variable}\")\""));
    // curl would change other characters, or read them as the end of the target.
    let is_kept = |c: char| c.is_ascii_graphic() && c != '#';
    if target.starts_with('/') && target.chars().all(is_kept) && !target.ends_with('?') {
        if values.0.is_empty() {
            quoted(&format!("{base}{target}"))
        } else {
            format!("{}{target_word}", quoted(base))
        }
    } else {
        let path = base.split_once("://").map_or(base, |(_, rest)| rest);
        let prefix = path.split_once('/').map(|(_, path)| format!("/{path}"));
        let prefix = prefix.map(|path| quoted(&path)).unwrap_or_default();
        format!("--request-target {prefix}{target_word} {}", quoted(base))
    }
}

/// How curl gets a body.
enum Body {
    None,
    /// A shell word.
    Inline(String),
    /// A command that prints it.
    Piped(String),
}

impl Body {
    fn of(request: &RecordedRequest, values: &Values<'_>) -> Self {
        let body = &request.body;
        if body.is_empty() {
            // Some servers require a length for methods that usually have a body.
            return match request.method.as_str() {
                "POST" | "PUT" | "PATCH" => Body::Inline("''".to_owned()),
                _ => Body::None,
            };
        }
        let text = body.to_bytes(usize::try_from(MAX_INLINE).unwrap_or(0));
        match text.map(String::from_utf8) {
            Some(Ok(text)) if is_plain(&text) => Body::Inline(values.word(&text, in_quotes)),
            _ => Body::Piped(printed(body, values)),
        }
    }
}

/// A command that prints the body.
fn printed(body: &Payload, values: &Values<'_>) -> String {
    let mut commands = Vec::new();
    let mut pending: Vec<u8> = Vec::new();
    for (piece, times) in body.byte_runs().unwrap_or_default() {
        let length = (piece.len() as u64).saturating_mul(times);
        // Not every awk prints NUL.
        if times > 1 && length > MAX_SPELLED_OUT && !piece.contains(&0) {
            commands.extend(print(&std::mem::take(&mut pending), values));
            let program = format!("BEGIN {{ while (n++ < {times}) printf \"%s\", {} }}", awk_string(&piece));
            commands.push(format!("awk {}", quoted(&program)));
        } else {
            let times = usize::try_from(times).unwrap_or(0);
            pending.extend(piece.repeat(times));
        }
    }
    commands.extend(print(&pending, values));
    match commands.as_slice() {
        [one] => one.clone(),
        _ => format!("{{ {}; }}", commands.join("; ")),
    }
}

/// The command that prints these bytes; none for no bytes.
fn print(bytes: &[u8], values: &Values<'_>) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok("") => None,
        Ok(text) if is_plain(text) => Some(format!("printf %s {}", values.word(text, in_quotes))),
        Ok(text) => {
            let parts = values.split(text);
            let format: String = parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => printf_format(text.as_bytes()),
                    Part::Variable(_) => "%s".to_owned(),
                })
                .collect();
            let arguments: String = parts
                .iter()
                .filter_map(|part| match part {
                    Part::Text(_) => None,
                    Part::Variable(name) => Some(format!(" {}", in_quotes(name))),
                })
                .collect();
            Some(format!("printf '{format}'{arguments}"))
        }
        Err(_) => Some(format!("printf '{}'", printf_format(bytes))),
    }
}

/// A string literal of awk.
fn awk_string(bytes: &[u8]) -> String {
    let inner: String = bytes
        .iter()
        .map(|&byte| match byte {
            b'"' | b'\'' | b'\\' => octal(byte),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => octal(byte),
        })
        .collect();
    format!("\"{inner}\"")
}

/// A basic regular expression that matches `text`, between slashes.
fn sed_literal(text: &str) -> String {
    text.chars().flat_map(|c| r".[]*^$\/".contains(c).then_some('\\').into_iter().chain([c])).collect()
}

fn in_quotes(variable: &str) -> String {
    format!("\"${variable}\"")
}
