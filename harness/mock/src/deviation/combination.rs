//! Members that go wrong together, while each of them alone is read well.

use serde_json::value::RawValue;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::dialect::Dialect;
use crate::fault::Parameter::{
    self, ApplicationIdentifier, ConfigurationProfileIdentifier, EnvironmentIdentifier,
    RequiredMinimumPollIntervalInSeconds,
};
use crate::fault::{Fault, JsonType};
use crate::read::Members;
use crate::resources::{DeploymentKey, Identifiers, Identity, NotFound, Resources};

const COMBINATIONS: &str = "start-configuration-session/combinations/*";
const INVALID: &str = "start-configuration-session/combinations/invalid";
const UNKNOWN_MEMBERS: &str = "start-configuration-session/body/unknown-members";
const VALIDATION_FIRST: &str = "start-configuration-session/validation-first/*";

/// Writes the id of a requirement or case of the interval, which only the model has.
macro_rules! interval {
    ($rest:literal) => {
        concat!("start-configuration-session/required-minimum-poll-interval-in-seconds/", $rest)
    };
}

pub(super) const ALL: &[Deviation] = &[
    deviation("application-and-profile-at-max-refused")
    .about("An application and a profile of the maximum length, both in ASCII, are refused together.")
    .must_fail(&["start-configuration-session/combinations"])
    .may_fail(&[
            COMBINATIONS,
            // Where the name of an application or a profile that exists is as long.
            "start-configuration-session/*-identifier/length/at-max-one-byte",
            "start-configuration-session/*-identifier/length/below-max",
        ])
    .behaviour(|| {
            Box::new(Examines(|members, dialect| {
                let at_max = |parameter| {
                    members
                        .text(parameter)
                        .is_some_and(|text| text.is_ascii() && text.len() == *dialect.identifier_length.end())
                };
                let both = at_max(ApplicationIdentifier) && at_max(ConfigurationProfileIdentifier);
                refuse_if(both, members, Fault::Pattern(ApplicationIdentifier))
            }))
        }),
    deviation("application-and-environment-missing-fails")
    .about("A request without application and environment makes the server fail.")
    .must_fail(&[INVALID])
    .behaviour(|| {
            Box::new(Examines(|members, _| {
                let missing = |parameter: Parameter| !members.contains_key(parameter.name());
                let both = missing(ApplicationIdentifier) && missing(EnvironmentIdentifier);
                refuse_if(both, members, Fault::Internal)
            }))
        }),
    deviation("null-environment-excuses-long-profile")
    .about("Beside a null environment a profile that is too long is looked up.")
    .must_fail(&[INVALID])
    .behaviour(|| {
            Box::new(Examines(|mut members, dialect| {
                let null = members.get(EnvironmentIdentifier.name()).is_some_and(|raw| raw.get() == "null");
                if null && members.is_too_long(ConfigurationProfileIdentifier, dialect) {
                    members.set(EnvironmentIdentifier, "null");
                    members.set(ConfigurationProfileIdentifier, "long");
                }
                Ok(members)
            }))
        }),
    deviation("empty-environment-excused-by-missing-profile")
    .about("An empty environment without a profile is looked up.")
    .must_fail(&[INVALID])
    .behaviour(|| {
            Box::new(Examines(|mut members, _| {
                let empty = members.text(EnvironmentIdentifier).is_some_and(|text| text.is_empty());
                if empty && !members.contains_key(ConfigurationProfileIdentifier.name()) {
                    members.set(EnvironmentIdentifier, "empty");
                    members.set(ConfigurationProfileIdentifier, "missing");
                }
                Ok(members)
            }))
        }),
    deviation("two-wrong-types-fail")
    .about("Two identifiers that are no strings make the server fail.")
    .must_fail(&[INVALID])
    .behaviour(|| {
            Box::new(Examines(|members, _| {
                let wrong = |parameter: &&Parameter| {
                    members.get(parameter.name()).is_some_and(|raw| {
                        !matches!(JsonType::of(raw.get()), JsonType::String | JsonType::Null)
                    })
                };
                let two = IDENTIFIERS.iter().filter(wrong).count() >= 2;
                refuse_if(two, members, Fault::Internal)
            }))
        }),
    deviation("two-too-long-fail")
    .about("An application and an environment that are both too long make the server fail.")
    .must_fail(&[INVALID])
    .behaviour(|| {
            Box::new(Examines(|members, dialect| {
                let both = members.is_too_long(ApplicationIdentifier, dialect)
                    && members.is_too_long(EnvironmentIdentifier, dialect);
                refuse_if(both, members, Fault::Internal)
            }))
        }),
    deviation("two-unknown-resources-fail")
    .about("An application and a profile that both do not exist make the server fail.")
    .must_fail(&["start-configuration-session/combinations/unknown"])
    .behaviour(|| Box::new(TwoUnknown)),
    deviation("long-profile-unnoticed-beside-application-name")
    .about("A profile that is too long is cut and looked up where the application is given by its name.")
    .must_fail(&[
            "start-configuration-session/configuration-profile-identifier/length/above-max*",
            "start-configuration-session/configuration-profile-identifier/length/far-above-max",
        ])
    .may_fail(&[COMBINATIONS, VALIDATION_FIRST])
    .behaviour(|| {
            Box::new(Examines(|mut members, dialect| {
                if members.is_by_name(ApplicationIdentifier)
                    && members.is_too_long(ConfigurationProfileIdentifier, dialect)
                {
                    members.set(ConfigurationProfileIdentifier, "long");
                }
                Ok(members)
            }))
        }),
    deviation("unknown-member-beside-longest-name-refused")
    .about("A member that the contract does not know is refused beside an application of the maximum length.")
    .must_fail(&[UNKNOWN_MEMBERS])
    .may_fail(&["start-configuration-session/body/unknown-members/*", COMBINATIONS])
    .behaviour(|| {
            Box::new(Examines(|members, dialect| {
                let known = |name: &String| {
                    IDENTIFIERS.iter().any(|parameter| parameter.name() == name)
                        || name == RequiredMinimumPollIntervalInSeconds.name()
                };
                let longest = members.is_at_max(ApplicationIdentifier, dialect);
                let unknown = members.keys().any(|name| !known(name));
                refuse_if(longest && unknown, members, Fault::Malformed)
            }))
        }),
    deviation("interval-beside-longest-name-refused")
    .about("An interval is refused beside an environment of the maximum length.")
    .model_only()
    .must_fail(&[interval!("range")])
    .may_fail(&[interval!("range/*"), COMBINATIONS, "start-configuration-session/accepts"])
    .behaviour(|| {
            Box::new(Examines(|members, dialect| {
                let interval = members.get(RequiredMinimumPollIntervalInSeconds.name());
                let given = interval.is_some_and(|raw| raw.get() != "null");
                let both = given && members.is_at_max(EnvironmentIdentifier, dialect);
                refuse_if(both, members, Fault::Pattern(EnvironmentIdentifier))
            }))
        }),
    deviation("interval-unchecked-beside-application-name")
    .about("An interval out of range counts as absent where the application is given by its name.")
    .model_only()
    .must_fail(&[
            interval!("range/below-min"),
            interval!("range/above-max"),
            interval!("range/zero"),
            interval!("range/negative"),
        ])
    .may_fail(&[COMBINATIONS, VALIDATION_FIRST])
    .behaviour(|| {
            Box::new(Examines(|mut members, dialect| {
                let name = RequiredMinimumPollIntervalInSeconds.name();
                let interval = members.get(name).and_then(|raw| raw.get().parse::<i32>().ok());
                let unchecked = members.is_by_name(ApplicationIdentifier)
                    && dialect
                        .minimum_poll_interval
                        .as_ref()
                        .zip(interval)
                        .is_some_and(|(bounds, interval)| !bounds.contains(&interval));
                if unchecked {
                    members.remove(name);
                }
                Ok(members)
            }))
        }),
];

const IDENTIFIERS: [Parameter; 3] =
    [ApplicationIdentifier, EnvironmentIdentifier, ConfigurationProfileIdentifier];

/// Takes the members for others, or refuses them.
struct Examines(fn(Members, &Dialect) -> Result<Members, Fault>);

impl Behaviour for Examines {
    fn examine(&self, members: Members, dialect: &Dialect) -> Result<Members, Fault> {
        (self.0)(members, dialect)
    }
}

fn refuse_if(condition: bool, members: Members, fault: Fault) -> Result<Members, Fault> {
    if condition { Err(fault) } else { Ok(members) }
}

/// What can be asked of the members of a body.
trait Texts {
    /// The text of an identifier that is one.
    fn text(&self, parameter: Parameter) -> Option<String>;

    /// Gives an identifier another text.
    fn set(&mut self, parameter: Parameter, text: &str);

    fn is_too_long(&self, parameter: Parameter, dialect: &Dialect) -> bool {
        self.text(parameter).is_some_and(|text| text.chars().count() > *dialect.identifier_length.end())
    }

    fn is_at_max(&self, parameter: Parameter, dialect: &Dialect) -> bool {
        self.text(parameter).is_some_and(|text| text.chars().count() == *dialect.identifier_length.end())
    }

    /// Whether an identifier has not the form of an id.
    fn is_by_name(&self, parameter: Parameter) -> bool {
        self.text(parameter).is_some_and(|text| Identity::new(&text, "name").is_err())
    }
}

impl Texts for Members {
    fn text(&self, parameter: Parameter) -> Option<String> {
        serde_json::from_str(self.get(parameter.name())?.get()).ok()
    }

    fn set(&mut self, parameter: Parameter, text: &str) {
        if let Ok(raw) = serde_json::value::to_raw_value(text) {
            let _replaced: Option<Box<RawValue>> = self.insert(parameter.name().to_owned(), raw);
        }
    }
}

struct TwoUnknown;

impl Behaviour for TwoUnknown {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        let known = |wanted: &str, identity: &Identity| identity.id() == wanted || identity.name() == wanted;
        let mut applications = resources.applications().iter();
        let neither = applications.all(|application| {
            !known(&identifiers.application, application.identity())
                && !application.profiles().iter().any(|profile| known(&identifiers.profile, profile))
        });
        Reference.locate(resources, identifiers).map_err(|missing| {
            // What nothing refers to is told by `fault` below.
            if neither { NotFound { referenced_by: Vec::new(), ..missing } } else { missing }
        })
    }

    fn fault(&self, fault: Fault) -> Fault {
        match fault {
            Fault::NotFound(missing) if missing.referenced_by.is_empty() => Fault::Internal,
            other => other,
        }
    }
}
