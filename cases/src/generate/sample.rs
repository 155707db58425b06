//! Samples: the requests of a case, ready to be sent.

use std::time::Duration;

use crate::id::RequirementId;
use crate::protocol::Call;

/// One member of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The requests in order. The case is about the last one.
    pub steps: Vec<Step>,
    /// The control: the same requests without the mutation. They have to succeed.
    pub control: Vec<Step>,
    /// The same with one of several mutations each. A difference that one of these shows too is due to
    /// that mutation and not to the combination.
    pub isolated: Vec<Vec<Step>>,
    /// Whether all steps use one connection.
    pub one_connection: bool,
}

/// One step of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Step {
    /// What is sent.
    pub call: Call,
    /// The requirement that a response with the wrong status breaks, unless the
    /// [expectation](crate::oracle::Expectation::broken_by) names another one.
    pub requirement: RequirementId,
    /// The time that passes before it is sent.
    pub after: Duration,
    /// Whether it is sent at the same time as the step before.
    pub with_previous: bool,
    /// Whether it is sent before the interval of its session is over on purpose, so that no run waits for that.
    pub early: bool,
}

impl Sample {
    /// A sample with its control.
    pub(super) fn new(steps: Vec<Step>, control: Vec<Step>) -> Self {
        Self { steps, control, isolated: Vec::new(), one_connection: false }
    }

    /// A sample of valid requests, which need no control.
    pub(super) fn valid(steps: Vec<Step>) -> Self {
        Self::new(steps, Vec::new())
    }
}

impl Step {
    /// A step that is sent as soon as the one before has its response.
    pub fn new(call: Call, requirement: RequirementId) -> Self {
        Self { call, requirement, after: Duration::ZERO, with_previous: false, early: false }
    }

    /// The same step with another call.
    #[must_use]
    pub fn with(&self, call: Call) -> Self {
        Self { call, requirement: self.requirement.clone(), ..*self }
    }
}
