//! What a mutant does wrong, and where.

mod kind;
mod place;
mod segment;

pub(crate) use kind::{Aspect, Bug, Kind, Side};
pub(crate) use place::Place;
pub(crate) use segment::Segment;
