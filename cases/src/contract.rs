//! A contract: a service of a Smithy model with its rules, read, resolved and checked.

mod applied_trait;
pub mod embedded;
mod load;
mod operation;
mod pattern;
mod prelude;
mod rules;
mod service;
mod shape;
mod shape_id;

pub use applied_trait::{AppliedTrait, MessageKind, Position, TraitSite};
pub use load::ContractError;
pub use operation::{ErrorShape, Operation, OutputOf};
pub use pattern::Pattern;
pub use rules::{CommonError, ConstraintError, Identifies, MinimumInterval, SingleUse, Statement, Test};
pub(crate) use service::SIGV4;
pub use service::{Contract, Note};
pub use shape::{
    Constraints, DecimalRange, IntegerWidth, Length, Location, MapEntry, Member, MemberRules, Range, Shape,
    TimestampFormat, UriSegment,
};
pub use shape_id::ShapeId;
