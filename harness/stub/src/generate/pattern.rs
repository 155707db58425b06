//! Strings that match a pattern.

use cases::contract::{Length, Pattern};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::random::Random;

/// How often the shortest string is made before one of many is.
const MAX_SHORTEST_ATTEMPTS: usize = 3;

/// How often another string is made before the pattern is given up.
const MAX_ATTEMPTS: usize = 48;

/// The longest string that is made, in characters.
const MAX_LENGTH: usize = 1 << 16;

/// A string that matches a pattern and has a length, if one is found. `is_random` asks for one of many.
pub(super) fn matching(
    pattern: &Pattern,
    length: Length,
    is_random: bool,
    random: &mut Random,
) -> Option<String> {
    let hir = parse(pattern.as_str())?;
    let mut extra = 0;
    for attempt in 0..MAX_ATTEMPTS {
        let mut writer = Writer {
            out: String::new(),
            extra,
            chooses: is_random || attempt >= MAX_SHORTEST_ATTEMPTS,
            random,
        };
        writer.write(&hir);
        let text = writer.out;
        let count = text.chars().count();
        if length.contains(count) && pattern.matches(&text) {
            return Some(text);
        }
        extra = if count < length.min { (extra + length.min - count).min(MAX_LENGTH) } else { extra / 2 };
    }
    None
}

/// The expression without assertions, in the dialect of `regex-syntax`.
fn parse(pattern: &str) -> Option<Hir> {
    let text = without_assertions(pattern);
    let parse = |text: &str| ParserBuilder::new().nest_limit(64).build().parse(text).ok();
    parse(&text).or_else(|| parse(&with_escaped_brackets(&text)))
}

/// The expression without groups that look ahead or behind.
fn without_assertions(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let is_assertion = ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|start| rest.starts_with(start));
        let length = match first {
            '(' if is_assertion => {
                rest = &rest[group_length(rest)..];
                // A group that can be left out may be followed by how often it comes.
                out.push_str("(?:)");
                continue;
            }
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            other => other.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// The length of the group that a text begins with, in bytes.
fn group_length(text: &str) -> usize {
    let (mut depth, mut in_class, mut is_escaped) = (0, false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => {
                is_escaped = false;
                continue;
            }
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + character.len_utf8();
        }
    }
    text.len()
}

/// The expression with brackets and operators within a class as plain characters, as in ECMA-262, and with the classes
/// of Java.
fn with_escaped_brackets(pattern: &str) -> String {
    let mut out = String::new();
    let mut in_class = false;
    let mut characters = pattern.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('p') if characters.peek() == Some(&'{') => {
                    let name: String = characters.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    out.push_str(&class_of_java(&name, in_class));
                }
                Some(escaped) if escaped.is_ascii_alphanumeric() => out.extend(['\\', escaped]),
                Some(escaped) => out.push_str(&regex_syntax::escape(&escaped.to_string())),
                None => {}
            },
            '[' if !in_class => {
                in_class = true;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    out.extend(characters.next());
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '[' | '&' | '~' if in_class => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}

/// A class with a name, which may be one of Java's.
fn class_of_java(name: &str, in_class: bool) -> String {
    let of_posix =
        ["Lower", "Upper", "ASCII", "Alpha", "Digit", "Alnum", "Punct", "Graph", "Print", "Blank", "Cntrl"];
    let class = match name {
        "XDigit" | "Space" => format!("[:{}:]", name.to_ascii_lowercase()),
        "all" => "\\x00-\\x7f".to_owned(),
        "IsAlphabetic" | "IsLetter" => "\\p{L}".to_owned(),
        "IsDigit" => "\\p{Nd}".to_owned(),
        name if of_posix.contains(&name) => format!("[:{}:]", name.to_ascii_lowercase()),
        other => format!("\\p{{{other}}}"),
    };
    if in_class { class } else { format!("[{class}]") }
}

/// Writes a string of an expression.
struct Writer<'a> {
    out: String,
    /// How many more repetitions than needed there may be.
    extra: usize,
    /// Whether it chooses at random, or what is first and shortest.
    chooses: bool,
    random: &'a mut Random,
}

impl Writer<'_> {
    fn write(&mut self, hir: &Hir) {
        if self.out.len() > MAX_LENGTH * 4 {
            return;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.out.push_str(&String::from_utf8_lossy(&literal.0)),
            HirKind::Class(class) => {
                let picked = self.pick(class);
                self.out.extend(picked);
            }
            HirKind::Repetition(repetition) => self.repeat(repetition),
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part)),
            HirKind::Alternation(parts) => {
                let nth = self.choose(parts.len());
                if let Some(part) = parts.get(nth) {
                    self.write(part);
                }
            }
        }
    }

    fn repeat(&mut self, repetition: &Repetition) {
        let min = repetition.min as usize;
        let room = repetition.max.map_or(usize::MAX, |max| (max as usize).saturating_sub(min));
        let wanted = self.extra.min(room);
        self.extra -= wanted;
        let more = if self.chooses { self.random.below(room.min(3).saturating_add(1)) } else { 0 };
        for _ in 0..(min + wanted.max(more)).min(MAX_LENGTH) {
            self.write(&repetition.sub);
        }
    }

    fn choose(&mut self, count: usize) -> usize {
        if self.chooses { self.random.below(count) } else { 0 }
    }

    /// A character of a class: a visible one of ASCII if there is one.
    fn pick(&mut self, class: &Class) -> Option<char> {
        let ranges: Vec<(char, char)> = match class {
            Class::Unicode(class) => class.iter().map(|range| (range.start(), range.end())).collect(),
            Class::Bytes(class) => {
                class.iter().map(|range| (char::from(range.start()), char::from(range.end()))).collect()
            }
        };
        let clip = |from: char, to: char| {
            let clipped = ranges.iter().map(|(start, end)| ((*start).max(from), (*end).min(to)));
            clipped.filter(|(start, end)| start <= end).collect::<Vec<_>>()
        };
        let parts = [clip('a', 'z'), clip('A', 'Z'), clip('0', '9'), clip('!', '~'), ranges.clone()];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        // Letters and digits come more often than signs, and what is not visible comes last.
        let nth = self.choose(parts.len().saturating_sub(1));
        let part = parts.get(nth)?;
        let (start, end) = *part.get(self.choose(part.len()))?;
        let span = u32::from(end) - u32::from(start);
        char::from_u32(u32::from(start) + u32::try_from(self.choose(span as usize + 1)).ok()?).or(Some(start))
    }
}

#[cfg(test)]
mod tests {
    use cases::contract::Contract;

    use super::*;

    /// The patterns as a contract has them.
    fn pattern(text: &str) -> Pattern {
        let model = serde_json::json!({"smithy": "2.0", "shapes": {
            "a#S": {"type": "service", "version": "1", "operations": [{"target": "a#O"}],
                    "traits": {"aws.protocols#restJson1": {}}},
            "a#O": {"type": "operation", "input": {"target": "a#I"},
                    "traits": {"smithy.api#http": {"method": "POST", "uri": "/o"}}},
            "a#I": {"type": "structure", "members": {"text": {"target": "smithy.api#String",
                    "traits": {"smithy.api#pattern": text}}}},
        }});
        let contract = Contract::load("test", &model.to_string()).unwrap();
        contract.operations[0].input[0].constraints.pattern.clone().unwrap()
    }

    #[test]
    fn strings_match_their_pattern() {
        for (text, min, max) in [
            ("^[a-z]{3,}$", 40, Some(50)),
            (r"^arn:aws[a-zA-Z-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$", 1, Some(60)),
            (r"^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$", 1, Some(128)),
            (r"^[^\x00-\x20]+$", 5, None),
            (r"[\S\s]*", 0, Some(0)),
            ("^a|bb|c{7}$", 7, Some(7)),
            (r"^\p{XDigit}{8}-[\p{Alpha}\-]{3}$", 12, Some(12)),
            (r"^[a-z[]{2}$", 0, None),
            ("^(?=.{2,4}$)a*$", 2, Some(4)),
            ("[A-Za-z0-9]{8}-([a-f0-9]{4}-){3}[a-f0-9]{12}", 36, Some(36)),
        ] {
            let pattern = pattern(text);
            for is_random in [false, true] {
                let mut random = Random::new(7, text);
                let made = matching(&pattern, Length { min, max }, is_random, &mut random);
                assert!(made.is_some(), "{text}");
            }
        }
    }
}
