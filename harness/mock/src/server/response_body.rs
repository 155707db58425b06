//! The body of a response.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A body in frames of one size, without its length; or in a single frame, with its length.
pub(super) struct ResponseBody {
    rest: Bytes,
    frame_size: Option<NonZeroUsize>,
}

impl ResponseBody {
    /// A body in frames of `frame_size` bytes, or in a single frame.
    pub(super) fn new(body: Bytes, frame_size: Option<NonZeroUsize>) -> Self {
        Self { rest: body, frame_size }
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.frame_size.map_or(self.rest.len(), |size| self.rest.len().min(size.get()));
        let frame = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(frame))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match self.frame_size {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(self.rest.len() as u64),
        }
    }
}
