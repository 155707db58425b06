//! The requests of a case: a valid call and one mutation of it, drawn by proptest strategies.

mod alphabet;
mod call_factory;
mod least_value;
mod matching;
mod mutation;
mod mutations;
mod near_miss;
mod sample;
mod sampler;
mod session_sequence;
mod text;
mod value_class;

pub use alphabet::Alphabet;
pub(crate) use call_factory::CallFactory;
pub use call_factory::World;
pub(crate) use least_value::{PathStep, ValueFactory};
pub(crate) use matching::matching;
pub(crate) use mutation::Mutation;
pub(crate) use mutations::{
    AllTokensReused, BodyEdit, BodyEdits, Combination, CombinedMembers, DistinctResources, Duplicate,
    DuplicateMember, ExpiredToken, ForeignResource, InterleavedSessions, MemberValue, OtherForm, RandomWalk,
    Recovery, RequestedInterval, ReusedToken, SameResource, Setting, SiteValue, SplicedToken, TokenRace,
    ValidCall, ValidChain,
};
pub(crate) use near_miss::{NearMissClass, NearMissKind};
pub use sample::{Sample, Step};
pub(crate) use sampler::Sampler;
pub(crate) use value_class::{Joining, ValueClass};
