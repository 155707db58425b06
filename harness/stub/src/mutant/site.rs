//! The places in a message that have values.

use cases::contract::{Contract, Member, MessageKind, Operation, Shape, ShapeId};

use crate::bug::Segment;
use crate::value::is_event_stream;

/// How far below the top level places are listed.
const MAX_DEPTH: usize = 8;

/// How many places of one message are listed.
const MAX_SITES: usize = 4000;

/// A place in a message.
pub(super) struct Site<'a> {
    /// From the members of the message down.
    pub(super) path: Vec<Segment>,
    /// The member with its constraints.
    pub(super) member: &'a Member,
    /// Whether the value is in a list or map that has no null.
    pub(super) is_dense: bool,
}

/// The places of an input or output, each once, without streams of events. A shape within itself has its places in the outer one alone.
pub(super) fn sites<'a>(
    contract: &'a Contract,
    operation: &'a Operation,
    message: &MessageKind,
) -> Vec<Site<'a>> {
    let members = if *message == MessageKind::Output { &operation.output } else { &operation.input };
    let mut walk = Walk { contract, above: Vec::new(), sites: Vec::new() };
    for member in members.iter().filter(|member| !is_event_stream(contract, operation, message, member)) {
        walk.visit(&[Segment::Member(member.name.clone())], member, false);
    }
    walk.sites
}

struct Walk<'a> {
    contract: &'a Contract,
    /// The shapes that contain the place.
    above: Vec<&'a ShapeId>,
    sites: Vec<Site<'a>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, path: &[Segment], member: &'a Member, is_dense: bool) {
        if self.sites.len() >= MAX_SITES {
            return;
        }
        self.sites.push(Site { path: path.to_vec(), member, is_dense });
        if path.len() >= MAX_DEPTH || self.above.contains(&&member.target) {
            return;
        }
        self.above.push(&member.target);
        self.visit_below(path, member);
        self.above.pop();
    }

    fn visit_below(&mut self, path: &[Segment], member: &'a Member) {
        let below = |segment: Segment| [path, &[segment]].concat();
        let is_dense = !member.constraints.sparse;
        match self.contract.shape(member) {
            Shape::Structure(members) | Shape::Union(members) => {
                for member in members {
                    self.visit(&below(Segment::Member(member.name.clone())), member, false);
                }
            }
            Shape::List(element) => self.visit(&below(Segment::Element), element, is_dense),
            Shape::Map(entry) => {
                self.visit(&below(Segment::Key), &entry.key, false);
                self.visit(&below(Segment::Value), &entry.value, is_dense);
            }
            _ => {}
        }
    }
}
