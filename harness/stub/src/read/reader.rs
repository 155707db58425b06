//! What is read.

use bytes::Bytes;
use cases::contract::{Contract, Operation};
use http::Request;

/// The contract and a request of one of its operations.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) contract: &'a Contract,
    pub(super) operation: &'a Operation,
    pub(super) request: &'a Request<Bytes>,
}
