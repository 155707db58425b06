//! Determines whether a target verifies signatures. Where it does not, cases about wrong signatures show
//! nothing.

use cases::catalogue::{Case, Catalogue};
use cases::generate::Sample;
use cases::signing::Signing;

use crate::client::response::is_common_error;
use crate::client::transport::Transport;
use crate::execute::executed::Executed;
use crate::execute::executor::Executor;
use crate::execute::samples::{Samples, Variation};
use crate::judge::judgement::Explained;

/// Maximum number of attempts without a conclusive response.
const MAX_ATTEMPTS: usize = 3;

/// Whether the target verifies the signatures of an operation. It does if it refuses a wrong secret key, or
/// if it refuses a request without a signature for that reason. A target that accepts the first, and accepts
/// the second or refuses it for another reason, does not verify signatures: an emulator may only read the
/// scope.
pub async fn verifies_signatures<T: Transport>(
    executor: &Executor<'_, T>,
    catalogue: &Catalogue,
    operation: &str,
) -> bool {
    let case = |signing: Signing| {
        let mut cases = catalogue.cases.iter();
        cases.find(|case| case.operation == operation && case.signing() == signing)
    };
    if let Some(case) = case(Signing::WrongSecret)
        && !accepts(executor, case).await
    {
        return true;
    }
    match case(Signing::Absent) {
        Some(case) => refuses(executor, case).await,
        None => true,
    }
}

/// Whether the first sample of a case succeeds. A response that says nothing about the signature, such as a
/// throttled one, is retried a few times.
async fn accepts<T: Transport>(executor: &Executor<'_, T>, case: &Case) -> bool {
    for _ in 0..MAX_ATTEMPTS {
        let Some((executed, sample)) = first(executor, case).await else { return false };
        let is_conclusive = executed.steps.len() == sample.steps.len()
            && executed.steps.last().is_some_and(|last| {
                last.exchange.observed.as_ref().is_ok_and(|response| !matches!(response.status, 429 | 503))
            });
        if is_conclusive {
            return executed.succeeded(&sample.steps);
        }
    }
    false
}

async fn refuses<T: Transport>(executor: &Executor<'_, T>, case: &Case) -> bool {
    let Some((executed, sample)) = first(executor, case).await else { return false };
    // A target that routes requests by the scope of their signature may find no service for one without. This
    // says nothing about verification.
    let last = executed.steps.last().and_then(|last| last.exchange.observed.as_ref().ok());
    let is_about_credentials = last.is_some_and(|response| {
        matches!(response.status, 401 | 403) || is_common_error(&executor.world.contract, response)
    });
    executed.steps.len() == sample.steps.len()
        && is_about_credentials
        && executed.not_attributable().next().is_none()
        && executed.refused_for_other_reason(&Explained::new()).is_none()
        && executed.differences().all(|difference| difference.requirement != case.requirement)
}

/// The first sample of a case, and its result.
async fn first<T: Transport>(executor: &Executor<'_, T>, case: &Case) -> Option<(Executed, Sample)> {
    let sample = Samples::new(case, executor.world, 0).tree(0)?.current();
    let executed = executor.execute_variation(None, &sample, Variation::Mutated).await;
    Some((executed, sample))
}
