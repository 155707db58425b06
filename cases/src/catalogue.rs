//! The catalogue: every requirement of a contract, and the cases that test it.
//!
//! One module for each sort of requirement. To add a partition, add a line to its module; to add a
//! sort of requirement, add a module and call it in [`Catalogue::of`].

mod accepts;
mod body;
mod choice;
mod combinations;
mod duplicates;
mod encoding;
mod errors;
mod http;
mod interval;
mod json_type;
mod length;
mod limits;
mod names;
mod open;
mod pattern;
mod presence;
mod range;
mod recovery;
mod resource;
mod response;
mod sessions;
mod signature;
mod single_use;
mod stability;
mod unknown_members;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use proptest::strategy::BoxedStrategy;
use sha2::{Digest, Sha256};

use crate::contract::{Contract, Member, Operation, Shape};
use crate::fixture::{Fixture, Naming};
use crate::form::Form;
use crate::id::{CaseId, Level, RequirementId};
use crate::requirement::Requirement;
use crate::sample::{Deviation, Sample, Sampler, World, distinct_pairs, foreign_pairs};
use crate::signing::Signing;
use crate::value::Value;

/// Random samples of a case whose values are not random.
const FEW: usize = 4;
/// The same where it hardly matters which resource a request is for.
const FEWEST: usize = 2;

/// Every requirement and case of a contract, in the order of the contract.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The requirements.
    pub requirements: Vec<Requirement>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A partition made runnable.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its stable id.
    pub id: CaseId,
    /// The requirement it tests.
    pub requirement: RequirementId,
    /// The operation it calls.
    pub operation: String,
    /// What its requests have in common, as a phrase.
    pub about: String,
    /// How its requests differ from a valid call.
    pub deviation: Deviation,
}

/// The seed of one case: whatever else runs, the case draws the same data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseSeed(pub [u8; 32]);

impl Catalogue {
    /// Derives the catalogue of a contract.
    pub fn of(contract: &Contract) -> Self {
        let mut catalogue = Self { requirements: Vec::new(), cases: Vec::new() };
        for operation in &contract.operations {
            let mut section = Section { contract, operation, catalogue: &mut catalogue };
            accepts::add(&mut section);
            for member in &operation.input {
                presence::add(&mut section, member);
                json_type::add(&mut section, member);
                length::add(&mut section, member);
                pattern::add(&mut section, member);
                range::add(&mut section, member);
                choice::add(&mut section, member);
                resource::add(&mut section, member);
                single_use::add(&mut section, member);
            }
            body::add(&mut section);
            unknown_members::add(&mut section);
            limits::add(&mut section);
            encoding::add(&mut section);
            duplicates::add(&mut section);
            open::add(&mut section);
            http::add(&mut section);
            signature::add(&mut section);
            interval::add(&mut section);
            combinations::add(&mut section);
            sessions::add(&mut section);
            recovery::add(&mut section);
            stability::add(&mut section);
            response::add(&mut section);
            errors::add(&mut section);
        }
        catalogue
    }

    /// An id that two requirements or two cases have, if names of the contract are so much alike, or
    /// like a name that boundstone gives. Nothing could be said of either.
    pub fn clash(&self) -> Option<&str> {
        fn twice<'a>(mut ids: impl Iterator<Item = &'a str>) -> Option<&'a str> {
            let mut seen = BTreeSet::new();
            ids.find(|id| !seen.insert(*id))
        }
        twice(self.requirements.iter().map(|requirement| requirement.id.as_str()))
            .or_else(|| twice(self.cases.iter().map(|case| case.id.as_str())))
    }

    /// The requirement of that id.
    pub fn requirement(&self, id: &RequirementId) -> Option<&Requirement> {
        self.requirements.iter().find(|requirement| requirement.id == *id)
    }

    /// The case of that id.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.id.as_str() == id)
    }
}

impl Case {
    /// The strategies of the case: one for each boundary, then the one for everything.
    pub fn strategies(&self, world: &Arc<World>) -> Vec<BoxedStrategy<Sample>> {
        let Some(operation) = world.contract.operation(&self.operation) else { return Vec::new() };
        let operation = operation.clone();
        let sampler = Sampler { world: Arc::clone(world), operation, requirement: self.requirement.clone() };
        sampler.strategies(&self.deviation)
    }

    /// Whether its requests have a form that HTTP/1.1 alone has.
    pub fn needs_http1(&self) -> bool {
        let Deviation::Form(forms) = &self.deviation else { return false };
        forms.iter().all(|form| matches!(form, Form::Chunked | Form::TitleCase))
    }

    /// What the fixtures lack to run the case, if they lack anything.
    pub fn lacks(&self, fixtures: &[Fixture]) -> Option<String> {
        if fixtures.is_empty() {
            return Some("needs a resource that exists on the target".to_owned());
        }
        if let Deviation::Foreign { .. } = self.deviation {
            let none = foreign_pairs(fixtures).is_empty();
            return none.then(|| {
                "needs two fixtures, known by their ids, that lie within different resources".to_owned()
            });
        }
        if let Deviation::Isolated = self.deviation {
            let none = distinct_pairs(fixtures).is_empty();
            return none.then(|| "needs two fixtures that do not say that they serve the same".to_owned());
        }
        if let Deviation::Near(near) = &self.deviation {
            return near.lack(fixtures);
        }
        let Deviation::Naming(Some(naming)) = self.deviation else { return None };
        let complete = |fixture: &&Fixture| {
            fixture.parts.values().all(|part| match naming {
                Naming::Id => part.id.is_some(),
                Naming::Name => part.name.is_some(),
            })
        };
        let form = match naming {
            Naming::Id => "id",
            Naming::Name => "name",
        };
        fixtures
            .iter()
            .find(complete)
            .is_none()
            .then(|| format!("needs a fixture that gives the {form} of each part"))
    }

    /// How many random samples tell something new, of so many that are asked for. Where all values
    /// are boundaries, only the resource and the way to name it are left to chance.
    pub fn random_samples(&self, asked: usize) -> usize {
        match &self.deviation {
            Deviation::Naming(_)
            | Deviation::Chain { .. }
            | Deviation::Race { .. }
            | Deviation::Walk { .. }
            | Deviation::Combination(_) => asked,
            Deviation::Paired => 0,
            Deviation::Member { value, .. } if value.is_random() => asked,
            Deviation::Member { value: Value::Altered(_) | Value::Joined(_), .. }
            | Deviation::Spliced
            | Deviation::Near(_) => asked.min(FEWEST),
            _ => asked.min(FEW),
        }
    }

    /// The time that has to pass within a sample.
    pub fn waits(&self) -> Duration {
        match &self.deviation {
            Deviation::Timed { calls, .. } => calls.iter().sum(),
            Deviation::Expired { after } => *after,
            _ => Duration::ZERO,
        }
    }

    /// How the requests that the case is about are signed.
    pub fn signing(&self) -> Signing {
        match &self.deviation {
            Deviation::Form(forms) => forms.first().map(|form| form.signing()).unwrap_or_default(),
            _ => Signing::Valid,
        }
    }

    /// Whether the case asks how sessions bear on each other, so that no others may be under way.
    pub fn wants_quiet(&self) -> bool {
        matches!(self.deviation, Deviation::Isolated | Deviation::Paired | Deviation::Turns { .. })
    }

    /// Whether the case comes before all others. Where nobody says what a resource serves, what its first
    /// session has spoilt for good shows once, in the sessions right after that.
    pub fn comes_first(&self, fixtures: &[Fixture]) -> bool {
        matches!(self.deviation, Deviation::Paired) && fixtures.iter().any(|it| it.contents.is_empty())
    }

    /// Whether what the samples are about is of one class, as [classified](crate::classify).
    pub fn is_uniform(&self) -> bool {
        !matches!(self.deviation, Deviation::Walk { .. } | Deviation::Combination(_))
    }

    /// The seed of the case in a run: hashed from the run's seed and the case id, so that
    /// filtering, sharding and reordering change no other case's data.
    pub fn seed(&self, run: u64) -> CaseSeed {
        CaseSeed(
            Sha256::new().chain_update(run.to_be_bytes()).chain_update(self.id.as_str()).finalize().into(),
        )
    }
}

/// Where a module of the catalogue writes to.
struct Section<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    catalogue: &'a mut Catalogue,
}

impl Section<'_> {
    /// Adds a requirement and its cases: partition, phrase and deviation of each.
    fn requirement(
        &mut self,
        id: RequirementId,
        level: Level,
        text: String,
        source: String,
        cases: impl IntoIterator<Item = (String, String, Deviation)>,
    ) {
        for (partition, about, deviation) in cases {
            self.catalogue.cases.push(Case {
                id: id.case(&partition),
                requirement: id.clone(),
                operation: self.operation.name.clone(),
                about,
                deviation,
            });
        }
        self.catalogue.requirements.push(Requirement {
            id,
            operation: self.operation.name.clone(),
            level,
            text,
            source,
        });
    }

    /// Adds a requirement on a member whose cases each give the member a class of values.
    fn member_requirement(
        &mut self,
        member: &Member,
        aspect: &str,
        text: String,
        source: String,
        cases: impl IntoIterator<Item = (String, String, Value)>,
    ) {
        let name = &member.name;
        let cases: Vec<_> = cases
            .into_iter()
            .map(|(partition, about, value)| {
                (partition, format!("{name} {about}"), Deviation::Member { name: name.clone(), value })
            })
            .collect();
        let id = RequirementId::new([&self.operation.name, name, aspect]);
        self.requirement(id, Level::Must, text, source, cases);
    }

    /// `400 BadRequestException`, as requirements name it.
    fn refusal(&self) -> String {
        let name = self.contract.constraint_error.error.name();
        let status = self.contract.error(name).map_or(400, |error| error.status);
        format!("{status} {name}")
    }
}

/// What a JSON value of this shape is, with its article.
fn described(shape: &Shape) -> &'static str {
    match shape {
        Shape::String => "a string",
        Shape::Integer(_) => "a whole number",
        Shape::Number => "a number",
        Shape::Boolean => "a boolean",
        Shape::Blob => "a base64 string",
        Shape::Timestamp => "a timestamp",
        Shape::Document => "a JSON value",
        Shape::List(_) => "an array",
        Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) => "an object",
    }
}
