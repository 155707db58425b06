//! Reads a request: routing, deserialization by restJson1, then the constraints. It needs no state.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use serde_json::value::RawValue;

use super::authentication::authenticate;
use super::rules::Rules;
use crate::contract::Parameter;
use crate::protocol::{ApiError, MAX_BODY, Members, Operation};
use crate::resources::Identifiers;
use crate::token::Claims;

/// A call that was read successfully.
pub(crate) enum Call {
    Start(Start),
    Poll(Claims),
}

/// A call of `StartConfigurationSession`.
pub(crate) struct Start {
    pub(crate) identifiers: Identifiers,
    /// The interval that the session asks for, or the constraint that the call violates.
    pub(crate) interval: Result<Option<NonZeroU32>, ApiError>,
}

impl Rules {
    /// The call that `request` makes at `now`.
    pub(crate) fn read(&self, request: &Request<Bytes>, now: Duration) -> Result<Call, ApiError> {
        self.behavior.on_request(request)?;
        if let Some(required) = &self.signature {
            authenticate(required, request, now, &*self.behavior)?;
        }
        let operation = self.behavior.route(request, &self.dialect)?;
        if request.body().len() > MAX_BODY {
            return Err(ApiError::TooLarge);
        }
        match operation {
            Operation::Start => self.read_start(request).map(Call::Start),
            Operation::Poll => self.read_poll(request).map(Call::Poll),
        }
    }

    fn read_start(&self, request: &Request<Bytes>) -> Result<Start, ApiError> {
        let members = self.behavior.adjust_members(self.read_members(request)?, &self.dialect)?;
        for name in members.keys() {
            if !self.is_member(name) {
                self.behavior.unknown_member(name)?;
            }
        }
        let identifiers = Identifiers {
            application: self.read_identifier(&members, Parameter::ApplicationIdentifier)?,
            environment: self.read_identifier(&members, Parameter::EnvironmentIdentifier)?,
            profile: self.read_identifier(&members, Parameter::ConfigurationProfileIdentifier)?,
        };
        let interval = self.read_interval(&members)?;
        let interval = self.check(&identifiers, interval);
        Ok(Start { identifiers, interval })
    }

    fn read_members(&self, request: &Request<Bytes>) -> Result<Members, ApiError> {
        if request.body().is_empty() {
            return self.behavior.empty_body();
        }
        self.behavior.check_content_type(request)?;
        let text = self.behavior.body_text(request.body())?;
        self.behavior.members(&text)
    }

    fn is_member(&self, name: &str) -> bool {
        let interval = Parameter::RequiredMinimumPollIntervalInSeconds;
        Parameter::IDENTIFIERS.iter().any(|parameter| parameter.name() == name)
            || (self.dialect.minimum_poll_interval.is_some() && name == interval.name())
    }

    fn read_identifier(&self, members: &Members, parameter: Parameter) -> Result<String, ApiError> {
        let Some(raw) = members.get(parameter.name()) else {
            return self.behavior.missing_identifier(parameter);
        };
        match parse_value(raw) {
            Value::Null => self.behavior.null_identifier(parameter),
            Value::String(text) => Ok(text),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.behavior.non_string_identifier(parameter, raw)
            }
        }
    }

    fn read_interval(&self, members: &Members) -> Result<Option<i64>, ApiError> {
        let parameter = Parameter::RequiredMinimumPollIntervalInSeconds;
        let raw = match members.get(parameter.name()) {
            Some(raw) if self.dialect.minimum_poll_interval.is_some() => raw,
            _ => return Ok(None),
        };
        if raw.get() == "null" {
            return self.behavior.null_interval();
        }
        self.behavior.interval(raw)
    }

    /// Checks the constraints, and returns the interval that the session asks for.
    fn check(
        &self,
        identifiers: &Identifiers,
        interval: Option<i64>,
    ) -> Result<Option<NonZeroU32>, ApiError> {
        for (parameter, text) in identifiers.iter() {
            let length = self.behavior.text_length(text);
            if !self.behavior.identifier_length(parameter, &self.dialect).contains(&length) {
                return Err(ApiError::Length(parameter, length));
            }
        }
        let (Some(seconds), Some(bounds)) = (interval, &self.dialect.minimum_poll_interval) else {
            return Ok(None);
        };
        if !self.behavior.interval_range(bounds).contains(&seconds) {
            return self.behavior.interval_out_of_range(seconds);
        }
        Ok(u32::try_from(seconds).ok().and_then(NonZeroU32::new))
    }

    fn read_poll(&self, request: &Request<Bytes>) -> Result<Claims, ApiError> {
        let parameter = Parameter::ConfigurationToken;
        let query = request.uri().query().unwrap_or_default();
        let Some(raw) = self.behavior.token_parameter(query) else {
            return self.behavior.missing_token();
        };
        let token = percent_decode_str(raw).decode_utf8().map_err(|_| ApiError::Pattern(parameter))?;
        if token.is_empty() {
            return self.behavior.empty_token();
        }
        let length = token.chars().count();
        if !self.dialect.token_length.contains(&length) {
            return Err(ApiError::Length(parameter, length));
        }
        if token.chars().any(is_white_space) {
            return Err(ApiError::Pattern(parameter));
        }
        self.behavior.open(&self.sealer, &token)
    }
}

/// What `\s` matches in ECMA-262.
fn is_white_space(c: char) -> bool {
    (c.is_whitespace() && c != '\u{85}') || c == '\u{feff}'
}

/// The value of a known member. What `serde_json` cannot represent, such as a lone surrogate or a number that
/// fits no float, becomes a value of a wrong type.
fn parse_value(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap_or(Value::Array(Vec::new()))
}
