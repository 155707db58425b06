//! Cases of a slow target: their samples at the same time, the longest sequences first, so that a run takes
//! little longer than its requests do that many at once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use reports::model::Event;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::client::transport::Transport;
use crate::execute::samples::Samples;
use crate::plan::context::Run;
use crate::plan::in_flight::{Concurrency, InFlight, is_slow};
use crate::results::case_result::{Explored, Tried};
use crate::results::checkpoint::Done;
use crate::runner::worker_pool;
use crate::runner::worker_pool::LOOK;

/// The requests of samples that are tried one after the other. Fewer would be more work for less.
const REQUESTS_A_PART: usize = 6;

/// Some samples of a case.
#[derive(Debug, Clone)]
struct Part {
    case: usize,
    samples: Range<usize>,
    /// The requests that it sends, one after the other.
    length: usize,
}

/// What is told of a part.
enum Told {
    Started(usize),
    Explored(Part, Box<Explored>),
}

/// What became of the parts of a case so far.
#[derive(Default)]
struct Progress {
    left: usize,
    is_started: bool,
    differs: bool,
    /// What each part showed, by the index of its first sample.
    explored: BTreeMap<usize, Explored>,
}

impl<T: Transport + 'static> Run<T> {
    /// How long a response takes, if a run is to wait for many of them at once: the target is slow, and
    /// nothing holds the run to few requests.
    pub(crate) fn waits_for_responses(&self, cases: &[usize]) -> Option<Duration> {
        let unloaded = Duration::from_micros(self.latency_micros());
        let is_held_back = |between: Duration| between * 2 > unloaded / Self::at_first(self.plan.concurrency);
        let is_few = self.limits.left().is_some() || self.plan.between_requests.is_some_and(is_held_back);
        let is_resumed = !self.plan.past.done.is_empty();
        let waits = is_slow(unloaded) && !is_few && !is_resumed && self.has_time_for(cases, unloaded);
        waits.then_some(unloaded)
    }

    /// Whether half of the budget is enough for all cases, so that it does not matter which come first.
    fn has_time_for(&self, cases: &[usize], unloaded: Duration) -> bool {
        let Some(budget) = self.plan.patience else { return true };
        let requests: usize = cases.iter().flat_map(|case| self.parts(*case)).map(|part| part.length).sum();
        let all = unloaded.saturating_mul(u32::try_from(requests).unwrap_or(u32::MAX));
        all / Self::at_first(self.plan.concurrency) <= budget / 2
    }

    fn at_first(concurrency: Concurrency) -> u32 {
        u32::try_from(concurrency.at_first()).unwrap_or(u32::MAX)
    }

    /// Runs cases of a slow target.
    pub(crate) async fn explore_slow(
        &self,
        tried: &mut [Option<Tried>],
        cases: Vec<usize>,
        unloaded: Duration,
        emit: &impl Fn(&Event),
    ) {
        let mut parts: Vec<Part> = cases.iter().flat_map(|case| self.parts(*case)).collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.length));
        let mut progress: BTreeMap<usize, Progress> = BTreeMap::new();
        for part in &parts {
            progress.entry(part.case).or_default().left += 1;
        }
        let in_flight = Arc::new(InFlight::new(self.plan.concurrency, unloaded, self.times.latency()));
        let (tell, mut told) = mpsc::unbounded_channel();
        let (run, at_once) = (self.clone(), Arc::clone(&in_flight));
        worker_pool::work(
            parts,
            move || at_once.now(),
            move || {
                let (run, tell) = (run.apart(), tell.clone());
                move |part| run.clone().explore_part(part, tell.clone())
            },
        );
        loop {
            let told = timeout(LOOK, told.recv()).await;
            in_flight.adapt(|| self.times.latency());
            match told {
                Err(_) => {}
                Ok(None) => break,
                Ok(Some(Told::Started(case))) => {
                    let case_progress = progress.entry(case).or_default();
                    if !std::mem::replace(&mut case_progress.is_started, true) {
                        emit(&Event::CaseStarted { case: self.plan.catalogue.cases[case].id.clone() });
                    }
                }
                Ok(Some(Told::Explored(part, explored))) => {
                    let case = part.case;
                    let case_progress = progress.entry(case).or_default();
                    if !explored.witnesses.is_empty() && !std::mem::replace(&mut case_progress.differs, true)
                    {
                        self.limits.differs();
                        emit(&Event::CaseDiffers { case: self.plan.catalogue.cases[case].id.clone() });
                    }
                    self.failures.note(self.failing(case, &explored), &self.limits);
                    case_progress.explored.insert(part.samples.start, *explored);
                    case_progress.left -= 1;
                    if case_progress.left == 0 {
                        let parts = std::mem::take(&mut case_progress.explored);
                        tried[case] = Some(Tried::Explored(self.whole(case, parts, emit)));
                    }
                }
            }
        }
    }

    /// What a case showed, of which every part is done.
    fn whole(&self, case: usize, parts: BTreeMap<usize, Explored>, emit: &impl Fn(&Event)) -> Explored {
        let mut whole = Explored::default();
        for part in parts.into_values() {
            whole.join(part);
        }
        self.finished(case, &whole, emit);
        if let Some(journal) = &self.plan.journal
            && whole.is_settled()
            && whole.stopped.is_none()
        {
            let rounds = crate::results::case_result::Round::ALL.len();
            journal.done(Done { case, rounds, within: 0, explored: whole.clone() }, self.spent());
        }
        whole
    }

    /// The samples of a case in parts.
    fn parts(&self, case: usize) -> Vec<Part> {
        let about = &self.plan.catalogue.cases[case];
        let samples = Samples::new(about, &self.plan.world, self.plan.seed);
        let count = samples.boundaries() + about.random_samples(self.plan.samples);
        let mut parts: Vec<Part> = Vec::new();
        for index in 0..count {
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            let length = sample.steps.len() + sample.twin.len();
            match parts.last_mut() {
                Some(last) if last.length + length <= REQUESTS_A_PART => {
                    last.length += length;
                    last.samples.end = index + 1;
                }
                _ => parts.push(Part { case, samples: index..index + 1, length }),
            }
        }
        parts
    }

    async fn explore_part(self, part: Part, tell: mpsc::UnboundedSender<Told>) {
        // Who listens does so until every sender is gone.
        let _heard = tell.send(Told::Started(part.case));
        let snapshot = self.plan.snapshot(part.case);
        let about = &self.plan.catalogue.cases[part.case];
        let explorer = self.explorer(Some(&self.twins));
        let exploration =
            explorer.explore_part(part.case, about, snapshot.as_ref(), part.samples.clone()).await;
        let _heard = tell.send(Told::Explored(part, Box::new(exploration.explored)));
    }
}
