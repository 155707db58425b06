//! `boundstone compare`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;

use cases::call::Step;
use cases::catalogue::{Case, Catalogue};
use cases::classify::{Class, classify};
use cases::fixture::Fixture;
use cases::outcome::Field;
use cases::sample::World;
use reports::comparison::{self, Comparison, Contrasted};
use reports::exit::Outcome;
use reports::report::ContractInfo;
use reports::summary::counted;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::args::{CompareArgs, EndpointArgs};
use super::connect::Connection;
use super::run::select;
use super::{CliError, end_with_ctrl_c, print, print_error};
use crate::compare::{Contrast, Seen, contrasts};
use crate::contact::contact;
use crate::explore::Samples;
use crate::issued::Hidden;
use crate::limits::{Limits, Stop};
use crate::pace::{First, Pace, first};
use crate::play::{Played, Player};
use crate::record::record;
use crate::reduce::reduce;
use crate::transport::Client;

/// Cases under way at once.
const CONCURRENCY: usize = 16;
/// Sequences that making one difference smaller may cost at each of the two.
const MOST_PLAYED: usize = 400;

pub(super) async fn main(args: CompareArgs) -> Result<u8, CliError> {
    let limits = Arc::new(Limits::default());
    let a = EndpointArgs { target: Some(args.a.clone()), ..args.endpoint.clone() };
    let a = Side::open("A", a, Arc::clone(&limits)).await?;
    let b = EndpointArgs {
        target: Some(args.b.clone()),
        fixtures: args.fixtures_b.clone().or(args.endpoint.fixtures.clone()),
        headers: if args.headers_b.is_empty() {
            args.endpoint.headers.clone()
        } else {
            args.headers_b.clone()
        },
        ..args.endpoint.clone()
    };
    let b = Side::open("B", b, Arc::clone(&limits)).await?;
    if let Some(path) = &args.fixtures_b {
        same_form(path, &a.world.fixtures, &b.world.fixtures)?;
    }
    let catalogue = Catalogue::of(&a.world.contract);
    let selected = select(&catalogue, &a.world.contract, &args.only, &args.skip)?;
    end_with_ctrl_c(Arc::clone(&limits));
    let pair = Pair { a, b, seed: args.seed, samples: args.cases, limits };
    let (one, other) = tokio::join!(pair.a.contact(&catalogue), pair.b.contact(&catalogue));
    let silent: Vec<String> = [one, other].into_iter().filter_map(Result::err).collect();
    if !silent.is_empty() {
        print_error(&silent.iter().map(|reason| reports::escape::line(reason) + "\n").collect::<String>());
        return Ok(Outcome::NotJudged.code());
    }
    let found = Arc::new(pair).compare(Arc::new(catalogue), &selected).await;
    print(&if args.json { found.to_json() } else { found.to_text() });
    Ok(if found.interrupted {
        Outcome::Interrupted.code()
    } else if found.contrasts.is_empty() {
        Outcome::Held.code()
    } else {
        Outcome::Violated.code()
    })
}

/// Sees that two lists of fixtures lead to the same requests, but for the names in them.
fn same_form(path: &Path, a: &[Fixture], b: &[Fixture]) -> Result<(), CliError> {
    let problem = |problem| CliError::FixturesDiffer { path: path.to_owned(), problem };
    if a.len() != b.len() {
        let (has, wants) = (counted(b.len() as u64, "resource"), a.len());
        return Err(problem(format!("{has} where --fixtures has {wants}")));
    }
    let form = |fixture: &Fixture| -> Vec<String> {
        let parts = fixture.parts.iter().map(|(sort, part)| {
            let given =
                [("id", &part.id), ("name", &part.name)].into_iter().filter(|(_, text)| text.is_some());
            format!("`{sort}` by its {}", given.map(|(word, _)| word).collect::<Vec<_>>().join(" and "))
        });
        parts.chain(fixture.contents.keys().map(|key| format!("`{key}`"))).collect()
    };
    match a.iter().map(form).zip(b.iter().map(form)).enumerate().find(|(_, (a, b))| a != b) {
        Some((index, (a, b))) => Err(problem(format!(
            "resource {} gives {} where --fixtures gives {}",
            index + 1,
            b.join(", "),
            a.join(", ")
        ))),
        None => Ok(()),
    }
}

/// One of the two endpoints.
struct Side {
    /// What people call it.
    name: &'static str,
    url: String,
    transport: Client,
    world: Arc<World>,
    hidden: Hidden,
    secrets: Vec<String>,
    is_signed: bool,
}

impl Side {
    async fn open(name: &'static str, endpoint: EndpointArgs, limits: Arc<Limits>) -> Result<Self, CliError> {
        let Connection { transport, world, secrets, target, scope, .. } =
            Connection::open(&endpoint, limits).await?;
        let hidden = Hidden::new(&world, &secrets);
        Ok(Self { name, url: target.url, transport, world, hidden, secrets, is_signed: scope.is_some() })
    }

    fn player(&self) -> Player<'_, Client> {
        Player {
            transport: &self.transport,
            world: &self.world,
            hidden: &self.hidden,
            pace: &Pace::Free,
            clock: None,
        }
    }

    async fn contact(&self, catalogue: &Catalogue) -> Result<(), String> {
        let reached = contact(&self.player(), catalogue, &self.url).await;
        reached
            .map(drop)
            .map_err(|reason| format!("{} ({}) could not be compared. {reason}", self.name, self.url))
    }

    /// What is to be said if a second call of a session is refused at once.
    async fn interval(&self, catalogue: &Catalogue) -> Option<String> {
        match first(&self.player(), catalogue).await {
            First::Free => None,
            First::Refused(interval) => Some(format!(
                "{} refuses the second call of a session if it comes at once, and may hold sessions to an \
                 interval ({} s): what follows in a session was not compared.",
                self.name,
                interval.length.as_secs()
            )),
        }
    }
}

/// Where a contrast was seen.
#[derive(Debug, Clone, Copy)]
struct Witness {
    case: usize,
    sample: usize,
    seen: Seen,
    /// The steps up to where it is seen, and the bytes of their requests.
    size: (usize, usize),
    count: u64,
}

/// What came of one case.
#[derive(Default)]
struct Compared {
    seen: Vec<(Contrast, Witness)>,
    /// Why it was not sent.
    note: Option<String>,
}

/// The two endpoints.
struct Pair {
    a: Side,
    b: Side,
    seed: u64,
    samples: usize,
    limits: Arc<Limits>,
}

impl Pair {
    async fn compare(self: Arc<Self>, catalogue: Arc<Catalogue>, selected: &[bool]) -> Comparison {
        let mut notes = Vec::new();
        let mut cases = Vec::new();
        let mut waiting = 0;
        for (index, case) in catalogue.cases.iter().enumerate().filter(|(index, _)| selected[*index]) {
            if let Some(reason) = case.lacks(&self.a.world.fixtures) {
                notes.push(format!("{} was not sent: {reason}.", case.id));
            } else if case.waits().is_zero() {
                cases.push(index);
            } else {
                waiting += 1;
            }
        }
        if waiting > 0 {
            notes.push(format!("{} in which time has to pass: not sent.", counted(waiting, "case")));
        }
        let (one, other) = tokio::join!(self.a.interval(&catalogue), self.b.interval(&catalogue));
        let held = [one.is_some(), other.is_some()];
        notes.extend(one.into_iter().chain(other));
        print_error(&format!(
            "Comparing {} with {} by the contract {}: {}, seed {}.\n",
            reports::escape::line(&self.a.url),
            reports::escape::line(&self.b.url),
            reports::escape::line(&self.a.world.contract.name),
            counted(cases.len() as u64, "case"),
            self.seed
        ));

        let sent = cases.len() as u64;
        let (quiet, others): (Vec<usize>, _) =
            cases.into_iter().partition(|index| catalogue.cases[*index].wants_quiet());
        let mut compared = BTreeMap::new();
        for (cases, at_once) in [(others, CONCURRENCY), (quiet, 1)] {
            self.explore(&catalogue, cases, at_once, &mut compared).await;
        }
        let mut groups: BTreeMap<Contrast, Witness> = BTreeMap::new();
        let mut unsent = 0;
        for (_, Compared { seen, note }) in compared {
            unsent += u64::from(note.is_some());
            notes.extend(note);
            for (contrast, witness) in seen {
                match groups.entry(contrast) {
                    Entry::Vacant(first) => drop(first.insert(witness)),
                    Entry::Occupied(mut known) => {
                        let count = known.get().count + witness.count;
                        let smallest = if witness.size < known.get().size { witness } else { *known.get() };
                        known.insert(Witness { count, ..smallest });
                    }
                }
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, witness)| (witness.case, witness.sample));
        let settled = tokio::task::spawn_blocking({
            let (this, runtime) = (Arc::clone(&self), Handle::current());
            move || {
                groups
                    .into_iter()
                    .filter_map(|(contrast, witness)| {
                        this.settle(&runtime, &catalogue, &contrast, witness, held)
                    })
                    .collect()
            }
        });
        let contract = &self.a.world.contract;
        Comparison {
            contract: ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() },
            a: self.a.url.clone(),
            b: self.b.url.clone(),
            seed: self.seed,
            cases: sent - unsent,
            // A comparison that panicked is a bug of boundstone.
            contrasts: settled.await.unwrap_or_default(),
            requests: self.limits.requests(),
            notes,
            interrupted: self.limits.stop() == Some(Stop::Interrupted),
        }
    }

    async fn explore(
        self: &Arc<Self>,
        catalogue: &Arc<Catalogue>,
        cases: Vec<usize>,
        at_once: usize,
        compared: &mut BTreeMap<usize, Compared>,
    ) {
        let mut waiting = cases.into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < at_once
                && let Some(index) = waiting.next()
            {
                let (this, catalogue, runtime) = (Arc::clone(self), Arc::clone(catalogue), Handle::current());
                running.spawn_blocking(move || (index, this.case(&runtime, index, &catalogue.cases[index])));
            }
            let Some(finished) = running.join_next().await else { break };
            if let Ok((index, case)) = finished {
                compared.insert(index, case);
            }
        }
    }

    fn drawn(&self, case: &Case) -> [Samples; 2] {
        [&self.a, &self.b].map(|side| Samples::new(case, &side.world, self.seed))
    }

    /// Sends a case to both. Blocks its thread: value trees cannot move between threads.
    fn case(&self, runtime: &Handle, number: usize, case: &Case) -> Compared {
        let mut compared = Compared::default();
        let [a, b] = self.drawn(case);
        if a.boundaries() != b.boundaries() {
            compared.note =
                Some(format!("{} was not sent: the names of the fixtures differ in form.", case.id));
            return compared;
        }
        for index in 0..a.boundaries() + case.random_samples(self.samples) {
            if self.limits.stop().is_some() {
                break;
            }
            let (Some(one), Some(other)) = (a.tree(index), b.tree(index)) else { break };
            let (one, other) = (one.current(), other.current());
            let played = self.play(runtime, &one.steps, &other.steps, one.one_connection);
            let mut all = self.contrasts(&played);
            if all.iter().any(|(contrast, _)| contrast.requirement == case.requirement) {
                // What one of several deviations shows by itself is told where it is by itself.
                for (one, other) in one.alone.iter().zip(&other.alone) {
                    let alone = self.contrasts(&self.play(runtime, one, other, false));
                    let same = |contrast: &Contrast| {
                        contrast.requirement == case.requirement
                            && alone.iter().any(|(other, _)| other.field == contrast.field)
                    };
                    all.retain(|(contrast, _)| !same(contrast));
                }
            }
            for (contrast, seen) in all {
                let shown = &played.0.steps[..=seen.step];
                let bytes = shown.iter().map(|step| step.shown.target.len() + step.shown.body.len()).sum();
                let size = (shown.len(), bytes);
                compared.seen.push((contrast, Witness { case: number, sample: index, seen, size, count: 1 }));
            }
            let faults =
                |played: &Played| played.steps.last().is_some_and(|it| it.exchange.observed.is_err());
            if faults(&played.0) || faults(&played.1) {
                // One fault says what a hundred would, and each may cost the whole timeout.
                break;
            }
        }
        compared
    }

    fn play(&self, runtime: &Handle, a: &[Step], b: &[Step], one_connection: bool) -> (Played, Played) {
        let (one, other) = (self.a.player(), self.b.player());
        let both = async {
            tokio::join!(one.play_over(None, a, one_connection), other.play_over(None, b, one_connection))
        };
        runtime.block_on(both)
    }

    fn contrasts(&self, (a, b): &(Played, Played)) -> Vec<(Contrast, Seen)> {
        contrasts(&self.a.world.contract, a, b, self.share_fixtures())
    }

    fn share_fixtures(&self) -> bool {
        self.a.world.fixtures == self.b.world.fixtures
    }

    /// Looks at a contrast again, and makes the sequence that shows it smaller if it comes again. Who may
    /// be `held` to an interval is not accused for refusing a call within a session.
    fn settle(
        &self,
        runtime: &Handle,
        catalogue: &Catalogue,
        contrast: &Contrast,
        witness: Witness,
        held: [bool; 2],
    ) -> Option<comparison::Contrast> {
        let case = &catalogue.cases[witness.case];
        let [a, b] = self.drawn(case);
        let (mut a, mut b) = (a.tree(witness.sample)?, b.tree(witness.sample)?);
        let one_connection = a.current().one_connection;
        let seen = |played: &(Played, Played)| {
            self.contrasts(played).into_iter().find(|(other, _)| other == contrast).map(|(_, seen)| seen)
        };
        let class = |played: &(Played, Played), seen: Seen| -> Option<Class> {
            let request = &played.0.steps.get(seen.step)?.exchange.request;
            Some(classify(&self.a.world.contract, request).class)
        };
        let mut steps = (a.current().steps, b.current().steps);
        let mut best = self.play(runtime, &steps.0, &steps.1, one_connection);
        let again = seen(&best);
        if let Some(first) = again {
            let wanted = class(&best, first);
            let mut left = MOST_PLAYED;
            let mut shows = |one: &[Step], other: &[Step]| {
                left = left.checked_sub(1)?;
                let played =
                    self.limits.stop().is_none().then(|| self.play(runtime, one, other, one_connection))?;
                let at = seen(&played).filter(|at| class(&played, *at) == wanted)?;
                Some((played, at))
            };
            let mut step = first.step;
            while a.simplify() && b.simplify() {
                let smaller = loop {
                    let candidate = (a.current().steps, b.current().steps);
                    if let Some((_, at)) = shows(&candidate.0, &candidate.1) {
                        break Some((candidate, at.step));
                    }
                    if !a.complicate() || !b.complicate() {
                        break None;
                    }
                };
                let Some(smaller) = smaller else { break };
                (steps, step) = smaller;
            }
            steps.0.truncate(step + 1);
            steps.1.truncate(step + 1);
            if self.share_fixtures() {
                let parts = || self.a.world.fixtures.iter().flat_map(|fixture| fixture.parts.values());
                let given = |text: &str| parts().any(|part| part.is(text));
                let smallest = reduce(steps.0.clone(), given, |steps| shows(steps, steps).is_some());
                steps = (smallest.clone(), smallest);
            }
            best = self.play(runtime, &steps.0, &steps.1, one_connection);
        }
        let last = seen(&best);
        let requirement = catalogue.requirement(&contrast.requirement)?;
        let at = last.map_or(witness.seen.step, |seen| seen.step);
        let shown = |side: &Side, played: &Played| {
            let end = played.steps.len().min(at + 1);
            record(&side.world, &played.steps[..end], &side.secrets, side.is_signed)
        };
        let both = shown(&self.a, &best.0).into_iter().zip(shown(&self.b, &best.1));
        let keeps = last.unwrap_or(witness.seen);
        let in_session = best.0.steps.get(at).is_some_and(|step| step.step.call.uses().next().is_some());
        let [a_early, b_early] = held.map(|held| held && in_session && contrast.field == Field::Status);
        Some(comparison::Contrast {
            requirement: requirement.id.clone(),
            level: requirement.level,
            text: requirement.text.clone(),
            case: case.id.clone(),
            field: contrast.field.to_string(),
            a: contrast.a.clone(),
            b: contrast.b.clone(),
            a_keeps: keeps.a_keeps || a_early,
            b_keeps: keeps.b_keeps || b_early,
            count: witness.count,
            stable: last.is_some(),
            exchanges: both
                .map(|(one, other)| Contrasted { request: one.request, a: one.response, b: other.response })
                .collect(),
        })
    }
}
