//! The example of a case: its first sample as played against a target, in the form of a snapshot.

use cases::call::Step;
use cases::catalogue::{Case, Catalogue};
use cases::signing::Signing;
use snapshots::{Document, Shown};

use crate::explore::{Part, Samples};
use crate::play::{Played, PlayedStep, Player};
use crate::transport::Transport;

/// Plays the first sample of a case. It is the same for every seed.
pub async fn example<T: Transport>(player: &Player<'_, T>, case: &Case) -> Option<Played> {
    let sample = Samples::new(case, player.world, 0).tree(0)?.current();
    let played = player.play_part(None, &sample, Part::Steps).await;
    (played.steps.len() == sample.steps.len()).then_some(played)
}

/// What was played, as a snapshot.
pub fn document(catalogue: &Catalogue, case: &Case, played: &Played) -> Document {
    let line = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut head = Vec::new();
    if let Some(requirement) = catalogue.requirement(&case.requirement) {
        head.push(line("Requirement", &requirement.text));
        head.push(line("Level", &requirement.level.to_string()));
        head.push(line("Source", &requirement.source));
    }
    head.push(line("Case", &case.about));
    let exchange = |played: &PlayedStep| {
        let shown = Shown::new(&played.shown, played.outcome.clone());
        let Step { at_once, after, .. } = &played.step;
        let signing = played.shown.signing;
        let shown = if signing == Signing::Valid { shown } else { shown.remarked(signing.about()) };
        match (at_once, after.as_secs()) {
            (true, _) => shown.remarked("at the same time"),
            (false, 0) => shown,
            (false, seconds) => shown.remarked(&format!("{seconds} seconds later")),
        }
    };
    let exchanges = played.steps.iter().map(exchange).collect();
    Document { head, exchanges }
}
