//! What cases showed, and what that makes of each requirement.

pub mod blocked;
pub mod case_result;
pub mod checkpoint;
pub mod encoding;
pub mod evidence;
pub mod not_offered;
pub mod occurrence;
pub mod record;
pub mod varying;
pub mod verdict;
