//! Reads an answer, within bounds of size.

use std::error::Error;

use bytes::Bytes;
use cases::protocol::Response;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::Semaphore;

use crate::client::exchange::Fault;
use crate::client::http::body_buffer::Pieces;
use crate::client::http::classify_error::body_fault;
use crate::limits::MAX_BODY;

/// Bodies that are longer than this are read a few at a time, so that a target that sends too much on
/// every connection takes no more memory than on a few.
const LARGE_BODY: usize = 256 << 10;

/// How many.
const LARGE_AT_ONCE: usize = 2;

/// Reads answers.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Passed by those who read a large body.
    large: Semaphore,
}

impl Default for Reader {
    fn default() -> Self {
        Self { large: Semaphore::new(LARGE_AT_ONCE) }
    }
}

impl Reader {
    /// The whole of an answer whose head is there.
    pub(crate) async fn read<B>(&self, response: http::Response<B>) -> Result<Response, Fault>
    where
        B: Body<Data = Bytes, Error: Error + 'static> + Unpin,
    {
        let (head, mut body) = response.into_parts();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        if body.size_hint().exact().is_some_and(|length| length > MAX_BODY as u64) {
            return Err(Fault::TooLarge);
        }
        let mut pieces = Pieces::default();
        let mut large = None;
        while let Some(frame) = body.frame().await {
            // What follows a body as trailers is nothing that a contract speaks of.
            let Ok(chunk) = frame.map_err(|error| body_fault(&error))?.into_data() else { continue };
            if pieces.length + chunk.len() > MAX_BODY {
                return Err(Fault::TooLarge);
            }
            pieces.push(&chunk);
            if pieces.length > LARGE_BODY && large.is_none() {
                // Nobody closes the semaphore.
                large = self.large.acquire().await.ok();
            }
        }
        Ok(Response { status: head.status.as_u16(), headers, body: pieces.joined() })
    }
}
