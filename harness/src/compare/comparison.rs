//! Compares two endpoints: each sequence is sent to both at the same time, and where their responses differ
//! is reproduced when all cases are done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cases::catalogue::Case;
use cases::generate::Sample;
use reports::history;
use reports::history::Comparison;
use reports::model::ContractInfo;
use reports::summary::counted;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::client::transport::Transport;
use crate::compare::contrast::{Contrast, StepRef, collapse_varying};
use crate::compare::reproduce::ReproducedContrast;
use crate::compare::sides::{ContrastRef, Pair};
use crate::execute::executed::Executed;
use crate::limits::StopReason;
use crate::results::case_result::CaseIndex;
use crate::results::occurrence::{Occurrence, Size, record};
use crate::runner::worker_pool;

/// The number of cases in flight at once.
const CONCURRENCY: usize = 16;

/// The contrasts of a case, or why it was not sent.
type Compared = Result<BTreeMap<Contrast, Occurrence<ContrastRef>>, String>;

impl<T: Transport + 'static> Pair<T> {
    /// Sends the selected cases to both endpoints. `begin` gets the number of cases.
    pub(crate) async fn compare(
        self: Arc<Self>,
        selected: &BTreeSet<CaseIndex>,
        begin: impl FnOnce(u64),
    ) -> Comparison {
        let mut unsent = Unsent::default();
        let cases = self.cases_to_send(selected, &mut unsent);
        let (a, b) =
            tokio::join!(self.a.interval_note(&self.catalogue), self.b.interval_note(&self.catalogue));
        let enforcing = [a.is_some(), b.is_some()];
        begin(cases.len() as u64);

        let compared = self.run_cases(cases.clone()).await;
        for case in cases.into_iter().filter(|case| !compared.contains_key(case)) {
            unsent.add(self.case(case), "boundstone crashed on it (a bug of boundstone)".to_owned());
        }
        let (sent, groups) = self.sum_up(compared, &mut unsent);
        self.limits.begin_reproducing();
        let contrasts = self.resolve_all(groups, enforcing).await;
        let contract = &self.a.world.contract;
        Comparison {
            contract: ContractInfo { name: contract.name.clone(), digest: contract.digest.clone() },
            a: self.a.url.clone(),
            b: self.b.url.clone(),
            seed: self.seed,
            cases: sent,
            contrasts,
            requests: self.limits.requests(),
            notes: unsent.notes().chain(a).chain(b).chain(self.given_up()).collect(),
            interrupted: self.limits.stop() == Some(StopReason::Interrupted),
        }
    }

    /// The selected cases that can be sent.
    fn cases_to_send(&self, selected: &BTreeSet<CaseIndex>, unsent: &mut Unsent) -> Vec<CaseIndex> {
        let mut cases = Vec::new();
        for index in selected.iter().copied() {
            let case = self.case(index);
            match self.a.missing(case) {
                Some(missing) => unsent.add(case, missing.to_string()),
                None if !case.waiting_time().is_zero() => unsent.add(case, "time has to pass".to_owned()),
                None => cases.push(index),
            }
        }
        cases
    }

    /// The number of cases that were sent, and their contrasts in the order of the catalogue.
    fn sum_up(
        &self,
        compared: BTreeMap<CaseIndex, Compared>,
        unsent: &mut Unsent,
    ) -> (u64, Vec<(Contrast, Occurrence<ContrastRef>)>) {
        let mut sent = 0;
        let mut groups: BTreeMap<Contrast, Occurrence<ContrastRef>> = BTreeMap::new();
        for (case, compared) in compared {
            match compared {
                Err(reason) => unsent.add(self.case(case), reason),
                Ok(contrasts) => {
                    sent += 1;
                    for (contrast, occurrence) in contrasts {
                        record(&mut groups, contrast, occurrence);
                    }
                }
            }
        }
        let mut groups: Vec<_> = collapse_varying(groups, |place| place.seen).into_iter().collect();
        groups.sort_by_key(|(_, occurrence)| (occurrence.place.case, occurrence.place.sample));
        (sent, groups)
    }

    /// Reproduces and shrinks contrasts, one after the other.
    async fn resolve_all(
        self: &Arc<Self>,
        contrasts: Vec<(Contrast, Occurrence<ContrastRef>)>,
        enforcing: [bool; 2],
    ) -> Vec<history::Contrast> {
        let mut resolved = Vec::new();
        for (contrast, occurrence) in contrasts {
            let (this, runtime, seen) = (Arc::clone(self), Handle::current(), contrast.clone());
            let resolve = move || this.resolve(&runtime, &contrast, occurrence, enforcing);
            let result = tokio::task::spawn_blocking(resolve).await;
            // A contrast whose thread panics is reported as it was seen.
            let report = || self.report(&seen, occurrence, ReproducedContrast::default());
            resolved.extend(result.unwrap_or_else(|_| report()));
        }
        resolved
    }

    /// The note for a report if an endpoint ended the comparison early.
    fn given_up(&self) -> Option<String> {
        let stop = self.limits.given_up()?;
        Some(format!("After {} requests {stop}: later cases were not compared.", self.limits.requests()))
    }

    /// Sends cases, several at once. Those that need the endpoints for themselves come last, one after the
    /// other. A case that panics is missing in the result.
    async fn run_cases(&self, cases: Vec<CaseIndex>) -> BTreeMap<CaseIndex, Compared> {
        let mut compared = BTreeMap::new();
        let (exclusive, others): (Vec<CaseIndex>, _) =
            cases.into_iter().partition(|index| self.case(*index).is_exclusive());
        for (cases, at_once) in [(others, CONCURRENCY), (exclusive, 1)] {
            let (sender, mut results) = mpsc::unbounded_channel();
            let pair = self.clone();
            worker_pool::run_pool(
                cases,
                move || at_once,
                move || {
                    let (pair, sender) = (pair.per_worker(), sender.clone());
                    move |case| pair.clone().send_case(case, sender.clone())
                },
            );
            while let Some((case, result)) = results.recv().await {
                compared.insert(case, result);
            }
        }
        compared
    }

    /// Compares a case, and sends the result.
    async fn send_case(self, case: CaseIndex, sender: mpsc::UnboundedSender<(CaseIndex, Compared)>) {
        let compared = self.compare_case(case).await;
        // The receiver waits until every sender is dropped.
        let _sent = sender.send((case, compared));
    }

    /// Sends a case to both endpoints on one thread: value trees cannot move to another.
    async fn compare_case(&self, index: CaseIndex) -> Compared {
        let mut compared = BTreeMap::new();
        let case = self.case(index);
        let [a, b] = self.samples_of(case);
        if a.boundaries() != b.boundaries() {
            return Err("the names of the fixtures differ in form".to_owned());
        }
        for sample in 0..a.boundaries() + case.random_samples(self.samples) {
            if self.limits.stop().is_some() {
                break;
            }
            let (Some(one), Some(other)) = (a.tree(sample), b.tree(sample)) else { break };
            let samples = [one.current(), other.current()];
            let [one, other] = &samples;
            let executed = self.send([&one.steps, &other.steps], one.one_connection).await;
            for (contrast, seen) in self.own_contrasts(case, &samples, &executed).await {
                let place = ContrastRef { case: index, sample, seen };
                let size = Size::of(&executed.0.steps[..=seen.step]);
                record(&mut compared, contrast, Occurrence { place, size, count: 1 });
            }
            if ends_with_failure(&executed.0) || ends_with_failure(&executed.1) {
                // One transport failure says what a hundred would, and each may cost the whole timeout.
                break;
            }
        }
        Ok(compared)
    }

    /// The contrasts of a sample. One that a single one of several mutations shows belongs to that mutation.
    async fn own_contrasts(
        &self,
        case: &Case,
        [one, other]: &[Sample; 2],
        executed: &(Executed, Executed),
    ) -> Vec<(Contrast, StepRef)> {
        let mut all = self.contrasts(executed);
        if all.iter().all(|(contrast, _)| contrast.requirement != case.requirement) {
            return all;
        }
        for (one, other) in one.isolated.iter().zip(&other.isolated) {
            let isolated = self.contrasts(&self.send([one, other], false).await);
            all.retain(|(contrast, _)| {
                contrast.requirement != case.requirement
                    || isolated.iter().all(|(other, _)| other.field != contrast.field)
            });
        }
        all
    }
}

/// Whether a sequence ended with a transport failure.
fn ends_with_failure(executed: &Executed) -> bool {
    executed.steps.last().is_some_and(|step| step.exchange.observed.is_err())
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
