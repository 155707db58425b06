//! Reads the body of a request in bounds.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::service::MAX_BODY;

/// Bytes of a body beyond [`MAX_BODY`] that are read and discarded, so that the client can read the error. A
/// client that sends more loses the connection.
const MAX_DISCARDED: usize = 64 << 20;

/// How long a body may take.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The body. Of one that is longer than [`MAX_BODY`], that many bytes and one more.
pub(super) async fn read_body(body: Incoming) -> Result<Bytes, io::Error> {
    tokio::time::timeout(TIMEOUT, read(body)).await.map_err(io::Error::other)?
}

async fn read(mut body: Incoming) -> Result<Bytes, io::Error> {
    let mut kept = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(io::Error::other)?.into_data() else {
            continue;
        };
        length += data.len();
        if length > MAX_BODY + MAX_DISCARDED {
            return Err(io::Error::other("the body does not end"));
        }
        let missing = (MAX_BODY + 1).saturating_sub(kept.len()).min(data.len());
        kept.extend_from_slice(&data[..missing]);
    }
    Ok(kept.freeze())
}
