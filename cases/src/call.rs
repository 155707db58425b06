//! A call of an operation before its bytes are made: arguments, some of them taken from earlier
//! answers, and whatever of the HTTP message deviates.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::base64;
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
    /// Such values and texts, one behind the other.
    Joined(Vec<Piece>),
}

/// A part of a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A text.
    Text(&'static str),
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
    /// The same for the last character but one.
    ChangeLast,
    /// The last character becomes another one, so that its bytes in base64 are others.
    ChangeEnd,
    /// The last character becomes another one, so that its bytes in base64 stay the same; or an `=`
    /// comes behind it, where it has no bit to spare.
    ChangePadding,
    /// The same as for the first character for the one behind so many 256ths of them.
    ChangeAt(u8),
    /// The last character goes.
    DropLast,
    /// An `A` comes behind the last character.
    Append,
    /// Small letters become capitals and the reverse.
    SwapCase,
    /// The second half goes.
    Halve,
    /// The first half goes.
    Behead,
    /// The first character is percent-encoded, in addition to what the place of the value asks for.
    PercentEncode,
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
        self.args.iter().flat_map(|(_, arg)| match arg {
            Arg::Output(output) => vec![output],
            Arg::Joined(pieces) => pieces.iter().filter_map(Piece::output).collect(),
            Arg::Text(_) | Arg::Json(_) | Arg::Bare => Vec::new(),
        })
    }

    /// The outputs that the call takes from earlier answers, to change them.
    pub fn uses_mut(&mut self) -> impl Iterator<Item = &mut Output> {
        self.args.iter_mut().flat_map(|(_, arg)| match arg {
            Arg::Output(output) => vec![output],
            Arg::Joined(pieces) => pieces.iter_mut().filter_map(Piece::output_mut).collect(),
            Arg::Text(_) | Arg::Json(_) | Arg::Bare => Vec::new(),
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
        let value = |output: &Output| {
            resolve(output).ok_or_else(|| MissingOutput { step: output.step, member: output.member.clone() })
        };
        let text = |arg: &Arg| match arg {
            Arg::Text(text) | Arg::Json(text) => Ok(Some(text.clone())),
            Arg::Bare => Ok(None),
            Arg::Output(output) => value(output).map(Some),
            Arg::Joined(pieces) => {
                let texts = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => Ok((*text).to_owned()),
                    Piece::Output(output) => value(output),
                });
                texts.collect::<Result<String, _>>().map(Some)
            }
        };
        let in_body = operation.body_members().next().is_some();
        let mut query = Vec::new();
        let mut headers = Vec::new();
        let mut members = Vec::new();
        for (name, arg) in &self.args {
            let member = operation.input.iter().find(|member| member.name == *name);
            let elsewhere = if in_body { Location::Body } else { Location::Query(name.clone()) };
            match member.map_or(&elsewhere, |member| &member.location) {
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
        let has_body = self.form.has_body() && (self.body.is_some() || in_body);
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

impl Piece {
    fn output(&self) -> Option<&Output> {
        match self {
            Self::Text(_) => None,
            Self::Output(output) => Some(output),
        }
    }

    fn output_mut(&mut self) -> Option<&mut Output> {
        match self {
            Self::Text(_) => None,
            Self::Output(output) => Some(output),
        }
    }
}

impl Output {
    /// The same output, altered.
    #[must_use]
    pub fn altered(&self, alter: Alteration) -> Self {
        Self { alter: Some(alter), ..self.clone() }
    }

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
    /// Every way that makes a token which the target has to refuse, but for the
    /// [many places](Self::ChangeAt) of one character.
    pub const ALL: [Self; 10] = [
        Self::ChangeFirst,
        Self::ChangeMiddle,
        Self::ChangeLast,
        Self::ChangeEnd,
        Self::DropLast,
        Self::Append,
        Self::SwapCase,
        Self::Halve,
        Self::Behead,
        Self::PercentEncode,
    ];

    /// Its name in ids and placeholders.
    pub fn name(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::ChangeFirst => "first-changed",
            Self::ChangeMiddle => "middle-changed",
            Self::ChangeLast => "last-changed",
            Self::ChangeEnd => "end-changed",
            Self::ChangePadding => "padding-changed",
            Self::ChangeAt(part) => return Cow::Owned(format!("changed-at-{part}")),
            Self::DropLast => "last-dropped",
            Self::Append => "one-appended",
            Self::SwapCase => "case-swapped",
            Self::Halve => "halved",
            Self::Behead => "beheaded",
            Self::PercentEncode => "percent-encoded",
        })
    }

    /// What it does, as a phrase.
    pub fn about(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::ChangeFirst => "its first character changed",
            Self::ChangeMiddle => "its middle character changed",
            Self::ChangeLast => "its last character but one changed",
            Self::ChangeEnd => "its last character changed, and its last byte with it",
            Self::ChangePadding => "its last character changed, but none of its bytes",
            Self::ChangeAt(part) => {
                return Cow::Owned(format!("the character behind {part} of 256 parts of it changed"));
            }
            Self::DropLast => "its last character dropped",
            Self::Append => "one character appended",
            Self::SwapCase => "small letters and capitals swapped",
            Self::Halve => "its second half dropped",
            Self::Behead => "its first half dropped",
            Self::PercentEncode => "its first character percent-encoded once more",
        })
    }

    /// The altered value; never the value itself, unless that is empty.
    pub fn apply(self, value: &str) -> String {
        let mut chars: Vec<char> = value.chars().collect();
        let position = match self {
            Self::ChangeFirst => 0,
            Self::ChangeMiddle => chars.len() / 2,
            Self::ChangeLast => chars.len().saturating_sub(2),
            Self::ChangeAt(part) => chars.len() * usize::from(part) / 256,
            Self::ChangeEnd => return base64::with_other_end(value),
            Self::ChangePadding => return base64::with_other_padding(value),
            Self::PercentEncode => {
                let first = chars.first().map_or(0, |c| c.len_utf8());
                let encode = |byte: &u8| format!("%{byte:02X}");
                return value.as_bytes()[..first].iter().map(encode).collect::<String>() + &value[first..];
            }
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
            // One character is no half.
            Self::Behead => {
                let half = (chars.len() / 2).max(1).min(chars.len());
                return chars.split_off(half).into_iter().collect();
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

    fn every() -> impl Iterator<Item = Alteration> {
        let anywhere = (0..=255).map(Alteration::ChangeAt);
        Alteration::ALL.into_iter().chain([Alteration::ChangePadding]).chain(anywhere)
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
        let all: Vec<_> = every().collect();
        let told = |of: fn(Alteration) -> Cow<'static, str>| -> BTreeSet<_> {
            all.iter().copied().map(of).filter(|told| !told.is_empty()).collect()
        };
        assert_eq!(told(Alteration::name).len(), all.len());
        assert_eq!(told(Alteration::about).len(), all.len());
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
            for alteration in every() {
                assert_ne!(alteration.apply(value), value, "{alteration:?}");
            }
        }
    }

    #[test]
    fn values_are_joined_and_each_part_of_them_is_used() {
        let output =
            |step, alter| Piece::Output(Output { step, member: "Token".to_owned(), alter: Some(alter) });
        let pieces = vec![output(0, Alteration::Halve), Piece::Text("\0"), output(1, Alteration::Behead)];
        let mut call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("ConfigurationToken".to_owned(), Arg::Joined(pieces))],
            body: None,
            form: Form::Plain,
        };
        let earlier = ["abcde", "fghi"].map(|token| Outputs::from([("Token".to_owned(), token.to_owned())]));
        let target = |call: &Call, earlier: &[Outputs]| {
            call.request(&contract(), |output| output.resolve(earlier)).map(|request| request.target)
        };
        assert_eq!(target(&call, &earlier).unwrap(), "/configuration?configuration_token=ab%00hi");
        assert!(target(&call, &earlier[..1]).is_err());
        call.shift(2);
        assert_eq!(call.uses().map(|output| output.step).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn what_an_operation_without_a_body_does_not_have_stands_in_the_query() {
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("Configuration Token".to_owned(), Arg::Text("a".to_owned()))],
            body: None,
            form: Form::Plain,
        };
        let request = call.request(&contract(), |_| None).unwrap();
        assert_eq!(request.target, "/configuration?Configuration%20Token=a");
        assert!(request.body.is_empty());
    }
}
