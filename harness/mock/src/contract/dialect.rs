//! Which contract the mock serves, as plain data.

use std::ops::RangeInclusive;

use cases::contract::{Contract, Member};
use http::{Method, StatusCode};

use super::parameter::Parameter;

/// The points in which one contract differs from another. Lengths count Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Method of `StartConfigurationSession`.
    pub start_method: Method,
    /// Path of `StartConfigurationSession`.
    pub start_path: String,
    /// Status of the response to a session that was started.
    pub start_status: StatusCode,
    /// Length of each of the three identifiers.
    pub identifier_length: RangeInclusive<usize>,
    /// Bounds of `RequiredMinimumPollIntervalInSeconds`; `None` where the contract has no such member.
    pub minimum_poll_interval: Option<RangeInclusive<i32>>,
    /// Length of `InitialConfigurationToken`. The mock's own tokens have
    /// [`TOKEN_LENGTH`](crate::token::TOKEN_LENGTH).
    pub initial_token_length: RangeInclusive<usize>,
    /// Path of `GetLatestConfiguration`, whose method is GET.
    pub get_path: String,
    /// Length of `configuration_token`, which contains no white space.
    pub token_length: RangeInclusive<usize>,
    /// The service name that requests are signed for, where signatures are verified.
    pub signing_name: Option<String>,
}

impl Dialect {
    /// The AWS `AppConfig` API Reference, page `StartConfigurationSession`, taken literally.
    /// `GetLatestConfiguration` is as in [`Dialect::model`].
    pub fn page() -> Self {
        Self {
            start_method: Method::POST,
            start_path: "/".to_owned(),
            start_status: StatusCode::OK,
            identifier_length: 1..=64,
            minimum_poll_interval: None,
            initial_token_length: 1..=2048,
            get_path: "/configuration".to_owned(),
            token_length: 1..=8192,
            signing_name: Some("appconfig".to_owned()),
        }
    }

    /// The published Smithy model of `AppConfigData`, version 2021-11-11.
    pub fn model() -> Self {
        Self {
            start_method: Method::POST,
            start_path: "/configurationsessions".to_owned(),
            start_status: StatusCode::CREATED,
            identifier_length: 1..=128,
            minimum_poll_interval: Some(15..=86_400),
            initial_token_length: 1..=8192,
            get_path: "/configuration".to_owned(),
            token_length: 1..=8192,
            signing_name: Some("appconfig".to_owned()),
        }
    }

    /// The dialect that a contract file describes.
    ///
    /// # Errors
    /// What the file lacks to be a contract of this service.
    pub fn of(contract: &Contract) -> Result<Self, &'static str> {
        let start =
            contract.operation("StartConfigurationSession").ok_or("it has no StartConfigurationSession")?;
        let get = contract.operation("GetLatestConfiguration").ok_or("it has no GetLatestConfiguration")?;
        let interval = Parameter::RequiredMinimumPollIntervalInSeconds.name();
        let interval = start.input.iter().find(|member| member.name == interval);
        Ok(Self {
            start_method: Method::from_bytes(start.method.as_bytes())
                .map_err(|_| "its method is not an HTTP method")?,
            start_path: start.static_path().ok_or("its path has labels")?,
            start_status: StatusCode::from_u16(start.success)
                .map_err(|_| "its success has no status code")?,
            identifier_length: start
                .input
                .first()
                .and_then(length)
                .ok_or("its identifiers have no length")?,
            minimum_poll_interval: interval.and_then(range),
            initial_token_length: start.output.first().and_then(length).unwrap_or(1..=8192),
            get_path: get.static_path().ok_or("its path has labels")?,
            token_length: 1..=8192,
            signing_name: contract.signing_name.clone(),
        })
    }
}

fn length(member: &Member) -> Option<RangeInclusive<usize>> {
    member.constraints.length.map(|length| length.min..=length.max.unwrap_or(usize::MAX))
}

fn range(member: &Member) -> Option<RangeInclusive<i32>> {
    let range = member.constraints.range?;
    let min = range.min.and_then(|min| i32::try_from(min).ok()).unwrap_or(i32::MIN);
    let max = range.max.and_then(|max| i32::try_from(max).ok()).unwrap_or(i32::MAX);
    Some(min..=max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_contracts_are_the_two_dialects() {
        assert_eq!(Dialect::of(&Contract::page().unwrap()), Ok(Dialect::page()));
        assert_eq!(Dialect::of(&Contract::model().unwrap()), Ok(Dialect::model()));
    }
}
