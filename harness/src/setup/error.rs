//! Why a configuration cannot be used. The command line and the library share these errors, so messages
//! name settings as `boundstone.toml` does, without the dashes of a flag.

use std::fmt;

use cases::contract::ContractError;

use crate::client::error::TransportError;
use crate::config::fixtures::FixturesError;
use crate::config::known_failures::KnownFailuresError;
use crate::config::user_file::FileError;

/// Why a configuration cannot be used. The message names the setting, what is wrong, and the remedy.
#[derive(thiserror::Error)]
pub enum SetupError {
    /// An environment variable has a value that its setting does not accept.
    #[error("{0}")]
    Variable(String),
    /// An environment variable that belongs to no setting.
    #[error(
        "{name}: no setting of boundstone has this variable; the nearest is {nearest}: correct or unset it \
         (`boundstone help run` lists them)"
    )]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The most similar variable that boundstone has.
        nearest: String,
    },
    /// An environment variable that `boundstone run` supports and a test does not.
    #[error("{0}: a test does not support this variable; unset it, or use `boundstone run`")]
    VariableOfRun(&'static str),
    /// A file of the user cannot be read.
    #[error(transparent)]
    UserFile(#[from] FileError),
    /// The contract file cannot be used.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// Two requirements or cases of the contract have one id.
    #[error(
        "contract {contract}: two requirements or cases have the id `{id}`, since their names differ only in \
         case or hyphens; rename one of them in the model"
    )]
    ContractClash {
        /// The contract.
        contract: String,
        /// The id.
        id: String,
    },
    /// The mock cannot serve the contract.
    #[error("contract {contract}: the mock cannot serve it: {problem}")]
    NotServed {
        /// The contract.
        contract: String,
        /// Why not.
        problem: String,
    },
    /// The mock cannot listen on an address.
    #[error("cannot listen on {address}: {error}; use a free address of this machine, such as 127.0.0.1:0")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        error: std::io::Error,
    },
    /// The fixtures cannot be used.
    #[error(transparent)]
    Fixtures(#[from] FixturesError),
    /// A target has no fixtures, so there is nothing to test.
    #[error(
        "fixtures: none are known for the target, so nothing can be tested; name a resource with \
         Target::fixtures, Target::fixtures_file or BOUNDSTONE_FIXTURES"
    )]
    NoFixtures,
    /// The known failures cannot be used.
    #[error(transparent)]
    KnownFailures(#[from] KnownFailuresError),
    /// The connection to the target cannot be set up.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A connection setting without a target.
    #[error("{setting}: no target is named, and the embedded mock is connected to directly; name a target")]
    NoTarget {
        /// The setting.
        setting: &'static str,
    },
    /// A header is not `Name: value`.
    #[error("header: value {number} is not `Name: value`")]
    Header {
        /// The position of the header, from 1. Its text may be a secret.
        number: usize,
    },
    /// The contract does not name the service that requests are signed for.
    #[error("sigv4: the service of the contract `{contract}` has no trait `aws.auth#sigv4`")]
    NoSigningName {
        /// The contract.
        contract: String,
    },
    /// There are no credentials.
    #[error(
        "sigv4: no credentials: {problem}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile \
         with AWS_PROFILE, or log in with SSO (web identity, container and instance were tried too)"
    )]
    NoCredentials {
        /// What went wrong, without details that may be secret.
        problem: String,
    },
    /// There is no region.
    #[error("sigv4: no region; set `region`, AWS_REGION, or the region of the profile")]
    NoRegion,
    /// A header and the signature both set `Authorization`.
    #[error("sigv4: a header sets Authorization already; remove the header, or do not sign")]
    SignedTwice,
    /// This build cannot sign.
    #[cfg(not(feature = "aws"))]
    #[error("sigv4: this build cannot sign for {service}; build boundstone with the feature `aws`")]
    CannotSign {
        /// The signing name.
        service: String,
    },
    /// A duration that is not above zero.
    #[error("{setting} {value}: a duration above zero is expected, such as 10s")]
    Duration {
        /// The setting.
        setting: &'static str,
        /// The value.
        value: String,
    },
    /// A pattern that matches no case.
    #[error(
        "{setting} {pattern}: matches no case of the contract `{contract}`; `boundstone list` shows them"
    )]
    Pattern {
        /// The setting.
        setting: &'static str,
        /// The pattern.
        pattern: String,
        /// The contract.
        contract: String,
    },
    /// The patterns leave no case to run.
    #[error("only and skip leave no case to run; change one of them")]
    NothingSelected,
}

/// The message: a `main` that returns the error prints it.
impl fmt::Debug for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
