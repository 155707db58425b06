//! Polls that come too early, which only the model has, and tokens that come too late.

use std::time::Duration;

use super::definition::{Mutant, mutant};
use crate::contract::Parameter;
use crate::protocol::{ApiError, TokenProblem};
use crate::resources::NotFound;
use crate::service::{Behavior, Reference};
use crate::token::Claims;
use crate::toolkit::MapsErrors;

/// The id of a case about polls before or after their time.
macro_rules! observed {
    ($rest:literal) => {
        concat!("get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/", $rest)
    };
}

const MEMBERS: &str = "get-latest-configuration/errors/members";
const EXPIRY: &str = "get-latest-configuration/configuration-token/lifetime/over";

pub(super) const ALL: &[Mutant] = &[
    mutant("early-poll-called-corrupted")
        .about("A poll that comes too early is refused with the problem Corrupted.")
        .model_only()
        .must_fail(&[MEMBERS])
        .behavior(|| {
            Box::new(MapsErrors(|error| early_becomes(error, ApiError::Token(TokenProblem::Corrupted))))
        }),
    mutant("early-poll-without-reason")
        .about("A poll that comes too early is refused without Reason and Details.")
        .model_only()
        .must_fail(&[MEMBERS])
        .behavior(|| {
            Box::new(MapsErrors(|error| {
                early_becomes(error, ApiError::Pattern(Parameter::ConfigurationToken))
            }))
        }),
    mutant("early-poll-fails")
        .about("A poll that comes too early makes the server fail.")
        .model_only()
        .must_fail(&[observed!("early")])
        .behavior(|| Box::new(MapsErrors(|error| early_becomes(error, ApiError::Internal)))),
    mutant("early-poll-throttled")
        .about("A poll that comes too early gets 429 ThrottlingException.")
        .model_only()
        .must_fail(&[observed!("early")])
        .behavior(|| Box::new(MapsErrors(|error| early_becomes(error, ApiError::Throttled)))),
    mutant("first-poll-refused-as-early")
        .about("The first poll of a session that asked for an interval is refused.")
        .model_only()
        .must_fail(&[observed!("first-at-once")])
        .may_fail(&[
            observed!("*"),
            "get-latest-configuration/accepts",
            "start-configuration-session/required-minimum-poll-interval-in-seconds/*",
        ])
        .behavior(|| Box::new(Early(|claims, now| claims.sequence == 0 || now < claims.not_before))),
    mutant("poll-refused-after-interval")
        .about("In a session that asked for an interval every poll after the first one is refused.")
        .model_only()
        .must_fail(&[observed!("in-time")])
        .behavior(|| Box::new(Early(|claims, _| claims.sequence > 0))),
    mutant("interval-in-minutes")
        .about("The interval that a session asked for is enforced in minutes instead of seconds.")
        .model_only()
        .must_fail(&[observed!("in-time")])
        .behavior(|| {
            Box::new(Early(|claims, now| {
                let seconds = claims.interval.map_or(0, |interval| u64::from(interval.get()));
                claims.sequence > 0 && now < claims.not_before + 59 * Duration::from_secs(seconds)
            }))
        }),
    mutant("interval-enforced-from-third-poll")
        .about("The interval of a session is enforced only from the third poll on.")
        .model_only()
        .must_fail(&[observed!("early")])
        .behavior(|| Box::new(Early(|claims, now| claims.sequence > 1 && now < claims.not_before))),
    mutant("used-token-called-early")
        .about("A token that was used before is refused with the problem PollIntervalNotSatisfied.")
        .must_fail(&[MEMBERS])
        .may_fail(&["get-latest-configuration/configuration-token/single-use*"])
        .behavior(|| Box::new(UsedIsEarly)),
    mutant("expired-token-accepted")
        .about("A token never expires.")
        .must_fail(&[EXPIRY])
        .behavior(|| Box::new(NeverExpires)),
    mutant("expired-token-fails")
        .about("An expired token makes the server fail.")
        .must_fail(&[EXPIRY])
        .behavior(|| Box::new(MapsErrors(|error| expired_becomes(error, ApiError::Internal)))),
    mutant("expired-token-not-found").about("An expired token gets 404.").must_fail(&[EXPIRY]).behavior(
        || {
            Box::new(MapsErrors(|error| {
                let missing = NotFound::unnamed();
                expired_becomes(error, ApiError::NotFound(missing))
            }))
        },
    ),
    mutant("token-expires-an-hour-late")
        .about("A token expires after 25 hours.")
        .must_fail(&[EXPIRY])
        .behavior(|| Box::new(ExpiresLate)),
];

fn early_becomes(error: ApiError, other: ApiError) -> ApiError {
    if error == ApiError::Token(TokenProblem::PollIntervalNotSatisfied) { other } else { error }
}

fn expired_becomes(error: ApiError, other: ApiError) -> ApiError {
    if error == ApiError::Token(TokenProblem::Expired) { other } else { error }
}

/// Decides whether a poll is early in a session that asked for an interval.
struct Early(fn(&Claims, Duration) -> bool);

impl Behavior for Early {
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        claims.interval.is_some() && (self.0)(claims, now)
    }
}

struct UsedIsEarly;

impl Behavior for UsedIsEarly {
    fn used_token_error(&self, _: &Claims) -> ApiError {
        ApiError::Token(TokenProblem::PollIntervalNotSatisfied)
    }
}

struct NeverExpires;

impl Behavior for NeverExpires {
    fn is_expired(&self, _: &Claims, _: Duration) -> bool {
        false
    }
}

struct ExpiresLate;

impl Behavior for ExpiresLate {
    fn is_expired(&self, claims: &Claims, now: Duration) -> bool {
        Reference.is_expired(claims, now.saturating_sub(Duration::from_hours(1)))
    }
}
