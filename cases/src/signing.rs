//! How a request is signed (AWS Signature Version 4): properly, or with one thing wrong.

use serde::{Deserialize, Serialize};

/// What a signature says. In a run that signs nothing, [`Signing::Valid`] requests go unsigned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signing {
    /// All is as it should be.
    #[default]
    Valid,
    /// There is none.
    Absent,
    /// It names an access key id that nobody has.
    UnknownKey,
    /// It is made with another secret key than that of its access key id.
    WrongSecret,
    /// It was made a day ago.
    Expired,
    /// Its scope names another service.
    OtherService,
    /// Its scope names another region.
    OtherRegion,
    /// It was made for another body.
    TamperedBody,
    /// It was made for another query.
    TamperedQuery,
}

impl Signing {
    /// Every way but the right one.
    pub const INVALID: [Self; 8] = [
        Self::Absent,
        Self::UnknownKey,
        Self::WrongSecret,
        Self::Expired,
        Self::OtherService,
        Self::OtherRegion,
        Self::TamperedBody,
        Self::TamperedQuery,
    ];

    /// What is done to the request, as a phrase.
    pub fn about(self) -> &'static str {
        match self {
            Self::Valid => "signed",
            Self::Absent => "not signed",
            Self::UnknownKey => "signed with an access key id that nobody has",
            Self::WrongSecret => "signed with a wrong secret key",
            Self::Expired => "signed a day ago",
            Self::OtherService => "signed for another service",
            Self::OtherRegion => "signed for another region",
            Self::TamperedBody => "signed with another body",
            Self::TamperedQuery => "signed with another query",
        }
    }
}

/// What signatures are good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The region, such as `us-east-1`.
    pub region: String,
    /// The signing name of the service.
    pub service: String,
}
