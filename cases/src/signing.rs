//! How a request is signed (AWS Signature Version 4): correctly, or with one thing wrong.

use serde::{Deserialize, Serialize};

/// An access key id that nobody has: AWS issues none with a zero.
pub const UNKNOWN_KEY: &str = "AKIA0BOUNDSTONE00000";
/// A secret key that belongs to nobody.
pub const WRONG_SECRET: &str = "boundstone";
/// The signing name of no service.
const OTHER_SERVICE: &str = "boundstone";
/// At least one of these regions is not the region of a scope.
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// What is wrong with the signature of a request. A run that signs nothing sends [`Signing::Valid`] requests unsigned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signing {
    /// Nothing is wrong.
    #[default]
    Valid,
    /// There is no signature.
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
    /// What the request is, as a phrase.
    pub fn description(self) -> &'static str {
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

/// The scope of a signature.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The region, such as `us-east-1`.
    pub region: String,
    /// The signing name of the service.
    pub service: String,
}

impl Scope {
    /// The scope of a request that is signed in this way.
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
    fn wrong_scope_differs_from_the_right_one() {
        for region in ["us-east-1", "eu-west-1", "x"] {
            let scope = Scope { region: region.to_owned(), service: "bakery".to_owned() };
            for (signing, expected) in [
                (Signing::OtherService, true),
                (Signing::OtherRegion, true),
                (Signing::WrongSecret, false),
                (Signing::Valid, false),
            ] {
                assert_eq!(scope.of(signing) != scope, expected, "{signing:?} in {region}");
            }
        }
    }
}
