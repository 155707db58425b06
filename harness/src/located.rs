//! Says what is wrong with a TOML file and where, without what stands there: it may be a secret.

/// `line 2, column 10: invalid type: a string, expected a sequence`.
pub(crate) fn located(text: &str, error: &toml::de::Error) -> String {
    let message = error.message();
    // serde says what it found as `string "…"`.
    let found = message.find(": string \"").zip(message.rfind("\", expected"));
    let message = match found {
        Some((start, end)) => format!("{}: a string{}", &message[..start], &message[end + 1..]),
        None => message.to_owned(),
    };
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => {
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            format!("line {line}, column {column}: {}", message.trim_end())
        }
        None => message,
    }
}
