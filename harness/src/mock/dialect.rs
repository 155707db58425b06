//! Which contract is served, as plain data.

use std::ops::RangeInclusive;

use http::{Method, StatusCode};

/// The places where one contract differs from another. Lengths count Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Method of `StartConfigurationSession`.
    pub start_method: Method,
    /// Path of `StartConfigurationSession`.
    pub start_path: String,
    /// Status of a session that was started.
    pub start_status: StatusCode,
    /// Length of each of the three identifiers.
    pub identifier_length: RangeInclusive<usize>,
    /// Bounds of `RequiredMinimumPollIntervalInSeconds`; `None` where it is an unknown member.
    pub minimum_poll_interval: Option<RangeInclusive<i32>>,
    /// Length of `InitialConfigurationToken`. The mock's own tokens have
    /// [`token::LENGTH`](super::token::LENGTH).
    pub initial_token_length: RangeInclusive<usize>,
    /// Path of `GetLatestConfiguration`, whose method is GET.
    pub get_path: String,
    /// Length of `configuration_token`, which holds no blank.
    pub token_length: RangeInclusive<usize>,
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
        }
    }
}
