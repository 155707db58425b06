//! Servers on raw sockets: they read requests as they come, and respond with whatever bytes they like.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boundstone::mock::{Reference, Server};
use boundstone::setup::embedded_mock::{contract, server};
use bytes::Bytes;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server that runs until it is dropped.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Peer {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does `behave` on each connection, with its number from 0.
    pub(crate) async fn start<F, W>(behave: F) -> Self
    where
        F: Fn(TcpStream, usize) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            for number in 0.. {
                let Ok((stream, _)) = listener.accept().await else { break };
                let _delayed = stream.set_nodelay(true);
                tokio::spawn(behave(stream, number));
            }
        });
        Self { address, task }
    }

    /// Gives the responses of `response`, a request after the other.
    pub(crate) async fn responding(
        response: impl Fn(&Request<Bytes>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let response = Arc::new(response);
        Self::start(move |mut stream, _| {
            let response = Arc::clone(&response);
            async move {
                while let Some(request) = read(&mut stream).await {
                    if stream.write_all(&response(&request)).await.is_err() {
                        break;
                    }
                }
            }
        })
        .await
    }

    /// Responds to so many requests as the mock of the contract `page` does, and then behaves otherwise
    /// with each.
    pub(crate) async fn turning(mock: Arc<Server>, after: usize, turned: Turned) -> Self {
        let returned = Arc::new(AtomicUsize::new(0));
        Self::start(move |mut stream, _| {
            let (mock, returned) = (Arc::clone(&mock), Arc::clone(&returned));
            async move {
                if returned.load(Ordering::Relaxed) >= after {
                    return turned(stream).await;
                }
                while let Some(request) = read(&mut stream).await {
                    if returned.fetch_add(1, Ordering::Relaxed) >= after {
                        return turned(stream).await;
                    }
                    if stream.write_all(&bytes(&mock.respond(&request))).await.is_err() {
                        break;
                    }
                }
            }
        })
        .await
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What is done with a connection, whose first request may have been read already.
pub(crate) type Turned = fn(TcpStream) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// The mock of a contract, to be asked in this process.
pub(crate) fn page() -> (Arc<Server>, String) {
    let mock = server(&contract("page").unwrap(), Box::new(Reference)).unwrap();
    let fixtures = mock.resources().to_fixtures();
    (Arc::new(mock), fixtures)
}

/// Reads one request.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request<Bytes>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        more(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut body = bytes.split_off(end + 4);
    let mut lines = head.split("\r\n");
    let mut line = lines.next()?.split(' ');
    let mut request = Request::builder().method(line.next()?).uri(line.next()?);
    let mut length = 0;
    let mut chunked = false;
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "transfer-encoding" => chunked = true,
            _ => {}
        }
        request = request.header(name, value);
    }
    while body.len() < length || (chunked && !body.ends_with(b"0\r\n\r\n")) {
        more(stream, &mut body).await?;
    }
    if chunked {
        body = joined(&body)?;
    }
    request.body(body.into()).ok()
}

async fn more(stream: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> Option<()> {
    let mut buffer = vec![0; 16 << 10];
    let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
    bytes.extend_from_slice(&buffer[..length]);
    Some(())
}

/// The bytes of a body that came in chunks.
fn joined(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&chunks[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend_from_slice(chunks.get(end + 2..end + 2 + length)?);
        chunks = chunks.get(end + 4 + length..)?;
    }
}

/// A response as bytes.
pub(crate) fn bytes(response: &Response<Bytes>) -> Vec<u8> {
    bytes_with(response, b"Reason")
}

/// The same with this reason phrase.
pub(crate) fn bytes_with(response: &Response<Bytes>, reason: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {} ", response.status().as_u16()).into_bytes();
    bytes.extend_from_slice(reason);
    bytes.extend_from_slice(b"\r\n");
    for (name, value) in response.headers() {
        bytes.extend_from_slice(format!("{name}: ").as_bytes());
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", response.body().len()).as_bytes());
    bytes.extend_from_slice(response.body());
    bytes
}

/// Passes bytes on in both directions until one side ends.
pub(crate) async fn relay(mut one: impl AsyncRead + AsyncWrite + Unpin, to: SocketAddr) {
    let Ok(mut other) = TcpStream::connect(to).await else { return };
    let _ended = tokio::io::copy_bidirectional(&mut one, &mut other).await;
}
