//! Polls: what they deliver, how early they may come, and throttling.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};

use super::definition::{Variant, variant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::{ApiError, NEXT_POLL_INTERVAL, TokenProblem, VERSION_LABEL};
use crate::resources::{Configuration, Identifiers, Resources};
use crate::service::{Behavior, MockConfig, Options, Reference};
use crate::token::Claims;
use crate::toolkit::{EveryNth, MapsErrors, RewritesPolls, error_of, locked, with_header, without_header};

/// A variant that enforces an interval of so many seconds in each session.
macro_rules! interval_enforced {
    ($name:literal, $seconds:literal) => {
        variant($name)
            .about(concat!(
                "An interval of ",
                $seconds,
                " s is enforced in every session that asked for no other one."
            ))
            .config(|| with_interval(MockConfig::with(Reference), $seconds, true))
    };
}

pub(super) const ALL: &[Variant] = &[
    variant("configuration-on-each-poll")
    .about("Every poll delivers the configuration, whether or not it has changed.")
    .config(|| MockConfig::with(AlwaysSends)),
    variant("version-label-absent")
    .about("No version has a label.")
    .config(|| MockConfig::with(RewritesPolls(|response| without_header(response, &VERSION_LABEL)))),
    variant("version-label-empty")
    .about("Every version has an empty label.")
    .config(|| MockConfig::with(RewritesPolls(|response| with_header(response, VERSION_LABEL, "")))),
    variant("content-type-with-content-only")
    .about("A poll that delivers nothing has no content type.")
    .config(|| {
            MockConfig::with(RewritesPolls(|response| {
                if response.body().is_empty() { without_header(response, &CONTENT_TYPE) } else { response }
            }))
        }),
    variant("empty-configuration-without-content-type")
    .about("Every configuration is empty and has no content type.")
    .config(|| MockConfig {
            resources: |dialect| all_serve(dialect, b""),
            ..MockConfig::with(RewritesPolls(|response| without_header(response, &CONTENT_TYPE)))
        }),
    variant("next-interval-zero")
    .about("The interval in responses is 0.")
    .config(|| MockConfig::with(RewritesPolls(|response| with_header(response, NEXT_POLL_INTERVAL, "0")))),
    variant("next-interval-of-a-day")
    .about("The interval in responses is a day, and it is not enforced.")
    .config(|| with_interval(MockConfig::with(Reference), 86_400, false)),
    variant("empty-configuration")
    .about("Every configuration is empty.")
    .config(|| MockConfig { resources: |dialect| all_serve(dialect, b""), ..MockConfig::default() }),
    variant("binary-configuration")
    .about("Every configuration is binary.")
    .config(|| MockConfig {
            resources: |dialect| all_serve(dialect, b"\x1f\x8b\x08\x00\xff\r\n\r\n\x00{"),
            ..MockConfig::default()
        }),
    variant("interval-enforced")
    .about("An interval of a second is enforced in every session, whether or not it asked for one.")
    .config(|| with_interval(MockConfig::with(Reference), 1, true)),
    interval_enforced!("interval-enforced-5", 5),
    interval_enforced!("interval-enforced-15", 15),
    interval_enforced!("interval-enforced-16", 16),
    interval_enforced!("interval-enforced-30", 30),
    interval_enforced!("interval-enforced-60", 60),
    interval_enforced!("interval-enforced-300", 300),
    variant("interval-enforced-regardless-of-request")
    .about("An interval of 60 s is enforced and sent in responses, whatever the session asked for.")
    .model_only()
    .config(|| with_interval(MockConfig::with(SendsDefault), 60, true)),
    variant("interval-enforced-regardless-of-response")
    .about("An interval of 60 s is enforced, although responses carry the one that the session asked for.")
    .model_only()
    .config(|| with_interval(MockConfig::with(EnforcesMinute), 60, true)),
    variant("interval-differs-each-time")
    .about("Intervals of 20 s and 3 s are enforced in turn, as responses say, unless the session asked for one.")
    .config(|| with_interval(MockConfig::with(Alternates), 20, true)),
    variant("interval-enforced-silently")
    .about("An interval of a second is enforced in every session, and an early poll is refused without a reason.")
    .breaks_a_should()
    .config(|| {
            let silent = MapsErrors(|error| match error {
                ApiError::Token(TokenProblem::PollIntervalNotSatisfied) => {
                    ApiError::Pattern(Parameter::ConfigurationToken)
                }
                other => other,
            });
            with_interval(MockConfig::with(silent), 1, true)
        }),
    variant("interval-enforced-late")
    .about("An interval of a second is enforced in every session from the fourth poll on.")
    .config(|| with_interval(MockConfig::with(EnforcesLate), 1, true)),
    variant("early-poll-spends-token")
    .about("An interval of a second is enforced in every session, and an early poll uses up its token.")
    .config(|| with_interval(MockConfig::with(UsesUpEarly(Mutex::default())), 1, true)),
    variant("occasionally-throttled")
    .about("Every 40th request gets 429 and may be repeated at once.")
    .config(|| {
            MockConfig::with(Throttles {
                nth: EveryNth::new(40),
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(HeaderValue::from_static("0")),
            })
        }),
    variant("throttled-with-400")
    .about("Every 40th request gets 400 ThrottlingException, without `Retry-After`.")
    .config(|| {
            MockConfig::with(Throttles {
                nth: EveryNth::new(40),
                status: StatusCode::BAD_REQUEST,
                retry_after: None,
            })
        }),
];

/// The same with a poll interval, in seconds.
fn with_interval(config: MockConfig, seconds: u32, enforced: bool) -> MockConfig {
    let poll_interval = NonZeroU32::MIN.saturating_add(seconds - 1);
    let options = Options { poll_interval, enforce_poll_interval: enforced, ..config.options };
    MockConfig { options, ..config }
}

/// The sample resources, each with this configuration.
fn all_serve(dialect: &Dialect, content: &'static [u8]) -> Resources {
    let mut resources = Resources::sample(dialect);
    let places: Vec<Identifiers> = resources
        .deployments()
        .map(|([application, environment, profile], _)| {
            Identifiers::new(application.id(), environment.id(), profile.id())
        })
        .collect();
    for place in places {
        let content_type = HeaderValue::from_static("application/octet-stream");
        let configuration = Configuration::text("", content_type);
        let configuration = Configuration { content: Bytes::from_static(content), ..configuration };
        // The place was taken from the resources themselves.
        let _found = resources.deploy(&place, configuration);
    }
    resources
}

/// Sends and enforces the default interval.
struct SendsDefault;

impl Behavior for SendsDefault {
    fn next_interval(&self, _: &Claims, default: NonZeroU32) -> NonZeroU32 {
        default
    }
}

/// Enforces 60 s, whatever responses say.
struct EnforcesMinute;

impl Behavior for EnforcesMinute {
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        claims.sequence > 0 && now < claims.issued + Duration::from_mins(1)
    }
}

/// Changes the interval after each poll.
struct Alternates;

impl Behavior for Alternates {
    fn next_interval(&self, claims: &Claims, default: NonZeroU32) -> NonZeroU32 {
        let short = NonZeroU32::MIN.saturating_add(2);
        claims.interval.unwrap_or(if claims.sequence.is_multiple_of(2) { default } else { short })
    }
}

struct AlwaysSends;

impl Behavior for AlwaysSends {
    fn is_unchanged(&self, _: &Claims, _: u64) -> bool {
        false
    }
}

/// After how many polls the interval is enforced, unless the session asked for one.
const POLLS_BEFORE: u64 = 3;

struct EnforcesLate;

impl Behavior for EnforcesLate {
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        (claims.interval.is_some() || claims.sequence >= POLLS_BEFORE) && Reference.is_early(claims, now)
    }
}

/// Session and sequence number of each token that came too early.
struct UsesUpEarly(Mutex<HashSet<(u64, u64)>>);

impl Behavior for UsesUpEarly {
    fn is_used(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_used(claims, newest) || locked(&self.0).contains(&(claims.session, claims.sequence))
    }

    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        let early = Reference.is_early(claims, now);
        if early {
            locked(&self.0).insert((claims.session, claims.sequence));
        }
        early
    }
}

struct Throttles {
    nth: EveryNth,
    status: StatusCode,
    retry_after: Option<HeaderValue>,
}

impl Behavior for Throttles {
    fn on_request(&self, _: &Request<Bytes>) -> Result<(), ApiError> {
        if self.nth.hit() { Err(ApiError::Throttled) } else { Ok(()) }
    }

    fn status(&self, error: &ApiError) -> StatusCode {
        if *error == ApiError::Throttled { self.status } else { error.status() }
    }

    fn finish(&self, _: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        if error_of(&response) == Some(&ApiError::Throttled)
            && let Some(retry_after) = &self.retry_after
        {
            response.headers_mut().insert(RETRY_AFTER, retry_after.clone());
        }
        response
    }
}
