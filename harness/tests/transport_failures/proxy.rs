//! A proxy that disturbs what goes through it: responses come late, cut or twice, connections break, wait or
//! overtake each other. How often is said for each kind of failure, and a seed decides where it hits.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// How long something is held back.
const PAUSE: Duration = Duration::from_millis(20);
/// How long no connection is accepted.
const CLOSED_FOR: Duration = Duration::from_millis(60);
/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// A kind of transport failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TransportFailure {
    /// The connection is accepted, and the server's made late.
    LateConnection,
    /// The connection waits until the request of another one was passed on.
    Overtaken,
    /// Nothing that comes over the connection is read, and nothing is returned.
    HalfOpen,
    /// The connection is reset, and for a while no other one accepted.
    Refused,
    /// The request is passed on late.
    LateRequest,
    /// The response begins late.
    LateResponse,
    /// The response pauses in its middle.
    LateWithin,
    /// The response comes byte by byte.
    Dribbled,
    /// The connection is closed after the response, which did not say so.
    Closed,
    /// The connection is reset before the request is read.
    ResetBefore,
    /// The connection is reset after the server has responded, in place of the response.
    ResetAfter,
    /// The connection is reset in the middle of the response.
    ResetWithin,
    /// The connection is closed within the head of the response.
    CutHead,
    /// The connection is closed within the body of the response.
    CutBody,
    /// The server gets the request once more afterwards, and its second response is dropped.
    SentAgain,
    /// The server got the request once before, and its first response was dropped.
    SentBefore,
    /// The response comes twice.
    RepeatedResponse,
}

impl TransportFailure {
    /// Whether it hits a connection as a whole, or else a request.
    fn is_of_connection(self) -> bool {
        matches!(self, Self::LateConnection | Self::Overtaken | Self::HalfOpen | Self::Refused)
    }
}

impl fmt::Display for TransportFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::LateConnection => "late connection",
            Self::Overtaken => "connection overtaken",
            Self::HalfOpen => "connection half open",
            Self::Refused => "connections refused",
            Self::LateRequest => "late request",
            Self::LateResponse => "late response",
            Self::LateWithin => "pause within response",
            Self::Dribbled => "response byte by byte",
            Self::Closed => "closed after response",
            Self::ResetBefore => "reset before request",
            Self::ResetAfter => "reset after request",
            Self::ResetWithin => "reset within response",
            Self::CutHead => "cut within head",
            Self::CutBody => "cut within body",
            Self::SentAgain => "request sent again",
            Self::SentBefore => "request sent before",
            Self::RepeatedResponse => "repeated response",
        })
    }
}

/// How many of 1,000 connections or requests a failure hits.
pub(crate) type Rate = (TransportFailure, u32);

/// A proxy that runs until it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<RedactionSet>,
    task: JoinHandle<io::Result<()>>,
}

/// What went through a proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Requests that came to the server at least once.
    pub(crate) requests: u64,
    /// Failures, by kind.
    pub(crate) failures: BTreeMap<TransportFailure, u64>,
}

struct RedactionSet {
    to: SocketAddr,
    rates: Vec<Rate>,
    state: Mutex<State>,
}

struct State {
    rng: fastrand::Rng,
    passed: Passed,
}

impl Proxy {
    /// Starts in front of the server at `to`.
    pub(crate) async fn start(to: SocketAddr, seed: u64, rates: &[Rate]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = State { rng: fastrand::Rng::with_seed(seed), passed: Passed::default() };
        let shared = Arc::new(RedactionSet { to, rates: rates.to_vec(), state: Mutex::new(state) });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Its base URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What went through it so far.
    pub(crate) fn passed(&self) -> Passed {
        self.shared.state().passed.clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RedactionSet {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The failure that hits the next connection, or else the next request, if one does.
    fn draw(&self, of_connection: bool) -> Option<TransportFailure> {
        let mut drawn = self.state().rng.u32(..1000);
        let mut rates = self.rates.iter().filter(|(failure, _)| failure.is_of_connection() == of_connection);
        rates.find_map(|(failure, rate)| match drawn.checked_sub(*rate) {
            None => Some(*failure),
            Some(rest) => {
                drawn = rest;
                None
            }
        })
    }

    fn note(&self, failure: TransportFailure) {
        *self.state().passed.failures.entry(failure).or_default() += 1;
    }
}

/// Accepts connections. Those that it made end with it.
async fn accept(mut listener: TcpListener, shared: Arc<RedactionSet>) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        while connections.try_join_next().is_some() {}
        let drawn = shared.draw(true);
        if drawn == Some(TransportFailure::Refused) {
            shared.note(TransportFailure::Refused);
            stream.set_zero_linger()?;
            drop((stream, listener));
            // Nobody else gets the port: what is bound and does not listen refuses.
            let socket = TcpSocket::new_v4()?;
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            tokio::time::sleep(CLOSED_FOR).await;
            listener = socket.listen(BACKLOG)?;
            continue;
        }
        let connection = Connection { client: BufReader::new(stream), shared: Arc::clone(&shared) };
        connections.spawn(connection.serve(drawn));
    }
}

struct Connection {
    client: BufReader<TcpStream>,
    shared: Arc<RedactionSet>,
}

impl Connection {
    /// Passes requests and responses on until one side ends, or a failure does. What fails is not passed against
    /// anybody: the other side sees it.
    async fn serve(mut self, drawn: Option<TransportFailure>) -> io::Result<()> {
        self.client.get_ref().set_nodelay(true)?;
        match drawn {
            Some(failure @ TransportFailure::LateConnection) => {
                self.shared.note(failure);
                tokio::time::sleep(PAUSE).await;
            }
            Some(TransportFailure::Overtaken) => self.let_pass().await?,
            Some(failure @ TransportFailure::HalfOpen) => {
                self.shared.note(failure);
                // Only the end of the client ends it.
                tokio::io::copy(&mut self.client, &mut tokio::io::sink()).await?;
                return Ok(());
            }
            _ => {}
        }
        let mut server = connect(self.shared.to).await?;
        loop {
            tokio::select! {
                begun = self.client.fill_buf() => if begun?.is_empty() { break },
                // A server may close a connection that is idle.
                _closed = server.fill_buf() => break,
            }
            if !self.pass(&mut server).await? {
                break;
            }
        }
        self.client.shutdown().await
    }

    /// Waits until a request of another connection was passed on. If there is none, nothing is overtaken.
    async fn let_pass(&mut self) -> io::Result<()> {
        // Somebody has to be there who could have been first.
        self.client.fill_buf().await?;
        let before = self.shared.state().passed.requests;
        let overtaken = async {
            while self.shared.state().passed.requests == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        if tokio::time::timeout(PAUSE, overtaken).await.is_ok() {
            self.shared.note(TransportFailure::Overtaken);
        }
        Ok(())
    }

    /// Passes one request and its response on; whether the connection stays open.
    async fn pass(&mut self, server: &mut BufReader<TcpStream>) -> io::Result<bool> {
        let drawn = self.shared.draw(false);
        if let Some(failure) = drawn {
            self.shared.note(failure);
        }
        match drawn {
            Some(TransportFailure::ResetBefore) => return self.reset(),
            Some(TransportFailure::LateRequest) => tokio::time::sleep(PAUSE).await,
            _ => {}
        }
        let request = Message::request(&mut self.client).await?;
        if drawn == Some(TransportFailure::SentBefore) {
            exchange(&request, &mut connect(self.shared.to).await?).await?;
        }
        self.shared.state().passed.requests += 1;
        let response = exchange(&request, server).await?;
        if drawn == Some(TransportFailure::SentAgain) {
            exchange(&request, &mut connect(self.shared.to).await?).await?;
        }
        let whole = response.bytes();
        let (start, rest) = whole.split_at(whole.len() / 2);
        match drawn {
            Some(TransportFailure::LateResponse) => {
                tokio::time::sleep(PAUSE).await;
                self.client.write_all(&whole).await?;
            }
            Some(TransportFailure::LateWithin) => {
                self.client.write_all(start).await?;
                tokio::time::sleep(PAUSE).await;
                self.client.write_all(rest).await?;
            }
            Some(TransportFailure::Dribbled) => {
                for byte in &whole {
                    self.client.write_all(std::slice::from_ref(byte)).await?;
                    tokio::task::yield_now().await;
                }
            }
            Some(TransportFailure::ResetAfter) => return self.reset(),
            Some(TransportFailure::ResetWithin) => {
                self.client.write_all(start).await?;
                // A reset overtakes what was not read yet.
                tokio::time::sleep(Duration::from_millis(1)).await;
                return self.reset();
            }
            Some(TransportFailure::CutHead) => {
                self.client.write_all(&response.head[..response.head.len() / 2]).await?;
                return Ok(false);
            }
            Some(TransportFailure::CutBody) => {
                let end = whole.len() - response.body.len().div_ceil(2).max(2);
                self.client.write_all(&whole[..end]).await?;
                return Ok(false);
            }
            Some(TransportFailure::RepeatedResponse) => {
                self.client.write_all(&[whole.as_slice(), &whole].concat()).await?;
            }
            _ => self.client.write_all(&whole).await?,
        }
        Ok(response.keeps && drawn != Some(TransportFailure::Closed))
    }

    /// Breaks the connection off, once it is dropped.
    fn reset(&self) -> io::Result<bool> {
        self.client.get_ref().set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

async fn connect(to: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// Sends a request and reads its response.
async fn exchange(request: &Message, server: &mut BufReader<TcpStream>) -> io::Result<Message> {
    server.write_all(&request.bytes()).await?;
    Message::response(server, request).await
}

/// A message of HTTP/1.1 as it came.
struct Message {
    /// With the empty line at its end.
    head: Vec<u8>,
    /// With the marks of its chunks, if it has any.
    body: Vec<u8>,
    /// Whether its connection stays open after it.
    keeps: bool,
}

impl Message {
    async fn request(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Self> {
        let head = head(stream).await?;
        let body = framed(stream, &head).await?.unwrap_or_default();
        Ok(Self { head, body, keeps: true })
    }

    /// The response to `request`. One that has a body and does not say where it ends, ends with its connection.
    async fn response(stream: &mut (impl AsyncBufRead + Unpin), request: &Self) -> io::Result<Self> {
        let head = head(stream).await?;
        let is_bare = request.head.starts_with(b"HEAD ") || matches!(head.get(9..12), Some(b"204" | b"304"));
        let keeps = field(&head, "connection").is_none_or(|value| !value.eq_ignore_ascii_case("close"));
        let body = if is_bare { Some(Vec::new()) } else { framed(stream, &head).await? };
        if let Some(body) = body {
            return Ok(Self { head, body, keeps });
        }
        let mut body = Vec::new();
        stream.read_to_end(&mut body).await?;
        Ok(Self { head, body, keeps: false })
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_slice(), &self.body].concat()
    }
}

/// The head of a message, up to its empty line.
async fn head(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while line(stream, &mut head).await? > 2 {}
    Ok(head)
}

/// Appends a line, and gives its length.
async fn line(stream: &mut (impl AsyncBufRead + Unpin), to: &mut Vec<u8>) -> io::Result<usize> {
    match stream.read_until(b'\n', to).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        length => Ok(length),
    }
}

/// The body of a message whose head says where it ends.
async fn framed(stream: &mut (impl AsyncBufRead + Unpin), head: &[u8]) -> io::Result<Option<Vec<u8>>> {
    if field(head, "transfer-encoding").is_some() {
        return chunks(stream).await.map(Some);
    }
    let Some(length) = field(head, "content-length") else { return Ok(None) };
    let mut body = vec![0; length.parse().map_err(|_| io::ErrorKind::InvalidData)?];
    stream.read_exact(&mut body).await?;
    Ok(Some(body))
}

/// A body in chunks, with their marks and with what trails them.
async fn chunks(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let begin = body.len();
        line(stream, &mut body).await?;
        let mark = String::from_utf8_lossy(&body[begin..]).into_owned();
        let length = mark.trim().split(';').next().and_then(|length| usize::from_str_radix(length, 16).ok());
        let length = length.ok_or(io::ErrorKind::InvalidData)?;
        if length == 0 {
            while line(stream, &mut body).await? > 2 {}
            return Ok(body);
        }
        let begin = body.len();
        body.resize(begin + length + 2, 0);
        stream.read_exact(&mut body[begin..]).await?;
    }
}

/// The value of a header.
fn field(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}
