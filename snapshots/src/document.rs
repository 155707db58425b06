//! The text of a snapshot: the requirement, an example, and the outcome of each step.

use std::fmt;
use std::str::FromStr;

use cases::oracle::{NotAnOutcome, Outcome};
use cases::protocol::{Request, abbreviate};

/// Longer lines of a request are cut: the generator makes the request, not the snapshot.
const MAX_LINE: usize = 400;

/// What a snapshot says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The head: requirement, level, source and case, for the reader.
    pub head: Vec<(String, String)>,
    /// An example of the case's exchanges in order.
    pub exchanges: Vec<Shown>,
}

/// One exchange of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The request as lines of text.
    pub request: Vec<String>,
    /// The normalized response.
    pub outcome: Outcome,
}

/// A snapshot that does not have the form of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the snapshot is out of place: {text:?}")]
pub struct Malformed {
    /// The number of the line, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl Shown {
    /// The same exchange with a remark above it.
    #[must_use]
    pub fn remarked(mut self, remark: &str) -> Self {
        self.request.insert(0, format!("({remark})"));
        self
    }

    /// Shows a request, whose secrets are placeholders, and an outcome.
    pub fn new(request: &Request, outcome: Outcome) -> Self {
        let mut lines = vec![format!("{} {}", request.method, request.target)];
        lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
        if !request.body.is_empty() {
            lines.push(String::new());
            lines.push(match std::str::from_utf8(&request.body) {
                Ok(text) => text.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'"),
                Err(_) => request.body.escape_ascii().to_string().replace("\\\"", "\""),
            });
        }
        let request = lines.iter().map(|line| abbreviate(line, MAX_LINE)).collect();
        Self { request, outcome }
    }
}

impl Document {
    /// The outcome of the step at `index`; a sequence that is longer than the example ends
    /// as the example ended.
    pub fn outcome(&self, index: usize) -> Option<&Outcome> {
        self.exchanges.get(index).or(self.exchanges.last()).map(|shown| &shown.outcome)
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.head {
            writeln!(f, "{name}: {value}")?;
        }
        for shown in &self.exchanges {
            writeln!(f)?;
            for line in &shown.request {
                writeln!(f, "{}", format!("> {line}").trim_end())?;
            }
            for line in shown.outcome.to_string().lines() {
                writeln!(f, "< {line}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Document {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        /// The lines of a response with their numbers.
        type Response<'t> = Vec<(usize, &'t str)>;

        let mut head = Vec::new();
        let mut exchanges: Vec<(Vec<String>, Response<'_>)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let malformed = || Malformed { line: index + 1, text: line.to_owned() };
            if let Some(request) = line.strip_prefix('>') {
                let request = request.strip_prefix(' ').unwrap_or(request);
                match exchanges.last_mut() {
                    Some((lines, outcome)) if outcome.is_empty() => {
                        lines.push(request.to_owned());
                    }
                    _ => exchanges.push((vec![request.to_owned()], Vec::new())),
                }
            } else if let Some(response) =
                line.strip_prefix("< ").filter(|response| !response.trim().is_empty())
            {
                let (_, outcome) = exchanges.last_mut().ok_or_else(malformed)?;
                outcome.push((index + 1, response));
            } else if !line.trim().is_empty() {
                let (name, value) =
                    line.split_once(": ").filter(|_| exchanges.is_empty()).ok_or_else(malformed)?;
                head.push((name.to_owned(), value.to_owned()));
            }
        }
        let exchanges = exchanges
            .into_iter()
            .map(|(request, response)| {
                let text = response.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
                let outcome = text.parse().map_err(|error: NotAnOutcome| Malformed {
                    line: response[error.line - 1].0,
                    text: error.text,
                })?;
                Ok(Shown { request, outcome })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { head, exchanges })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let request = Request {
            method: "POST".to_owned(),
            target: "/x".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: format!("{{\"a\":\"{}\n\"}}", "b".repeat(100)).into_bytes(),
            ..Request::default()
        };
        let outcome: Outcome = "status: 400\nerror type: Odd\n".parse().unwrap();
        let get = Request { method: "GET".to_owned(), target: "/y".to_owned(), ..Request::default() };
        Document {
            head: vec![("Requirement".to_owned(), "It is so.".to_owned())],
            exchanges: vec![Shown::new(&request, outcome.clone()), Shown::new(&get, outcome)],
        }
    }

    #[test]
    fn text_and_back() {
        let text = document().to_string();
        assert_eq!(
            text,
            "Requirement: It is so.\n\n> POST /x\n> content-type: application/json\n>\n> {\"a\":\"⟨b × 100⟩\\n\"}\n\
             < status: 400\n< error type: Odd\n\n> GET /y\n< status: 400\n< error type: Odd\n"
        );
        assert_eq!(text.parse(), Ok(document()));
    }

    #[test]
    fn what_is_no_snapshot_is_refused_with_its_line() {
        let error = |text: &str| text.parse::<Document>().unwrap_err().line;
        assert_eq!(error("< status: 200"), 1);
        assert_eq!(error("Requirement: x\nwords"), 2);
        assert_eq!(error("Requirement: x\n\n> GET /\n< status: 200\n< status 200"), 5);
        assert_eq!(error("> GET /\n< \n> GET /"), 2);
    }
}
