//! The requests of a case: a valid call and one mutation of it, drawn by proptest strategies.

mod call_factory;
mod mutation;
mod mutations;
mod near_miss;
mod sample;
mod sampler;
mod session_sequence;
mod values;

pub(crate) use call_factory::CallFactory;
pub use call_factory::World;
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
pub use values::alphabet::Alphabet;
pub(crate) use values::least_value::{PathStep, ValueFactory};
pub(crate) use values::matching::matching;
pub(crate) use values::value_class::{Joining, ValueClass};
