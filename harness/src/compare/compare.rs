//! Compares two endpoints: each sequence is sent to both at the same time, and where their responses differ is
//! reproduced when all cases are done.

use std::collections::BTreeMap;
use std::sync::Arc;

use cases::catalogue::Case;
use reports::comparison::Comparison;
use reports::report::ContractInfo;
use reports::summary::counted;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, collapse_varying};
use crate::compare::reproduce::ReproducedContrast;
use crate::compare::sides::{ContrastRef, Pair};
use crate::execute::executed::Executed;
use crate::limits::StopReason;
use crate::results::occurrence::{Occurrence, Size, record};

/// The number of cases in flight at once.
const CONCURRENCY: usize = 16;

/// The contrasts of a case, or why it was not sent.
type Compared = Result<BTreeMap<Contrast, Occurrence<ContrastRef>>, String>;

impl<T: Transport + 'static> Pair<T> {
    /// Sends the selected cases to both endpoints. `begin` gets the number of cases.
    pub(crate) async fn compare(self: Arc<Self>, selected: &[bool], begin: impl FnOnce(u64)) -> Comparison {
        let mut unsent = Unsent::default();
        let mut cases = Vec::new();
        for (index, case) in self.catalogue.cases.iter().enumerate().filter(|(index, _)| selected[*index]) {
            match self.a.missing(case) {
                Some(missing) => unsent.add(case, missing.to_string()),
                None if !case.waiting_time().is_zero() => unsent.add(case, "time has to pass".to_owned()),
                None => cases.push(index),
            }
        }
        let (one, other) =
            tokio::join!(self.a.interval_note(&self.catalogue), self.b.interval_note(&self.catalogue));
        let enforcing = [one.is_some(), other.is_some()];
        begin(cases.len() as u64);

        let mut failed = cases.clone();
        let mut sent = 0;
        let mut groups: BTreeMap<Contrast, Occurrence<ContrastRef>> = BTreeMap::new();
        for (case, compared) in self.run_cases(cases).await {
            failed.retain(|other| *other != case);
            match compared {
                Err(reason) => unsent.add(&self.catalogue.cases[case], reason),
                Ok(contrasts) => {
                    sent += 1;
                    for (contrast, occurrence) in contrasts {
                        record(&mut groups, contrast, occurrence);
                    }
                }
            }
        }
        for case in failed {
            unsent.add(
                &self.catalogue.cases[case],
                "boundstone crashed on it (a bug of boundstone)".to_owned(),
            );
        }
        let mut groups: Vec<_> = collapse_varying(groups, |place| place.seen).into_iter().collect();
        groups.sort_by_key(|(_, occurrence)| (occurrence.place.case, occurrence.place.sample));
        self.limits.begin_reproducing();
        let mut resolved = Vec::new();
        for (contrast, occurrence) in groups {
            let (this, runtime, seen) = (Arc::clone(&self), Handle::current(), contrast.clone());
            let resolve = move || this.resolve(&runtime, &contrast, occurrence, enforcing);
            // A contrast whose thread panics is reported as it was seen.
            let result = tokio::task::spawn_blocking(resolve).await;
            resolved.extend(
                result.unwrap_or_else(|_| self.report(&seen, occurrence, ReproducedContrast::default())),
            );
        }
        let contract = &self.a.world.contract;
        Comparison {
            contract: ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() },
            a: self.a.url.clone(),
            b: self.b.url.clone(),
            seed: self.seed,
            cases: sent,
            contrasts: resolved,
            requests: self.limits.requests(),
            notes: unsent.notes().chain(one).chain(other).chain(self.given_up()).collect(),
            interrupted: self.limits.stop() == Some(StopReason::Interrupted),
        }
    }

    /// The note for a report if an endpoint ended the comparison early.
    fn given_up(&self) -> Option<String> {
        let stop = self.limits.given_up()?;
        Some(format!("After {} requests {stop}: later cases were not compared.", self.limits.requests()))
    }

    /// Sends cases, several at once. Those that need the endpoints for themselves come last, one after the other.
    async fn run_cases(self: &Arc<Self>, cases: Vec<usize>) -> BTreeMap<usize, Compared> {
        let mut compared = BTreeMap::new();
        let (exclusive, others): (Vec<usize>, _) =
            cases.into_iter().partition(|index| self.catalogue.cases[*index].is_exclusive());
        for (cases, at_once) in [(others, CONCURRENCY), (exclusive, 1)] {
            let mut waiting = cases.into_iter();
            let mut running = JoinSet::new();
            loop {
                while running.len() < at_once
                    && let Some(index) = waiting.next()
                {
                    let (this, runtime) = (Arc::clone(self), Handle::current());
                    running.spawn_blocking(move || (index, this.compare_case(&runtime, index)));
                }
                let Some(finished) = running.join_next().await else { break };
                // A case that panicked is missing, and reported as such.
                compared.extend(finished.ok());
            }
        }
        compared
    }

    /// Sends a case to both endpoints. Blocks its thread: value trees cannot move between threads.
    fn compare_case(&self, runtime: &Handle, number: usize) -> Compared {
        let mut compared = BTreeMap::new();
        let case = &self.catalogue.cases[number];
        let [a, b] = self.samples_of(case);
        if a.boundaries() != b.boundaries() {
            return Err("the names of the fixtures differ in form".to_owned());
        }
        for sample in 0..a.boundaries() + case.random_samples(self.samples) {
            if self.limits.stop().is_some() {
                break;
            }
            let (Some(one), Some(other)) = (a.tree(sample), b.tree(sample)) else { break };
            let (one, other) = (one.current(), other.current());
            let played = self.send(runtime, &one.steps, &other.steps, one.one_connection);
            let mut all = self.contrasts(&played);
            if all.iter().any(|(contrast, _)| contrast.requirement == case.requirement) {
                // A contrast that one of several mutations shows alone belongs to that mutation.
                for (one, other) in one.isolated.iter().zip(&other.isolated) {
                    let alone = self.contrasts(&self.send(runtime, one, other, false));
                    let same = |contrast: &Contrast| {
                        contrast.requirement == case.requirement
                            && alone.iter().any(|(other, _)| other.field == contrast.field)
                    };
                    all.retain(|(contrast, _)| !same(contrast));
                }
            }
            for (contrast, seen) in all {
                let place = ContrastRef { case: number, sample, seen };
                let size = Size::of(&played.0.steps[..=seen.step]);
                record(&mut compared, contrast, Occurrence { place, size, count: 1 });
            }
            let faults =
                |played: &Executed| played.steps.last().is_some_and(|it| it.exchange.observed.is_err());
            if faults(&played.0) || faults(&played.1) {
                // One transport failure says what a hundred would, and each may cost the whole timeout.
                break;
            }
        }
        Ok(compared)
    }
}

/// The cases that were not sent, by reason.
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
