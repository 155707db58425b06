//! What mutants and variants are made of.

mod contracts;
mod gzip;
mod json_text;
mod memory;
mod names;
mod rewrite;

pub use contracts::Contracts;
pub(crate) use json_text::{
    edit_member_names, edit_outside_strings, for_each_part, max_depth, member_names, string_length,
};
pub(crate) use memory::{ComparesTokens, EveryNth, IssuedTokens, locked};
pub use names::UnknownName;
pub(crate) use names::find_by_name;
pub(crate) use rewrite::{
    MapsErrors, RewritesErrors, RewritesPolls, RewritesStarts, compressed, error_of, is_start, type_of,
    with_body, with_document, with_header, with_status, without_header,
};
