//! The error for a contract file that cannot be used.

/// A contract file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}{problem}", shape.as_ref().map(|shape| format!("{shape}: ")).unwrap_or_default())]
pub struct ContractError {
    /// The file, as the user names it.
    pub file: String,
    /// The shape that is wrong.
    pub shape: Option<String>,
    /// What is wrong, and what would be right.
    pub problem: String,
}

pub(super) type Result<T> = std::result::Result<T, ContractError>;
