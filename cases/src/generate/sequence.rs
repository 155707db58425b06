//! Sequences of calls: sessions that begin, go on, take turns and are put to the test.
//!
//! A session is begun by a call that issues a single-use value; each call with the newest value
//! issues the next one.

use proptest::prelude::*;

use super::call_factory::{Base, CallFactory};
use super::sample::Step;
use crate::contract::{Member, OutputOf};
use crate::protocol::{Alteration, Arg, Call, Output, Piece};
use crate::requirement;

/// Makes the steps of a sequence.
pub(crate) struct Sequence<'a> {
    calls: &'a CallFactory,
    /// The member that takes a single-use value.
    member: &'a Member,
    /// The output that begins a session.
    first: OutputOf<'a>,
    /// The output that goes on with it.
    next: OutputOf<'a>,
    sessions: Vec<Session>,
    /// The steps so far.
    pub(crate) steps: Vec<Step>,
}

/// The values that were issued in a session; all but the last one are used.
struct Session {
    base: Base,
    values: Vec<Output>,
}

/// One move of a random sequence. Its parts are independent of each other: what they mean depends on
/// the moves before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    kind: Kind,
    /// Which session, counted around.
    session: usize,
    /// Which of its values or which fixture, counted around.
    value: usize,
}

/// The kinds of move, the plainest first.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// The session goes on.
    Call,
    /// Another session begins.
    Start,
    /// A used value comes again.
    Again,
    /// The newest value comes altered.
    Altered(Alteration),
    /// A value that was never issued.
    Unknown,
    /// The empty value.
    Empty,
    /// No value at all.
    Missing,
    /// A value that is too long.
    TooLong,
}

/// The most sessions that take turns in a random sequence.
const SESSIONS: usize = 4;

/// How often each kind comes, relative to the others.
fn kinds() -> Vec<Kind> {
    let mut kinds = vec![Kind::Call; 12];
    kinds.extend([Kind::Start; 4]);
    kinds.extend([Kind::Again; 8]);
    kinds.extend(Alteration::ALL.map(Kind::Altered));
    kinds.extend([Kind::Unknown, Kind::Unknown, Kind::Empty, Kind::Missing, Kind::TooLong]);
    kinds
}

/// Any moves.
pub(crate) fn moves() -> impl Strategy<Value = Vec<Move>> {
    let any = (prop::sample::select(kinds()), 0..SESSIONS, 0..64_usize);
    let any = any.prop_map(|(kind, session, value)| Move { kind, session, value });
    prop::collection::vec(any, 4..=32)
}

/// Each kind of move once, with a good call behind it.
pub(crate) fn tour() -> Vec<Move> {
    let kinds = [Kind::Start, Kind::Call, Kind::Again, Kind::Altered(Alteration::ChangeFirst)];
    let kinds = kinds.into_iter().chain([Kind::Unknown, Kind::Empty, Kind::Missing, Kind::TooLong]);
    kinds.flat_map(|kind| [kind, Kind::Call].map(|kind| Move { kind, session: 0, value: 0 })).collect()
}

impl<'a> Sequence<'a> {
    /// A sequence of calls of the factory's operation; `None` if it takes no single-use value.
    pub(crate) fn new(calls: &'a CallFactory) -> Option<Self> {
        let (member, rule) = calls.operation.single_use()?;
        let issuers: Vec<_> = calls.world.contract.issuers(rule).collect();
        let (first, next) = (*issuers.first()?, *issuers.last()?);
        Some(Self { calls, member, first, next, sessions: Vec::new(), steps: Vec::new() })
    }

    /// Begins a session and gives its number.
    pub(crate) fn start(&mut self, base: &Base) -> usize {
        let call = self.calls.call(self.first.operation, base);
        let value = self.issues(self.first);
        self.steps.push(Step::new(call, requirement::accepts(self.first.operation)));
        self.sessions.push(Session { base: base.clone(), values: vec![value] });
        self.sessions.len() - 1
    }

    /// A call with the newest value of a session.
    pub(crate) fn call(&mut self, session: usize) {
        let newest = self.sessions[session].values.len() - 1;
        let call = self.calling(session, Some(self.value(session, newest)));
        let value = self.issues(self.next);
        self.sessions[session].values.push(value);
        self.steps.push(Step::new(call, requirement::accepts(&self.calls.operation)));
    }

    /// A call with a value of a session that is used.
    pub(crate) fn again(&mut self, session: usize, value: usize) {
        let call = self.calling(session, Some(self.value(session, value)));
        let requirement = requirement::single_use(&self.calls.operation, self.member);
        self.steps.push(Step::new(call, requirement));
    }

    /// A call with the first half of one value and the second half of another, each of them told by its
    /// session and its place in it.
    pub(crate) fn spliced(&mut self, first: (usize, usize), second: (usize, usize)) {
        let half = |(session, value): (usize, usize), alter| {
            Piece::Output(self.sessions[session].values[value].altered(alter))
        };
        let halves = vec![half(first, Alteration::Halve), half(second, Alteration::Behead)];
        self.refused(first.0, Some(Arg::Joined(halves)), "issued");
    }

    /// The last step is sent at the same time as the one before it.
    pub(crate) fn at_once(&mut self) {
        if let Some(last) = self.steps.last_mut() {
            last.at_once = true;
        }
    }

    /// Carries out random moves. The first session is for `base`, each further one for any fixture.
    /// `too_long` is the length of a value that is too long, if one can be.
    pub(crate) fn walk(&mut self, base: &Base, moves: &[Move], too_long: Option<usize>) {
        let mut current: Vec<usize> = vec![self.start(base)];
        for Move { kind, session, value } in moves {
            let place = session % current.len();
            let session = current[place];
            match kind {
                Kind::Start => {
                    let fixture = (base.fixture + value) % self.calls.world.fixtures.len();
                    let started = self.start(&Base { fixture, ..base.clone() });
                    if current.len() < SESSIONS { current.push(started) } else { current[place] = started }
                }
                // The newest value is not used yet.
                Kind::Again if self.sessions[session].values.len() > 1 => {
                    self.again(session, value % (self.sessions[session].values.len() - 1));
                }
                Kind::Call | Kind::Again => self.call(session),
                Kind::Altered(alteration) => {
                    let newest = self.sessions[session].values.len() - 1;
                    let altered = self.sessions[session].values[newest].altered(*alteration);
                    self.refused(session, Some(Arg::Output(altered)), "issued");
                }
                Kind::Unknown => {
                    let unknown = Arg::Text("a".repeat(1 + value));
                    self.refused(session, Some(unknown), "issued");
                }
                Kind::Empty => self.refused(session, Some(Arg::Text(String::new())), "pattern"),
                Kind::Missing => self.refused(session, None, "required"),
                Kind::TooLong => {
                    if let Some(length) = too_long {
                        self.refused(session, Some(Arg::Text("a".repeat(length))), "pattern");
                    }
                }
            }
        }
    }

    /// A call that breaks a requirement on the member.
    fn refused(&mut self, session: usize, arg: Option<Arg>, aspect: &str) {
        let constraints = &self.member.constraints;
        let is_there = match aspect {
            "pattern" => constraints.pattern.is_some(),
            "required" => constraints.required,
            _ => true,
        };
        if is_there {
            let call = self.calling(session, arg);
            let requirement = requirement::of_member(&self.calls.operation, self.member, aspect);
            self.steps.push(Step::new(call, requirement));
        }
    }

    fn calling(&self, session: usize, value: Option<Arg>) -> Call {
        let mut call = self.calls.call(&self.calls.operation, &self.sessions[session].base);
        call.set(&self.member.name, value);
        call
    }

    fn value(&self, session: usize, value: usize) -> Arg {
        Arg::Output(self.sessions[session].values[value].clone())
    }

    /// What the step that comes next issues.
    fn issues(&self, output: OutputOf<'_>) -> Output {
        Output { step: self.steps.len(), member: output.member.name.clone(), alter: None }
    }
}
