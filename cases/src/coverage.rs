//! What of a contract is tested: each statement of its text and each trait of its model, with the requirements and
//! cases that test it, or the reason why nothing outside of the target can test it.

mod places;
mod proof;
mod reasons;
mod table;
#[cfg(test)]
mod tests;
mod traits;

pub use proof::{CoveringRequirement, Proof, ProofCounts, matching};
pub use table::{Coverage, CoveredStatement, CoveredTrait};
