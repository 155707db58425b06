//! The headers of responses that the contract names.

use http::HeaderName;

/// The header that names the type of an error (restJson1 › operation error serialization).
pub const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");
/// The header with the token of the next poll.
pub const NEXT_POLL_TOKEN: HeaderName = HeaderName::from_static("next-poll-configuration-token");
/// The header with the seconds to wait before the next poll.
pub const NEXT_POLL_INTERVAL: HeaderName = HeaderName::from_static("next-poll-interval-in-seconds");
/// The header with the label of the configuration's version.
pub const VERSION_LABEL: HeaderName = HeaderName::from_static("version-label");
