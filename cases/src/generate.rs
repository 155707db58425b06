//! Requests of each partition: a valid call and one deviation, drawn by proptest strategies.

mod alphabet;
mod call_factory;
mod combination;
mod deviation;
mod fixture_pairs;
mod near_miss;
mod sample;
mod sampler;
mod sequence;
mod text;
mod value;

pub use alphabet::Alphabet;
pub(crate) use call_factory::CallFactory;
pub use call_factory::World;
pub use combination::{Level, Row};
pub use deviation::{BodyFault, Deviation, Twice};
pub(crate) use fixture_pairs::{distinct_pairs, foreign_pairs};
pub use near_miss::{Kind, Near};
pub use sample::{Sample, Step};
pub(crate) use sampler::Sampler;
pub use value::{Joining, Value};
