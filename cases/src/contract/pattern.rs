//! The `pattern` trait, in the dialects that models are written in.

/// The `pattern` trait: a regular expression, unanchored unless it has anchors.
///
/// Smithy demands ECMA-262 with the flag `u`. Published models also have expressions that need the older mode without
/// the flag, and expressions in the dialect of Java, such as `\p{Alpha}` or `(?s)`.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    /// The same in ECMA-262.
    ecma: String,
    regex: regress::Regex,
}

/// Classes of Java's dialect, with their ranges within brackets.
const JAVA_CLASSES: [(&str, &str); 18] = [
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", "\\x00-\\x7F"),
    ("Alpha", "a-zA-Z"),
    ("Digit", "0-9"),
    ("Alnum", "a-zA-Z0-9"),
    ("Punct", "!-\\/:-@\\[-`\\{-~"),
    ("Graph", "!-~"),
    ("Print", "\\x20-~"),
    ("Blank", " \\t"),
    ("Cntrl", "\\x00-\\x1F\\x7F"),
    ("XDigit", "0-9a-fA-F"),
    ("Space", "\\s"),
    ("all", "\\u{0}-\\u{10FFFF}"),
    ("IsAlphabetic", "\\p{Alphabetic}"),
    ("IsLetter", "\\p{L}"),
    ("IsWhitespace", "\\s"),
    ("IsDigit", "\\p{Nd}"),
];

impl Pattern {
    /// Compiles an expression in the first dialect that has it: ECMA-262 with the flag `u`, without it, Java's.
    pub(super) fn new(text: &str) -> Result<Self, regress::Error> {
        let strict = match regress::Regex::with_flags(text, "u") {
            Ok(regex) => return Ok(Self { text: text.to_owned(), ecma: text.to_owned(), regex }),
            Err(error) => error,
        };
        // Without the flag, `\p` is a plain `p`, and `\A` a plain `A`.
        let old = if ["\\p", "\\P", "\\A", "\\z", "\\Z"].iter().any(|escape| text.contains(escape)) {
            None
        } else {
            regress::Regex::with_flags(text, "").ok()
        };
        if let Some(regex) = old {
            return Ok(Self { text: text.to_owned(), ecma: text.to_owned(), regex });
        }
        let (flags, rest) = java_flags(text);
        let ecma = from_java(&rest);
        match regress::Regex::with_flags(&ecma, flags.as_str()) {
            Ok(regex) => Ok(Self { text: text.to_owned(), ecma, regex }),
            Err(_) => Err(strict),
        }
    }

    /// The expression in the model.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The expression in ECMA-262, without flags.
    pub(crate) fn as_ecma(&self) -> &str {
        &self.ecma
    }

    /// Whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.find(text).is_some()
    }
}

/// The flags of groups such as `(?s)`, which hold for the whole expression here, and the expression without them.
fn java_flags(text: &str) -> (String, String) {
    let mut flags = "u".to_owned();
    let mut rest = String::new();
    let mut parts = text.split("(?");
    rest.extend(parts.next());
    for part in parts {
        match part.split_once(')') {
            Some((names, after)) if !names.is_empty() && names.chars().all(|name| "ims".contains(name)) => {
                flags.extend(names.chars().filter(|name| !flags.contains(*name)).collect::<Vec<_>>());
                rest.push_str(after);
            }
            _ => {
                rest.push_str("(?");
                rest.push_str(part);
            }
        }
    }
    (flags, rest)
}

/// The expression in ECMA-262: classes by their ranges, and no escape that has no meaning.
fn from_java(text: &str) -> String {
    let mut out = String::new();
    let mut in_class = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        match first {
            '\\' => rest = escape(rest, in_class, &mut out),
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            other => out.push(other),
        }
    }
    out
}

/// Writes what comes after a backslash, and returns what follows it.
fn escape<'a>(text: &'a str, in_class: bool, out: &mut String) -> &'a str {
    if let Some(rest) = text.strip_prefix("p{")
        && let Some((name, rest)) = rest.split_once('}')
        && let Some((_, ranges)) = JAVA_CLASSES.iter().find(|(java, _)| *java == name)
    {
        let (open, close) = if in_class { ("", "") } else { ("[", "]") };
        out.extend([open, ranges, close]);
        return rest;
    }
    let Some(escaped) = text.chars().next() else { return text };
    if !in_class && "AzZ".contains(escaped) {
        out.push(if escaped == 'A' { '^' } else { '$' });
        return &text[escaped.len_utf8()..];
    }
    let has_meaning =
        escaped.is_ascii_alphanumeric() || "^$\\.*+?()[]{}|/".contains(escaped) || in_class && escaped == '-';
    if has_meaning {
        out.push('\\');
    }
    out.push(escaped);
    &text[escaped.len_utf8()..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_is_understood() {
        for (text, matching, other) in [
            (r"^\p{L}+$", "é", "1"),
            (r"^[\w\-\_]+$", "a-_", "a:"),
            (r"^arn\:aws$", "arn:aws", "arn;aws"),
            (r"^\p{Upper}[\p{Lower}\-]*$", "Ab-c", "ab"),
            (r"(?s)^a.b$", "a\nb", "ab"),
            (r"^(?s)a.b$", "a\nb", "ab"),
            (r"^[\p{IsAlphabetic}\#]+$", "ä#", "1"),
            (r"\A[a-z]+\z", "ab", "A"),
            ("^[a{2}$", "", ""),
        ] {
            match Pattern::new(text) {
                Ok(pattern) => {
                    assert!(pattern.matches(matching), "{text} {matching}");
                    assert!(!pattern.matches(other), "{text} {other}");
                }
                Err(_) => assert_eq!(matching, "", "{text}"),
            }
        }
    }

    #[test]
    fn names_of_java_classes_are_not_read_as_letters() {
        assert!(!Pattern::new(r"^\p{Alpha}$").unwrap().matches("p{Alpha}"));
        assert!(Pattern::new(r"^\p{NoSuchClass}$").is_err());
    }
}
