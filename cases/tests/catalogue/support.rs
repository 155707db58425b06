//! Worlds, samples, and a server that does what the oracle demands.

use std::collections::BTreeMap;
use std::sync::Arc;

use cases::catalogue::{Case, Catalogue};
use cases::contract::Contract;
use cases::fixture::{Fixture, Resource};
use cases::generate::{Sample, Step, World};
use cases::oracle::{Class, Expectation, Oracle, Reading, Status, classify};
use cases::protocol::{Outputs, Request, Response, outputs};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

pub(crate) fn contracts() -> [Contract; 2] {
    [Contract::page().unwrap(), Contract::model().unwrap()]
}

/// A contract with three fixtures, and its catalogue.
pub(crate) struct Setup {
    pub(crate) world: Arc<World>,
    pub(crate) catalogue: Catalogue,
}

impl Setup {
    pub(crate) fn new(contract: Contract) -> Self {
        let catalogue = Catalogue::of(&contract);
        Self { world: Arc::new(World::new(contract, fixtures())), catalogue }
    }

    pub(crate) fn page() -> Self {
        Self::new(Contract::page().unwrap())
    }

    pub(crate) fn model() -> Self {
        Self::new(Contract::model().unwrap())
    }

    /// One for each embedded contract.
    pub(crate) fn all() -> [Self; 2] {
        [Self::page(), Self::model()]
    }

    pub(crate) fn case(&self, id: &str) -> &Case {
        self.catalogue.cases.iter().find(|case| case.id.as_str() == id).unwrap()
    }

    /// The cases of requirements on this aspect.
    pub(crate) fn of_aspect(&self, aspect: &str) -> Vec<&Case> {
        let cases = self.catalogue.cases.iter();
        cases.filter(|case| case.requirement.as_str().ends_with(aspect)).collect()
    }

    /// Every boundary of a case and some random samples.
    pub(crate) fn samples(&self, case: &Case, seed: u64) -> Vec<Sample> {
        samples(case, &self.world, seed)
    }

    /// Sends the steps to a server that does what the oracle demands.
    pub(crate) fn play(&self, steps: &[Step]) -> Vec<Played> {
        play(&self.world, steps)
    }

    /// The last request of these steps.
    pub(crate) fn last_request(&self, steps: &[Step]) -> Request {
        self.play(steps).pop().unwrap().request
    }

    pub(crate) fn classify(&self, request: &Request) -> Reading<'_> {
        classify(&self.world.contract, request)
    }

    /// The class of the last request of these steps.
    pub(crate) fn class(&self, steps: &[Step]) -> Class {
        self.classify(&self.last_request(steps)).class
    }
}

/// Three resources: a plain one, one with names that Unicode writes in two ways, and one with the longest names.
fn fixtures() -> Vec<Fixture> {
    let resource = |id: &str, name: &str| Resource { id: Some(id.to_owned()), name: Some(name.to_owned()) };
    let fixture = |n: char| Fixture {
        resources: BTreeMap::from([
            ("application".to_owned(), resource(&format!("appl00{n}"), &format!("application {n}"))),
            ("environment".to_owned(), resource(&format!("envi00{n}"), &format!("environment {n}"))),
            ("profile".to_owned(), resource(&format!("prof00{n}"), &format!("profile {n}"))),
        ]),
        contents: BTreeMap::from([("configuration".to_owned(), vec![n as u8])]),
    };
    let mut composed = fixture('2');
    for resource in composed.resources.values_mut() {
        resource.name = resource.name.take().map(|name| name.replace(' ', " é "));
    }
    let mut long = fixture('3');
    for resource in long.resources.values_mut() {
        resource.name = Some("n".repeat(64));
    }
    long.resources.insert("profile".to_owned(), resource("prof003", &"🚀".repeat(64)));
    vec![fixture('1'), composed, long]
}

pub(crate) fn samples(case: &Case, world: &Arc<World>, seed: u64) -> Vec<Sample> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &case.seed(seed).0);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let strategies = case.strategies(world);
    let any = strategies.last().unwrap();
    strategies
        .iter()
        .chain(std::iter::repeat_n(any, 12))
        .map(|strategy| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// A request with what is expected for it and the status of the response.
pub(crate) struct Played {
    pub(crate) request: Request,
    pub(crate) expectation: Expectation,
    pub(crate) status: u16,
}

impl Played {
    pub(crate) fn succeeds(&self) -> bool {
        self.status < 300
    }
}

fn play(world: &World, steps: &[Step]) -> Vec<Played> {
    let mut oracle = Oracle::new(&world.contract, &world.fixtures);
    let mut seen: Vec<Outputs> = Vec::new();
    let mut played = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let request = step.call.request(&world.contract, |output| output.resolve(&seen)).unwrap();
        oracle.advance(step.after);
        let operation = world.contract.operation(&step.call.operation).unwrap();
        let reading = oracle.read(&request);
        let expectation = oracle.expect(&request, &reading);
        let status = response_status(&expectation, operation.success);
        let token = format!("token-{index}-{index}abcde");
        let response = Response {
            status,
            headers: vec![("Next-Poll-Configuration-Token".to_owned(), token.clone())],
            body: format!("{{\"InitialConfigurationToken\":\"{token}\"}}").into_bytes(),
        };
        oracle.observe(&reading, &response);
        seen.push(outputs(operation, &response));
        played.push(Played { request, expectation, status });
    }
    played
}

/// The status of a server that does what the oracle demands. A request that is open succeeds.
fn response_status(expectation: &Expectation, success: u16) -> u16 {
    match expectation.primary().status {
        Status::Code(status) => status,
        Status::ClientError => 404,
        Status::Success | Status::NoServerError => success,
    }
}
