//! The places within the input of an operation that a constraint applies to, at every depth.

use std::collections::BTreeSet;

use crate::contract::{Contract, Location, Member, Operation, Shape, ShapeId};
use crate::generate::{PathStep, ValueFactory};
use crate::id::RequirementId;
use crate::protocol::{Arg, Value};
use crate::requirement;

/// A place within the input of an operation.
#[derive(Clone)]
pub(super) struct Site<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    /// The input member that the place is within.
    pub(super) top: &'a Member,
    /// The way from the value of that member to the place.
    pub(super) path: Vec<PathStep>,
    /// The member, element, key or value at the place.
    pub(super) member: &'a Member,
    /// What contains it: a structure, a union, a list or a map; the input itself at the top.
    pub(super) parent: Parent,
}

/// What contains a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parent {
    /// A structure, or the input.
    Structure,
    /// A union.
    Union,
    /// A list or map, or one that may have null in it.
    Entries {
        /// Whether it may.
        sparse: bool,
    },
    /// The keys of a map.
    Keys,
}

impl<'a> Site<'a> {
    /// The places of all input members, by their depth. The members of a shape that is used in several places are
    /// entered in the first one.
    pub(super) fn all(contract: &'a Contract, operation: &'a Operation) -> Vec<Self> {
        let top =
            |top| Self { contract, operation, top, path: Vec::new(), member: top, parent: Parent::Structure };
        let mut sites: Vec<Self> = operation.input.iter().map(top).collect();
        let mut entered: BTreeSet<&ShapeId> = BTreeSet::new();
        let mut next = 0;
        while let Some(site) = sites.get(next) {
            if entered.insert(&site.member.target) {
                let children = site.children();
                sites.extend(children);
            }
            next += 1;
        }
        sites
    }

    fn children(&self) -> Vec<Self> {
        let sparse = self.member.constraints.sparse;
        match self.contract.shape(self.member) {
            Shape::List(element) => {
                vec![self.below(PathStep::Element, element, Parent::Entries { sparse })]
            }
            Shape::Map(entry) => vec![
                self.below(PathStep::Key, &entry.key, Parent::Keys),
                self.below(PathStep::Value, &entry.value, Parent::Entries { sparse }),
            ],
            Shape::Structure(members) => self.members(members, Parent::Structure),
            Shape::Union(variants) => self.members(variants, Parent::Union),
            _ => Vec::new(),
        }
    }

    fn members(&self, members: &'a [Member], parent: Parent) -> Vec<Self> {
        members
            .iter()
            .map(|member| self.below(PathStep::Member(member.name.clone()), member, parent))
            .collect()
    }

    fn below(&self, step: PathStep, member: &'a Member, parent: Parent) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Self { path, member, parent, ..self.clone() }
    }

    /// Whether the place is within the value of a member.
    pub(super) fn is_nested(&self) -> bool {
        !self.path.is_empty()
    }

    /// Whether the values of the place are JSON. In all other locations they are texts.
    pub(super) fn is_json(&self) -> bool {
        matches!(self.top.location, Location::Body | Location::Payload)
    }

    /// The shape at the place.
    pub(super) fn shape(&self) -> &'a Shape {
        self.contract.shape(self.member)
    }

    /// The requirement on one aspect of the place.
    pub(super) fn requirement(&self, aspect: &str) -> RequirementId {
        let top = requirement::input_segment(self.top);
        let mut segments = vec![self.operation.name.as_str(), &top];
        segments.extend(self.path.iter().map(|step| match step {
            PathStep::Member(name) => name.as_str(),
            PathStep::Element => "element",
            PathStep::Key => "key",
            PathStep::Value => "value",
        }));
        segments.push(aspect);
        RequirementId::new(segments)
    }

    /// The place as a person reads it, such as `Target.Tags[].Key`.
    pub(super) fn display(&self) -> String {
        let mut text = self.top.name.clone();
        for step in &self.path {
            match step {
                PathStep::Member(name) => {
                    text.push('.');
                    text.push_str(name);
                }
                PathStep::Element => text.push_str("[]"),
                PathStep::Key => text.push_str("{key}"),
                PathStep::Value => text.push_str("{value}"),
            }
        }
        text
    }

    /// The least valid value at the place.
    pub(super) fn least(&self) -> Option<Value> {
        self.values().least(self.member)
    }

    /// The value of the input member, which has `value` at the place and is the least valid one in all else. The
    /// inner option is none if the member is absent.
    #[expect(clippy::option_option, reason = "no value can be made, or the value is that there is none")]
    pub(super) fn argument(&self, value: Value) -> Option<Option<Arg>> {
        let whole = self.values().with(self.top, &self.path, value)?;
        Some(whole.argument(self.contract, self.top))
    }

    fn values(&self) -> ValueFactory<'a> {
        ValueFactory { contract: self.contract }
    }
}
