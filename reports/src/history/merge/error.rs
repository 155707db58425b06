//! Why reports cannot be merged.

/// Why reports cannot be merged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There are none.
    #[error("no reports to merge: name at least one")]
    NoReports,
    /// A requirement passed that no response tested.
    #[error("a report says that `{requirement}` passed, but no response tested it: run it again")]
    PassedUntested {
        /// The requirement.
        requirement: String,
    },
    /// They are not parts of one run, nor runs of the same plan.
    #[error(
        "the {what} differ: {one} and {other}; merge shards of one run, or runs at several targets with the same \
         contract, seed and known failures"
    )]
    Differ {
        /// What differs.
        what: &'static str,
        /// Its value in one report.
        one: String,
        /// Its value in the other report.
        other: String,
    },
}
