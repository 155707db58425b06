//! Tokens carry the state of a session, encrypted and authenticated. The mock keeps no list of them.

mod claims;
mod sealer;
mod sessions;

pub use claims::{Claims, TOKEN_LIFETIME};
pub use sealer::{Nonce, Sealer, TOKEN_LENGTH};
pub(crate) use sessions::Sessions;
