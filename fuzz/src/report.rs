//! `report.json`: what is read is written as it was, shown without what controls a terminal or breaks a
//! format, does not differ from itself, and is merged in any order and grouping.

use reports::history::{Diff, merge, trend_page};
use reports::model::Report;
use reports::render::terminal::Style;
use reports::render::{annotations, html, json, junit, markdown, terminal};

use super::display::{is_printable, shows_safely};

/// Reads the documents of an input, which lines of three hyphens part.
pub fn hold(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut all = Vec::new();
    for part in text.split("\n---\n").take(3) {
        match json::parse(part) {
            Ok(report) => all.push(report),
            Err(error) => shows_safely(&error),
        }
    }
    all.iter().for_each(shown);
    // What changed since another contract is the same in runs by one contract.
    for report in &mut all {
        report.contract_changes = None;
    }
    merged(&all);
}

fn shown(report: &Report) {
    let written = json::render(report);
    let again = json::parse(&written).expect("what was written can be read");
    assert_eq!(json::render(&again), written);
    let texts = [
        written,
        annotations::render(report),
        html::render(report),
        trend_page(&[report.clone(), again.clone()]),
        terminal::render(report, Style::default()),
        junit::render(report),
        markdown::render(report),
    ];
    for text in &texts {
        assert!(is_printable(text), "{text}");
    }
    let xml = roxmltree::ParsingOptions { nodes_limit: u32::MAX, ..Default::default() };
    roxmltree::Document::parse_with_options(&texts[5], xml).expect("junit.xml is XML");

    let diff = Diff::of(report, report);
    assert!(diff.new.is_empty() && diff.fixed.is_empty() && !diff.is_worse(), "a report is itself");
    assert!(is_printable(&diff.to_text()) && is_printable(&diff.to_markdown()));
}

/// In whichever order and grouping reports are merged, the result is the same, or none is.
fn merged(all: &[Report]) {
    let [one, other, rest @ ..] = all else { return };
    let both = |a: &Report, b: &Report| merge([a.clone(), b.clone()]).map_err(drop);
    assert_eq!(both(one, other), both(other, one), "in any order");
    let [third] = rest else { return };
    let left = both(one, other).and_then(|merged| both(&merged, third));
    let right = both(other, third).and_then(|merged| both(one, &merged));
    assert_eq!(left, right, "in any grouping");
}
