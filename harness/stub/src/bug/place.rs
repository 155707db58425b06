//! The place in a message that is read, validated or generated.

use super::kind::{Aspect, Bug, Kind};
use super::refusal::{Cause, Refusal};
use super::segment::Segment;

/// A place in a message, and the bug that the message is treated with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    above: Option<&'a Place<'a>>,
    step: Step<'a>,
    bug: Option<&'a Bug>,
}

/// The step from the place above.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Member(&'a str),
    Element(usize),
    Key,
    Value(&'a str),
}

impl Step<'_> {
    fn is(&self, segment: &Segment) -> bool {
        match (self, segment) {
            (Self::Member(name), Segment::Member(other)) => name == other,
            (Self::Element(_), Segment::Element)
            | (Self::Key, Segment::Key)
            | (Self::Value(_), Segment::Value) => true,
            _ => false,
        }
    }
}

impl<'a> Place<'a> {
    /// The message as a whole.
    pub(crate) fn root(bug: Option<&'a Bug>) -> Self {
        Self { above: None, step: Step::Root, bug }
    }

    pub(crate) fn member(&'a self, name: &'a str) -> Self {
        self.below(Step::Member(name))
    }

    pub(crate) fn element(&'a self, index: usize) -> Self {
        self.below(Step::Element(index))
    }

    pub(crate) fn key(&'a self) -> Self {
        self.below(Step::Key)
    }

    pub(crate) fn value(&'a self, key: &'a str) -> Self {
        self.below(Step::Value(key))
    }

    fn below(&'a self, step: Step<'a>) -> Self {
        Self { above: Some(self), step, bug: self.bug }
    }

    /// Whether the bug of this aspect and kind is here.
    pub(crate) fn has(&self, aspect: Aspect, kind: Kind) -> bool {
        self.bug.is_some_and(|bug| bug.kind == kind && bug.aspect == aspect && self.is_at(&bug.path))
    }

    /// The bug that is here, if there is one.
    pub(crate) fn bug(&self) -> Option<&'a Bug> {
        self.bug.filter(|bug| self.is_at(&bug.path))
    }

    /// Whether the bug is here or below.
    pub(crate) fn leads_to_bug(&self) -> bool {
        self.bug.is_some_and(|bug| bug.path.get(..self.depth()).is_some_and(|path| self.is_at(path)))
    }

    /// Whether a constraint is enforced here.
    pub(crate) fn is_enforced(&self, aspect: Aspect) -> bool {
        let Some(bug) = self.bug else { return true };
        if bug.kind == Kind::NestedIgnored {
            return self.depth() < 2;
        }
        let only_first = self.has(aspect, Kind::FirstElementOnly) && self.index() != Some(0);
        !only_first && !self.has(aspect, Kind::NotEnforced)
    }

    /// The refusal of what is here for breaking a constraint.
    pub(crate) fn breaks(&self, aspect: Aspect, message: &str) -> Refusal {
        let path = self.pointer();
        let message = message.replacen("{path}", &path, 1);
        self.refuse(aspect, Cause::Constraint { path, message })
    }

    /// The refusal of what is here for being unreadable.
    pub(crate) fn unreadable(&self, aspect: Aspect, message: &str) -> Refusal {
        self.refuse(aspect, Cause::Serialization(format!("{}: {message}", self.pointer())))
    }

    fn refuse(&self, aspect: Aspect, cause: Cause) -> Refusal {
        let of_error = |bug: &&Bug| bug.kind.is_of_error() && bug.aspect == aspect && self.is_at(&bug.path);
        Refusal { cause, bug: self.bug.filter(of_error).map(|bug| bug.kind) }
    }

    /// The path as in Smithy's `ValidationException`, such as `/Target/Input/0/Arn`.
    pub(crate) fn pointer(&self) -> String {
        let mut steps: Vec<String> = self
            .steps()
            .map(|step| match step {
                Step::Member(name) | Step::Value(name) => format!("/{name}"),
                Step::Element(index) => format!("/{index}"),
                // A key is named by its map.
                Step::Key | Step::Root => String::new(),
            })
            .collect();
        steps.reverse();
        steps.concat()
    }

    /// The steps that lead here, the last one first.
    fn steps(&self) -> impl Iterator<Item = Step<'a>> {
        let places = std::iter::successors(Some(*self), |place| place.above.copied());
        places.map(|place| place.step).filter(|step| !matches!(step, Step::Root))
    }

    fn depth(&self) -> usize {
        self.steps().count()
    }

    /// The index in the innermost list.
    fn index(&self) -> Option<usize> {
        self.steps().find_map(|step| match step {
            Step::Element(index) => Some(index),
            _ => None,
        })
    }

    fn is_at(&self, path: &[Segment]) -> bool {
        let mut steps = self.steps();
        path.iter().rev().all(|segment| steps.next().is_some_and(|step| step.is(segment)))
            && steps.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bug::Side;

    #[test]
    fn bugs_are_found_where_they_are() {
        let bug = Bug {
            operation: "Op".to_owned(),
            side: Side::Input,
            path: vec![Segment::Member("list".to_owned()), Segment::Element],
            aspect: Aspect::Length,
            kind: Kind::FirstElementOnly,
        };
        let root = Place::root(Some(&bug));
        let list = root.member("list");
        assert!(root.leads_to_bug() && list.leads_to_bug());
        assert!(!root.member("other").leads_to_bug());
        assert!(list.element(0).is_enforced(Aspect::Length));
        assert!(!list.element(1).is_enforced(Aspect::Length));
        assert!(list.element(1).is_enforced(Aspect::Pattern));
        assert_eq!(list.element(1).pointer(), "/list/1");
        assert!(list.bug().is_none() && list.element(3).bug().is_some());
    }
}
