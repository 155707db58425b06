//! What a mutant is.

use cases::id::kebab;

use crate::bug::{Aspect, Bug, Kind, Segment, Side};

/// A stub with one deliberate bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    name: String,
    about: String,
    must_fail: Vec<String>,
    bug: Bug,
}

impl Mutant {
    /// Its name, such as `create-thing/name/length/max-off-by-one`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the server does wrong, in one sentence.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The ids of the requirements, each of which fails if a test of it is possible. The bug is unnoticed if none
    /// of them fails.
    pub fn must_fail(&self) -> &[String] {
        &self.must_fail
    }

    pub(crate) fn bug(&self) -> &Bug {
        &self.bug
    }

    /// A mutant with this bug in an input. The requirement of the place and aspect must fail.
    pub(super) fn of_input(operation: &str, path: Vec<Segment>, aspect: Aspect, kind: Kind) -> Self {
        let place = place(&path);
        let requirement = format!("{}/{place}/{}", kebab(operation), aspect.name());
        let name = format!("{requirement}/{}", kind.name());
        let about = format!("The server {} (`{place}`, {}).", kind.about(), aspect.name());
        let bug = Bug { operation: operation.to_owned(), side: Side::Input, path, aspect, kind };
        Self { name, about, must_fail: vec![requirement], bug }
    }

    /// A mutant that enforces no constraint below the top level of an input, each of which is a requirement.
    pub(super) fn of_nested(operation: &str, must_fail: Vec<String>) -> Self {
        let kind = Kind::NestedIgnored;
        Self {
            name: format!("{}/nested/{}", kebab(operation), kind.name()),
            about: format!("The server {}.", kind.about()),
            must_fail,
            bug: Bug {
                operation: operation.to_owned(),
                side: Side::Input,
                path: Vec::new(),
                aspect: Aspect::Whole,
                kind,
            },
        }
    }

    /// A mutant with this bug in a member of an output.
    pub(super) fn of_output(operation: &str, path: Vec<Segment>, aspect: Aspect, kind: Kind) -> Self {
        let response = format!("{}/response", kebab(operation));
        let place = place(&path);
        let top = path.first().map(Segment::name).unwrap_or_default();
        Self {
            name: format!("{response}/{place}/{}/{}", aspect.name(), kind.name()),
            about: format!("The server {} (`{place}`, {}).", kind.about(), aspect.name()),
            must_fail: vec![format!("{response}/{top}")],
            bug: Bug { operation: operation.to_owned(), side: Side::Output, path, aspect, kind },
        }
    }

    /// A mutant with this bug in each success, which a requirement of the operation is about.
    pub(super) fn of_response(operation: &str, kind: Kind, requirement: &str) -> Self {
        let operation_id = kebab(operation);
        Self {
            name: format!("{operation_id}/response/{}", kind.name()),
            about: format!("The server {}.", kind.about()),
            must_fail: vec![format!("{operation_id}/{requirement}")],
            bug: Bug {
                operation: operation.to_owned(),
                side: Side::Output,
                path: Vec::new(),
                aspect: Aspect::Whole,
                kind,
            },
        }
    }
}

fn place(path: &[Segment]) -> String {
    path.iter().map(Segment::name).collect::<Vec<_>>().join("/")
}
