//! What is not the same in two reports, as a page.

use askama::Template;

use super::finding::FindingView;
use super::frame::Frame;
use crate::diff::{Diff, Shown};
use crate::report::Report;
use crate::show;
use crate::summary::{Listed, answer, findings};

/// The sum, then what is new, fixed, not judged any more and still there, each finding as `report.html`
/// has it.
#[allow(clippy::expect_used, clippy::missing_panics_doc, reason = "see the line")]
pub fn render(diff: &Diff<'_>) -> String {
    let (before, now) = (findings(diff.base), findings(diff.head));
    let group = |(title, shown): (&'static str, &[Shown<'_>])| {
        let view = |shown: &Shown<'_>| {
            let is_it = |listed: &&Listed<'_>| std::ptr::eq(listed.finding, shown.finding);
            let (side, listed) = match now.iter().find(is_it) {
                Some(listed) => ("now", listed),
                None => ("before", before.iter().find(is_it)?),
            };
            let view = FindingView::new(*listed);
            let anchor = format!("{side}/{}", view.anchor);
            Some(FindingView { anchor, requirement_anchor: None, ..view })
        };
        (title, shown.iter().filter_map(view).collect::<Vec<_>>())
    };
    let groups = diff.groups().map(group).into_iter().filter(|(_, findings)| !findings.is_empty()).collect();
    let page = Page {
        frame: Frame::new(),
        title: diff.sentence(),
        state: if diff.is_worse() { "violated" } else { "held" },
        sides: [("Before", diff.base), ("Now", diff.head)].map(|(title, report)| Side {
            title,
            report,
            answer: answer(report),
        }),
        groups,
        notes: diff.notes(),
    };
    // Fails only where writing fails, and a string takes all.
    page.render().expect("HTML into a string")
}

#[derive(Template)]
#[template(path = "diff.html")]
struct Page<'a> {
    frame: Frame,
    title: String,
    state: &'static str,
    sides: [Side<'a>; 2],
    groups: Vec<(&'static str, Vec<FindingView<'a>>)>,
    notes: Vec<String>,
}

/// One of the reports.
struct Side<'a> {
    title: &'static str,
    report: &'a Report,
    answer: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_is_new_and_what_is_fixed_is_shown_whole() {
        let (good, bad) = (sample::all_held(), sample::violated());
        let worse = render(&Diff::of(&good, &bad));
        assert!(worse.contains("<h2>New</h2>") && worse.contains("class=\"verdict violated\""), "{worse}");
        assert!(worse.contains("boundstone replay target/boundstone/report.json 1"));
        let better = render(&Diff::of(&bad, &bad));
        assert!(better.contains("<h2>Still there</h2>") && !better.contains("<h2>New</h2>"), "{better}");
    }

    #[test]
    fn hostile_text_stays_text() {
        let html = render(&Diff::of(&sample::all_held(), &sample::violated()));
        assert!(html.contains("&#60;script&#62;alert(1)") && !html.contains("<script>alert"));
        assert!(html.chars().all(|c| c == '\n' || !c.is_control()));
    }
}
