//! `report.md`: the report as a comment on a pull request.

use crate::model::{Report, RequirementResult, VERDICTS, Verdict};
use crate::summary::{
    Group, Listed, Operation, Outcome, counted, groups, headline, known_failure_notes, number, open_reasons,
    operations, outcome, seconds, times,
};

use super::escape::{
    markdown, markdown_block, markdown_cell, markdown_code, markdown_code_cell, markdown_html, markdown_link,
    markdown_start,
};
use super::text::{clip, contract_changes, contract_changes_sentence, own_sections, sections};

/// The most bytes of the Markdown. GitHub refuses comments of 65,536 characters and more.
pub const LIMIT: usize = 65_535;
/// The most bytes of the tables of requirements, so that the findings have room.
const MAX_TABLES: usize = 24_000;
/// The most bytes of each table of reasons.
const MAX_REASONS: usize = 6_000;
/// The most characters of the changes of a contract.
const MAX_CHANGES: usize = 1_500;
/// The bytes that are reserved for notes on what is omitted.
const RESERVED: usize = 500;

/// The headline, the numbers, the requirements of each operation, the findings (folded), and what is open:
/// GitHub-flavored Markdown of at most [`LIMIT`] bytes, which says what is omitted.
pub fn render(report: &Report) -> String {
    let notes: String = report
        .target
        .notes
        .iter()
        .map(|note| format!("> {}\n\n", markdown_start(&clip(note, 500))))
        .collect();
    let head = format!("{} {}\n\n{notes}{}", mark(report), bold(&headline(report)), numbers(report));
    let tables = tables(report);
    let reasons = format!("{}{}{}", open(report), known_failures(report), changes(report));
    let foot = format!(
        "\nboundstone {}, seed {}, started {}\n",
        markdown(&clip(&report.boundstone, 100)),
        report.seed,
        markdown(&clip(&report.started_at, 100)),
    );
    let others = head.len() + tables.len() + reasons.len() + foot.len() + RESERVED;
    let findings = folded(&groups(report), LIMIT.saturating_sub(others));
    format!("{head}{tables}{findings}{reasons}{foot}")
}

fn mark(report: &Report) -> &'static str {
    match outcome(report) {
        Outcome::Passed => "✅",
        Outcome::Failed | Outcome::Outdated => "❌",
        Outcome::NotTested | Outcome::Interrupted => "⚠️",
    }
}

fn bold(text: &str) -> String {
    format!("**{}**", markdown(&clip(text, 800)))
}

fn numbers(report: &Report) -> String {
    let totals = &report.totals;
    let mut names = String::from("| Requirements |");
    let mut values = format!("| {} |", number(report.requirements.len() as u64));
    for verdict in VERDICTS {
        names.push_str(&format!(" {verdict} |"));
        values.push_str(&format!(" {} |", number(totals.requirements.of(verdict))));
    }
    names.push_str(" Cases | Requests | Time |");
    values.push_str(&format!(
        " {} | {} | {} |",
        number(totals.cases),
        number(totals.requests),
        seconds(report.seconds)
    ));
    format!("{names}\n|{}\n{values}\n\n", " ---: |".repeat(VERDICTS.len() + 4))
}

fn tables(report: &Report) -> String {
    let operations = operations(report);
    let all = |_: &RequirementResult| true;
    let whole: String = operations.iter().map(|operation| table(operation, all, usize::MAX)).collect();
    if whole.len() <= MAX_TABLES {
        return whole;
    }
    // Requirements that passed matter least.
    let mut out = String::from("These tables omit the requirements that passed.\n\n");
    for (at, operation) in operations.iter().enumerate() {
        let room = MAX_TABLES.saturating_sub(out.len());
        let table = table(operation, |r| r.verdict != Verdict::Passed, room);
        if table.len() > room {
            let rest = counted((operations.len() - at) as u64, "more operation");
            out.push_str(&format!("The tables of {rest} are omitted.\n\n"));
            break;
        }
        out.push_str(&table);
    }
    out
}

fn table(operation: &Operation<'_>, shown: impl Fn(&RequirementResult) -> bool, room: usize) -> String {
    let mut out = format!(
        "<details><summary>{}: {}</summary>\n\n\
         | Verdict | Level | Requirement | Cases |\n| --- | --- | --- | ---: |\n",
        markdown_html(&clip(operation.name, 100)),
        operation.passed()
    );
    let mut omitted = 0;
    for requirement in operation.requirements.iter().filter(|requirement| shown(requirement)) {
        let row = format!(
            "| {} | {} | {}<br>{} | {} |\n",
            requirement.verdict,
            requirement.level,
            markdown_cell(&clip(&requirement.text, 300)),
            markdown_code_cell(&clip(requirement.id.as_str(), 200)),
            number(requirement.cases.len() as u64),
        );
        if out.len() + row.len() + RESERVED > room {
            omitted += 1;
        } else {
            out.push_str(&row);
        }
    }
    if omitted > 0 {
        out.push_str(&format!("\nThis table omits {}.\n", counted(omitted, "requirement")));
    }
    out + "\n</details>\n\n"
}

fn folded(groups: &[Group<'_>], room: usize) -> String {
    if groups.is_empty() {
        return String::new();
    }
    let mut out = String::from("### Findings\n\n");
    for (at, one) in groups.iter().enumerate() {
        // An abbreviated finding is better than an omitted one.
        let fitting = [(4_000, true), (400, true), (400, false)]
            .into_iter()
            .map(|(limit, is_whole)| group(one, limit, is_whole))
            .find(|text| out.len() + text.len() <= room);
        let Some(text) = fitting else {
            let rest: usize = groups[at..].iter().map(|group| group.all().count()).sum();
            let rest = counted(rest as u64, "more finding");
            out.push_str(&format!("{rest} omitted here: see report.json or report.html.\n\n"));
            break;
        };
        out.push_str(&text);
    }
    out
}

/// The first finding of a group in full, and for the others the sections that differ from it, or only their
/// names.
fn group(group: &Group<'_>, limit: usize, is_whole: bool) -> String {
    let Group { first, others } = group;
    let numbers = match others.last() {
        Some(last) => format!("{}–{}", first.number, last.number),
        None => first.number.to_string(),
    };
    let more = group.more().map(|more| format!(" ({more})")).unwrap_or_default();
    let mut out = format!(
        "<details><summary>{numbers}. {} {}: {}{more}</summary>\n\n{}",
        first.requirement.level,
        first.verdict(),
        markdown_html(&clip(&first.requirement.text, 300)),
        about(first),
    );
    out.push_str(&blocks(first, &sections(first, limit / 2), limit));
    for listed in others {
        out.push_str(&format!("**{}. The same:** {}", listed.number, about(listed)));
        if is_whole {
            out.push_str(&blocks(listed, &own_sections(listed, first, limit / 2), limit));
        }
    }
    out + "</details>\n\n"
}

/// The requirement that a finding contradicts, how often it does, and why it is known.
fn about(listed: &Listed<'_>) -> String {
    let Listed { requirement, finding, .. } = listed;
    let mut out = format!(
        "{}, {}<br>Source: {}\n\n",
        markdown_code(&clip(requirement.id.as_str(), 200)),
        times(finding),
        markdown(&clip(&requirement.source, 300)),
    );
    for entry in listed.entries().filter(|_| finding.is_known()) {
        let issue = entry.issue.as_ref().map(|issue| format!(" {}", markdown_link(&clip(issue, 500))));
        out.push_str(&format!(
            "Known: {}{} ({})\n\n",
            markdown(&clip(&entry.reason, 500)),
            issue.unwrap_or_default(),
            markdown(&clip(&entry.until(), 300)),
        ));
    }
    out
}

/// The sections of a finding and its curl commands, each as a block of code.
fn blocks(listed: &Listed<'_>, sections: &[(&str, String)], limit: usize) -> String {
    let block = |title: &str, language: &str, text: &str| {
        format!("**{title}**\n\n{}\n", markdown_block(language, &clip(text, limit)))
    };
    let mut out = String::new();
    for (title, text) in sections {
        let language = match *title {
            // Shown above.
            "Requirement" | "Source" | "Known" => continue,
            "Sent" => "http",
            "Replay" => "sh",
            _ => "",
        };
        out.push_str(&block(title, language, text));
    }
    out + &block("curl", "sh", &listed.finding.curl)
}

fn open(report: &Report) -> String {
    let groups = open_reasons(report);
    if groups.is_empty() {
        return String::new();
    }
    let mut out = String::from("### Open\n\n| Verdict | What | Why |\n| --- | --- | --- |\n");
    for (at, group) in groups.iter().enumerate() {
        let row = format!(
            "| {} | {} | {} |\n",
            group.verdict,
            group.extent(),
            markdown_cell(&clip(group.reason, 300))
        );
        if out.len() + row.len() > MAX_REASONS {
            let rest = counted((groups.len() - at) as u64, "more reason");
            out.push_str(&format!("\n{rest} omitted here.\n"));
            break;
        }
        out.push_str(&row);
    }
    out + "\n"
}

/// The notes on known failures.
fn known_failures(report: &Report) -> String {
    let notes = known_failure_notes(report);
    if notes.is_empty() {
        return String::new();
    }
    let mut out = String::from("### Known failures\n\n| Entry | Pattern | |\n| --- | --- | --- |\n");
    for (at, (entry, says)) in notes.iter().enumerate() {
        let row = format!(
            "| {} | {} | {} |\n",
            markdown_cell(&clip(&entry.place(), 200)),
            markdown_code_cell(&clip(&entry.case, 200)),
            markdown_cell(&clip(says, 300))
        );
        if out.len() + row.len() > MAX_REASONS {
            let rest = counted((notes.len() - at) as u64, "more entry");
            out.push_str(&format!("\n{rest} omitted here.\n"));
            break;
        }
        out.push_str(&row);
    }
    out + "\n"
}

/// How the contract differs from the built-in contract of the same service.
fn changes(report: &Report) -> String {
    let Some(changes) = &report.contract_changes else { return String::new() };
    let text = contract_changes(changes);
    let sentence = contract_changes_sentence(&report.contract.name, changes);
    let sentence = markdown_html(&clip(&sentence, 500));
    format!(
        "<details><summary>{sentence}</summary>\n\n{}\n</details>\n\n",
        markdown_block("", &clip(&text, MAX_CHANGES))
    )
}

#[cfg(test)]
mod tests {
    use cases::id::Level;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;
    use crate::model::sample;

    fn events(markdown: &str) -> Vec<Event<'_>> {
        let github = Options::ENABLE_TABLES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_TASKLISTS;
        Parser::new_ext(markdown, github).collect()
    }

    #[test]
    fn headline_comes_first() {
        let text = render(&sample::all_passed());
        assert!(
            text.starts_with(
                "✅ **http:\\//127.0.0.1:8080 conforms to the contract page: \
                 3 of 3 requirements passed.**\n\n\
                 | Requirements | failed | flaky | inconclusive | skipped | passed | Cases | \
                 Requests | Time |\n\
                 | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n\
                 | 3 | 0 | 0 | 0 | 0 | 3 | 2 | 2,431 | 1.2 s |\n"
            ),
            "{text}"
        );
        assert!(!text.contains("### Findings"));
        assert!(!text.contains("### Open"));
    }

    #[test]
    fn findings_are_folded_and_worst_first() {
        let text = render(&sample::failed());
        let must = text.find("<summary>1. MUST failed: ApplicationIdentifier has").expect("must");
        let should = text.find("<summary>2. SHOULD failed: ").expect("should");
        assert!(must < should);
        assert_eq!(text.matches("<details>").count(), text.matches("\n</details>\n").count());
        assert!(text.contains("**Replay**\n\n```sh\nboundstone replay "), "{text}");
    }

    #[test]
    fn one_difference_in_several_members_is_one_section() {
        let text = render(&sample::same());
        assert!(
            text.contains(
                "<summary>1–3. MUST failed: ApplicationIdentifier has 1 to 64 characters \
                 (the same in 2 more requirements)</summary>"
            ),
            "{text}"
        );
        assert!(text.contains("<summary>4. MUST failed: Token has 1 to 64 characters</summary>"), "{text}");
        for number in 1..=4 {
            assert!(text.contains(&format!("boundstone replay target/boundstone/report.json {number}\n")));
        }
        let same =
            "\n**2. The same:** `start-configuration-session/environment-identifier/length`, 12 times<br>";
        assert!(text.contains(same), "{text}");
        assert_eq!(text.matches("**Received**").count(), 2, "{text}");
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = render(&sample::failed());
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
        assert!(!text.contains('\u{1b}'));
        assert!(!text.contains('\u{202e}'));
        let mut in_code = false;
        let mut cells = 0;
        for event in events(&text) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_code = true,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                Event::Start(Tag::TableCell) => cells += 1,
                Event::Html(html) | Event::InlineHtml(html) => {
                    for tag in html.split('<').skip(1) {
                        let ours = ["details>", "summary>", "/details>", "/summary>", "br>", "!-- -->"];
                        assert!(ours.iter().any(|tag_name| tag.starts_with(tag_name)), "{html}");
                    }
                    assert!(!html.contains("@octocat"), "{html}");
                    assert!(!html.contains("#1"), "{html}");
                }
                // GitHub reads mentions and references in text, not in code.
                Event::Text(text) if !in_code => {
                    assert!(!text.contains("@octocat"), "{text}");
                    assert!(!text.contains("#1"), "{text}");
                }
                Event::Start(
                    Tag::Link { .. }
                    | Tag::Image { .. }
                    | Tag::Emphasis
                    | Tag::Strikethrough
                    | Tag::List(_)
                    | Tag::BlockQuote(_)
                    | Tag::FootnoteDefinition(_),
                )
                | Event::Rule => panic!("{event:?}"),
                _ => {}
            }
        }
        // One row of numbers, three of requirements, and the heads.
        assert_eq!(cells, 2 * 9 + (1 + 1) * 4 + (1 + 2) * 4);
    }

    #[test]
    fn known_failure_links_to_its_issue() {
        let text = render(&sample::known());
        assert!(text.contains("<summary>1. MUST failed, known: "), "{text}");
        assert!(
            text.contains(
                "\nKnown: The limit comes with version 3. <https://issues.example/7> \
                 (known.toml:3, until 2026-12-31)\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn known_failures_and_contract_changes_are_shown() {
        let text = render(&sample::outdated());
        assert!(text.contains("### Known failures\n\n| Entry | Pattern | |\n"), "{text}");
        assert!(text.contains("| known.toml:9 | `start-configuration-session/"), "{text}");
        assert!(
            text.contains("<summary>Compared with the built-in contract model, page has 2 new"),
            "{text}"
        );
        let links =
            events(&text).iter().filter(|event| matches!(event, Event::Start(Tag::Link { .. }))).count();
        // The text of the other issue is no URL.
        assert_eq!(links, 2, "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
        assert_eq!(text.matches("<details>").count(), text.matches("\n</details>\n").count());
    }

    #[test]
    fn huge_report_is_cut_and_says_so() {
        let mut report = sample::failed();
        let failed = report.requirements.clone();
        report.contract_changes = Some(sample::contract_changes());
        for n in 0..1_500 {
            let mut entry = sample::outdated().known_failures.remove(1);
            entry.case = "`".repeat(1_000);
            report.known_failures.push(entry);
            let mut more = failed[n % 3].clone();
            more.text = "@".repeat(5_000);
            report.requirements.push(more);
            let mut skipped = sample::requirement("Other", Level::Must, Verdict::Skipped);
            skipped.reason = Some(format!("reason {n} {}", "<".repeat(900)));
            skipped.operation = format!("Operation{n}");
            report.requirements.push(skipped);
        }
        report.contract.name = "`".repeat(100_000);
        let text = render(&report);
        assert!(text.len() <= LIMIT, "{}", text.len());
        for note in ["more findings omitted", "more reasons omitted", "more operations are omitted"] {
            assert!(text.contains(note), "{note}");
        }
        assert_eq!(text.matches("<details>").count(), text.matches("\n</details>\n").count());
        let blocks = |event: &Event<'_>| matches!(event, Event::Start(Tag::CodeBlock(_)));
        assert!(events(&text).iter().any(blocks));
        // The last line is outside of all blocks.
        let last = events(&text).into_iter().rev().find_map(|event| match event {
            Event::Text(text) => Some(text.into_string()),
            _ => None,
        });
        assert!(last.is_some_and(|text| text.ends_with("00Z")));
    }

    #[test]
    fn long_body_does_not_hide_its_finding() {
        let mut report = sample::failed();
        let finding = &mut report.requirements[2].findings[0];
        finding.curl = "漢".repeat(100_000);
        finding.expected = "`".repeat(100_000);
        let text = render(&report);
        assert!(text.len() <= LIMIT);
        assert!(text.contains("<summary>1. MUST failed"));
        assert!(text.contains("(cut, 100,000 characters in all)"));
    }
}
