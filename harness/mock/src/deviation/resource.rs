//! Looking up the resources.

use super::{Deviation, Reports, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::{Fault, Parameter};
use crate::resources::{By, DeploymentKey, Identifiers, Identity, NotFound, ResourceKind, Resources};

const BY_ID: &str = "start-configuration-session/accepts/by-id";
const BY_NAME: &str = "start-configuration-session/accepts/by-name";
const MIXED: &str = "start-configuration-session/accepts/mixed";
const PADDED: &str = "start-configuration-session/*-identifier/resource/surrounding-blanks";
const NESTING: &str = "start-configuration-session/*-identifier/nesting/of-another-application";

/// Identifiers that name nothing, and whatever else the request names.
const UNKNOWN: &[&str] = &[
    "start-configuration-session/*-identifier/resource/*",
    "start-configuration-session/*-identifier/length/at-*",
    "start-configuration-session/*-identifier/length/below-max",
    NESTING,
];

pub(super) const ALL: &[Deviation] = &[
    deviation("names-not-resolved")
    .about("Resources are found by their ids only.")
    .must_fail(&[BY_NAME, MIXED])
    .behaviour(|| Box::new(Only(By::Id))),
    deviation("ids-not-resolved")
    .about("Resources are found by their names only.")
    .must_fail(&[BY_ID, MIXED])
    .behaviour(|| Box::new(Only(By::Name))),
    deviation("mixed-not-resolved")
    .about("The identifiers of a request have to be all ids or all names.")
    .must_fail(&[MIXED])
    .behaviour(|| Box::new(Unmixed)),
    deviation("non-ascii-names-not-found")
    .about("Names with characters outside of ASCII are never found.")
    .must_fail(&[BY_NAME])
    .may_fail(&[MIXED])
    .behaviour(|| Box::new(AsciiNames)),
    deviation("long-names-not-found")
    .about("Names of more than 32 characters are never found.")
    .must_fail(&[BY_NAME])
    .may_fail(&[MIXED])
    .behaviour(|| Box::new(ShortNames)),
    deviation("blanks-trimmed")
    .about("Blanks around an identifier are dropped before it is looked up.")
    .must_fail(&[PADDED])
    .may_fail(&["start-configuration-session/*/resource/control-character"])
    .behaviour(|| Box::new(Trims)),
    deviation("environment-of-any-application")
    .about("An environment of another application is accepted.")
    .must_fail(&["start-configuration-session/environment-identifier/nesting/of-another-application"])
    .may_fail(&["start-configuration-session/configuration-profile-identifier/resource"])
    .behaviour(|| Box::new(Borrows(ResourceKind::Environment))),
    deviation("profile-of-any-application")
    .about("A configuration profile of another application is accepted.")
    .must_fail(&[
            "start-configuration-session/configuration-profile-identifier/nesting/of-another-application",
        ])
    .behaviour(|| Box::new(Borrows(ResourceKind::ConfigurationProfile))),
    deviation("first-resource-only")
    .about("Only the configuration that was deployed first can be reached.")
    .must_fail(&["start-configuration-session/accepts/*"])
    .behaviour(|| Box::new(FirstOnly)),
    deviation("configuration-of-another-resource")
    .about("Every session polls the configuration that was deployed first.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .behaviour(|| Box::new(AlwaysFirst)),
    deviation("names-lead-to-first-resource")
    .about("A session for a resource that is named by its name polls the configuration that was deployed first.")
    .must_fail(&["get-latest-configuration/response/configuration"])
    .behaviour(|| Box::new(FirstByName)),
    deviation("unknown-resource-accepted")
    .about("A session starts for resources that do not exist.")
    .must_fail(&["start-configuration-session/*-identifier/resource/*", NESTING])
    .behaviour(|| Box::new(AcceptsUnknown)),
    deviation("unknown-resource-is-a-bad-request")
    .about("Identifiers that name nothing are refused as malformed.")
    .must_fail(UNKNOWN)
    .behaviour(|| Box::new(Reports(|fault| not_found_becomes(fault, Fault::Malformed)))),
    deviation("unknown-resource-fails")
    .about("Identifiers that name nothing make the server fail.")
    .must_fail(UNKNOWN)
    .behaviour(|| Box::new(Reports(|fault| not_found_becomes(fault, Fault::Internal)))),
    deviation("unknown-environment-fails")
    .about("An environment that does not exist makes the server fail.")
    .must_fail(&[
            "start-configuration-session/environment-identifier/resource/*",
            "start-configuration-session/environment-identifier/nesting/*",
            "start-configuration-session/environment-identifier/length/at-*",
            "start-configuration-session/environment-identifier/length/below-max",
            // Applications of these names exist, but not with the environment of the request.
            "start-configuration-session/application-identifier/length/at-min-one-byte",
            "start-configuration-session/application-identifier/length/at-max-one-byte",
        ])
    .behaviour(|| {
            Box::new(Reports(|fault| match fault {
                Fault::NotFound(NotFound { kind: ResourceKind::Environment, .. }) => Fault::Internal,
                other => other,
            }))
        }),
    deviation("look-up-before-constraints")
    .about("Resources are looked up before the constraints are checked.")
    .must_fail(&[
            "start-configuration-session/*-identifier/length/empty",
            "start-configuration-session/*-identifier/length/above-max*",
            "start-configuration-session/*-identifier/length/far-above-max",
        ])
    .may_fail(&["start-configuration-session/validation-first*"])
    .behaviour(|| Box::new(LooksUpFirst)),
];

fn not_found_becomes(fault: Fault, other: Fault) -> Fault {
    if matches!(fault, Fault::NotFound(_)) { other } else { fault }
}

struct Only(By);

impl Behaviour for Only {
    fn means(&self, by: By, _: Parameter, wanted: &str, identity: &Identity) -> bool {
        by == self.0 && wanted == identity.by(by)
    }
}

struct Unmixed;

impl Behaviour for Unmixed {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        Only(By::Id).locate(resources, identifiers).or_else(|_| Only(By::Name).locate(resources, identifiers))
    }
}

struct AsciiNames;

impl Behaviour for AsciiNames {
    fn means(&self, by: By, _: Parameter, wanted: &str, identity: &Identity) -> bool {
        wanted.is_ascii() && wanted == identity.by(by)
    }
}

struct ShortNames;

impl Behaviour for ShortNames {
    fn means(&self, by: By, _: Parameter, wanted: &str, identity: &Identity) -> bool {
        wanted.chars().count() <= 32 && wanted == identity.by(by)
    }
}

struct Trims;

impl Behaviour for Trims {
    fn looked_up(&self, _: Parameter, identifier: String, _: &Dialect) -> Result<String, Fault> {
        Ok(identifier.trim().to_owned())
    }
}

/// Finds a resource of this kind in other applications too.
struct Borrows(ResourceKind);

impl Behaviour for Borrows {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        let not_found = match Reference.locate(resources, identifiers) {
            Err(not_found) if not_found.kind == self.0 => not_found,
            result => return result,
        };
        let borrowed = resources.deployments().find_map(|([application, environment, profile], _)| {
            let (lent, wanted) = match self.0 {
                ResourceKind::Environment => (environment, &identifiers.environment),
                _ => (profile, &identifiers.profile),
            };
            let owner = Identifiers::new(application.id(), environment.id(), profile.id());
            (lent.id() == wanted || lent.name() == wanted).then_some(owner)
        });
        match borrowed {
            Some(owner) => Reference.locate(resources, &owner),
            None => Err(not_found),
        }
    }
}

struct FirstOnly;

impl Behaviour for FirstOnly {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        match Reference.locate(resources, identifiers)? {
            DeploymentKey(0) => Ok(DeploymentKey(0)),
            DeploymentKey(_) => Err(NotFound { kind: ResourceKind::Deployment, referenced_by: Vec::new() }),
        }
    }
}

struct AlwaysFirst;

impl Behaviour for AlwaysFirst {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        Reference.locate(resources, identifiers).map(|_| DeploymentKey(0))
    }
}

struct FirstByName;

impl Behaviour for FirstByName {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        let found = Reference.locate(resources, identifiers)?;
        let is_by_name = Only(By::Name).locate(resources, identifiers).is_ok();
        Ok(if is_by_name { DeploymentKey(0) } else { found })
    }
}

struct AcceptsUnknown;

impl Behaviour for AcceptsUnknown {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        Reference.locate(resources, identifiers).or(Ok(DeploymentKey(0)))
    }
}

struct LooksUpFirst;

impl Behaviour for LooksUpFirst {
    fn looks_up_first(&self, _: &Fault, _: &Fault) -> bool {
        true
    }
}
