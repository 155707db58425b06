//! Polls that come too early, which only the model knows, and tokens that come too late.

use std::time::Duration;

use super::{Deviation, Reports, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::{Fault, Parameter, Problem};
use crate::resources::{NotFound, ResourceKind};
use crate::token::Claims;

/// Writes the id of a case of polls before or after their time.
macro_rules! observed {
    ($rest:literal) => {
        concat!("get-latest-configuration/required-minimum-poll-interval-in-seconds/observed/", $rest)
    };
}

const MEMBERS: &str = "get-latest-configuration/errors/members";
const EXPIRY: &str = "get-latest-configuration/configuration-token/lifetime/over";

pub(super) const ALL: &[Deviation] = &[
    deviation("early-poll-called-corrupted")
        .about("A poll that comes too early is refused as if its token were not valid.")
        .model_only()
        .must_fail(&[MEMBERS])
        .behaviour(|| Box::new(Reports(|fault| early_becomes(fault, Fault::Token(Problem::Corrupted))))),
    deviation("early-poll-without-reason")
        .about("A poll that comes too early is refused without Reason and Details.")
        .model_only()
        .must_fail(&[MEMBERS])
        .behaviour(|| {
            Box::new(Reports(|fault| early_becomes(fault, Fault::Pattern(Parameter::ConfigurationToken))))
        }),
    deviation("early-poll-fails")
        .about("A poll that comes too early makes the server fail.")
        .model_only()
        .must_fail(&[observed!("early")])
        .behaviour(|| Box::new(Reports(|fault| early_becomes(fault, Fault::Internal)))),
    deviation("early-poll-throttled")
        .about("A poll that comes too early is answered with 429 ThrottlingException.")
        .model_only()
        .must_fail(&[observed!("early")])
        .behaviour(|| Box::new(Reports(|fault| early_becomes(fault, Fault::Throttled)))),
    deviation("first-poll-refused-as-early")
        .about("A session that asked for an interval is refused its first poll.")
        .model_only()
        .must_fail(&[observed!("first-at-once")])
        .may_fail(&[
            observed!("*"),
            "get-latest-configuration/accepts",
            "start-configuration-session/required-minimum-poll-interval-in-seconds/*",
        ])
        .behaviour(|| Box::new(Early(|claims, now| claims.sequence == 0 || now < claims.not_before))),
    deviation("poll-refused-after-interval")
        .about("A session that asked for an interval never polls again after the first time.")
        .model_only()
        .must_fail(&[observed!("in-time")])
        .behaviour(|| Box::new(Early(|claims, _| claims.sequence > 0))),
    deviation("interval-in-minutes")
        .about("The interval that a session asked for is taken for minutes.")
        .model_only()
        .must_fail(&[observed!("in-time")])
        .behaviour(|| {
            Box::new(Early(|claims, now| {
                let seconds = claims.interval.map_or(0, |interval| u64::from(interval.get()));
                claims.sequence > 0 && now < claims.not_before + 59 * Duration::from_secs(seconds)
            }))
        }),
    deviation("interval-held-from-third-poll")
        .about("A session is held to its interval from the third poll on only.")
        .model_only()
        .must_fail(&[observed!("early")])
        .behaviour(|| Box::new(Early(|claims, now| claims.sequence > 1 && now < claims.not_before))),
    deviation("used-token-called-early")
        .about("A token that was used before is refused as if it came too early.")
        .must_fail(&[MEMBERS])
        .may_fail(&["get-latest-configuration/configuration-token/single-use*"])
        .behaviour(|| Box::new(SpentIsEarly)),
    deviation("expired-token-accepted")
        .about("A token never expires.")
        .must_fail(&[EXPIRY])
        .behaviour(|| Box::new(NeverExpires)),
    deviation("expired-token-fails")
        .about("A token that has expired makes the server fail.")
        .must_fail(&[EXPIRY])
        .behaviour(|| Box::new(Reports(|fault| expired_becomes(fault, Fault::Internal)))),
    deviation("expired-token-not-found")
        .about("A token that has expired is answered with 404.")
        .must_fail(&[EXPIRY])
        .behaviour(|| {
            Box::new(Reports(|fault| {
                let missing = NotFound { kind: ResourceKind::Deployment, referenced_by: Vec::new() };
                expired_becomes(fault, Fault::NotFound(missing))
            }))
        }),
    deviation("token-expires-an-hour-late")
        .about("A token expires after 25 hours only.")
        .must_fail(&[EXPIRY])
        .behaviour(|| Box::new(ExpiresLate)),
];

fn early_becomes(fault: Fault, other: Fault) -> Fault {
    if fault == Fault::Token(Problem::PollIntervalNotSatisfied) { other } else { fault }
}

fn expired_becomes(fault: Fault, other: Fault) -> Fault {
    if fault == Fault::Token(Problem::Expired) { other } else { fault }
}

/// Whether a poll of a session that asked for an interval is early.
struct Early(fn(&Claims, Duration) -> bool);

impl Behaviour for Early {
    fn is_early(&self, claims: &Claims, now: Duration) -> bool {
        claims.interval.is_some() && (self.0)(claims, now)
    }
}

struct SpentIsEarly;

impl Behaviour for SpentIsEarly {
    fn spent(&self, _: &Claims) -> Fault {
        Fault::Token(Problem::PollIntervalNotSatisfied)
    }
}

struct NeverExpires;

impl Behaviour for NeverExpires {
    fn is_expired(&self, _: &Claims, _: Duration) -> bool {
        false
    }
}

struct ExpiresLate;

impl Behaviour for ExpiresLate {
    fn is_expired(&self, claims: &Claims, now: Duration) -> bool {
        Reference.is_expired(claims, now.saturating_sub(Duration::from_hours(1)))
    }
}
