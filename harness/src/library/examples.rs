//! The example of a case: its first sample with the responses of the mock, as a snapshot.

use std::sync::Arc;

use cases::catalogue::{Case, Catalogue};
use cases::generate::Step;
use cases::signing::Signing;
use snapshots::{Document, Shown};

use crate::execute::clock::Clock;
use crate::execute::executed::{Executed, ExecutedStep};
use crate::execute::executor::Executor;
use crate::execute::poll_interval::PollPolicy;
use crate::execute::samples::{Samples, Variation};
use crate::judge::token_checks::Identifiers;
use crate::limits::Limits;
use crate::setup::config::EndpointConfig;
use crate::setup::connection::Connection;
use crate::setup::error::SetupError;
use crate::setup::prepare::advance;

/// Runs the examples of a contract against the mock. Requests are signed if this build can sign, since some
/// cases test signatures.
pub struct Examples {
    /// The catalogue of the contract.
    pub catalogue: Catalogue,
    connection: Connection,
    clock: Clock,
    limits: Limits,
    identifiers: Identifiers,
}

impl Examples {
    /// Starts the mock of a contract: `page`, `model`, or the path of a Smithy 2.0 JSON AST.
    ///
    /// # Errors
    /// The contract cannot be used.
    pub async fn of(contract: &str) -> Result<Self, SetupError> {
        let sigv4 = cfg!(feature = "aws");
        let endpoint = EndpointConfig { contract: contract.to_owned(), sigv4, ..EndpointConfig::default() };
        let connection = Connection::open(&endpoint, Arc::default()).await?;
        Ok(Self {
            catalogue: Catalogue::of(&connection.world.contract),
            clock: Clock::new(connection.mock.as_ref().map(advance)),
            limits: Limits::default(),
            connection,
            identifiers: Identifiers::default(),
        })
    }

    /// Sends the first sample of a case, which is the same for every seed. Returns `None` if it cannot be
    /// sent completely.
    pub async fn execute(&self, case: &Case) -> Option<Executed> {
        let Connection { transport, world, .. } = &self.connection;
        let executor = Executor {
            transport,
            world,
            identifiers: &self.identifiers,
            poll_policy: &PollPolicy::Unlimited,
            clock: &self.clock,
            limits: &self.limits,
            wait_limit: None,
            recorded: None,
        };
        let sample = Samples::new(case, world, 0).tree(0)?.current();
        let executed = executor.execute_variation(None, &sample, Variation::Mutated).await;
        (executed.steps.len() == sample.steps.len()).then_some(executed)
    }
}

/// The requests and outcomes of a sample as a snapshot.
pub fn document(catalogue: &Catalogue, case: &Case, executed: &Executed) -> Document {
    let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut head = Vec::new();
    if let Some(requirement) = catalogue.requirement(&case.requirement) {
        head.push(line("Requirement", &requirement.text));
        head.push(line("Level", &requirement.level.to_string()));
        head.push(line("Source", &requirement.source));
    }
    head.push(line("Case", &case.description));
    Document { head, exchanges: executed.steps.iter().map(exchange).collect() }
}

/// A step as an exchange of a snapshot.
fn exchange(executed: &ExecutedStep) -> Shown {
    let request = executed.display_request();
    let shown = Shown::new(request, executed.outcome.clone());
    let Step { with_previous, after, .. } = &executed.step;
    let signing = request.signing;
    let shown = if signing == Signing::Valid { shown } else { shown.remarked(signing.description()) };
    match (with_previous, after.as_secs()) {
        (true, _) => shown.remarked("at the same time"),
        (false, 0) => shown,
        (false, seconds) => shown.remarked(&format!("{seconds} seconds later")),
    }
}
