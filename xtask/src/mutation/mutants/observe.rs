//! One run of boundstone with default settings against a mock, and its cost.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::Result;
use cases::id::Level;
use harness::mock::MockConfig;
use harness::setup::config::{EndpointConfig, RunConfig};
use harness::setup::embedded_mock::{Embedded, contract};
use harness::setup::prepare::{RunSetup, prepare_for};
use reports::model::{Event, Report, Verdict};
use reports::summary::{Outcome, outcome};

/// The result of a run.
pub(super) struct Observed {
    /// The report.
    pub(super) report: Report,
    /// How long the run took.
    pub(super) took: Duration,
    /// The cost until the first case that showed a difference, if one did.
    pub(super) first: Option<First>,
}

/// The cost until the first difference.
#[derive(Debug, Clone, Copy)]
pub(super) struct First {
    /// Requests sent by then.
    pub(super) requests: u64,
    /// Time since the start.
    pub(super) after: Duration,
}

/// The options of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunOptions {
    /// The seed.
    pub(super) seed: u64,
    /// Whether every SHOULD counts.
    pub(super) strict: bool,
    /// The limit of requests, if there is one.
    pub(super) max_requests: Option<NonZeroU64>,
    /// Whether to wait in real time instead of setting the clock of the mock.
    pub(super) real_time: bool,
}

/// Runs boundstone against a mock.
pub(super) async fn observe(
    name: &str,
    config: impl Into<MockConfig>,
    options: RunOptions,
) -> Result<Observed> {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let mock = Embedded::start_with(&contract(name)?, config, address).await?;
    let endpoint = EndpointConfig { contract: name.to_owned(), ..EndpointConfig::default() };
    let RunOptions { seed, strict, max_requests, real_time } = options;
    let args = RunConfig { endpoint, seed, strict, max_requests, ..RunConfig::default() };
    let RunSetup { mut plan, transport, limits, mock: _serving, .. } = prepare_for(args, mock).await?;
    if real_time {
        plan.clock = None;
    }
    let start = Instant::now();
    let first = OnceLock::new();
    let sent = Arc::clone(&limits);
    let emit = |event: &Event| {
        if let Event::CaseDiffers { .. } = event {
            first.get_or_init(|| First { requests: sent.requests(), after: start.elapsed() });
        }
    };
    let report = harness::runner::run::run(Arc::new(plan), Arc::new(transport), limits, emit).await;
    Ok(Observed { report, took: start.elapsed(), first: first.into_inner() })
}

impl Observed {
    /// Whether the run ends with exit code 0, and a response tested each requirement that passed.
    pub(super) fn passes(&self) -> bool {
        outcome(&self.report) == Outcome::Passed && self.report.passed_untested().is_none()
    }

    /// Whether a MUST is failed or flaky.
    pub(super) fn breaks_a_must(&self) -> bool {
        self.report.requirements.iter().any(|requirement| {
            requirement.level == Level::Must
                && matches!(requirement.verdict, Verdict::Failed | Verdict::Flaky)
        })
    }

    /// Every requirement that is not passed, and why.
    pub(super) fn complaint(&self) -> String {
        let complaints = self.report.requirements.iter().filter(|requirement| {
            !matches!(requirement.verdict, Verdict::Passed | Verdict::Skipped)
                && (requirement.level == Level::Must || self.report.strict)
        });
        let unseen =
            self.report.passed_untested().map(|it| format!("{} passed, but no response tested it", it.id));
        let said: Vec<String> = complaints
            .map(|requirement| {
                let differences = requirement.findings.iter().flat_map(|finding| &finding.differences);
                let why = differences
                    .map(|difference| {
                        format!("{} {} → {}", difference.field, difference.expected, difference.actual)
                    })
                    .chain(requirement.reason.clone())
                    .next()
                    .unwrap_or_default();
                format!("{} {:?} ({why})", requirement.id, requirement.verdict)
            })
            .chain(unseen)
            .collect();
        said.join("; ")
    }
}

/// Requests and time, of the whole run and until the first difference.
impl fmt::Display for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = self.report.totals.requests;
        write!(f, "{requests:6} requests {:5.2} s", self.took.as_secs_f64())?;
        if let Some(First { requests, after }) = self.first {
            write!(f, ", first {requests:5} after {:4} ms", after.as_millis())?;
        }
        Ok(())
    }
}
