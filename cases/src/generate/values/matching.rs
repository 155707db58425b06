//! Texts that match a pattern.
//!
//! The expression is read by the parser of Rust's `regex`, whose syntax tree says what a text may consist of. What that
//! parser does not know, such as looking ahead, is left out. Whatever comes out is checked with the pattern itself.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::contract::{Length, Pattern};

/// Characters that are taken before all others, so that values are plain.
const PREFERRED: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/.:@ ";
/// How many ways to choose between alternatives are tried.
const CHOICES: usize = 24;
/// The longest text that is made.
const MAX_LENGTH: usize = 4096;

/// The `nth` of the shortest texts that match a pattern and have a length; different numbers often give different
/// texts.
pub(crate) fn matching(pattern: &Pattern, length: Option<Length>, nth: usize) -> Option<String> {
    let Some(expression) = parse(pattern) else { return plain(pattern, length, nth) };
    let min = length.map_or(0, |length| length.min).min(MAX_LENGTH);
    (0..CHOICES).find_map(|choice| {
        let text = of_length(&expression, min, nth, choice)?;
        let fits = length.is_none_or(|length| length.contains(text.chars().count()));
        (fits && pattern.matches(&text)).then_some(text)
    })
}

/// A plain text, for a pattern that the parser does not read.
fn plain(pattern: &Pattern, length: Option<Length>, nth: usize) -> Option<String> {
    let min = length.map_or(1, |length| length.min.max(1)).min(MAX_LENGTH);
    let candidates = ["a", "A", "0", "/", "*"].iter().map(|unit| unit.repeat(min));
    let mut fitting =
        candidates.filter(|text| length.is_none_or(|length| length.contains(min)) && pattern.matches(text));
    let first = fitting.next()?;
    Some(if nth == 0 { first } else { fitting.next().unwrap_or(first) })
}

/// The syntax tree of a pattern, without what looks around.
fn parse(pattern: &Pattern) -> Option<Hir> {
    let text = in_rust_syntax(&without_looking_around(pattern.as_ecma()));
    ParserBuilder::new().nest_limit(64).build().parse(&text).ok()
}

/// The expression without groups such as `(?!…)`.
fn without_looking_around(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let starts = ["(?!", "(?=", "(?<!", "(?<="].iter().any(|start| rest.starts_with(start));
        let length = if starts {
            group_length(rest)
        } else if first == '\\' {
            let escaped = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[..escaped]);
            escaped
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    out
}

/// The length of the group that a text begins with.
fn group_length(text: &str) -> usize {
    let (mut depth, mut is_escaped, mut in_class) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// The expression as Rust writes it: within brackets, `[`, `&`, `~` and `-` have other meanings there.
fn in_rust_syntax(text: &str) -> String {
    let mut out = String::new();
    let mut in_class = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\\' => {
                out.push('\\');
                let Some(escaped) = characters.next() else { break };
                out.push(escaped);
                // The name of a property, or a code point.
                if "pPu".contains(escaped) && characters.peek() == Some(&'{') {
                    out.extend(characters.by_ref().take_while(|c| *c != '}'));
                    out.push('}');
                }
            }
            '[' if in_class => out.push_str("\\["),
            '[' => {
                in_class = true;
                out.push('[');
                if characters.peek() == Some(&'^') {
                    characters.next();
                    out.push('^');
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => out.extend(['\\', c]),
            '{' if !in_class && !characters.peek().is_some_and(char::is_ascii_digit) => out.push_str("\\{"),
            other => out.push(other),
        }
    }
    out
}

/// A text of at least this length: the shortest one, with as many repetitions as it needs.
fn of_length(expression: &Hir, min: usize, nth: usize, choice: usize) -> Option<String> {
    let mut writer = Writer { extra: 0, nth, choice, written: 0 };
    let mut text = String::new();
    writer.write(expression, &mut text)?;
    let missing = min.saturating_sub(text.chars().count());
    if missing == 0 {
        return Some(text);
    }
    let mut writer = Writer { extra: missing, nth, choice, written: 0 };
    let mut longer = String::new();
    writer.write(expression, &mut longer)?;
    // An expression that does not bind the end takes anything after it.
    let left = min.saturating_sub(longer.chars().count());
    longer.extend(std::iter::repeat_n('a', left));
    Some(longer)
}

/// Writes a text that a syntax tree matches.
struct Writer {
    /// Repetitions that may still be added.
    extra: usize,
    /// Which of the characters of a class are taken.
    nth: usize,
    /// Which of several alternatives is taken.
    choice: usize,
    /// How many characters of classes are written.
    written: usize,
}

impl Writer {
    fn write(&mut self, expression: &Hir, out: &mut String) -> Option<()> {
        if out.len() > 4 * MAX_LENGTH {
            return None;
        }
        match expression.kind() {
            HirKind::Empty | HirKind::Look(_) => Some(()),
            HirKind::Literal(literal) => {
                out.push_str(std::str::from_utf8(&literal.0).ok()?);
                Some(())
            }
            HirKind::Class(class) => {
                out.push(self.character(class)?);
                Some(())
            }
            HirKind::Repetition(repetition) => self.repeat(repetition, out),
            HirKind::Capture(capture) => self.write(&capture.sub, out),
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.write(part, out)),
            HirKind::Alternation(parts) => {
                let chosen = self.choice % parts.len();
                self.choice /= parts.len();
                self.write(&parts[chosen], out)
            }
        }
    }

    fn repeat(&mut self, repetition: &Repetition, out: &mut String) -> Option<()> {
        let min = repetition.min as usize;
        let can_add = repetition.max.map_or(usize::MAX, |max| max as usize - min);
        let before = out.chars().count();
        for _ in 0..min {
            self.write(&repetition.sub, out)?;
        }
        let each = (out.chars().count() - before).checked_div(min).unwrap_or(1).max(1);
        let added = self.extra.div_ceil(each).min(can_add);
        for _ in 0..added {
            let before = out.chars().count();
            self.write(&repetition.sub, out)?;
            self.extra = self.extra.saturating_sub(out.chars().count() - before);
        }
        Some(())
    }

    /// The plainest character of a class; the first ones of a text differ by `nth`.
    fn character(&mut self, class: &Class) -> Option<char> {
        let ranges: Vec<(char, char)> = match class {
            Class::Unicode(class) => {
                class.ranges().iter().map(|range| (range.start(), range.end())).collect()
            }
            Class::Bytes(class) => {
                class.ranges().iter().map(|range| (range.start().into(), range.end().into())).collect()
            }
        };
        let has = |c: char| ranges.iter().any(|(start, end)| (*start..=*end).contains(&c));
        let plain: Vec<char> = PREFERRED.chars().filter(|c| has(*c)).collect();
        let skip = if self.written == 0 { self.nth } else { 0 };
        self.written += 1;
        match plain.len() {
            0 => ranges.first().map(|(start, _)| *start),
            count => Some(plain[skip % count]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Contract;

    /// A pattern as the loader reads it.
    fn pattern(text: &str) -> Pattern {
        let model = serde_json::json!({"smithy": "2.0", "shapes": {
            "a#S": {"type": "service", "operations": [{"target": "a#Put"}],
                    "traits": {"aws.protocols#restJson1": {}}},
            "a#Put": {"type": "operation", "input": {"target": "a#In"},
                      "traits": {"smithy.api#http": {"method": "POST", "uri": "/"}}},
            "a#In": {"type": "structure", "members": {
                "it": {"target": "smithy.api#String", "traits": {"smithy.api#pattern": text}}}}
        }});
        let contract = Contract::load("small", &model.to_string()).unwrap();
        contract.operations[0].input[0].constraints.pattern.clone().unwrap()
    }

    #[test]
    fn shortest_plain_text_is_made() {
        for (text, expected) in [
            ("^[a-z]+$", "a"),
            (r"^arn:aws[a-z-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+$", "arn:aws:iam::000000000000:rolea"),
            ("^(?!aws:)[A-Z][^x]*$", "A"),
            (r"^[\w\-\/\[]{3}$", "aaa"),
            (r"^(ab|cd)\.$", "ab."),
            ("^(?!ab)(ab|cd)$", "cd"),
            (r"^\p{Upper}{2}$", "AA"),
            ("^{a}$", "{a}"),
        ] {
            assert_eq!(matching(&pattern(text), None, 0).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn pattern_with_surrogates_has_a_plain_text() {
        let pattern = pattern(r"^(?!\s*$)[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDBFF-\uDC00\uDFFF\t]*$");
        assert_eq!(matching(&pattern, None, 0).as_deref(), Some("a"));
    }

    #[test]
    fn text_is_as_long_as_it_has_to_be() {
        let of = |text: &str, min, max| matching(&pattern(text), Some(Length { min, max }), 0);
        assert_eq!(of("^[a-z]*$", 5, Some(9)).as_deref(), Some("aaaaa"));
        assert_eq!(of(r"\S", 4, None).as_deref(), Some("aaaa"));
        assert_eq!(of("^(ab)+$", 5, None).as_deref(), Some("ababab"));
        assert_eq!(of("^a$", 2, None), None);
    }

    #[test]
    fn texts_differ_by_their_number() {
        let pattern = pattern("^[a-z]{3}$");
        assert_eq!(matching(&pattern, None, 1).as_deref(), Some("baa"));
    }
}
