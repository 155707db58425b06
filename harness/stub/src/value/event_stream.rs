//! Streams of events, which the stub neither reads nor writes.

use cases::contract::{Contract, Location, Member, MessageKind, Operation, Position, Shape, TraitSite};

/// The media type of a stream of events.
pub(crate) const EVENT_STREAM: &str = "application/vnd.amazon.eventstream";

/// Whether a member of the input or of the output is a stream of events.
pub(crate) fn is_event_stream(
    contract: &Contract,
    operation: &Operation,
    message: &MessageKind,
    member: &Member,
) -> bool {
    let is_candidate =
        member.location == Location::Payload && matches!(contract.shape(member), Shape::Union(_));
    let site = TraitSite::Message {
        operation: operation.name.clone(),
        message: message.clone(),
        position: Position::Member(member.name.clone()),
    };
    let is_streaming = |name: &str| name == "smithy.api#streaming";
    is_candidate && contract.traits.iter().any(|applied| is_streaming(&applied.name) && applied.site == site)
}
