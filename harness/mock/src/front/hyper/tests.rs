//! What goes over the wire, byte by byte.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::delivery::Delivery;
use crate::fault::Problem;
use crate::token::{Claims, Sealer};
use crate::{Behaviour, Dialect, Fault, Mock, Reference, Serving};

async fn served(behaviour: impl Behaviour + 'static) -> SocketAddr {
    let behaviour: Box<dyn Behaviour> = Box::new(behaviour);
    let mock = Mock::serving(Dialect::page(), Serving::from(behaviour), [6; 32]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Arc::new(Server::new(mock)), std::future::pending()));
    address
}

const ASKS: &[u8] = b"GET /none HTTP/1.1\r\nhost: mock\r\n\r\n";

/// Everything that comes until the server closes the connection.
async fn until_closed(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASKS).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// What comes in answer to one request on a connection that is kept.
async fn answer_to(stream: &mut TcpStream) -> String {
    stream.write_all(ASKS).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") && !answer.ends_with(b"\r\n0\r\n\r\n") {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        assert!(length > 0, "closed after {answer:?}");
        answer.extend_from_slice(&bytes[..length]);
    }
    String::from_utf8(answer).unwrap()
}

struct Delivers(Delivery);

impl Behaviour for Delivers {
    fn delivery(&self) -> Delivery {
        self.0
    }
}

#[tokio::test]
async fn a_connection_is_closed_with_or_without_saying_so() {
    for (connection, said) in [(AfterResponse::Closed, true), (AfterResponse::ClosedUnsaid, false)] {
        let address = served(Delivers(Delivery { connection, ..Delivery::default() })).await;
        for _ in 0..20 {
            let answer = until_closed(address).await;
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
            assert!(answer.ends_with("{\"Message\":\"No operation has this path.\"}"), "{answer}");
            assert_eq!(answer.contains("connection: close"), said, "{answer}");
            assert_eq!(answer.contains("connection"), said, "{answer}");
        }
    }
}

#[tokio::test]
async fn a_body_comes_in_chunks_of_the_size_asked_for() {
    let delivery = Delivery { chunk: NonZeroUsize::new(15), title_case: true, ..Delivery::default() };
    let mut stream = TcpStream::connect(served(Delivers(delivery)).await).await.unwrap();
    for _ in 0..2 {
        let answer = answer_to(&mut stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nTransfer-Encoding: chunked"), "{answer}");
        assert!(head.contains("\r\nX-Amzn-Errortype: UnknownOperationException"), "{answer}");
        assert!(!head.to_ascii_lowercase().contains("content-length"), "{answer}");
        let chunks = "F\r\n{\"Message\":\"No \r\nF\r\noperation has t\r\nB\r\nhis path.\"}\r\n0\r\n\r\n";
        assert_eq!(body, chunks);
    }
}

#[tokio::test]
async fn by_default_the_length_is_told_and_the_connection_kept() {
    let mut stream = TcpStream::connect(served(Delivers(Delivery::default())).await).await.unwrap();
    for _ in 0..2 {
        assert!(answer_to(&mut stream).await.contains("\r\ncontent-length: 41\r\n"));
    }
}

/// The connections of the requests so far.
struct Notes(Arc<Mutex<Vec<Connection>>>);

impl Behaviour for Notes {
    fn admit(&self, request: &Request<Bytes>) -> Result<(), Fault> {
        self.0.lock().unwrap().extend(request.extensions().get::<Connection>());
        Ok(())
    }
}

#[tokio::test]
async fn each_request_tells_its_connection() {
    let notes = Arc::default();
    let address = served(Notes(Arc::clone(&notes))).await;
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        answer_to(&mut stream).await;
        answer_to(&mut stream).await;
    }
    let numbers: Vec<u64> = notes.lock().unwrap().iter().map(|connection| connection.0).collect();
    assert_eq!(numbers, [0, 0, 1, 1]);
}

struct Waits;

impl Behaviour for Waits {
    fn pause(&self, _: &Request<Bytes>) -> Duration {
        Duration::from_millis(30)
    }
}

#[tokio::test]
async fn a_pause_delays_the_answer() {
    let mut stream = TcpStream::connect(served(Waits).await).await.unwrap();
    let start = Instant::now();
    answer_to(&mut stream).await;
    assert!(start.elapsed() >= Duration::from_millis(30));
}

/// How many of eight polls with one token, sent at the same time, succeed.
async fn winners(behaviour: impl Behaviour + 'static) -> usize {
    let address = served(behaviour).await;
    let body = r#"{"ApplicationIdentifier":"a","EnvironmentIdentifier":"envr301","ConfigurationProfileIdentifier":"z"}"#;
    let start = format!(
        "POST / HTTP/1.1\r\nhost: mock\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let started = exchange(address, &start).await;
    let token = started.rsplit('"').nth(1).unwrap();
    let poll = format!(
        "GET /configuration?configuration_token={token} HTTP/1.1\r\nhost: mock\r\nconnection: close\r\n\r\n"
    );
    let polls: Vec<_> = (0..8)
        .map(|_| {
            let poll = poll.clone();
            tokio::spawn(async move { exchange(address, &poll).await })
        })
        .collect();
    let mut winners = 0;
    for poll in polls {
        winners += usize::from(poll.await.unwrap().starts_with("HTTP/1.1 200"));
    }
    winners
}

async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Forgets that a token is spent if that was looked at before the pause.
struct Races(Mutex<bool>);

impl Behaviour for Races {
    fn pause(&self, _: &Request<Bytes>) -> Duration {
        Duration::from_millis(20)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        if *self.0.lock().unwrap() {
            Err(Fault::Token(Problem::Corrupted))
        } else {
            Reference.open(sealer, token)
        }
    }

    fn is_spent(&self, _: &Claims, _: u64) -> bool {
        *self.0.lock().unwrap() = true;
        false
    }
}

#[tokio::test]
async fn a_pause_between_looking_and_doing_makes_a_race() {
    assert_eq!(winners(Reference).await, 1);
    assert!(winners(Races(Mutex::new(false))).await > 1);
}
