//! Which connection a request came on.

/// The connection that a request came on. The server puts it into the extensions of the request. Connections
/// are numbered in the order in which they were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Connection(pub u64);
