//! What a mutant does wrong and where, and why a request is refused.

mod kind;
mod place;
mod refusal;
mod segment;

pub(crate) use kind::{Aspect, Bug, Kind, Side};
pub(crate) use place::Place;
pub(crate) use refusal::{Cause, Refusal, Refused};
pub(crate) use segment::Segment;
