//! How a request is signed (AWS Signature Version 4): properly, or with one thing wrong.

use serde::{Deserialize, Serialize};

/// An access key id that nobody has: those that AWS issues hold no zero.
pub const UNKNOWN_KEY: &str = "AKIA0BOUNDSTONE00000";
/// A secret key that belongs to nobody.
pub const WRONG_SECRET: &str = "boundstone";
/// The signing name of no service.
const OTHER_SERVICE: &str = "boundstone";
/// Two regions, one of which is another.
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The region, such as `us-east-1`.
    pub region: String,
    /// The signing name of the service.
    pub service: String,
}

impl Scope {
    /// What a request that is signed so is signed for.
    #[must_use]
    pub fn of(&self, signing: Signing) -> Self {
        let Self { mut region, mut service } = self.clone();
        match signing {
            Signing::OtherService => OTHER_SERVICE.clone_into(&mut service),
            Signing::OtherRegion => {
                let other = if region == REGIONS[0] { REGIONS[1] } else { REGIONS[0] };
                other.clone_into(&mut region);
            }
            _ => {}
        }
        Self { region, service }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_scope_is_never_the_right_one() {
        for region in ["us-east-1", "eu-west-1", "x"] {
            let scope = Scope { region: region.to_owned(), service: "bakery".to_owned() };
            let differing = |signing| scope.of(signing) != scope;
            let other = [Signing::OtherService, Signing::OtherRegion];
            assert!(other.into_iter().all(differing));
            let others = Signing::INVALID.into_iter().filter(|signing| !other.contains(signing));
            assert!(!others.chain([Signing::Valid]).any(differing));
        }
    }
}
