//! Strings.

use cases::contract::{Length, Member};

use super::generator::Generator;
use super::pattern;

/// The characters of a string that may have any.
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// The longest string that is made because a model demands it, in characters.
const MAX_LENGTH: usize = 1 << 16;

impl Generator<'_> {
    /// A string of a member, if one is found.
    pub(super) fn string(&mut self, member: &Member) -> Option<String> {
        let constraints = &member.constraints;
        let length = constraints.length.unwrap_or(Length { min: 0, max: None });
        if let Some(values) = &constraints.one_of {
            return values.get(self.choose(values.len())).cloned();
        }
        if let Some(pattern) = &constraints.pattern {
            // A string that is not empty says more.
            let at_least_one = Length { min: length.min.max(1), ..length };
            let is_random = self.is_random();
            let random = self.random();
            return pattern::matching(pattern, at_least_one, is_random, random)
                .or_else(|| pattern::matching(pattern, length, is_random, random));
        }
        let spread = if self.is_random() { self.choose(8) } else { 0 };
        let count = length.min.max(1).saturating_add(spread).min(length.max.unwrap_or(usize::MAX));
        Some(self.plain(count.min(MAX_LENGTH)))
    }

    /// A string of so many characters.
    pub(super) fn plain(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(ALPHABET[self.choose(ALPHABET.len()) % ALPHABET.len()])).collect()
    }
}
