//! Two endpoints side by side: each sequence is played against both at the same time, and what they
//! answer differently is looked at again when all cases are done.

use std::collections::BTreeMap;
use std::sync::Arc;

use cases::catalogue::Case;
use reports::history::Comparison;
use reports::model::ContractInfo;
use reports::summary::counted;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, fold};
use crate::compare::reproduce::Told;
use crate::compare::sides::{Pair, Place};
use crate::execute::executed::Played;
use crate::limits::Stop;
use crate::results::occurrence::{Size, Witness, note};

/// Cases under way at once.
const CONCURRENCY: usize = 16;

/// What came of one case: its contrasts, or why it was not sent.
type Compared = Result<BTreeMap<Contrast, Witness<Place>>, String>;

impl<T: Transport + 'static> Pair<T> {
    /// Sends the selected cases to both. `begin` is told how many there are.
    pub(crate) async fn compare(self: Arc<Self>, selected: &[bool], begin: impl FnOnce(u64)) -> Comparison {
        let mut unsent = Unsent::default();
        let mut cases = Vec::new();
        for (index, case) in self.catalogue.cases.iter().enumerate().filter(|(index, _)| selected[*index]) {
            match self.a.lack(case) {
                Some(lack) => unsent.add(case, lack.to_string()),
                None if !case.waits().is_zero() => unsent.add(case, "time has to pass".to_owned()),
                None => cases.push(index),
            }
        }
        let (one, other) = tokio::join!(self.a.interval(&self.catalogue), self.b.interval(&self.catalogue));
        let held = [one.is_some(), other.is_some()];
        begin(cases.len() as u64);

        let mut failed = cases.clone();
        let mut sent = 0;
        let mut groups: BTreeMap<Contrast, Witness<Place>> = BTreeMap::new();
        for (case, compared) in self.explore(cases).await {
            failed.retain(|other| *other != case);
            match compared {
                Err(reason) => unsent.add(&self.catalogue.cases[case], reason),
                Ok(contrasts) => {
                    sent += 1;
                    for (contrast, witness) in contrasts {
                        note(&mut groups, contrast, witness);
                    }
                }
            }
        }
        for case in failed {
            unsent.add(&self.catalogue.cases[case], "boundstone failed on it".to_owned());
        }
        let mut groups: Vec<_> = fold(groups, |place| place.seen).into_iter().collect();
        groups.sort_by_key(|(_, witness)| (witness.place.case, witness.place.sample));
        self.limits.confirm();
        let mut settled = Vec::new();
        for (contrast, witness) in groups {
            let (this, runtime, seen) = (Arc::clone(&self), Handle::current(), contrast.clone());
            let settle = move || this.settle(&runtime, &contrast, witness, held);
            // One that fails stays as it was seen.
            let result = tokio::task::spawn_blocking(settle).await;
            settled.extend(result.unwrap_or_else(|_| self.told(&seen, witness, Told::default())));
        }
        let contract = &self.a.world.contract;
        Comparison {
            contract: ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() },
            a: self.a.url.clone(),
            b: self.b.url.clone(),
            seed: self.seed,
            cases: sent,
            contrasts: settled,
            requests: self.limits.requests(),
            notes: unsent.notes().chain(one).chain(other).chain(self.given_up()).collect(),
            interrupted: self.limits.stop() == Some(Stop::Interrupted),
        }
    }

    /// What is to be said if the comparison ended early because of one of the two.
    fn given_up(&self) -> Option<String> {
        let stop = self.limits.gone()?;
        Some(format!("After {} requests {stop}: what follows was not compared.", self.limits.requests()))
    }

    /// Sends cases, some at once; those that want quiet come last, one after the other.
    async fn explore(self: &Arc<Self>, cases: Vec<usize>) -> BTreeMap<usize, Compared> {
        let mut compared = BTreeMap::new();
        let (quiet, others): (Vec<usize>, _) =
            cases.into_iter().partition(|index| self.catalogue.cases[*index].wants_quiet());
        for (cases, at_once) in [(others, CONCURRENCY), (quiet, 1)] {
            let mut waiting = cases.into_iter();
            let mut running = JoinSet::new();
            loop {
                while running.len() < at_once
                    && let Some(index) = waiting.next()
                {
                    let (this, runtime) = (Arc::clone(self), Handle::current());
                    running.spawn_blocking(move || (index, this.case(&runtime, index)));
                }
                let Some(finished) = running.join_next().await else { break };
                // A case that panicked is a bug of boundstone.
                compared.extend(finished.ok());
            }
        }
        compared
    }

    /// Sends a case to both. Blocks its thread: value trees cannot move between threads.
    fn case(&self, runtime: &Handle, number: usize) -> Compared {
        let mut compared = BTreeMap::new();
        let case = &self.catalogue.cases[number];
        let [a, b] = self.drawn(case);
        if a.boundaries() != b.boundaries() {
            return Err("the names of the fixtures differ in form".to_owned());
        }
        for sample in 0..a.boundaries() + case.random_samples(self.samples) {
            if self.limits.stop().is_some() {
                break;
            }
            let (Some(one), Some(other)) = (a.tree(sample), b.tree(sample)) else { break };
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
                let place = Place { case: number, sample, seen };
                let size = Size::of(&played.0.steps[..=seen.step]);
                note(&mut compared, contrast, Witness { place, size, count: 1 });
            }
            let faults =
                |played: &Played| played.steps.last().is_some_and(|it| it.exchange.observed.is_err());
            if faults(&played.0) || faults(&played.1) {
                // One fault says what a hundred would, and each may cost the whole timeout.
                break;
            }
        }
        Ok(compared)
    }
}

/// The cases that were not sent, by the reason.
#[derive(Default)]
struct Unsent(BTreeMap<String, Vec<String>>);

impl Unsent {
    fn add(&mut self, case: &Case, reason: String) {
        self.0.entry(reason).or_default().push(case.id.to_string());
    }

    /// One sentence for each reason.
    fn notes(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|(reason, cases)| match cases.as_slice() {
            [case] => format!("{case} was not sent: {reason}."),
            many => format!("{} were not sent: {reason}.", counted(many.len() as u64, "case")),
        })
    }
}
