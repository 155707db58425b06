//! Random moves in several sessions, valid and invalid ones.

use proptest::prelude::*;

use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::generate::session_sequence::{IssuedValue, SessionSequence};
use crate::protocol::{Alteration, Arg};

/// The most sessions that are open at the same time.
const MAX_SESSIONS: usize = 4;

/// Random moves in several sessions.
#[derive(Debug)]
pub(crate) struct RandomWalk {
    /// The length of a single-use value that is too long, if one can be.
    pub(crate) too_long: Option<usize>,
}

/// One move. Its fields are independent of each other: what they mean depends on the moves before.
#[derive(Debug, Clone, Copy)]
struct Move {
    kind: MoveKind,
    /// Which session, modulo the number of sessions.
    session: usize,
    /// Which of its values or which fixture, modulo their number.
    value: usize,
}

/// The kinds of move, the simplest first.
#[derive(Debug, Clone, Copy)]
enum MoveKind {
    /// The session continues.
    Call,
    /// Another session starts.
    Start,
    /// A used value is used again.
    Reuse,
    /// The newest value is altered.
    Alter(Alteration),
    /// A value that was never issued.
    Unknown,
    /// The empty value.
    Empty,
    /// No value at all.
    Missing,
    /// A value that is too long.
    TooLong,
}

/// The sessions of a walk.
struct Walk<'s, 'a> {
    sequence: &'s mut SessionSequence<'a>,
    /// The numbers of the open sessions.
    open: Vec<usize>,
    too_long: Option<usize>,
}

impl Mutation for RandomWalk {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let too_long = self.too_long;
        sampler.strategies(vec![tour()], moves(), move |sampler, base, moves| {
            sampler.several_sessions(base, |sequence| {
                let open = vec![sequence.start(base)];
                let mut walk = Walk { sequence, open, too_long };
                for next in &moves {
                    walk.take(*next, base, sampler);
                }
            })
        })
    }

    fn random_samples(&self, requested: usize) -> usize {
        requested
    }

    fn is_uniform(&self) -> bool {
        false
    }
}

/// Random moves.
fn moves() -> impl Strategy<Value = Vec<Move>> {
    let any = (prop::sample::select(weighted_kinds()), 0..MAX_SESSIONS, 0..64_usize);
    let any = any.prop_map(|(kind, session, value)| Move { kind, session, value });
    prop::collection::vec(any, 4..=32)
}

/// Each kind as many times as it is likely, relative to the others.
fn weighted_kinds() -> Vec<MoveKind> {
    let mut kinds = vec![MoveKind::Call; 12];
    kinds.extend([MoveKind::Start; 4]);
    kinds.extend([MoveKind::Reuse; 8]);
    kinds.extend(Alteration::ALL.map(MoveKind::Alter));
    kinds.extend([
        MoveKind::Unknown,
        MoveKind::Unknown,
        MoveKind::Empty,
        MoveKind::Missing,
        MoveKind::TooLong,
    ]);
    kinds
}

/// Each kind of move once, with a valid call after it.
fn tour() -> Vec<Move> {
    let kinds = [
        MoveKind::Start,
        MoveKind::Call,
        MoveKind::Reuse,
        MoveKind::Alter(Alteration::ChangeFirst),
        MoveKind::Unknown,
        MoveKind::Empty,
        MoveKind::Missing,
        MoveKind::TooLong,
    ];
    let with_call = |kind| [kind, MoveKind::Call].map(|kind| Move { kind, session: 0, value: 0 });
    kinds.into_iter().flat_map(with_call).collect()
}

impl Walk<'_, '_> {
    fn take(&mut self, Move { kind, session, value }: Move, base: &Base, sampler: &Sampler) {
        let position = session % self.open.len();
        let session = self.open[position];
        let newest = self.sequence.newest(session);
        match kind {
            MoveKind::Start => {
                let fixture = (base.fixture + value) % sampler.calls.world.fixtures.len();
                let started = self.sequence.start(&Base { fixture, ..base.clone() });
                if self.open.len() < MAX_SESSIONS {
                    self.open.push(started);
                } else {
                    self.open[position] = started;
                }
            }
            MoveKind::Reuse if newest.position > 0 => {
                self.sequence.reuse(IssuedValue { session, position: value % newest.position });
            }
            MoveKind::Call | MoveKind::Reuse => self.sequence.call(session),
            MoveKind::Alter(alteration) => self.sequence.alter(newest, alteration),
            MoveKind::Unknown => self.send_invalid(session, Some("a".repeat(1 + value)), "issued"),
            MoveKind::Empty => self.send_invalid(session, Some(String::new()), "pattern"),
            MoveKind::Missing => self.send_invalid(session, None, "required"),
            MoveKind::TooLong => {
                if let Some(length) = self.too_long {
                    self.send_invalid(session, Some("a".repeat(length)), "pattern");
                }
            }
        }
    }

    fn send_invalid(&mut self, session: usize, text: Option<String>, aspect: &str) {
        self.sequence.break_requirement(session, text.map(Arg::Text), aspect);
    }
}
