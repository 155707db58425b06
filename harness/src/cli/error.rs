//! Why a command ends before it has a result: exit code 2, or 3 if the target refuses.

use std::path::PathBuf;

use cases::contract::ContractError;
use mock::UnknownName;

use crate::client::error::TransportError;
use crate::config::user_file::FileError;
use crate::results::checkpoint::CheckpointError;
use crate::setup::error::SetupError;

/// The exit code of wrong usage, configuration or contract.
pub const USAGE: u8 = 2;

/// Why a command ends before it has a result. The message names the input, what is wrong, and the remedy.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// `boundstone.toml` cannot be used.
    #[error("{}:{problem}", path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// What is wrong, after its position.
        problem: String,
    },
    /// The fixtures of two endpoints that are compared have different forms.
    #[error("--fixtures-b {}: {problem}; the files are compared entry by entry", path.display())]
    FixturesDiffer {
        /// The file.
        path: PathBuf,
        /// Where they differ.
        problem: String,
    },
    /// One of two endpoints that are compared cannot be used.
    #[error("{name}: {error}")]
    Side {
        /// The endpoint, `A` or `B`.
        name: &'static str,
        /// What is wrong.
        error: SetupError,
    },
    /// The known failures would overwrite another file.
    #[error(
        "--write-known-failures {}: the file exists; --known-failures {} keeps its entries",
        path.display(), path.display()
    )]
    KnownFailuresExist {
        /// The file.
        path: PathBuf,
    },
    /// No built-in contract describes the service.
    #[error("--changes: boundstone has no built-in contract for the service {service} of {contract}")]
    NoBuiltIn {
        /// The contract.
        contract: String,
        /// The id of its service.
        service: String,
    },
    /// The reports cannot be written.
    #[error("--out {}: {error}; name a folder that can be written to", path.display())]
    Out {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file cannot be written.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file is not a report.
    #[error("{}: {error}", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: reports::render::json::ParseError,
    },
    /// Reports cannot be merged.
    #[error(transparent)]
    Merge(#[from] reports::history::MergeError),
    /// A report does not have a finding.
    #[error("finding {number}: the report has {count}")]
    Finding {
        /// The number that the user gave.
        number: usize,
        /// How many findings there are, in words.
        count: String,
    },
    /// There is no such mutant or variant.
    #[error("--{kind}: {0}", kind = .0.kind)]
    Name(#[from] UnknownName),
    /// A mutant or variant has no effect under the contract.
    #[error("--{kind} {name}: has no effect under this contract; use --contract {contract}")]
    OtherContract {
        /// The flag.
        kind: &'static str,
        /// The name of the mutant or variant.
        name: &'static str,
        /// The contract under which it has an effect.
        contract: &'static str,
    },
    /// The arguments of provisioning cannot be used.
    #[error("{0}")]
    Provision(String),
    /// The control plane refused.
    #[error("{0}")]
    Refused(String),
    /// `--resume` cannot be combined with another argument.
    #[error("--resume: {0}")]
    Resume(&'static str),
    /// The checkpoint of the run cannot be used.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

impl CliError {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => reports::summary::Outcome::NotTested.code(),
            _ => USAGE,
        }
    }
}

impl From<FileError> for CliError {
    fn from(error: FileError) -> Self {
        Self::Setup(error.into())
    }
}

impl From<TransportError> for CliError {
    fn from(error: TransportError) -> Self {
        Self::Setup(error.into())
    }
}

impl From<ContractError> for CliError {
    fn from(error: ContractError) -> Self {
        Self::Setup(error.into())
    }
}
