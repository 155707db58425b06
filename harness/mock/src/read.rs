//! Reads a request: routing, restJson1 deserialisation, then the constraints. It needs no state.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use serde_json::value::RawValue;

use super::Rules;
use super::dialect::Dialect;
use super::fault::{Fault, JsonType, Parameter};
use super::resources::Identifiers;
use super::token::Claims;

/// The longest body that is read, in bytes.
pub const MAX_BODY: usize = 4 << 20;

/// The members of a JSON object, each still as text. Of equal names the last one counts.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// The two operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `StartConfigurationSession`.
    Start,
    /// `GetLatestConfiguration`.
    Poll,
}

/// A call that was read well.
pub(crate) enum Call {
    Start(Start),
    Poll(Claims),
}

pub(crate) struct Start {
    pub(crate) identifiers: Identifiers,
    /// Whether all constraints hold, and the interval that the session asks for.
    pub(crate) constraints: Result<Option<NonZeroU32>, Fault>,
}

impl Rules {
    /// The call that `request` makes at `now`, or why it makes none.
    pub(crate) fn read(&self, request: &Request<Bytes>, now: Duration) -> Result<Call, Fault> {
        self.behaviour.admit(request)?;
        if let Some(gate) = &self.gate {
            gate.admit(request, now, &*self.behaviour)?;
        }
        let operation = self.behaviour.route(request, &self.dialect)?;
        if request.body().len() > MAX_BODY {
            return Err(Fault::TooLarge);
        }
        match operation {
            Operation::Start => self.read_start(request).map(Call::Start),
            Operation::Poll => self.read_poll(request).map(Call::Poll),
        }
    }

    fn read_start(&self, request: &Request<Bytes>) -> Result<Start, Fault> {
        let members = self.behaviour.examine(self.read_members(request)?, &self.dialect)?;
        for name in members.keys() {
            if !self.is_member(name) {
                self.behaviour.unknown_member(name)?;
            }
        }
        let identifiers = Identifiers {
            application: self.read_identifier(&members, Parameter::ApplicationIdentifier)?,
            environment: self.read_identifier(&members, Parameter::EnvironmentIdentifier)?,
            profile: self.read_identifier(&members, Parameter::ConfigurationProfileIdentifier)?,
        };
        let interval = self.read_interval(&members)?;
        let constraints = self.check(&identifiers, interval);
        Ok(Start { identifiers, constraints })
    }

    fn read_members(&self, request: &Request<Bytes>) -> Result<Members, Fault> {
        if request.body().is_empty() {
            return self.behaviour.empty_body();
        }
        self.behaviour.media_type(request)?;
        let text = self.behaviour.text(request.body())?;
        self.behaviour.members(&text)
    }

    fn is_member(&self, name: &str) -> bool {
        let interval = Parameter::RequiredMinimumPollIntervalInSeconds;
        name == Parameter::ApplicationIdentifier.name()
            || name == Parameter::EnvironmentIdentifier.name()
            || name == Parameter::ConfigurationProfileIdentifier.name()
            || (self.dialect.minimum_poll_interval.is_some() && name == interval.name())
    }

    fn read_identifier(&self, members: &Members, parameter: Parameter) -> Result<String, Fault> {
        let Some(raw) = members.get(parameter.name()) else {
            return self.behaviour.missing(parameter);
        };
        match value(raw) {
            Value::Null => self.behaviour.null(parameter),
            Value::String(text) => Ok(text),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.behaviour.not_a_string(parameter, raw)
            }
        }
    }

    fn read_interval(&self, members: &Members) -> Result<Option<i64>, Fault> {
        let parameter = Parameter::RequiredMinimumPollIntervalInSeconds;
        let raw = match members.get(parameter.name()) {
            Some(raw) if self.dialect.minimum_poll_interval.is_some() => raw,
            _ => return Ok(None),
        };
        if raw.get() == "null" {
            return self.behaviour.null_interval();
        }
        self.behaviour.integer(raw)
    }

    fn check(&self, identifiers: &Identifiers, interval: Option<i64>) -> Result<Option<NonZeroU32>, Fault> {
        for (parameter, text) in identifiers.iter() {
            let length = self.behaviour.length(text);
            if !self.behaviour.identifier_length(parameter, &self.dialect).contains(&length) {
                return Err(Fault::Length(parameter, length));
            }
        }
        let (Some(seconds), Some(bounds)) = (interval, &self.dialect.minimum_poll_interval) else {
            return Ok(None);
        };
        if !self.behaviour.interval_range(bounds).contains(&seconds) {
            return self.behaviour.interval_out_of_range(seconds);
        }
        Ok(u32::try_from(seconds).ok().and_then(NonZeroU32::new))
    }

    fn read_poll(&self, request: &Request<Bytes>) -> Result<Claims, Fault> {
        let parameter = Parameter::ConfigurationToken;
        let query = request.uri().query().unwrap_or_default();
        let Some(raw) = self.behaviour.token_parameter(query) else {
            return self.behaviour.missing_token();
        };
        let token = percent_decode_str(raw).decode_utf8().map_err(|_| Fault::Pattern(parameter))?;
        if token.is_empty() {
            return self.behaviour.empty_token();
        }
        let length = token.chars().count();
        if !self.dialect.token_length.contains(&length) {
            return Err(Fault::Length(parameter, length));
        }
        if token.chars().any(is_blank) {
            return Err(Fault::Pattern(parameter));
        }
        self.behaviour.open(&self.sealer, &token)
    }
}

/// What ECMA-262 matches with `\s`.
fn is_blank(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

/// The value of a known member. What `serde_json` cannot hold, such as a lone surrogate or a
/// number beyond all floats, becomes a value of a wrong type.
fn value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or(Value::Array(Vec::new()))
}

/// The operation at the path of `request`, if it has the method.
pub fn route(request: &Request<Bytes>, dialect: &Dialect) -> Result<Operation, Fault> {
    let path = request.uri().path();
    let (operation, method) = if path == dialect.start_path {
        (Operation::Start, &dialect.start_method)
    } else if path == dialect.get_path {
        (Operation::Poll, &Method::GET)
    } else {
        return Err(Fault::UnknownPath);
    };
    if request.method() == method { Ok(operation) } else { Err(Fault::WrongMethod(method.clone())) }
}

/// Whether the body of `request` is declared as JSON.
pub fn is_json(request: &Request<Bytes>) -> bool {
    let Some(content_type) = request.headers().get(CONTENT_TYPE) else {
        return false;
    };
    let essence = content_type.as_bytes().split(|b| *b == b';').next().unwrap_or_default();
    essence.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

/// The values of the parameters of this name, still percent-encoded. One without a value is empty.
pub fn query_parameters<'a>(query: &'a str, name: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .filter(move |(key, _)| percent_decode_str(key).eq(name.bytes()))
        .map(|(_, value)| value)
}

/// The members of `text`, which has to be one JSON object.
pub fn members(text: &str) -> Result<Members, Fault> {
    let document: &RawValue = serde_json::from_str(text).map_err(|_| Fault::Malformed)?;
    match JsonType::of(document.get()) {
        JsonType::Object => serde_json::from_str(document.get()).map_err(|_| Fault::Malformed),
        other => Err(Fault::NotAnObject(other)),
    }
}
