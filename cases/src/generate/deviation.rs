//! How the requests of a case differ from a valid call.

use std::sync::Arc;
use std::time::Duration;

use super::combination::Row;
use super::near_miss::Near;
use super::value::Value;
use crate::fixture::Naming;
use crate::id::RequirementId;
use crate::protocol::{Arg, Form};

/// What a case sends: a valid call of an operation with one deviation.
#[expect(clippy::large_enum_variant, reason = "there is one of them for each case")]
#[derive(Debug, Clone)]
pub enum Deviation {
    /// None: resources named by id, by name, or each in either way.
    Naming(Option<Naming>),
    /// A member has a value of a class.
    Member {
        /// The member's name; one that the model does not know is added.
        name: String,
        /// Its values.
        value: Value,
    },
    /// The body is spoilt.
    Body(&'static [BodyFault]),
    /// The message is written in one of these forms.
    Form(Vec<Form>),
    /// A member stands there twice.
    Twice(Vec<Twice>),
    /// No deviation, but the operation is called this many times in a row, each time with the
    /// value that the answer before has issued.
    Chain {
        /// The number of calls to begin with.
        boundaries: &'static [usize],
        /// The least and the greatest number.
        calls: (usize, usize),
    },
    /// A member is nearly the identifier of a resource that exists.
    Near(Near),
    /// A single-use value is the first half of one that was issued and the second half of another.
    Spliced,
    /// A member names a resource that lies within another one than the rest of the request names.
    Foreign {
        /// The member's name.
        member: String,
    },
    /// The session asks for an interval between calls.
    Timed {
        /// The member that asks for it.
        member: String,
        /// The interval in seconds.
        seconds: i64,
        /// The time that passes before each call.
        calls: Vec<Duration>,
    },
    /// A single-use value is used when its lifetime is over.
    Expired {
        /// How long after it was issued.
        after: Duration,
    },
    /// A single-use value is used again.
    Reuse {
        /// Which of the values issued in the session, 0 being the first.
        value: usize,
        /// How many calls with newer values come between its use and its reuse.
        later: usize,
        /// How often it is used again.
        times: usize,
    },
    /// Every used value of a session is used again after each of so many calls.
    EachAgain {
        /// The number of calls.
        calls: usize,
    },
    /// A single-use value is used by several calls at the same time.
    Race {
        /// Which of the values issued in the session, 0 being the first.
        value: usize,
        /// The number of calls.
        calls: usize,
    },
    /// No deviation, but sessions that take turns.
    Turns {
        /// The number of sessions and the calls of each, to begin with.
        boundaries: &'static [(usize, usize)],
    },
    /// No deviation, but two sessions for resources that serve different content, or may.
    Isolated,
    /// No deviation, but several sessions for one resource.
    Paired,
    /// Any sequence of sessions, good calls and bad ones.
    Walk {
        /// The length of a value that is too long, if one can be.
        too_long: Option<usize>,
    },
    /// Several members deviate together.
    Combination(Arc<[Row]>),
    /// After a request that is refused comes a valid one, over the same connection.
    Then {
        /// How the first request deviates.
        first: Box<Deviation>,
        /// The requirement that it puts to the test.
        requirement: RequirementId,
    },
}

/// A member that stands there twice: first in its place, then behind all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twice {
    /// The member's name.
    pub member: String,
    /// What stands in its place; the valid argument if `None`.
    pub first: Option<Arg>,
    /// What stands behind all others; the valid argument if `None`.
    pub second: Option<Arg>,
}

/// Makes a whole body from a valid one.
#[derive(Debug, Clone, Copy)]
pub struct BodyFault {
    /// Its name, for people.
    pub name: &'static str,
    /// The body, given the valid one.
    pub apply: fn(&str) -> Vec<u8>,
}
