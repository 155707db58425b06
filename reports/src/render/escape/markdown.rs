//! Text in Markdown, as GitHub reads it.
//!
//! People also read a report in Markdown as plain text, so only what would be markup at its place is escaped:
//! `_` within a word, `-` within a line and `<` before a blank stay as they are. A renderer shows exactly the
//! text.

use super::visible::{is_address, line, visible};

/// Separates two characters that GitHub would take for a mention, a reference or an emoji. GitHub looks for
/// these in the rendered text, where escapes are gone.
const SEPARATOR: &str = "<!-- -->";

/// The place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In a line, after something else.
    Line,
    /// At the start of a paragraph, a quote or an item of a list.
    Start,
    /// In the cell of a table.
    Cell,
}

/// Prose within a line of Markdown, without any markup, link, mention or reference.
pub fn markdown(text: &str) -> String {
    prose(text, Place::Line)
}

/// Prose at the start of a paragraph, a quote or an item of a list.
pub fn markdown_start(text: &str) -> String {
    prose(text, Place::Start)
}

/// Prose in the cell of a table.
pub fn markdown_cell(text: &str) -> String {
    prose(text, Place::Cell)
}

fn prose(text: &str, place: Place) -> String {
    let text: Vec<char> = line(text).chars().collect();
    let text = Text(&text);
    let mut out = String::with_capacity(text.0.len() + 16);
    for (at, c) in text.0.iter().copied().enumerate() {
        if text.is_edge_blank(at) {
            out.push_str("&#32;");
        } else if c == '|' && place == Place::Cell {
            // Renderers disagree on a backslash before it.
            out.push_str(if text.before(at) == Some('\\') { "&#124;" } else { "\\|" });
        } else if c == '$' && text.has_math() {
            out.push_str("<span>$</span>");
        } else {
            if text.is_markup(at) || place == Place::Start && text.starts_block(at) {
                out.push('\\');
            }
            out.push(c);
            if text.is_reference(at) {
                out.push_str(SEPARATOR);
            }
        }
    }
    out
}

/// Text within HTML in Markdown, such as a `<summary>`, where the marks of Markdown are only text.
pub fn markdown_html(text: &str) -> String {
    let text: Vec<char> = line(text).chars().collect();
    let text = Text(&text);
    let mut out = String::with_capacity(text.0.len() + 16);
    for (at, c) in text.0.iter().copied().enumerate() {
        let next = text.after(at);
        match c {
            '<' if opens_tag(next) => out.push_str("&lt;"),
            '&' if next.is_none_or(|next| next == '#' || next.is_ascii_alphanumeric()) => {
                out.push_str("&amp;");
            }
            '$' if text.has_math() => out.push_str("<span>$</span>"),
            _ => out.push(c),
        }
        if text.is_reference(at) {
            out.push_str(SEPARATOR);
        }
    }
    out
}

/// One line of text, whose methods tell what a character of it means in Markdown.
#[derive(Clone, Copy)]
struct Text<'a>(&'a [char]);

impl Text<'_> {
    fn before(self, at: usize) -> Option<char> {
        at.checked_sub(1).and_then(|before| self.0.get(before)).copied()
    }

    fn after(self, at: usize) -> Option<char> {
        self.0.get(at + 1).copied()
    }

    /// The characters from `at` on.
    fn from(self, at: usize) -> impl Iterator<Item = char> + Clone {
        self.0.get(at..).unwrap_or_default().iter().copied()
    }

    /// Whether this is a blank at either end, which would not be shown.
    fn is_edge_blank(self, at: usize) -> bool {
        self.0[at] == ' ' && (at == 0 || at + 1 == self.0.len())
    }

    /// Whether this is a blank that is shown.
    fn is_blank(self, at: usize) -> bool {
        self.0.get(at) == Some(&' ') && !self.is_edge_blank(at)
    }

    /// Whether a character would be markup, wherever in a line the text is.
    fn is_markup(self, at: usize) -> bool {
        let next = self.after(at);
        match self.0[at] {
            '`' => true,
            '\\' => {
                next.is_none_or(|next| next.is_ascii_punctuation())
                    || at + 2 == self.0.len() && next == Some(' ')
            }
            '*' | '~' => !self.is_between_blanks(at),
            '_' => !self.is_between_blanks(at) && !self.is_within_word(at),
            '<' => opens_tag(next),
            '&' => self.is_entity(at),
            // The address of a link follows its text.
            '(' => self.before(at) == Some(']'),
            '/' => self.is_address(at),
            '.' => self.is_www(at),
            _ => false,
        }
    }

    /// The start and the end of the run of equal characters at `at`.
    fn run(self, at: usize) -> (usize, usize) {
        let c = self.0[at];
        let start = self.0[..at].iter().rposition(|other| *other != c).map_or(0, |before| before + 1);
        let end = self.0[at..].iter().position(|other| *other != c).map_or(self.0.len(), |after| at + after);
        (start, end)
    }

    /// Whether there are blanks around the run.
    fn is_between_blanks(self, at: usize) -> bool {
        let (start, end) = self.run(at);
        start.checked_sub(1).is_some_and(|before| self.is_blank(before)) && self.is_blank(end)
    }

    /// Whether there are letters or digits around the run.
    fn is_within_word(self, at: usize) -> bool {
        let (start, end) = self.run(at);
        let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        start.checked_sub(1).is_some_and(|before| is_word(self.0.get(before))) && is_word(self.0.get(end))
    }

    /// Whether an entity starts with the `&` at `at`: `&name;`, `&#1;`, `&#x1;`.
    fn is_entity(self, at: usize) -> bool {
        let has_name = |skipped: usize, is_part: fn(char) -> bool| {
            let mut rest = self.from(at + 1 + skipped).skip_while(|c| is_part(*c));
            let first = self.0.get(at + 1 + skipped).copied();
            first.is_some_and(is_part) && rest.next() == Some(';')
        };
        match (self.after(at), self.0.get(at + 2)) {
            (Some('#'), Some('x' | 'X')) => has_name(2, |c| c.is_ascii_hexdigit()),
            (Some('#'), _) => has_name(1, |c| c.is_ascii_digit()),
            _ => has_name(0, |c| c.is_ascii_alphanumeric()),
        }
    }

    /// Whether this is the first slash of `scheme://`, from which GitHub makes a link.
    fn is_address(self, at: usize) -> bool {
        at >= 2
            && self.0[at - 1] == ':'
            && self.0[at - 2].is_ascii_alphabetic()
            && self.after(at) == Some('/')
    }

    /// Whether this is the dot of `www.name`, from which GitHub makes a link.
    fn is_www(self, at: usize) -> bool {
        let is_www = at >= 3 && self.0[at - 3..at].iter().all(|c| c.eq_ignore_ascii_case(&'w'));
        is_www && !at.checked_sub(4).is_some_and(|before| self.0[before].is_alphanumeric())
    }

    /// Whether GitHub would read a mention, a reference or an emoji that continues after `at`.
    fn is_reference(self, at: usize) -> bool {
        let next = self.after(at);
        match self.0[at] {
            '@' => next.is_some_and(|next| next.is_ascii_alphanumeric()),
            '#' => next.is_some_and(|next| next.is_ascii_digit()),
            '-' => {
                let is_gh = at >= 2
                    && self.0[at - 2].eq_ignore_ascii_case(&'g')
                    && self.0[at - 1].eq_ignore_ascii_case(&'h');
                let begins = !at.checked_sub(3).is_some_and(|before| self.0[before].is_alphanumeric());
                is_gh && begins && next.is_some_and(|next| next.is_ascii_digit())
            }
            ':' => self.is_emoji(at),
            _ => false,
        }
    }

    /// Whether `:name:` starts here and is not part of a word.
    fn is_emoji(self, at: usize) -> bool {
        let is_part = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_+-".contains(*c);
        let name = self.from(at + 1).take_while(is_part).count();
        let end = at + 1 + name;
        let is_word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        name > 0
            && self.0.get(end) == Some(&':')
            && !is_word(at.checked_sub(1).and_then(|before| self.0.get(before)))
            && !is_word(self.0.get(end + 1))
    }

    /// Whether one `$` may start a formula and a later one end it.
    fn has_math(self) -> bool {
        let is_text = |c: Option<char>| c.is_some_and(|c| c != ' ');
        let signs = || (0..self.0.len()).filter(|at| self.0[*at] == '$');
        let first = signs().find(|at| is_text(self.after(*at)));
        first.is_some_and(|first| signs().any(|at| at > first && is_text(self.before(at))))
    }

    /// Whether the text at the start of a block would need a backslash before `at`, so as not to be another
    /// block.
    fn starts_block(self, at: usize) -> bool {
        let next = self.after(at);
        let is_apart = next.is_none_or(|next| next == ' ');
        match self.0[at] {
            '[' | '>' => at == 0,
            '+' => at == 0 && is_apart,
            '-' => at == 0 && (is_apart || self.0.iter().all(|c| matches!(c, '-' | ' '))),
            '#' => at == 0 && self.0.get(self.run(at).1).is_none_or(|after| *after == ' '),
            '.' | ')' => at > 0 && is_apart && self.0[..at].iter().all(char::is_ascii_digit),
            _ => false,
        }
    }
}

/// Whether a `<` before this character may start a tag, a comment or an address.
fn opens_tag(next: Option<char>) -> bool {
    next.is_none_or(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'))
}

/// A URL in Markdown: as a link if it needs no escape, otherwise as prose.
pub fn markdown_link(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    if is_address(text) && text.chars().all(plain) { format!("<{text}>") } else { markdown(text) }
}

/// Code in a line of Markdown. Never empty.
pub fn markdown_code(text: &str) -> String {
    code(&line(text))
}

/// Code in the cell of a table. Never empty.
pub fn markdown_code_cell(text: &str) -> String {
    let text = line(text);
    if text.contains("\\|") {
        // Code has no escape for the backslash.
        return format!("<code>{}</code>", markdown_cell(&text));
    }
    code(&text.replace('|', "\\|"))
}

fn code(text: &str) -> String {
    let ticks = "`".repeat(longest_run(text, '`') + 1);
    if text.is_empty() {
        return "` `".to_owned();
    }
    // One blank on each side is not shown, and keeps backticks and blanks of the text separate.
    let is_between = |edge: char| text.starts_with(edge) && text.ends_with(edge);
    let has_blanks = is_between(' ') && !text.trim().is_empty();
    if !has_blanks && !text.starts_with('`') && !text.ends_with('`') {
        format!("{ticks}{text}{ticks}")
    } else {
        format!("{ticks} {text} {ticks}")
    }
}

/// A block of code in Markdown, of any text. Starts and ends with a whole line.
pub fn markdown_block(language: &str, text: &str) -> String {
    let text = visible(text);
    let fence = "`".repeat((longest_run(&text, '`') + 1).max(3));
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{text}{end}{fence}\n")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
