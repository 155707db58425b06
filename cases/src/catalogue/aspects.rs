//! One module for each aspect of what a requirement is about.

pub(super) mod accepts;
pub(super) mod body;
pub(super) mod choice;
pub(super) mod combinations;
pub(super) mod duplicates;
pub(super) mod encoding;
pub(super) mod errors;
pub(super) mod http;
pub(super) mod interval;
pub(super) mod json_type;
pub(super) mod length;
pub(super) mod limits;
pub(super) mod open;
pub(super) mod pattern;
pub(super) mod presence;
pub(super) mod range;
pub(super) mod recovery;
pub(super) mod resource;
pub(super) mod response;
pub(super) mod sessions;
pub(super) mod signature;
pub(super) mod single_use;
pub(super) mod stability;
pub(super) mod unknown_members;
