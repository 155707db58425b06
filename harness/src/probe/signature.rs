//! Whether a target verifies signatures at all: cases about wrong ones show nothing where it does not.

use cases::catalogue::{Case, Catalogue};
use cases::generate::Sample;
use cases::signing::Signing;

use crate::client::response::is_common_error;
use crate::client::transport::Transport;
use crate::execute::executed::{Played, PlayedStep};
use crate::execute::executor::Player;
use crate::execute::samples::{Part, Samples};
use crate::judge::judgement::Explained;

/// How often a probe is sent that gets no answer which tells.
const TRIES: usize = 3;

/// Whether the target verifies the signatures of an operation. It does if it refuses a wrong secret
/// key, or if it refuses a request without a signature for just that. A target that takes the one, and
/// refuses the other for another reason or not at all, looks at no signature: an emulator may only read
/// the scope.
pub async fn verifies<T: Transport>(player: &Player<'_, T>, catalogue: &Catalogue, operation: &str) -> bool {
    let case = |signing: Signing| {
        let mut cases = catalogue.cases.iter();
        cases.find(|case| case.operation == operation && case.signing() == signing)
    };
    if let Some(case) = case(Signing::WrongSecret)
        && !accepts(player, case).await
    {
        return true;
    }
    match case(Signing::Absent) {
        Some(case) => refuses(player, case).await,
        None => true,
    }
}

/// Whether the first sample of a case succeeds. What says nothing about the signature, such as no answer
/// or one that throttles, is asked again a few times.
async fn accepts<T: Transport>(player: &Player<'_, T>, case: &Case) -> bool {
    for _ in 0..TRIES {
        let Some((played, sample)) = first(player, case).await else { return false };
        let is_told = played.steps.len() == sample.steps.len()
            && played.steps.last().is_some_and(|last| {
                last.exchange.observed.as_ref().is_ok_and(|response| !matches!(response.status, 429 | 503))
            });
        if is_told {
            return played.succeeded(&sample.steps);
        }
    }
    false
}

async fn refuses<T: Transport>(player: &Player<'_, T>, case: &Case) -> bool {
    let Some((played, sample)) = first(player, case).await else { return false };
    // Who routes requests by what their signature says may find no service for one without: that proves
    // nothing about verification.
    let is_about_credentials = |step: &PlayedStep| {
        step.exchange.observed.as_ref().is_ok_and(|response| {
            matches!(response.status, 401 | 403) || is_common_error(&player.world.contract, response)
        })
    };
    played.steps.len() == sample.steps.len()
        && played.steps.last().is_some_and(is_about_credentials)
        && played.excuses().next().is_none()
        && played.other_reason(&Explained::new()).is_none()
        && played.differences().all(|difference| difference.requirement != case.requirement)
}

/// The first sample of a case, and what it showed.
async fn first<T: Transport>(player: &Player<'_, T>, case: &Case) -> Option<(Played, Sample)> {
    let sample = Samples::new(case, player.world, 0).tree(0)?.current();
    let played = player.play_part(None, &sample, Part::Steps).await;
    Some((played, sample))
}
