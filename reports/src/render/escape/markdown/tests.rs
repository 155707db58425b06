//! Markdown shows any text as it is.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::*;
use crate::model::sample::HOSTILE;

/// What a renderer shows of a document.
struct Shown {
    /// Its text without markup, with a mark for each element that is more than text.
    text: String,
    /// The stretches of text in which GitHub looks for links.
    stretches: Vec<String>,
}

fn shown(markdown: &str) -> Shown {
    let github = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut shown = Shown { text: String::new(), stretches: Vec::new() };
    let mut was_text = false;
    for event in Parser::new_ext(markdown, github) {
        let is_text = matches!(event, Event::Text(_));
        match event {
            Event::Text(text) => {
                shown.text.push_str(&text);
                match shown.stretches.last_mut() {
                    // GitHub's filters see the rendered text, without entities and escapes.
                    Some(last) if was_text => last.push_str(&text),
                    _ => shown.stretches.push(text.into_string()),
                }
            }
            Event::Code(code) => shown.text.push_str(&code),
            Event::InlineHtml(html)
                if [SEPARATOR, "<span>", "</span>", "<code>", "</code>"].contains(&&*html) => {}
            Event::Start(
                Tag::Paragraph | Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell,
            )
            | Event::End(
                TagEnd::Paragraph | TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow | TagEnd::TableCell,
            ) => {}
            other => shown.text.push_str(&format!("{other:?}")),
        }
        was_text = is_text;
    }
    shown
}

/// The text as a renderer shows it at each place, without the text around it.
fn everywhere(text: &str) -> Vec<(&'static str, Shown)> {
    let within = |name, document: String, around: [&str; 2]| {
        let mut shown = shown(&document);
        let inner = shown.text.strip_prefix(around[0]).and_then(|text| text.strip_suffix(around[1]));
        shown.text = inner.map_or_else(|| format!("{} from {document}", shown.text), str::to_owned);
        (name, shown)
    };
    let bold = ["Start(Strong)", "End(Strong)"];
    let quote = ["Start(BlockQuote(None))", "End(BlockQuote(None))"];
    let item = ["Start(List(None))Start(Item)", "End(Item)End(List(false))"];
    let cell = |cell: &str| format!("| a | b |\n| --- | --- |\n| {cell} | z |\n");
    vec![
        within("line", format!("Said: {} (end)\n", markdown(text)), ["Said: ", " (end)"]),
        within("bold", format!("**{}**\n", markdown(text)), bold),
        within("start", format!("{}\n\n", markdown_start(text)), ["", ""]),
        within("quote", format!("> {}\n\n", markdown_start(text)), quote),
        within("item", format!("- {}\n", markdown_start(text)), item),
        within("cell", cell(&markdown_cell(text)), ["ab", "z"]),
        within("code", format!("Said: {}, so\n", markdown_code(text)), ["Said: ", ", so"]),
        within("code in a cell", cell(&markdown_code_cell(text)), ["ab", "z"]),
    ]
}

fn is_only_text(text: &str) {
    let expected = line(text);
    // Bold text cannot be empty.
    for (place, Shown { text: shown, stretches }) in everywhere(text) {
        if expected.is_empty() && place == "bold" {
            continue;
        }
        let expected = if expected.is_empty() && place.starts_with("code") { " " } else { &expected };
        assert_eq!(shown, expected, "{place}");
        for stretch in stretches {
            let chars: Vec<char> = stretch.chars().collect();
            for pair in chars.windows(2) {
                assert!(!(pair[0] == '@' && pair[1].is_ascii_alphanumeric()), "{place}: {stretch}");
                assert!(!(pair[0] == '#' && pair[1].is_ascii_digit()), "{place}: {stretch}");
            }
        }
    }
    for markdown in [markdown(text), markdown_start(text), markdown_cell(text)] {
        // GitHub finds the links that it makes in the source.
        let lower = markdown.to_ascii_lowercase();
        assert!(!["http://", "https://", "ftp://"].iter().any(|scheme| lower.contains(scheme)), "{markdown}");
    }
}

/// What HTML shows.
fn of_html(html: &str) -> String {
    let html = html.replace(SEPARATOR, "").replace("<span>$</span>", "$");
    assert!(
        !html.split('<').skip(1).any(|rest| rest.chars().next().is_some_and(|c| opens_tag(Some(c)))),
        "{html}"
    );
    html.replace("&lt;", "<").replace("&amp;", "&")
}

#[test]
fn plain_text_stays_as_it_is() {
    for text in [
        "ApplicationIdentifier has 1 to 64 characters: used again, it is refused with 400.",
        "configuration_token, x-amzn-errortype and init__py_2 within_a_word",
        "model › GetLatestConfigurationRequest › ConfigurationToken",
        "a < b, b > a, a <= 3, R&D, AT&T, 5 - 3, 2 * 3 and ~ 7",
        "^\\S{1,8192}$ is for 5 $, [a-z0-9]{4,7}, [x], [[resource]] (all)",
        "arn:aws:appconfig:eu-west-1:123456789012:application/abc at 12:30:45, 127.0.0.1:8080",
        "# 1. - + > and #a, @ home, a | b, ! and |",
        "漢字 \u{e9}_\u{e9} \u{1f680}",
    ] {
        assert_eq!(markdown(text), text);
        is_only_text(text);
    }
    assert_eq!(markdown_code("plain-text_1"), "`plain-text_1`");
    assert_eq!(markdown_html("a < b & c_d *e* `f` [g](h)"), "a < b & c_d *e* `f` [g](h)");
}

#[test]
fn markup_is_escaped_at_its_place() {
    for (text, escaped) in [
        ("<integer> is no tag", "\\<integer> is no tag"),
        ("*b* _i_ ~s~ `c`", "\\*b\\* \\_i\\_ \\~s\\~ \\`c\\`"),
        ("[l](http://x)", "[l]\\(http:\\//x)"),
        ("&amp; &#38; &#x26; & &x y;", "\\&amp; \\&#<!-- -->38; \\&#x26; & &x y;"),
        ("see www.example.org", "see www\\.example.org"),
        ("C:\\dir\\[x] \\", "C:\\dir\\\\[x] \\\\"),
        ("@octocat, a@b.c, #1 and GH-7", "@<!-- -->octocat, a@<!-- -->b.c, #<!-- -->1 and GH-<!-- -->7"),
        (":smile: and a:b:c", ":<!-- -->smile: and a:b:c"),
        ("$x$", "<span>$</span>x<span>$</span>"),
        (" a ", "&#32;a&#32;"),
    ] {
        assert_eq!(markdown(text), escaped);
        is_only_text(text);
    }
    for (text, escaped) in [
        ("- a - b", "\\- a - b"),
        ("--strict", "--strict"),
        ("---", "\\---"),
        ("1. a", "1\\. a"),
        ("1.5 a", "1.5 a"),
        ("# a", "\\# a"),
        ("> a > b", "\\> a > b"),
        ("[x]: y", "\\[x]: y"),
        ("[!NOTE]", "\\[!NOTE]"),
        ("+ a", "\\+ a"),
    ] {
        assert_eq!(markdown_start(text), escaped);
        is_only_text(text);
    }
    assert_eq!(markdown_cell("a|b \\|"), "a\\|b \\\\&#124;");
    assert_eq!(markdown_html("<b>&amp;&copy @x"), "&lt;b>&amp;amp;&amp;copy @<!-- -->x");
}

#[test]
fn hostile_text_is_only_text() {
    is_only_text(HOSTILE);
    assert_eq!(of_html(&markdown_html(HOSTILE)), line(HOSTILE));
}

#[test]
fn only_an_address_is_a_link() {
    assert_eq!(markdown_link("https://a.b/c_d?e=1#f"), "<https://a.b/c_d?e=1#f>");
    for text in ["javascript:alert(1)", "https://", "https://a b", "https://a>b", "https://a|b"] {
        assert_eq!(markdown_link(text), markdown(text), "{text}");
    }
}

#[test]
fn code_span_contains_backticks() {
    assert_eq!(markdown_code("a``b`|c\nd"), "```a``b`|c\\nd```");
    assert_eq!(markdown_code("`a"), "`` `a ``");
    assert_eq!(markdown_code_cell("a|b"), "`a\\|b`");
    assert_eq!(markdown_code_cell("a\\|b"), "<code>a\\\\&#124;b</code>");
}

#[test]
fn code_block_contains_backticks() {
    assert_eq!(markdown_block("sh", "x\n````\ny"), "`````sh\nx\n````\ny\n`````\n");
    assert_eq!(markdown_block("", "x\n"), "```\nx\n```\n");
}

/// Texts with and without what has a meaning in Markdown, in HTML or to GitHub.
fn texts() -> impl Strategy<Value = String> {
    let marks = "[\\\\`*_~<>&#@:.|$!()\\[\\]{}+=/^\"' a1é-]";
    let words = prop::sample::select(vec![
        "http://", "www.", "://", "](", "&amp;", "&#35;", "<b>", "<!--", "**", "__", "~~", "1. ", "- ", "# ",
        "[x]: ", "| --- |", "@a", "#1", "GH-1", ":a:", "\\|", "\n", "  ", "```", "$$",
    ]);
    let piece =
        prop_oneof![4 => marks.prop_map(String::from), 2 => words.prop_map(str::to_owned), 1 => ".{0,3}"];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn any_text_is_only_text(text in texts()) {
        is_only_text(&text);
        prop_assert_eq!(of_html(&markdown_html(&text)), line(&text));
    }
}
