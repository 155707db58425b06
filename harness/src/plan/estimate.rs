//! What a run would send, before anything is sent. Pure.

use std::collections::BTreeSet;
use std::sync::Arc;

use cases::catalogue::Case;
use cases::generate::{Step, World};

use crate::execute::samples::Samples;
use crate::plan::prerequisites::Missing;
use crate::plan::run_plan::Plan;

/// What a run without findings sends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Estimate {
    /// Cases that can run.
    pub cases: usize,
    /// Cases that need a fixture the run does not have.
    pub without_fixture: usize,
    /// Cases that need requests of another form: signed, or over HTTP/1.1.
    pub unfit: usize,
    /// Cases of what the target does not offer.
    pub not_offered: usize,
    /// Cases that wait longer than the run allows.
    pub waiting: usize,
    /// Requests in all.
    pub requests: u64,
}

/// Approximately how many requests a case sends.
pub fn cost(case: &Case, world: &Arc<World>, seed: u64, random: usize) -> u64 {
    if world.fixtures.is_empty() {
        // Samples name resources. Without any, all cases cost the same.
        return 1;
    }
    let samples = Samples::new(case, world, seed);
    let Some(tree) = samples.tree(0) else { return 0 };
    let sample = tree.current();
    let each = sample.steps.len() + sample.control.len();
    (each * (samples.boundaries() + case.random_samples(random))) as u64
}

impl Estimate {
    /// Estimates what a plan sends.
    pub fn of(plan: &Plan) -> Self {
        let mut estimate = Self::default();
        let not_offered = plan.not_offered();
        for (index, case) in plan.selected_cases() {
            if not_offered.reason(index).is_some() {
                estimate.not_offered += 1;
                continue;
            }
            match plan.capabilities(&BTreeSet::new()).missing(case) {
                Some(Missing::Fixture(_)) => estimate.without_fixture += 1,
                Some(_) => estimate.unfit += 1,
                None => estimate.add_case(plan, case),
            }
        }
        estimate
    }

    fn add_case(&mut self, plan: &Plan, case: &Case) {
        if plan.clock.is_none() && case.waiting_time() > plan.slow_wait_limit() {
            self.waiting += 1;
            return;
        }
        self.cases += 1;
        let samples = Samples::new(case, &plan.world, plan.seed);
        let mut controls: Vec<Vec<Step>> = Vec::new();
        for index in 0..samples.boundaries() + case.random_samples(plan.samples) {
            let Some(tree) = samples.tree(index) else { break };
            let sample = tree.current();
            self.requests += sample.steps.len() as u64;
            if !controls.contains(&sample.control) {
                self.requests += sample.control.len() as u64;
                controls.push(sample.control);
            }
        }
    }
}
