//! The steps of sessions: one call starts a session, further calls continue it.
//!
//! The call that starts a session issues a single-use value. Each call with the newest value issues the next one.

use super::call_factory::{Base, CallFactory};
use super::sample::Step;
use crate::contract::{Member, OutputOf};
use crate::protocol::{Alteration, Arg, Call, Output, Piece};
use crate::requirement;

/// Makes the steps of a sequence of sessions.
pub(super) struct SessionSequence<'a> {
    calls: &'a CallFactory,
    /// The member that takes a single-use value.
    member: &'a Member,
    /// The output that starts a session.
    first: OutputOf<'a>,
    /// The output that continues a session.
    next: OutputOf<'a>,
    sessions: Vec<Session>,
    /// The steps so far.
    pub(super) steps: Vec<Step>,
}

/// A session with the values that it was issued; all but the last one are used.
struct Session {
    base: Base,
    values: Vec<Output>,
}

/// A value that was issued: the number of its session and its position there, both from 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct IssuedValue {
    pub(super) session: usize,
    pub(super) position: usize,
}

impl<'a> SessionSequence<'a> {
    /// A sequence of calls of the factory's operation; `None` if it takes no single-use value.
    pub(super) fn new(calls: &'a CallFactory) -> Option<Self> {
        let (member, rule) = calls.operation.single_use()?;
        let issuers: Vec<_> = calls.world.contract.issuers(rule).collect();
        let (first, next) = (*issuers.first()?, *issuers.last()?);
        Some(Self { calls, member, first, next, sessions: Vec::new(), steps: Vec::new() })
    }

    /// The newest value of a session, which is not used yet.
    pub(super) fn newest(&self, session: usize) -> IssuedValue {
        IssuedValue { session, position: self.sessions[session].values.len() - 1 }
    }

    /// Starts a session and returns its number.
    pub(super) fn start(&mut self, base: &Base) -> usize {
        let call = self.calls.call(self.first.operation, base);
        let value = self.next_output(self.first);
        self.steps.push(Step::new(call, requirement::accepts(self.first.operation)));
        self.sessions.push(Session { base: base.clone(), values: vec![value] });
        self.sessions.len() - 1
    }

    /// Calls with the newest value of a session.
    pub(super) fn call(&mut self, session: usize) {
        let call = self.call_with(session, Some(self.arg(self.newest(session))));
        let value = self.next_output(self.next);
        self.sessions[session].values.push(value);
        self.steps.push(Step::new(call, requirement::accepts(&self.calls.operation)));
    }

    /// Calls with a value that is used.
    pub(super) fn reuse(&mut self, value: IssuedValue) {
        let call = self.call_with(value.session, Some(self.arg(value)));
        let requirement = requirement::single_use(&self.calls.operation, self.member);
        self.steps.push(Step::new(call, requirement));
    }

    /// Calls with an altered value.
    pub(super) fn alter(&mut self, value: IssuedValue, alteration: Alteration) {
        let altered = Arg::Output(self.output(value).altered(alteration));
        self.break_requirement(value.session, Some(altered), "issued");
    }

    /// Calls with the first half of one value and the second half of another.
    pub(super) fn splice(&mut self, first: IssuedValue, second: IssuedValue) {
        let halves = vec![
            Piece::Output(self.output(first).altered(Alteration::Halve)),
            Piece::Output(self.output(second).altered(Alteration::Behead)),
        ];
        self.break_requirement(first.session, Some(Arg::Joined(halves)), "issued");
    }

    /// Calls with an argument, or none, that breaks a requirement on the member. Does nothing if the contract does
    /// not have that requirement.
    pub(super) fn break_requirement(&mut self, session: usize, arg: Option<Arg>, aspect: &str) {
        let constraints = &self.member.constraints;
        let exists = match aspect {
            "pattern" => constraints.pattern.is_some(),
            "required" => constraints.required,
            _ => true,
        };
        if exists {
            let call = self.call_with(session, arg);
            let requirement = requirement::of_member(&self.calls.operation, self.member, aspect);
            self.steps.push(Step::new(call, requirement));
        }
    }

    /// Sends the last step at the same time as the one before it.
    pub(super) fn send_at_once(&mut self) {
        if let Some(last) = self.steps.last_mut() {
            last.with_previous = true;
        }
    }

    fn call_with(&self, session: usize, arg: Option<Arg>) -> Call {
        let mut call = self.calls.call(&self.calls.operation, &self.sessions[session].base);
        call.set(&self.member.name, arg);
        call
    }

    fn arg(&self, value: IssuedValue) -> Arg {
        Arg::Output(self.output(value).clone())
    }

    fn output(&self, value: IssuedValue) -> &Output {
        &self.sessions[value.session].values[value.position]
    }

    /// What the next step issues.
    fn next_output(&self, output: OutputOf<'_>) -> Output {
        Output { step: self.steps.len(), member: output.member.name.clone(), alter: None }
    }
}
