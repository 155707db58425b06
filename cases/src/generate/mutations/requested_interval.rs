//! A session requests an interval between its calls.

use std::time::Duration;

use proptest::strategy::BoxedStrategy;

use crate::generate::call_factory::Base;
use crate::generate::mutation::Mutation;
use crate::generate::sample::Sample;
use crate::generate::sampler::Sampler;
use crate::protocol::Arg;
use crate::requirement;

/// A session that requests an interval, and whose calls come at certain times.
#[derive(Debug, Clone)]
pub(crate) struct RequestedInterval {
    /// The member that requests it.
    pub(crate) member: String,
    /// The interval in seconds.
    pub(crate) seconds: i64,
    /// The time that passes before each call.
    pub(crate) calls: Vec<Duration>,
}

impl Mutation for RequestedInterval {
    fn strategies(&self, sampler: &Sampler) -> Vec<BoxedStrategy<Sample>> {
        let interval = self.clone();
        sampler.base_strategies(move |sampler, base| interval.sample(sampler, base))
    }

    fn waiting_time(&self) -> Duration {
        self.calls.iter().sum()
    }
}

impl RequestedInterval {
    fn sample(&self, sampler: &Sampler, base: &Base) -> Sample {
        let control = sampler.valid_steps(base, self.calls.len());
        let mut steps = sampler.testing_last(control.clone());
        if let Some(first) = steps.first_mut() {
            first.call.set(&self.member, Some(Arg::Json(self.seconds.to_string())));
            // To refuse an interval that may be requested breaks its range.
            let setup = sampler.calls.setup_operation();
            let member = setup.input.iter().find(|input| input.name == self.member);
            if let Some(member) = member.filter(|member| member.constraints.range.is_some()) {
                first.requirement = requirement::range(setup, member);
            }
        }
        let interval = Duration::from_secs(self.seconds.unsigned_abs());
        for (call, (step, after)) in steps.iter_mut().skip(1).zip(&self.calls).enumerate() {
            step.after = *after;
            // The first call of a session cannot be too early: no call comes before it.
            step.early = call > 0 && *after < interval;
        }
        Sample::new(steps, control)
    }
}
