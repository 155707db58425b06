//! The example of a case: its first sample as played against a target, in the form of a snapshot.

use std::sync::Arc;

use cases::catalogue::{Case, Catalogue};
use cases::sample::World;
use snapshots::{Document, Shown};

use crate::explore::Samples;
use crate::play::{Played, play};
use crate::transport::Transport;

/// Plays the first sample of a case. It is the same for every seed.
pub async fn example<T: Transport>(transport: &T, world: &Arc<World>, case: &Case) -> Option<Played> {
    let steps = Samples::new(case, world, 0).tree(0)?.current().steps;
    let played = play(transport, world, None, &steps).await;
    (played.steps.len() == steps.len()).then_some(played)
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
    let exchanges = played.steps.iter().map(|step| Shown::new(&step.shown, step.outcome.clone())).collect();
    Document { head, exchanges }
}
