//! The committed outcomes of the cases, and how they are loaded and recorded.
//!
//! Each case has one file, `<contract>/<case id>.snap` next to this crate's `src`. The files are
//! built into the crate; recording them needs a checkout and the feature `record`.

pub mod document;
#[cfg(feature = "record")]
pub mod record;

use cases::id::CaseId;

pub use document::{Document, Malformed, Shown};

static EMBEDDED: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The snapshot of a case, if there is one.
pub fn find(contract: &str, case: &CaseId) -> Option<Result<Document, Malformed>> {
    let path = format!("{contract}/{case}");
    let index = EMBEDDED.binary_search_by(|(name, _)| (*name).cmp(&path)).ok()?;
    Some(EMBEDDED[index].1.parse())
}

/// The path of every snapshot, `<contract>/<case id>`.
pub fn paths() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(name, _)| *name)
}
