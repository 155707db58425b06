//! Strings that match a pattern.

use cases::contract::{Length, Pattern};
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::random::Random;
use crate::value::parse_pattern;

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
    let hir = parse_pattern(pattern.as_str())?.hir;
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
        let expected = self.extra.min(room);
        self.extra -= expected;
        let more = if self.chooses { self.random.below(room.min(3).saturating_add(1)) } else { 0 };
        for _ in 0..(min + expected.max(more)).min(MAX_LENGTH) {
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
