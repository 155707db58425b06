//! Whether a text of a client matches a pattern, in bounded time.

use cases::contract::Pattern;
use regex_automata::meta::Regex;

use crate::value::{has_nested_repetition, parse_pattern};

/// The longest text that a backtracking engine gets, in bytes.
const MAX_BACKTRACKED: usize = 1024;

/// The largest automaton, in bytes.
const MAX_AUTOMATON: usize = 16 << 20;

/// Whether a text matches. The engine of the contract backtracks, which takes quadratic time or longer for some
/// patterns. Those, and long texts, are matched by an engine that takes linear time. It has no groups that look ahead
/// or behind.
pub(super) fn matches(pattern: &Pattern, text: &str) -> bool {
    let is_short = text.len() <= MAX_BACKTRACKED;
    let parsed = parse_pattern(pattern.as_str()).filter(|parsed| parsed.is_exact);
    match parsed {
        Some(parsed) if !is_short || has_nested_repetition(&parsed.hir) => {
            let config = Regex::config().nfa_size_limit(Some(MAX_AUTOMATON));
            let regex = Regex::builder().configure(config).build_from_hir(&parsed.hir);
            regex.map_or_else(|_| pattern.matches(text), |regex| regex.is_match(text))
        }
        _ => pattern.matches(text),
    }
}
