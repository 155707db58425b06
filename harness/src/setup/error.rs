//! What stops a command before it has judged anything: exit code 2, or 3 if it is the target that refuses.

use std::fmt;
use std::path::PathBuf;

use cases::contract::ContractError;
use mock::named::UnknownName;

use crate::client::error::TransportError;
use crate::config::fixtures::FixturesError;
use crate::config::known_failures::KnownFailuresError;
use crate::config::user_file::FileError;
use crate::results::checkpoint::JournalError;

/// The exit code of wrong usage, configuration or contract.
pub const USAGE: u8 = 2;

/// Each names the input, where it is, and what would be right.
#[derive(thiserror::Error)]
pub enum CliError {
    /// A variable that stands for an argument.
    #[error("{0}")]
    Variable(String),
    /// A variable of the environment that no flag has.
    #[error(
        "{name}: no flag of boundstone has this variable; the nearest is {nearest}: correct or unset it (`boundstone help run` lists them)"
    )]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The one that may be meant.
        nearest: String,
    },
    /// A file that the user names cannot be read.
    #[error(transparent)]
    UserFile(#[from] FileError),
    /// The contract file cannot be used.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The fixtures file cannot be used.
    #[error(transparent)]
    Fixtures(#[from] FixturesError),
    /// The fixtures of two endpoints that are compared do not have the same form.
    #[error("--fixtures-b {}: {problem}; the two are compared entry by entry", path.display())]
    FixturesDiffer {
        /// The file.
        path: PathBuf,
        /// Where they differ.
        problem: String,
    },
    /// What is wrong with one of two endpoints that are compared.
    #[error("{name}: {error}")]
    Side {
        /// Which of them.
        name: &'static str,
        /// What is wrong.
        error: Box<CliError>,
    },
    /// The known failures cannot be used.
    #[error(transparent)]
    KnownFailures(#[from] KnownFailuresError),
    /// Known failures that are not to be written over.
    #[error(
        "--write-known-failures {}: the file exists; with --known-failures {} its entries are kept",
        path.display(), path.display()
    )]
    KnownFailuresExist {
        /// The file.
        path: PathBuf,
    },
    /// No built-in contract describes the service.
    #[error("--changes: boundstone has no contract of its own for the service {service} of {contract}")]
    NoBuiltIn {
        /// The contract.
        contract: String,
        /// The id of its service.
        service: String,
    },
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
    /// Two things of the contract have one id.
    #[error(
        "the contract `{contract}` gives two requirements or cases the id `{id}`: names that differ in their \
         case or in hyphens alone cannot be told apart"
    )]
    ContractClash {
        /// The contract.
        contract: String,
        /// The id.
        id: String,
    },
    /// The contract does not say for which service requests are signed.
    #[error("--sigv4: the service of the contract `{contract}` has no trait `aws.auth#sigv4`")]
    NoSigningName {
        /// The contract.
        contract: String,
    },
    /// There are no credentials.
    #[error(
        "--sigv4: no credentials: {problem}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile \
         with AWS_PROFILE, or log in by SSO (web identity, container and instance were tried too)"
    )]
    NoCredentials {
        /// What went wrong, without details that may be secret.
        problem: String,
    },
    /// There is no region.
    #[error("--sigv4: no region: name it with --region, AWS_REGION, or in the profile")]
    NoRegion,
    /// Two authorizations.
    #[error("--sigv4: a --header gives Authorization already; a request has one of the two")]
    SignedTwice,
    /// The program has no code to sign.
    #[cfg(not(feature = "aws"))]
    #[error("--sigv4: built without the feature `aws`, boundstone cannot sign for {service}")]
    CannotSign {
        /// The signing name.
        service: String,
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
    #[error("{}:{problem}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, after its place.
        problem: String,
    },
    /// The reports cannot be written.
    #[error("--out {}: {error}; a folder that can be written to is expected", path.display())]
    Out {
        /// The folder, or the file in it.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file cannot be written or read.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A file is no report.
    #[error("{}: {error}", path.display())]
    Report {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: reports::render::json::ParseError,
    },
    /// Reports that do not make one.
    #[error(transparent)]
    Merge(#[from] reports::history::MergeError),
    /// A finding that the report does not have.
    #[error("finding {number}: the report has {count}")]
    Finding {
        /// As given.
        number: usize,
        /// How many there are, in words.
        count: String,
    },
    /// There is no such deviation or variant.
    #[error("--{sort}: {0}", sort = .0.sort)]
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
    /// Tests cannot be made so.
    #[error("{0}")]
    Trials(&'static str),
    /// `--provision` cannot be combined so, or its arguments cannot be used.
    #[error("{0}")]
    Provision(String),
    /// `--resume` cannot be combined so.
    #[error("--resume: {0}")]
    Resume(&'static str),
    /// The journal of the run cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The control plane refused.
    #[error("{0}")]
    Refused(String),
    /// The address cannot be listened on.
    #[error("--listen {address}: {error}; a free address of this machine is expected, such as 127.0.0.1:0")]
    Listen {
        /// As given.
        address: String,
        /// Why not.
        error: std::io::Error,
    },
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

/// As it is displayed: a `main` that returns it shows it so.
impl fmt::Debug for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
