//! Text in HTML.

use std::fmt;

use askama::filters::Escaper;

use super::visible::visible;

/// The escaper of the HTML templates, which every expression in them goes through.
#[derive(Debug, Clone, Copy)]
pub struct Html;

impl Escaper for Html {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, text: &str) -> fmt::Result {
        askama::filters::Html.write_escaped_str(dest, &visible(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_escaped() {
        let mut out = String::new();
        Html.write_escaped_str(&mut out, "<script>\"'&\u{202e}").expect("a string takes all");
        assert_eq!(out, "&#60;script&#62;&#34;&#39;&#38;\\u{202e}");
    }
}
