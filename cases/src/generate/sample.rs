//! Samples: requests of a case, made from a valid base and one deviation.

use std::time::Duration;

use crate::id::RequirementId;
use crate::protocol::Call;

/// One member of a partition, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The requests in order; the last one is what the case is about.
    pub steps: Vec<Step>,
    /// The valid twin: the same without the one deviation. It has to succeed.
    pub twin: Vec<Step>,
    /// The same with one of several deviations each. What one of these shows too is a fault of that
    /// deviation and not of their combination.
    pub alone: Vec<Vec<Step>>,
    /// Whether all steps go over one connection.
    pub one_connection: bool,
}

/// One step of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What is sent.
    pub call: Call,
    /// The requirement that is broken if the answer has the wrong status, unless the
    /// [expectation](crate::expectation::Expectation::broken_by) knows better.
    pub requirement: RequirementId,
    /// The time that passes before it is sent.
    pub after: Duration,
    /// Whether it is sent at the same time as the step before.
    pub at_once: bool,
    /// Whether it comes on purpose before the interval of its session is over: no run waits for it.
    pub early: bool,
}

impl Step {
    /// A step that is sent as soon as the one before is answered.
    pub fn new(call: Call, requirement: RequirementId) -> Self {
        Self { call, requirement, after: Duration::ZERO, at_once: false, early: false }
    }

    /// The same step with another call.
    #[must_use]
    pub fn with(&self, call: Call) -> Self {
        Self { call, requirement: self.requirement.clone(), ..*self }
    }
}

impl Sample {
    /// A sample without a twin.
    pub(crate) fn plain(steps: Vec<Step>) -> Self {
        Self::beside(steps, Vec::new())
    }

    /// A sample with its twin.
    pub(crate) fn beside(steps: Vec<Step>, twin: Vec<Step>) -> Self {
        Self { steps, twin, alone: Vec::new(), one_connection: false }
    }
}
