//! Valid calls of an operation for a resource that exists.

use std::sync::Arc;

use proptest::prelude::*;

use super::values::least_value::ValueFactory;
use crate::contract::{Contract, Operation};
use crate::fixture::{Fixture, Naming};
use crate::protocol::{Arg, Call, MessageForm};

/// What requests are made from.
#[derive(Debug, Clone)]
pub struct World {
    /// The contract.
    pub contract: Contract,
    /// The resources that exist on the target.
    pub fixtures: Vec<Fixture>,
    /// Whether only operations that read are called.
    pub only_reads: bool,
}

impl World {
    /// The world of a contract and the resources that exist on the target. A contract that names no resources needs
    /// none: it has one without parts.
    pub fn new(contract: Contract, fixtures: Vec<Fixture>) -> Self {
        let needs_none = fixtures.is_empty() && !contract.names_resources();
        let fixtures = if needs_none { vec![Fixture::default()] } else { fixtures };
        Self { contract, fixtures, only_reads: false }
    }

    /// Whether an operation may be called.
    pub fn may_call(&self, operation: &Operation) -> bool {
        !self.only_reads || operation.only_reads()
    }
}

/// Which fixture a call names, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Base {
    /// The index of the fixture.
    pub(crate) fixture: usize,
    /// How each identifier of the call names its part of the fixture.
    pub(crate) naming: Vec<Naming>,
}

/// Makes valid calls.
#[derive(Debug, Clone)]
pub(crate) struct CallFactory {
    /// The contract and the resources.
    pub(crate) world: Arc<World>,
    /// The operation that the case tests.
    pub(crate) operation: Operation,
}

impl CallFactory {
    /// The fixture of this index, with every part named in the same way.
    pub(crate) fn base(&self, fixture: usize, naming: Naming) -> Base {
        Base { fixture, naming: vec![naming; self.identifier_count()] }
    }

    /// Every fixture, each identifier by id or by name. The first fixture by id is the simplest.
    pub(crate) fn bases(&self) -> impl Strategy<Value = Base> + 'static {
        let naming = prop::sample::select(vec![Naming::Id, Naming::Name]);
        let naming = prop::collection::vec(naming, self.identifier_count());
        (0..self.world.fixtures.len(), naming).prop_map(|(fixture, naming)| Base { fixture, naming })
    }

    /// The fixture with the most characters beyond the BMP in its names, by name. Such characters are the ones
    /// that are most often written or read incorrectly.
    pub(crate) fn base_beyond_bmp(&self) -> Option<Base> {
        let count = |fixture: &Fixture| -> usize {
            let names = fixture.resources.values().filter_map(|resource| resource.name.as_ref());
            names.map(|name| name.chars().filter(|c| *c > '\u{ffff}').count()).sum()
        };
        let counts = self.world.fixtures.iter().map(count).enumerate();
        let (fixture, most) = counts.max_by_key(|(_, count)| *count)?;
        (most > 0).then(|| self.base(fixture, Naming::Name))
    }

    /// The operation that issues the first single-use value, or the operation itself if it needs none.
    pub(crate) fn setup_operation(&self) -> &Operation {
        self.operation
            .single_use()
            .and_then(|(_, rule)| self.world.contract.issuers(rule).next())
            .map_or(&self.operation, |issuer| issuer.operation)
    }

    /// A valid call of an operation, without single-use values.
    pub(crate) fn call(&self, operation: &Operation, base: &Base) -> Call {
        let fixture = &self.world.fixtures[base.fixture];
        let mut naming = base.naming.iter();
        let mut args = Vec::new();
        for member in &operation.input {
            if let Some(rule) = &member.rules.identifies {
                let naming = naming.next().copied().unwrap_or(Naming::Id);
                let resource = fixture.resources.get(&rule.resource);
                if let Some(identifier) = resource.and_then(|resource| resource.identifier(naming)) {
                    args.push((member.name.clone(), Arg::Text(identifier.to_owned())));
                }
            } else if member.constraints.required && member.rules.single_use.is_none() {
                let contract = &self.world.contract;
                let least = ValueFactory { contract }.least(member);
                let arg = least.and_then(|value| value.argument(contract, member));
                args.extend(arg.map(|arg| (member.name.clone(), arg)));
            }
        }
        Call { operation: operation.name.clone(), args, body: None, form: MessageForm::Standard }
    }

    /// The number of identifiers in the calls that a base makes.
    fn identifier_count(&self) -> usize {
        self.setup_operation().input.iter().filter(|member| member.rules.identifies.is_some()).count()
    }
}
