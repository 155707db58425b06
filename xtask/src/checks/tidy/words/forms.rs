//! Finds the words and phrases of the table in a row of words.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::table::{RULES, Rule};

/// A word of a text or a part of a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case.
    pub(super) text: String,
    /// Counted from 1.
    pub(super) line: usize,
    /// Whether only white space lies between this word and the one before it, or nothing within a name.
    pub(super) joined: bool,
    /// Whether it is part of a name, or of text in quotes or emphasis without white space.
    pub(super) quoted: bool,
}

/// A word or phrase of the table in a row of words.
pub(super) struct Match {
    pub(super) rule: &'static Rule,
    pub(super) form: &'static str,
    /// Which of the words.
    pub(super) range: Range<usize>,
}

struct Form {
    rule: &'static Rule,
    text: &'static str,
    words: Vec<&'static str>,
}

/// The forms of all rules by their first word.
static FORMS: LazyLock<HashMap<&'static str, Vec<Form>>> = LazyLock::new(|| {
    let mut forms: HashMap<&'static str, Vec<Form>> = HashMap::new();
    for rule in RULES {
        for text in rule.forms {
            let words: Vec<&'static str> = text.split(' ').collect();
            forms.entry(words[0]).or_default().push(Form { rule, text, words });
        }
    }
    forms
});

/// Every form in `words` but those within one of the exceptions of its rule.
pub(super) fn find(words: &[Word]) -> Vec<Match> {
    let mut matches = Vec::new();
    for (start, word) in words.iter().enumerate() {
        for form in FORMS.get(word.text.as_str()).map_or(&[][..], Vec::as_slice) {
            let range = start..start + form.words.len();
            if is_at(words, start, &form.words) && !is_excepted(words, &range, form.rule) {
                matches.push(Match { rule: form.rule, form: form.text, range });
            }
        }
    }
    matches
}

/// Whether the words from `start` on are `phrase` without anything but white space in it.
fn is_at(words: &[Word], start: usize, phrase: &[&str]) -> bool {
    follow(words, start, phrase).is_some_and(|found| found.iter().skip(1).all(|word| word.joined))
}

/// The words from `start` on, if they are those of `phrase`.
fn follow<'a>(words: &'a [Word], start: usize, phrase: &[&str]) -> Option<&'a [Word]> {
    let found = words.get(start..start + phrase.len())?;
    found.iter().zip(phrase).all(|(word, expected)| word.text == *expected).then_some(found)
}

/// Whether an exception of the rule covers `range`.
fn is_excepted(words: &[Word], range: &Range<usize>, rule: &Rule) -> bool {
    rule.except.iter().any(|exception| {
        let phrase: Vec<&str> = exception.split(' ').collect();
        let first = range.end.saturating_sub(phrase.len());
        (first..=range.start).any(|start| follow(words, start, &phrase).is_some())
    })
}
