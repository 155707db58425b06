//! Polls: what they deliver, how often they may come, and who is throttled.

use std::collections::HashSet;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};

use super::{
    Options, Polls, Reports, Serving, Variant, fault_of, serving, variant, with_header, without_header,
};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter, Problem};
use crate::memory::{Every, locked};
use crate::render::{NEXT_POLL_INTERVAL, VERSION_LABEL};
use crate::resources::{Configuration, Identifiers, Resources};
use crate::token::Claims;

/// A variant that holds each session to an interval of so many seconds.
macro_rules! held_to {
    ($name:literal, $seconds:literal) => {
        variant($name)
            .about(concat!(
                "Every session is held to an interval of ",
                $seconds,
                " s, unless it asked for another one."
            ))
            .serving(|| with_interval(serving(Reference), $seconds, true))
    };
}

pub(super) const ALL: &[Variant] = &[
    variant("configuration-on-each-poll")
    .about("Every poll delivers the configuration, whether or not it has changed.")
    .serving(|| serving(AlwaysSends)),
    variant("version-label-absent")
    .about("No version has a label.")
    .serving(|| serving(Polls(|response| without_header(response, &VERSION_LABEL)))),
    variant("version-label-empty")
    .about("Every version has an empty label.")
    .serving(|| serving(Polls(|response| with_header(response, VERSION_LABEL, "")))),
    variant("content-type-with-content-only")
    .about("A poll that delivers nothing has no content type.")
    .serving(|| {
            serving(Polls(|response| {
                if response.body().is_empty() { without_header(response, &CONTENT_TYPE) } else { response }
            }))
        }),
    variant("empty-configuration-without-content-type")
    .about("Every configuration is empty and has no content type.")
    .serving(|| Serving {
            resources: |dialect| all_serve(dialect, b""),
            ..serving(Polls(|response| without_header(response, &CONTENT_TYPE)))
        }),
    variant("next-interval-zero")
    .about("The interval that answers carry is 0.")
    .serving(|| serving(Polls(|response| with_header(response, NEXT_POLL_INTERVAL, "0")))),
    variant("next-interval-of-a-day")
    .about("The interval that answers carry is a day, and nobody is held to it.")
    .serving(|| with_interval(serving(Reference), 86_400, false)),
    variant("empty-configuration")
    .about("Every configuration is empty.")
    .serving(|| Serving { resources: |dialect| all_serve(dialect, b""), ..Serving::default() }),
    variant("binary-configuration")
    .about("Every configuration is bytes that are no text.")
    .serving(|| Serving {
            resources: |dialect| all_serve(dialect, b"\x1f\x8b\x08\x00\xff\r\n\r\n\x00{"),
            ..Serving::default()
        }),
    variant("interval-enforced")
    .about("Every session is held to an interval of a second, whether or not it asked for one.")
    .serving(|| with_interval(serving(Reference), 1, true)),
    held_to!("interval-enforced-5", 5),
    held_to!("interval-enforced-15", 15),
    held_to!("interval-enforced-16", 16),
    held_to!("interval-enforced-30", 30),
    held_to!("interval-enforced-60", 60),
    held_to!("interval-enforced-300", 300),
    variant("interval-enforced-whatever-asked")
    .about("Every session is held to an interval of 60 s, which answers carry, whatever it asked for.")
    .model_only()
    .serving(|| with_interval(serving(KeepsItsOwn), 60, true)),
    variant("interval-enforced-whatever-carried")
    .about("Every session is held to an interval of 60 s, though answers carry the one that it asked for.")
    .model_only()
    .serving(|| with_interval(serving(HoldsToItsOwn), 60, true)),
    variant("interval-differs-each-time")
    .about("Every session is held to 20 s and 3 s by turns, as its answers say, unless it asked for an interval.")
    .serving(|| with_interval(serving(ByTurns), 20, true)),
    variant("interval-enforced-silently")
    .about("Every session is held to an interval of a second, and an early poll is refused without a reason.")
    .breaks_a_should()
    .serving(|| {
            let silent = Reports(|fault| match fault {
                Fault::Token(Problem::PollIntervalNotSatisfied) => {
                    Fault::Pattern(Parameter::ConfigurationToken)
                }
                other => other,
            });
            with_interval(serving(silent), 1, true)
        }),
    variant("interval-enforced-late")
    .about("The first three polls of a session may come at once; from then on it is held to an interval of a second.")
    .serving(|| with_interval(serving(HoldsLate), 1, true)),
    variant("early-poll-spends-token")
    .about("Every session is held to an interval of a second, and an early poll spends its token.")
    .serving(|| with_interval(serving(SpendsEarly(Mutex::default())), 1, true)),
    variant("throttled-now-and-then")
    .about("Every fortieth request is answered with 429 and may be repeated at once.")
    .serving(|| {
            serving(Throttles {
                fortieth: Every::new(40),
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(HeaderValue::from_static("0")),
            })
        }),
    variant("throttled-with-400")
    .about("Every fortieth request is answered with 400 ThrottlingException, without saying when to come again.")
    .serving(|| {
            serving(Throttles {
                fortieth: Every::new(40),
                status: StatusCode::BAD_REQUEST,
                retry_after: None,
            })
        }),
];

/// The same with a poll interval, in seconds.
fn with_interval(serving: Serving, seconds: u32, enforced: bool) -> Serving {
    let poll_interval = NonZeroU32::MIN.saturating_add(seconds - 1);
    let options = Options { poll_interval, enforce_poll_interval: enforced, ..serving.options };
    Serving { options, ..serving }
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
        // The place was taken from what is there.
        let _found = resources.deploy(&place, configuration);
    }
    resources
}

/// Holds each session to 60 s, and says so.
struct KeepsItsOwn;

impl Behaviour for KeepsItsOwn {
    fn next_interval(&self, _: &Claims, default: NonZeroU32) -> NonZeroU32 {
        default
    }
}

/// Holds each session to 60 s, whatever it says.
struct HoldsToItsOwn;

impl Behaviour for HoldsToItsOwn {
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        claims.sequence > 0 && now < claims.issued + Duration::from_mins(1)
    }
}

/// Holds a session to another interval after each poll.
struct ByTurns;

impl Behaviour for ByTurns {
    fn next_interval(&self, claims: &Claims, default: NonZeroU32) -> NonZeroU32 {
        let short = NonZeroU32::MIN.saturating_add(2);
        claims.interval.unwrap_or(if claims.sequence.is_multiple_of(2) { default } else { short })
    }
}

struct AlwaysSends;

impl Behaviour for AlwaysSends {
    fn is_unchanged(&self, _: &Claims, _: u64) -> bool {
        false
    }
}

/// How many polls of a session may come at once, unless it asked for an interval.
const AT_ONCE: u64 = 3;

struct HoldsLate;

impl Behaviour for HoldsLate {
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        (claims.interval.is_some() || claims.sequence >= AT_ONCE) && Reference.is_early(claims, now)
    }
}

/// Session and sequence number of each token that came too early.
struct SpendsEarly(Mutex<HashSet<(u64, u64)>>);

impl Behaviour for SpendsEarly {
    fn is_spent(&self, claims: &Claims, newest: u64) -> bool {
        Reference.is_spent(claims, newest) || locked(&self.0).contains(&(claims.session, claims.sequence))
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
    fortieth: Every,
    status: StatusCode,
    retry_after: Option<HeaderValue>,
}

impl Behaviour for Throttles {
    fn admit(&self, _: &Request<Bytes>) -> Result<(), Fault> {
        if self.fortieth.hit() { Err(Fault::Throttled) } else { Ok(()) }
    }

    fn status(&self, fault: &Fault) -> StatusCode {
        if *fault == Fault::Throttled { self.status } else { fault.status() }
    }

    fn finish(&self, _: &Request<Bytes>, mut response: Response<Bytes>) -> Response<Bytes> {
        if fault_of(&response) == Some(&Fault::Throttled)
            && let Some(retry_after) = &self.retry_after
        {
            response.headers_mut().insert(RETRY_AFTER, retry_after.clone());
        }
        response
    }
}
