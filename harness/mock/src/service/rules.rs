//! What never changes while the mock runs.

use super::behavior::Behavior;
use super::config::Options;
use crate::contract::Dialect;
use crate::signature::RequiredSignature;
use crate::token::Sealer;

/// What never changes while the mock runs, so that requests are read and responses rendered without a lock.
pub(crate) struct Rules {
    pub(crate) dialect: Dialect,
    pub(crate) behavior: Box<dyn Behavior>,
    pub(crate) options: Options,
    pub(crate) sealer: Sealer,
    /// The signature that requests need, if they need one.
    pub(crate) signature: Option<RequiredSignature>,
}
