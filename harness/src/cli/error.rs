//! What stops a command before it has judged anything: exit code 2.

use std::path::PathBuf;

use cases::contract::ContractError;

use crate::fixtures::FixturesError;
use crate::mock::named::UnknownName;
use crate::transport::TransportError;

/// Each names the input, where it is, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The contract file cannot be read.
    #[error("--contract {contract}: {error}; `page`, `model` or a readable file is expected")]
    ContractUnreadable {
        /// As given.
        contract: String,
        /// Why not.
        error: std::io::Error,
    },
    /// The contract file cannot be used.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The fixtures file cannot be used.
    #[error(transparent)]
    Fixtures(#[from] FixturesError),
    /// The target or a header cannot be used.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A flag on how to connect, and nothing to connect to.
    #[error("{flag}: says how a target is connected to, and no --target is named")]
    NoTarget {
        /// The flag.
        flag: &'static str,
    },
    /// A header is not `K:V`.
    #[error("--header: value {number} is not `Name: value`")]
    Header {
        /// Which one, from 1; its text may be a secret.
        number: usize,
    },
    /// A duration that is no time to wait.
    #[error("{flag} {value}: a time above zero is expected, such as 10s")]
    Duration {
        /// The flag.
        flag: &'static str,
        /// As given.
        value: String,
    },
    /// A pattern that selects nothing.
    #[error("{flag} {pattern}: matches no case of the contract `{contract}`; `boundstone list` shows them")]
    Pattern {
        /// The flag.
        flag: &'static str,
        /// As given.
        pattern: String,
        /// The contract.
        contract: String,
    },
    /// `--only` and `--skip` leave nothing.
    #[error("--only and --skip leave no case to run")]
    NothingSelected,
    /// The configuration file cannot be used.
    #[error("{}: {problem}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A file cannot be written or read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A report cannot be read.
    #[error("{}: {error}", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: reports::json::ParseError,
    },
    /// A finding that the report does not have.
    #[error("finding {number}: the report has {count}")]
    Finding {
        /// As given.
        number: usize,
        /// How many there are, in words.
        count: String,
    },
    /// There is no such deviation or variant.
    #[error("--{sort} {0}", sort = .0.sort)]
    Name(#[from] UnknownName),
    /// A deviation or variant that the contract does not show.
    #[error("--{sort} {name}: shows only under the contract `{contract}`")]
    OtherContract {
        /// Which of the two it is.
        sort: &'static str,
        /// Its name.
        name: &'static str,
        /// The contract that shows it.
        contract: &'static str,
    },
    /// The mock cannot serve this contract.
    #[error("--contract {contract}: the mock cannot serve it: {problem}")]
    NotServed {
        /// The contract.
        contract: String,
        /// Why not.
        problem: String,
    },
    /// The address cannot be listened on.
    #[error("--listen {address}: {error}")]
    Listen {
        /// As given.
        address: String,
        /// Why not.
        error: std::io::Error,
    },
}
