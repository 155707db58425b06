//! Reads responses up to a maximum size.

use std::error::Error;

use bytes::Bytes;
use cases::protocol::Response;
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::Semaphore;

use crate::client::exchange::TransportFailure;
use crate::client::http::body_buffer::BodyBuffer;
use crate::client::http::classify_error::body_failure;
use crate::limits::MAX_BODY;

/// Bodies longer than this (in bytes) are read a few at a time, so that a target that sends too much on every
/// connection takes no more memory than on a few.
const LARGE_BODY: usize = 256 << 10;

/// How many large bodies are read at the same time.
const MAX_LARGE_AT_ONCE: usize = 2;

/// Reads responses.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Held by the tasks that read a large body.
    large: Semaphore,
}

impl Default for Reader {
    fn default() -> Self {
        Self { large: Semaphore::new(MAX_LARGE_AT_ONCE) }
    }
}

impl Reader {
    /// Reads a response whose head has arrived.
    pub(crate) async fn read<B>(&self, response: http::Response<B>) -> Result<Response, TransportFailure>
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
            return Err(TransportFailure::TooLarge);
        }
        let mut buffer = BodyBuffer::default();
        let mut large = None;
        while let Some(frame) = body.frame().await {
            // No contract covers trailers.
            let Ok(chunk) = frame.map_err(|error| body_failure(&error))?.into_data() else { continue };
            if buffer.length + chunk.len() > MAX_BODY {
                return Err(TransportFailure::TooLarge);
            }
            buffer.push(&chunk);
            if buffer.length > LARGE_BODY && large.is_none() {
                // This cannot fail, because the semaphore is never closed.
                large = self.large.acquire().await.ok();
            }
        }
        Ok(Response { status: head.status.as_u16(), headers, body: buffer.joined() })
    }
}
