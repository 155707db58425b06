//! What a check reports.

use std::fmt;

/// One place that breaks a rule.
#[derive(Debug)]
pub(super) struct Problem {
    /// The crate, the file, or the file and line.
    pub(super) place: String,
    /// What is wrong there.
    pub(super) what: String,
    /// The rule and its reason.
    pub(super) why: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// The problems as text: one line each, and the reason once below those that share it.
pub(super) fn render(problems: &[Problem]) -> String {
    let mut text = String::new();
    for group in problems.chunk_by(|one, next| one.why == next.why) {
        text.extend(group.iter().map(|problem| format!("{problem}\n")));
        text.extend(group.first().map(|problem| format!("    {}\n", problem.why)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_follows_the_problems_that_share_it() {
        let problem = |place: &str, why| Problem { place: place.to_owned(), what: "wrong".to_owned(), why };
        let problems =
            [problem("a.rs:3", "Because."), problem("b.rs:1", "Because."), problem("c.rs:2", "Also.")];
        assert_eq!(
            render(&problems),
            "a.rs:3: wrong\nb.rs:1: wrong\n    Because.\nc.rs:2: wrong\n    Also.\n"
        );
    }
}
