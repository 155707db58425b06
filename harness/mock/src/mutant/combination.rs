//! Members that go wrong together, while each of them alone is handled well.

use serde_json::value::RawValue;

use super::definition::{Mutant, mutant};
use crate::contract::Dialect;
use crate::contract::Parameter::{
    self, ApplicationIdentifier, ConfigurationProfileIdentifier, EnvironmentIdentifier,
    RequiredMinimumPollIntervalInSeconds,
};
use crate::protocol::{ApiError, JsonType, Members};
use crate::resources::{DeploymentKey, Identifiers, Identity, NotFound, Resources};
use crate::service::{Behavior, Reference};

const COMBINATIONS: &str = "start-configuration-session/combinations/*";
const INVALID: &str = "start-configuration-session/combinations/invalid";
const UNKNOWN_MEMBERS: &str = "start-configuration-session/body/unknown-members";
const VALIDATION_FIRST: &str = "start-configuration-session/validation-first/*";

/// The id of a requirement or case about the interval, which only the model has.
macro_rules! interval {
    ($rest:literal) => {
        concat!("start-configuration-session/required-minimum-poll-interval-in-seconds/", $rest)
    };
}

pub(super) const ALL: &[Mutant] = &[
    mutant("application-and-profile-at-max-refused")
        .about("An application and a profile of the maximum length, both in ASCII, are refused together.")
        .must_fail(&["start-configuration-session/combinations"])
        .may_fail(&[
            COMBINATIONS,
            // Where an existing application or profile has a name of that length.
            "start-configuration-session/*-identifier/length/at-max-one-byte",
            "start-configuration-session/*-identifier/length/below-max",
        ])
        .behavior(|| {
            Box::new(AdjustsMembers(|members, dialect| {
                let both = members.is_ascii_at_max(ApplicationIdentifier, dialect)
                    && members.is_ascii_at_max(ConfigurationProfileIdentifier, dialect);
                refuse_if(both, members, ApiError::Pattern(ApplicationIdentifier))
            }))
        }),
    mutant("application-and-environment-missing-fails")
        .about("A request without application and environment makes the server fail.")
        .must_fail(&[INVALID])
        .behavior(|| {
            Box::new(AdjustsMembers(|members, _| {
                let neither = !members.contains_key(ApplicationIdentifier.name())
                    && !members.contains_key(EnvironmentIdentifier.name());
                refuse_if(neither, members, ApiError::Internal)
            }))
        }),
    mutant("long-profile-looked-up-with-null-environment")
        .about("A profile that is too long is looked up if the environment is null.")
        .must_fail(&[INVALID])
        .behavior(|| {
            Box::new(AdjustsMembers(|mut members, dialect| {
                let null = members.get(EnvironmentIdentifier.name()).is_some_and(|raw| raw.get() == "null");
                if null && members.is_too_long(ConfigurationProfileIdentifier, dialect) {
                    members.set_text(EnvironmentIdentifier, "null");
                    members.set_text(ConfigurationProfileIdentifier, "long");
                }
                Ok(members)
            }))
        }),
    mutant("empty-environment-looked-up-without-profile")
        .about("An empty environment is looked up if there is no profile.")
        .must_fail(&[INVALID])
        .behavior(|| {
            Box::new(AdjustsMembers(|mut members, _| {
                let empty = members.text(EnvironmentIdentifier).is_some_and(|text| text.is_empty());
                if empty && !members.contains_key(ConfigurationProfileIdentifier.name()) {
                    members.set_text(EnvironmentIdentifier, "empty");
                    members.set_text(ConfigurationProfileIdentifier, "missing");
                }
                Ok(members)
            }))
        }),
    mutant("two-wrong-types-fail")
        .about("Two identifiers that are not strings make the server fail.")
        .must_fail(&[INVALID])
        .behavior(|| {
            Box::new(AdjustsMembers(|members, _| {
                let wrong = Parameter::IDENTIFIERS.iter().filter(|parameter| {
                    members.get(parameter.name()).is_some_and(|raw| {
                        !matches!(JsonType::of(raw.get()), JsonType::String | JsonType::Null)
                    })
                });
                let two = wrong.count() >= 2;
                refuse_if(two, members, ApiError::Internal)
            }))
        }),
    mutant("two-too-long-fail")
        .about("An application and an environment that are both too long make the server fail.")
        .must_fail(&[INVALID])
        .behavior(|| {
            Box::new(AdjustsMembers(|members, dialect| {
                let both = members.is_too_long(ApplicationIdentifier, dialect)
                    && members.is_too_long(EnvironmentIdentifier, dialect);
                refuse_if(both, members, ApiError::Internal)
            }))
        }),
    mutant("two-unknown-resources-fail")
        .about("An application and a profile that both do not exist make the server fail.")
        .must_fail(&["start-configuration-session/combinations/unknown"])
        .behavior(|| Box::new(FailsOnTwoUnknown)),
    mutant("long-profile-cut-with-application-name")
        .about("A profile that is too long is cut and looked up if the application is given by its name.")
        .must_fail(&[
            "start-configuration-session/configuration-profile-identifier/length/above-max*",
            "start-configuration-session/configuration-profile-identifier/length/far-above-max",
        ])
        .may_fail(&[COMBINATIONS, VALIDATION_FIRST])
        .behavior(|| {
            Box::new(AdjustsMembers(|mut members, dialect| {
                if members.is_by_name(ApplicationIdentifier)
                    && members.is_too_long(ConfigurationProfileIdentifier, dialect)
                {
                    members.set_text(ConfigurationProfileIdentifier, "long");
                }
                Ok(members)
            }))
        }),
    mutant("unknown-member-with-longest-name-refused")
        .about("An unknown member is refused if the application has the maximum length.")
        .must_fail(&[UNKNOWN_MEMBERS])
        .may_fail(&["start-configuration-session/body/unknown-members/*", COMBINATIONS])
        .behavior(|| {
            Box::new(AdjustsMembers(|members, dialect| {
                let longest = members.is_at_max(ApplicationIdentifier, dialect);
                let unknown = members
                    .keys()
                    .any(|name| Parameter::OF_START.iter().all(|parameter| parameter.name() != name));
                refuse_if(longest && unknown, members, ApiError::Malformed)
            }))
        }),
    mutant("interval-with-longest-name-refused")
        .about("An interval is refused if the environment has the maximum length.")
        .model_only()
        .must_fail(&[interval!("range")])
        .may_fail(&[interval!("range/*"), COMBINATIONS, "start-configuration-session/accepts"])
        .behavior(|| {
            Box::new(AdjustsMembers(|members, dialect| {
                let interval = members.get(RequiredMinimumPollIntervalInSeconds.name());
                let given = interval.is_some_and(|raw| raw.get() != "null");
                let both = given && members.is_at_max(EnvironmentIdentifier, dialect);
                refuse_if(both, members, ApiError::Pattern(EnvironmentIdentifier))
            }))
        }),
    mutant("interval-unchecked-with-application-name")
        .about("An interval out of range counts as absent if the application is given by its name.")
        .model_only()
        .must_fail(&[
            interval!("range/below-min"),
            interval!("range/above-max"),
            interval!("range/zero"),
            interval!("range/negative"),
        ])
        .may_fail(&[COMBINATIONS, VALIDATION_FIRST])
        .behavior(|| {
            Box::new(AdjustsMembers(|mut members, dialect| {
                let name = RequiredMinimumPollIntervalInSeconds.name();
                let interval = members.get(name).and_then(|raw| raw.get().parse::<i32>().ok());
                let bounds = dialect.minimum_poll_interval.as_ref();
                let out_of_range =
                    bounds.zip(interval).is_some_and(|(bounds, interval)| !bounds.contains(&interval));
                if out_of_range && members.is_by_name(ApplicationIdentifier) {
                    members.remove(name);
                }
                Ok(members)
            }))
        }),
];

/// Changes the members, or refuses them.
struct AdjustsMembers(fn(Members, &Dialect) -> Result<Members, ApiError>);

impl Behavior for AdjustsMembers {
    fn adjust_members(&self, members: Members, dialect: &Dialect) -> Result<Members, ApiError> {
        (self.0)(members, dialect)
    }
}

fn refuse_if(condition: bool, members: Members, error: ApiError) -> Result<Members, ApiError> {
    if condition { Err(error) } else { Ok(members) }
}

/// The identifiers among the members of a body.
trait IdentifierMembers {
    /// The text of an identifier, if it is a string.
    fn text(&self, parameter: Parameter) -> Option<String>;

    /// Replaces the text of an identifier.
    fn set_text(&mut self, parameter: Parameter, text: &str);

    fn is_too_long(&self, parameter: Parameter, dialect: &Dialect) -> bool {
        self.text(parameter).is_some_and(|text| text.chars().count() > *dialect.identifier_length.end())
    }

    fn is_at_max(&self, parameter: Parameter, dialect: &Dialect) -> bool {
        self.text(parameter).is_some_and(|text| text.chars().count() == *dialect.identifier_length.end())
    }

    fn is_ascii_at_max(&self, parameter: Parameter, dialect: &Dialect) -> bool {
        self.text(parameter).is_some_and(|text| text.is_ascii()) && self.is_at_max(parameter, dialect)
    }

    /// Whether an identifier does not have the form of an id.
    fn is_by_name(&self, parameter: Parameter) -> bool {
        self.text(parameter).is_some_and(|text| Identity::new(&text, "name").is_err())
    }
}

impl IdentifierMembers for Members {
    fn text(&self, parameter: Parameter) -> Option<String> {
        serde_json::from_str(self.get(parameter.name())?.get()).ok()
    }

    fn set_text(&mut self, parameter: Parameter, text: &str) {
        if let Ok(raw) = serde_json::value::to_raw_value(text) {
            let _replaced: Option<Box<RawValue>> = self.insert(parameter.name().to_owned(), raw);
        }
    }
}

struct FailsOnTwoUnknown;

impl Behavior for FailsOnTwoUnknown {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        let is_named =
            |requested: &str, identity: &Identity| identity.id() == requested || identity.name() == requested;
        let mut applications = resources.applications().iter();
        let neither_exists = applications.all(|application| {
            !is_named(&identifiers.application, application.identity())
                && !application.profiles().iter().any(|profile| is_named(&identifiers.profile, profile))
        });
        Reference.find_deployment(resources, identifiers).map_err(|not_found| {
            // `map_error` recognizes it by the missing references.
            if neither_exists { NotFound { referenced_by: Vec::new(), ..not_found } } else { not_found }
        })
    }

    fn map_error(&self, error: ApiError) -> ApiError {
        match error {
            ApiError::NotFound(not_found) if not_found.referenced_by.is_empty() => ApiError::Internal,
            other => other,
        }
    }
}
