//! A call of an operation before its bytes are made: arguments, some of them taken from earlier
//! answers, and whatever of the HTTP message deviates.

use std::collections::BTreeMap;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::contract::{Contract, Location, Operation, UriSegment};
use crate::form::Form;
use crate::http::{Request, Response};
use crate::id::RequirementId;
use crate::json::Json;

/// What RFC 3986 calls unreserved goes as it is, all else percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A greedy label takes slashes too.
const RESERVED_IN_GREEDY: &AsciiSet = &RESERVED.remove(b'/');

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Call {
    /// The operation's name.
    pub operation: String,
    /// Arguments by member name in the order they are written; members that are absent are not
    /// in it, members that the model does not know may be.
    pub args: Vec<(String, Arg)>,
    /// The body where it is not made of the arguments.
    pub body: Option<Vec<u8>>,
    /// How the message is written.
    pub form: Form,
}

/// The value of a member in a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Arg {
    /// A string.
    Text(String),
    /// A JSON text, written into the body as it is.
    Json(String),
    /// A query parameter without `=`.
    Bare,
    /// The value of an output member of an earlier answer.
    Output(Output),
}

/// Names a value of an earlier answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Output {
    /// The index of the earlier step, from 0.
    pub step: usize,
    /// The output member.
    pub member: String,
    /// How the value is altered.
    pub alter: Option<Alteration>,
}

/// A way to alter a token, so that it is none that the target issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alteration {
    /// The first character becomes `A`, or `B` if it is `A`.
    ChangeFirst,
    /// The same for the character in the middle.
    ChangeMiddle,
    /// The same for the last character but one: the very last may carry padding bits only.
    ChangeLast,
    /// The last character goes.
    DropLast,
    /// An `A` comes behind the last character.
    Append,
    /// Small letters become capitals and the reverse.
    SwapCase,
    /// The second half goes.
    Halve,
}

/// One step of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What is sent.
    pub call: Call,
    /// The requirement that is broken if the answer has the wrong status, unless the
    /// [expectation](crate::expectation::Expectation::broken_by) knows better.
    pub requirement: RequirementId,
    /// The time that passes before it is sent.
    pub after: Duration,
    /// Whether it is sent at the same time as the step before.
    pub at_once: bool,
    /// Whether it comes on purpose before the interval of its session is over: no run waits for it.
    pub early: bool,
}

impl Step {
    /// A step that is sent as soon as the one before is answered.
    pub fn new(call: Call, requirement: RequirementId) -> Self {
        Self { call, requirement, after: Duration::ZERO, at_once: false, early: false }
    }

    /// The same step with another call.
    #[must_use]
    pub fn with(&self, call: Call) -> Self {
        Self { call, requirement: self.requirement.clone(), ..*self }
    }
}

/// The values of an answer that later steps can take, by member.
pub type Outputs = BTreeMap<String, String>;

/// An earlier answer lacks a value that a later step needs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer to step {} has no {member}", step + 1)]
pub struct MissingOutput {
    /// The index of the step, from 0.
    pub step: usize,
    /// The output member.
    pub member: String,
}

impl Call {
    /// The argument of a member.
    pub fn arg(&self, member: &str) -> Option<&Arg> {
        self.args.iter().find(|(name, _)| name == member).map(|(_, arg)| arg)
    }

    /// Sets, replaces or (with `None`) removes an argument.
    pub fn set(&mut self, member: &str, arg: Option<Arg>) {
        let position = self.args.iter().position(|(name, _)| name == member);
        match (position, arg) {
            (Some(position), Some(arg)) => self.args[position].1 = arg,
            (Some(position), None) => drop(self.args.remove(position)),
            (None, Some(arg)) => self.args.push((member.to_owned(), arg)),
            (None, None) => {}
        }
    }

    /// The outputs that the call takes from earlier answers.
    pub fn uses(&self) -> impl Iterator<Item = &Output> {
        self.args.iter().filter_map(|(_, arg)| match arg {
            Arg::Output(output) => Some(output),
            _ => None,
        })
    }

    /// The outputs that the call takes from earlier answers, to change them.
    pub fn uses_mut(&mut self) -> impl Iterator<Item = &mut Output> {
        self.args.iter_mut().filter_map(|(_, arg)| match arg {
            Arg::Output(output) => Some(output),
            _ => None,
        })
    }

    /// Moves what the call takes from earlier answers by this many steps.
    pub fn shift(&mut self, steps: usize) {
        self.uses_mut().for_each(|output| output.step += steps);
    }

    /// The request of this call, with `resolve` giving the values of earlier answers.
    ///
    /// # Errors
    /// [`MissingOutput`] if `resolve` has no value.
    pub fn request(
        &self,
        contract: &Contract,
        resolve: impl Fn(&Output) -> Option<String>,
    ) -> Result<Request, MissingOutput> {
        let Some(operation) = contract.operation(&self.operation) else {
            // Calls are made from the operations of the contract.
            unreachable!("the contract has no operation {}", self.operation)
        };
        let text = |arg: &Arg| match arg {
            Arg::Text(text) | Arg::Json(text) => Ok(Some(text.clone())),
            Arg::Bare => Ok(None),
            Arg::Output(output) => match resolve(output) {
                Some(value) => Ok(Some(value)),
                None => Err(MissingOutput { step: output.step, member: output.member.clone() }),
            },
        };
        let mut query = Vec::new();
        let mut headers = Vec::new();
        let mut members = Vec::new();
        for (name, arg) in &self.args {
            let member = operation.input.iter().find(|member| member.name == *name);
            match member.map_or(&Location::Body, |member| &member.location) {
                Location::Query(parameter) => {
                    let parameter = utf8_percent_encode(parameter, RESERVED).to_string();
                    let behind = self.form.behind_value();
                    query.push(match text(arg)? {
                        Some(value) => {
                            format!("{parameter}={}{behind}", utf8_percent_encode(&value, RESERVED))
                        }
                        None => parameter,
                    });
                }
                Location::Header(header) => {
                    if let Some(value) = text(arg)? {
                        headers.push((header.clone(), value));
                    }
                }
                Location::Body => {
                    let value = match arg {
                        Arg::Json(json) => json.clone(),
                        arg => self.form.string(&text(arg)?.unwrap_or_default()),
                    };
                    members.push((self.form.name(name), value));
                }
                Location::Label | Location::Payload | Location::Other => {}
            }
        }
        let has_body =
            self.form.has_body() && (self.body.is_some() || operation.body_members().next().is_some());
        if has_body && let Some(content_type) = self.form.content_type() {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        let body = match &self.body {
            _ if !has_body => Vec::new(),
            Some(body) => body.clone(),
            None => self.form.object(members).into_bytes(),
        };
        let mut target = self.form.path(self.path(operation, text)?);
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query.join("&"));
        }
        let method = self.form.method(&operation.method);
        Ok(Request {
            method,
            target,
            headers: self.form.headers(headers),
            body,
            signing: self.form.signing(),
        })
    }

    fn path(
        &self,
        operation: &Operation,
        text: impl Fn(&Arg) -> Result<Option<String>, MissingOutput>,
    ) -> Result<String, MissingOutput> {
        let mut path = String::new();
        for segment in &operation.path {
            path.push('/');
            match segment {
                UriSegment::Literal(literal) => path.push_str(literal),
                UriSegment::Label { member, greedy } => {
                    let value = self.arg(member).map(&text).transpose()?.flatten().unwrap_or_default();
                    let reserved = if *greedy { RESERVED_IN_GREEDY } else { RESERVED };
                    path.extend(utf8_percent_encode(&value, reserved));
                }
            }
        }
        Ok(if path.is_empty() { "/".to_owned() } else { path })
    }
}

impl Output {
    /// The text that stands for the value where it must not be shown. All its characters are
    /// unreserved in a URI.
    pub fn placeholder(&self) -> String {
        let alter = self.alter.map(|alter| format!(".{}", alter.name())).unwrap_or_default();
        format!("~{}.{}{alter}~", self.step + 1, self.member)
    }

    /// The value among the outputs of the steps so far, altered if so told.
    pub fn resolve(&self, outputs: &[Outputs]) -> Option<String> {
        let value = outputs.get(self.step)?.get(&self.member)?;
        Some(self.alter.map_or_else(|| value.clone(), |alter| alter.apply(value)))
    }
}

impl Alteration {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::ChangeFirst,
        Self::ChangeMiddle,
        Self::ChangeLast,
        Self::DropLast,
        Self::Append,
        Self::SwapCase,
        Self::Halve,
    ];

    /// Its name in ids and placeholders.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangeFirst => "first-changed",
            Self::ChangeMiddle => "middle-changed",
            Self::ChangeLast => "last-changed",
            Self::DropLast => "last-dropped",
            Self::Append => "one-appended",
            Self::SwapCase => "case-swapped",
            Self::Halve => "halved",
        }
    }

    /// What it does, as a phrase.
    pub fn about(self) -> &'static str {
        match self {
            Self::ChangeFirst => "its first character changed",
            Self::ChangeMiddle => "its middle character changed",
            Self::ChangeLast => "its last character but one changed",
            Self::DropLast => "its last character dropped",
            Self::Append => "one character appended",
            Self::SwapCase => "small letters and capitals swapped",
            Self::Halve => "its second half dropped",
        }
    }

    /// The altered value; never the value itself, unless that is empty.
    pub fn apply(self, value: &str) -> String {
        let mut chars: Vec<char> = value.chars().collect();
        let position = match self {
            Self::ChangeFirst => 0,
            Self::ChangeMiddle => chars.len() / 2,
            Self::ChangeLast => chars.len().saturating_sub(2),
            Self::DropLast => {
                chars.pop();
                return chars.into_iter().collect();
            }
            Self::SwapCase if value.chars().any(|c| c.is_ascii_alphabetic()) => {
                let swapped = |c: &char| match c {
                    'a'..='z' => c.to_ascii_uppercase(),
                    c => c.to_ascii_lowercase(),
                };
                return chars.iter().map(swapped).collect();
            }
            Self::Halve => {
                chars.truncate(chars.len() / 2);
                return chars.into_iter().collect();
            }
            // A value without letters has no case to swap.
            Self::Append | Self::SwapCase => {
                chars.push('A');
                return chars.into_iter().collect();
            }
        };
        if let Some(c) = chars.get_mut(position) {
            *c = if *c == 'A' { 'B' } else { 'A' };
        }
        chars.into_iter().collect()
    }
}

/// The values that an answer gives to later steps.
pub fn outputs(operation: &Operation, response: &Response) -> Outputs {
    let body = Json::parse(&response.body).ok();
    operation
        .output
        .iter()
        .filter_map(|member| {
            let value = match &member.location {
                Location::Header(name) => response.header(name)?.to_owned(),
                Location::Body => match body.as_ref()?.get(&member.name)? {
                    Json::String(text) => text.clone(),
                    Json::Integer(number) => number.to_string(),
                    _ => return None,
                },
                _ => return None,
            };
            Some((member.name.clone(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn contract() -> Contract {
        Contract::model().unwrap()
    }

    #[test]
    fn body_members_make_a_json_object() {
        let call = Call {
            operation: "StartConfigurationSession".to_owned(),
            args: vec![
                ("ApplicationIdentifier".to_owned(), Arg::Text("a\"b".to_owned())),
                ("RequiredMinimumPollIntervalInSeconds".to_owned(), Arg::Json("15".to_owned())),
            ],
            body: None,
            form: Form::Plain,
        };
        let request = call.request(&contract(), |_| None).unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/configurationsessions"));
        assert_eq!(request.header("Content-Type"), Some("application/json"));
        assert_eq!(
            String::from_utf8(request.body).unwrap(),
            r#"{"ApplicationIdentifier":"a\"b","RequiredMinimumPollIntervalInSeconds":15}"#
        );
    }

    #[test]
    fn an_alteration_is_told_from_every_other_one() {
        let told = |of: fn(Alteration) -> &'static str| -> BTreeSet<_> {
            Alteration::ALL.into_iter().map(of).filter(|told| !told.is_empty()).collect()
        };
        assert_eq!(told(Alteration::name).len(), Alteration::ALL.len());
        assert_eq!(told(Alteration::about).len(), Alteration::ALL.len());
    }

    #[test]
    fn query_members_are_percent_encoded_and_outputs_resolved() {
        let output = Output { step: 0, member: "Token".to_owned(), alter: None };
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("ConfigurationToken".to_owned(), Arg::Output(output.clone()))],
            body: None,
            form: Form::Plain,
        };
        let earlier = [Outputs::from([("Token".to_owned(), "a+/é".to_owned())])];
        let request = call.request(&contract(), |output| output.resolve(&earlier)).unwrap();
        assert_eq!(request.target, "/configuration?configuration_token=a%2B%2F%C3%A9");
        assert!(request.headers.is_empty());
        let shown = call.request(&contract(), |output| Some(output.placeholder())).unwrap();
        assert_eq!(shown.target, "/configuration?configuration_token=~1.Token~");
        assert_eq!(
            call.request(&contract(), |output| output.resolve(&[])),
            Err(MissingOutput { step: 0, member: "Token".to_owned() })
        );
    }

    #[test]
    fn an_alteration_never_yields_the_same_value() {
        for value in ["AAAA", "abcd", "B", "é漢", "017"] {
            for alteration in Alteration::ALL {
                assert_ne!(alteration.apply(value), value, "{alteration:?}");
            }
        }
    }
}
