//! A chunked request body.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};

/// A body of unknown length, in two chunks if it has at least two bytes. This exposes a server that takes the
/// first chunk for the whole body.
pub(crate) struct Chunked {
    left: Vec<Bytes>,
}

impl Chunked {
    pub(crate) fn new(body: Vec<u8>) -> Self {
        let mut first = Bytes::from(body);
        let rest = first.split_off(first.len().div_ceil(2));
        // In reverse order. An empty chunk would end the body.
        let left = [rest, first].into_iter().filter(|chunk| !chunk.is_empty()).collect();
        Self { left }
    }
}

impl Body for Chunked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.left.pop().map(|chunk| Ok(Frame::data(chunk))))
    }
}
