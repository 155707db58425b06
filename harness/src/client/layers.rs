//! What is around the HTTP client, one layer each: rate limit, retries, throttling, liveness, latency.

pub mod latency;
pub mod liveness;
pub mod rate;
pub mod rate_limit;
pub mod retry;
pub mod throttling;
