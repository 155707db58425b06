//! How text is set on a terminal.

use anstyle::{AnsiColor, Style as Paint};
use textwrap::{Options, WordSplitter};

use crate::model::Verdict;

/// How the text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether ANSI colors are used.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
}

impl Default for Style {
    /// No colors, 100 columns.
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

pub(super) const TITLE: Paint = Paint::new().bold();
pub(super) const LABEL: Paint = Paint::new().dimmed();

pub(super) fn paint_of(verdict: Verdict) -> Paint {
    let color = match verdict {
        Verdict::Failed => AnsiColor::Red,
        Verdict::Flaky => AnsiColor::Magenta,
        Verdict::Inconclusive | Verdict::Skipped => AnsiColor::Yellow,
        Verdict::Passed => AnsiColor::Green,
    };
    color.on_default().bold()
}

impl Style {
    pub(super) fn paint(self, paint: Paint, text: &str) -> String {
        if self.color { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    /// Wraps prose and indents every line except for the first.
    pub(super) fn wrap(self, text: &str, indent: usize) -> String {
        let indent = " ".repeat(indent);
        let options = Options::new(self.width.max(40))
            .initial_indent(&indent)
            .subsequent_indent(&indent)
            .word_splitter(WordSplitter::NoHyphenation);
        textwrap::fill(text, &options).trim_start().to_owned()
    }
}
