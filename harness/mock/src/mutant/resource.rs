//! How resources are looked up.

use super::definition::{Mutant, mutant};
use crate::contract::{Dialect, Parameter};
use crate::protocol::ApiError;
use crate::resources::{By, DeploymentKey, Identifiers, Identity, NotFound, ResourceKind, Resources};
use crate::service::{Behavior, Reference};
use crate::toolkit::MapsErrors;

const BY_ID: &str = "start-configuration-session/accepts/by-id";
const BY_NAME: &str = "start-configuration-session/accepts/by-name";
const MIXED: &str = "start-configuration-session/accepts/mixed";
const PADDED: &str = "start-configuration-session/*-identifier/resource/surrounding-blanks";
const NESTING: &str = "start-configuration-session/*-identifier/nesting/of-another-application";

/// Cases with identifiers that name no resource.
const UNKNOWN: &[&str] = &[
    "start-configuration-session/*-identifier/resource/*",
    "start-configuration-session/*-identifier/length/at-*",
    "start-configuration-session/*-identifier/length/below-max",
    NESTING,
];

pub(super) const ALL: &[Mutant] = &[
    mutant("names-not-resolved")
        .about("Resources are found by id only.")
        .must_fail(&[BY_NAME, MIXED])
        .behavior(|| Box::new(Only(By::Id))),
    mutant("ids-not-resolved")
        .about("Resources are found by name only.")
        .must_fail(&[BY_ID, MIXED])
        .behavior(|| Box::new(Only(By::Name))),
    mutant("mixed-not-resolved")
        .about("The identifiers of a request must be all ids or all names.")
        .must_fail(&[MIXED])
        .behavior(|| Box::new(RefusesMixed)),
    mutant("non-ascii-names-not-found")
        .about("Names with non-ASCII characters are never found.")
        .must_fail(&[BY_NAME])
        .may_fail(&[MIXED])
        .behavior(|| Box::new(FindsAsciiOnly)),
    mutant("long-names-not-found")
        .about("Names of more than 32 characters are never found.")
        .must_fail(&[BY_NAME])
        .may_fail(&[MIXED])
        .behavior(|| Box::new(FindsShortOnly)),
    mutant("blanks-trimmed")
        .about("White space around an identifier is removed before the lookup.")
        .must_fail(&[PADDED])
        .may_fail(&["start-configuration-session/*/resource/control-character"])
        .behavior(|| Box::new(Trims)),
    mutant("environment-of-any-application")
        .about("An environment of another application is accepted.")
        .must_fail(&["start-configuration-session/environment-identifier/nesting/of-another-application"])
        .may_fail(&["start-configuration-session/configuration-profile-identifier/resource"])
        .behavior(|| Box::new(FindsElsewhere(ResourceKind::Environment))),
    mutant("profile-of-any-application")
        .about("A configuration profile of another application is accepted.")
        .must_fail(&[
            "start-configuration-session/configuration-profile-identifier/nesting/of-another-application",
        ])
        .behavior(|| Box::new(FindsElsewhere(ResourceKind::ConfigurationProfile))),
    mutant("first-resource-only")
        .about("Only the configuration that was deployed first is found.")
        .must_fail(&["start-configuration-session/accepts/*"])
        .behavior(|| Box::new(FindsFirstOnly)),
    mutant("configuration-of-another-resource")
        .about("Every session polls the configuration that was deployed first.")
        .must_fail(&["get-latest-configuration/response/configuration"])
        .behavior(|| Box::new(UsesFirst)),
    mutant("names-lead-to-first-resource")
        .about("A session that was started with names polls the configuration that was deployed first.")
        .must_fail(&["get-latest-configuration/response/configuration"])
        .behavior(|| Box::new(UsesFirstForNames)),
    mutant("unknown-resource-accepted")
        .about("A session starts for resources that do not exist.")
        .must_fail(&["start-configuration-session/*-identifier/resource/*", NESTING])
        .behavior(|| Box::new(AcceptsUnknown)),
    mutant("unknown-resource-is-a-bad-request")
        .about("Identifiers that name no resource get 400.")
        .must_fail(UNKNOWN)
        .behavior(|| Box::new(MapsErrors(|error| not_found_becomes(error, ApiError::Malformed)))),
    mutant("unknown-resource-fails")
        .about("Identifiers that name no resource make the server fail.")
        .must_fail(UNKNOWN)
        .behavior(|| Box::new(MapsErrors(|error| not_found_becomes(error, ApiError::Internal)))),
    mutant("unknown-environment-fails")
        .about("An environment that does not exist makes the server fail.")
        .must_fail(&[
            "start-configuration-session/environment-identifier/resource/*",
            "start-configuration-session/environment-identifier/nesting/*",
            "start-configuration-session/environment-identifier/length/at-*",
            "start-configuration-session/environment-identifier/length/below-max",
            // Applications with these names exist, but without the environment of the request.
            "start-configuration-session/application-identifier/length/at-min-one-byte",
            "start-configuration-session/application-identifier/length/at-max-one-byte",
        ])
        .behavior(|| {
            Box::new(MapsErrors(|error| match error {
                ApiError::NotFound(NotFound { kind: ResourceKind::Environment, .. }) => ApiError::Internal,
                other => other,
            }))
        }),
    mutant("look-up-before-constraints")
        .about("Resources are looked up before the constraints are checked.")
        .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/length/above-max*",
            "start-configuration-session/*-identifier/length/far-above-max",
        ])
        .may_fail(&["start-configuration-session/validation-first*"])
        .behavior(|| Box::new(LooksUpFirst)),
];

fn not_found_becomes(error: ApiError, other: ApiError) -> ApiError {
    if matches!(error, ApiError::NotFound(_)) { other } else { error }
}

struct Only(By);

impl Behavior for Only {
    fn identifies(&self, by: By, _: Parameter, requested: &str, identity: &Identity) -> bool {
        by == self.0 && requested == identity.by(by)
    }
}

struct RefusesMixed;

impl Behavior for RefusesMixed {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        Only(By::Id)
            .find_deployment(resources, identifiers)
            .or_else(|_| Only(By::Name).find_deployment(resources, identifiers))
    }
}

struct FindsAsciiOnly;

impl Behavior for FindsAsciiOnly {
    fn identifies(&self, by: By, _: Parameter, requested: &str, identity: &Identity) -> bool {
        requested.is_ascii() && requested == identity.by(by)
    }
}

struct FindsShortOnly;

impl Behavior for FindsShortOnly {
    fn identifies(&self, by: By, _: Parameter, requested: &str, identity: &Identity) -> bool {
        requested.chars().count() <= 32 && requested == identity.by(by)
    }
}

struct Trims;

impl Behavior for Trims {
    fn lookup_text(&self, _: Parameter, identifier: String, _: &Dialect) -> Result<String, ApiError> {
        Ok(identifier.trim().to_owned())
    }
}

/// Also finds a resource of this kind in other applications.
struct FindsElsewhere(ResourceKind);

impl Behavior for FindsElsewhere {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        let not_found = match Reference.find_deployment(resources, identifiers) {
            Err(not_found) if not_found.kind == self.0 => not_found,
            result => return result,
        };
        let elsewhere = resources.deployments().find_map(|([application, environment, profile], _)| {
            let (found, requested) = match self.0 {
                ResourceKind::Environment => (environment, &identifiers.environment),
                _ => (profile, &identifiers.profile),
            };
            let owner = Identifiers::new(application.id(), environment.id(), profile.id());
            (found.id() == requested || found.name() == requested).then_some(owner)
        });
        match elsewhere {
            Some(owner) => Reference.find_deployment(resources, &owner),
            None => Err(not_found),
        }
    }
}

struct FindsFirstOnly;

impl Behavior for FindsFirstOnly {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        match Reference.find_deployment(resources, identifiers)? {
            DeploymentKey(0) => Ok(DeploymentKey(0)),
            DeploymentKey(_) => Err(NotFound::unnamed()),
        }
    }
}

struct UsesFirst;

impl Behavior for UsesFirst {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        Reference.find_deployment(resources, identifiers).map(|_| DeploymentKey(0))
    }
}

struct UsesFirstForNames;

impl Behavior for UsesFirstForNames {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        let found = Reference.find_deployment(resources, identifiers)?;
        let is_by_name = Only(By::Name).find_deployment(resources, identifiers).is_ok();
        Ok(if is_by_name { DeploymentKey(0) } else { found })
    }
}

struct AcceptsUnknown;

impl Behavior for AcceptsUnknown {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        Reference.find_deployment(resources, identifiers).or(Ok(DeploymentKey(0)))
    }
}

struct LooksUpFirst;

impl Behavior for LooksUpFirst {
    fn reports_not_found_first(&self, _: &ApiError, _: &ApiError) -> bool {
        true
    }
}
