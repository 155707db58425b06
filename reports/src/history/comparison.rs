//! Where two endpoints respond differently to the same requests: the data, and its text.

use cases::id::{CaseId, Level, RequirementId};
use serde::{Deserialize, Serialize};

use crate::model::{ContractInfo, RecordedExchange, RecordedRequest, RecordedResponse};
use crate::render::escape::line;
use crate::render::text::{abbreviated, clip, request, sent, status};
use crate::summary::{counted, number};

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The contract whose requests were sent.
    pub contract: ContractInfo,
    /// The base URL of the one endpoint.
    pub a: String,
    /// The base URL of the other endpoint.
    pub b: String,
    /// The same seed makes the same requests.
    pub seed: u64,
    /// Cases that were sent to both.
    pub cases: u64,
    /// Requests sent to both endpoints in all.
    pub requests: u64,
    /// What was not compared and why, one sentence each.
    pub notes: Vec<String>,
    /// Whether it was stopped before it finished.
    pub interrupted: bool,
    /// The differences, the simplest request first.
    pub contrasts: Vec<Contrast>,
}

/// One kind of difference between two endpoints, with the smallest request or sequence that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contrast {
    /// The requirement on the field.
    pub requirement: RequirementId,
    /// The level of the requirement.
    pub level: Level,
    /// The requirement in one sentence.
    pub text: String,
    /// The case whose request this is.
    pub case: CaseId,
    /// Such as `status`, or a member's name.
    pub field: String,
    /// The value from A.
    pub a: String,
    /// The value from B.
    pub b: String,
    /// Whether the value from A conforms to the contract.
    pub a_conforms: bool,
    /// Whether the value from B conforms to the contract.
    pub b_conforms: bool,
    /// Why the response of A does not test the request, such as throttling.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub a_excuse: Option<String>,
    /// Why the response of B does not test the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub b_excuse: Option<String>,
    /// The number of sequences that showed it.
    pub count: u64,
    /// Whether it was reproduced.
    pub stable: bool,
    /// The requests in order, each with both responses. The last responses differ.
    pub exchanges: Vec<ComparedExchange>,
}

/// One request and its two responses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedExchange {
    /// The request to A. The request to B names its own resources and has its own issued values.
    pub request: RecordedRequest,
    /// The response of A.
    pub a: RecordedResponse,
    /// The response of B.
    pub b: RecordedResponse,
}

impl Comparison {
    /// The comparison as JSON over several lines, with a line feed at the end.
    pub fn to_json(&self) -> String {
        // Strings, numbers and lists always serialize.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Each difference, what was not compared, and the totals in the last line. Safe for a terminal.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for (index, contrast) in self.contrasts.iter().enumerate() {
            out.push_str(&contrast.text(index + 1));
            out.push('\n');
        }
        for note in &self.notes {
            out.push_str(&format!("{}\n", line(&clip(note, 1_000))));
        }
        let flaky = self.contrasts.iter().filter(|contrast| !contrast.stable).count() as u64;
        let found = match (self.contrasts.len() as u64, flaky) {
            (0, _) if self.cases == 0 => "Nothing was compared".to_owned(),
            (0, _) => "No difference".to_owned(),
            (all, 0) => counted(all, "difference"),
            (all, flaky) => format!("{} ({} flaky)", counted(all, "difference"), number(flaky)),
        };
        let stopped = if self.interrupted { "Interrupted: " } else { "" };
        format!(
            "{out}{stopped}{found} between {} and {}: {}, {}.\n",
            line(&self.a),
            line(&self.b),
            counted(self.cases, "case"),
            counted(self.requests, "request"),
        )
    }
}

impl Contrast {
    fn text(&self, number: usize) -> String {
        let flaky = if self.stable { "" } else { " at times" };
        let mut out = format!(
            "{number}. {} differs{flaky}  {}  ({})\n",
            line(&clip(&self.field, 200)),
            line(&clip(self.requirement.as_str(), 200)),
            counted(self.count, "time"),
        );
        let last = self.exchanges.last();
        let mut lines = vec![
            ("Requirement", format!("{} {}", self.level, line(&clip(&self.text, 1_000)))),
            ("Sent", self.sent()),
            (
                "A",
                self.value(&self.a, last.map(|both| &both.a))
                    + &self.verdict(self.a_conforms, self.a_excuse.as_ref()),
            ),
            (
                "B",
                self.value(&self.b, last.map(|both| &both.b))
                    + &self.verdict(self.b_conforms, self.b_excuse.as_ref()),
            ),
        ];
        if self.a_conforms && self.b_conforms && self.a_excuse.is_none() && self.b_excuse.is_none() {
            lines.push(("Contract", "leaves it open".to_owned()));
        }
        out.extend(lines.iter().map(|(label, text)| labeled(label, text)));
        out
    }

    fn sent(&self) -> String {
        let exchanges = self.exchanges.iter();
        let exchanges: Vec<RecordedExchange> = exchanges
            .map(|both| RecordedExchange { request: both.request.clone(), response: both.a.clone() })
            .collect();
        match exchanges.as_slice() {
            [only] => request(&only.request, 400),
            all => sent(all, 400),
        }
    }

    /// `error type: BadRequestException (status 400)`.
    fn value(&self, value: &str, response: Option<&RecordedResponse>) -> String {
        let response = response.filter(|_| self.field != "status");
        let status = response.map(|response| format!(" ({})", status(response))).unwrap_or_default();
        format!("{}: {}{status}", line(&clip(&self.field, 200)), line(&abbreviated(value, 500)))
    }

    /// What the contract says about a value, to follow it.
    fn verdict(&self, conforms: bool, excuse: Option<&String>) -> String {
        match (excuse, conforms, self.level) {
            (Some(excuse), _, _) => {
                format!(", which does not test the request: {}", line(&clip(excuse, 200)))
            }
            (None, true, _) => String::new(),
            (None, false, Level::Must) => ", which breaks the contract".to_owned(),
            (None, false, Level::Should) => ", which the contract advises against".to_owned(),
        }
    }
}

/// A line with a label, and the other lines of its text below it.
fn labeled(label: &str, text: &str) -> String {
    /// The columns of the widest label and the space around it.
    const INDENT: &str = "               ";
    /// The columns of a paragraph.
    const WIDTH: usize = 100;
    let text = match label {
        "Requirement" => {
            let options = textwrap::Options::new(WIDTH);
            textwrap::fill(text, options.initial_indent(INDENT).subsequent_indent(INDENT))
        }
        // Requests keep their lines.
        _ => textwrap::indent(text, INDENT),
    };
    format!("   {label:12}{}\n", text.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Payload;
    use crate::model::sample::{self, HOSTILE};

    fn comparison() -> Comparison {
        let response = |status| RecordedResponse::Response {
            status,
            headers: vec![],
            body: Payload::Text(HOSTILE.to_owned()),
        };
        let contrast = Contrast {
            requirement: RequirementId::new(["start", "length"]),
            level: Level::Must,
            text: "It has 1 to 64 characters".to_owned(),
            case: CaseId::new(["start/length/above-max"]),
            field: "status".to_owned(),
            a: "400".to_owned(),
            b: "404".to_owned(),
            a_conforms: true,
            b_conforms: false,
            a_excuse: None,
            b_excuse: None,
            count: 12,
            stable: true,
            exchanges: vec![ComparedExchange {
                request: sample::too_long(),
                a: response(400),
                b: response(404),
            }],
        };
        let open = Contrast {
            field: HOSTILE.to_owned(),
            a: HOSTILE.to_owned(),
            b: "<absent>".to_owned(),
            b_conforms: true,
            stable: false,
            text: HOSTILE.to_owned(),
            ..contrast.clone()
        };
        Comparison {
            contract: ContractInfo { name: "page".to_owned(), digest: String::new() },
            a: "http://a".to_owned(),
            b: "http://b".to_owned(),
            seed: 0,
            cases: 3,
            requests: 1_234,
            notes: vec![HOSTILE.to_owned()],
            interrupted: false,
            contrasts: vec![contrast, open],
        }
    }

    #[test]
    fn difference_is_self_explanatory() {
        let mut comparison = comparison();
        comparison.contrasts.truncate(1);
        comparison.notes.clear();
        assert_eq!(
            comparison.to_text(),
            r#"1. status differs  start/length  (12 times)
   Requirement MUST It has 1 to 64 characters
   Sent        POST /
               content-type: application/json

               {"ApplicationIdentifier":"aaaa…" (65 characters),"ConfigurationProfileIdentifier":"p","EnvironmentIdentifier":"e"}
   A           status: 400
   B           status: 404, which breaks the contract

1 difference between http://a and http://b: 3 cases, 1,234 requests.
"#
        );
        comparison.contrasts.clear();
        assert_eq!(
            comparison.to_text(),
            "No difference between http://a and http://b: 3 cases, 1,234 requests.\n"
        );
    }

    #[test]
    fn hostile_text_does_not_reach_the_terminal() {
        let text = comparison().to_text();
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
        assert!(text.contains("   Contract    leaves it open\n"), "{text}");
        assert!(text.contains("2 differences (1 flaky) between"), "{text}");
    }

    #[test]
    fn json_round_trip() {
        let comparison = comparison();
        assert_eq!(serde_json::from_str::<Comparison>(&comparison.to_json()).expect("JSON"), comparison);
    }
}
