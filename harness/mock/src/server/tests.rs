//! What goes over the wire, byte by byte.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{Connection, Server, serve};
use crate::contract::Dialect;
use crate::protocol::{AfterResponse, ApiError, Delivery, TokenProblem};
use crate::service::{Behavior, Mock, MockConfig, Reference};
use crate::token::{Claims, Sealer};

async fn start(behavior: impl Behavior + 'static) -> SocketAddr {
    let mock = Mock::from_config(Dialect::page(), MockConfig::with(behavior), [6; 32]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Arc::new(Server::new(mock)), std::future::pending()));
    address
}

const REQUEST: &str = "GET /none HTTP/1.1\r\nhost: mock\r\n\r\n";

/// Sends a request on a connection of its own, and returns everything until the server closes it.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

/// The response to one request on a connection that stays open.
async fn exchange_on(stream: &mut TcpStream) -> String {
    stream.write_all(REQUEST.as_bytes()).await.unwrap();
    let mut response = Vec::new();
    while !response.ends_with(b"}") && !response.ends_with(b"\r\n0\r\n\r\n") {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        assert!(length > 0, "closed after {response:?}");
        response.extend_from_slice(&bytes[..length]);
    }
    String::from_utf8(response).unwrap()
}

struct Delivers(Delivery);

impl Behavior for Delivers {
    fn delivery(&self) -> Delivery {
        self.0
    }
}

#[tokio::test]
async fn connections_close_with_and_without_notice() {
    for (connection, said) in [(AfterResponse::Close, true), (AfterResponse::CloseSilently, false)] {
        let address = start(Delivers(Delivery { connection, ..Delivery::default() })).await;
        for _ in 0..20 {
            let response = exchange(address, REQUEST).await;
            assert!(response.starts_with("HTTP/1.1 404"), "{response}");
            assert!(response.ends_with("{\"Message\":\"No operation has this path.\"}"), "{response}");
            assert_eq!(response.contains("connection: close"), said, "{response}");
            assert_eq!(response.contains("connection"), said, "{response}");
        }
    }
}

#[tokio::test]
async fn chunks_have_the_requested_size() {
    let delivery = Delivery { chunk: NonZeroUsize::new(15), title_case: true, ..Delivery::default() };
    let mut stream = TcpStream::connect(start(Delivers(delivery)).await).await.unwrap();
    for _ in 0..2 {
        let response = exchange_on(&mut stream).await;
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nTransfer-Encoding: chunked"), "{response}");
        assert!(head.contains("\r\nX-Amzn-Errortype: UnknownOperationException"), "{response}");
        assert!(!head.to_ascii_lowercase().contains("content-length"), "{response}");
        let chunks = "F\r\n{\"Message\":\"No \r\nF\r\noperation has t\r\nB\r\nhis path.\"}\r\n0\r\n\r\n";
        assert_eq!(body, chunks);
    }
}

#[tokio::test]
async fn default_responses_have_a_length() {
    let mut stream = TcpStream::connect(start(Delivers(Delivery::default())).await).await.unwrap();
    for _ in 0..2 {
        assert!(exchange_on(&mut stream).await.contains("\r\ncontent-length: 41\r\n"));
    }
}

/// The connections of the requests so far.
struct RecordsConnections(Arc<Mutex<Vec<Connection>>>);

impl Behavior for RecordsConnections {
    fn on_request(&self, request: &Request<Bytes>) -> Result<(), ApiError> {
        self.0.lock().unwrap().extend(request.extensions().get::<Connection>());
        Ok(())
    }
}

#[tokio::test]
async fn requests_carry_their_connection() {
    let connections = Arc::default();
    let address = start(RecordsConnections(Arc::clone(&connections))).await;
    for _ in 0..2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        exchange_on(&mut stream).await;
        exchange_on(&mut stream).await;
    }
    let numbers: Vec<u64> = connections.lock().unwrap().iter().map(|connection| connection.0).collect();
    assert_eq!(numbers, [0, 0, 1, 1]);
}

struct Pauses;

impl Behavior for Pauses {
    fn pause(&self, _: &Request<Bytes>) -> Duration {
        Duration::from_millis(30)
    }
}

#[tokio::test]
async fn pauses_delay_the_response() {
    let mut stream = TcpStream::connect(start(Pauses).await).await.unwrap();
    let start = Instant::now();
    exchange_on(&mut stream).await;
    assert!(start.elapsed() >= Duration::from_millis(30));
}

/// How many of eight simultaneous polls with the same token succeed.
async fn successful_polls(behavior: impl Behavior + 'static) -> usize {
    let address = start(behavior).await;
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
    let mut successful = 0;
    for poll in polls {
        successful += usize::from(poll.await.unwrap().starts_with("HTTP/1.1 200"));
    }
    successful
}

/// Checks whether a token was used before the pause, and marks it as used after the pause.
struct Races(Mutex<bool>);

impl Behavior for Races {
    fn pause(&self, _: &Request<Bytes>) -> Duration {
        Duration::from_millis(20)
    }

    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        if *self.0.lock().unwrap() {
            Err(ApiError::Token(TokenProblem::Corrupted))
        } else {
            Reference.open(sealer, token)
        }
    }

    fn is_used(&self, _: &Claims, _: u64) -> bool {
        *self.0.lock().unwrap() = true;
        false
    }
}

#[tokio::test]
async fn pause_between_check_and_use_causes_a_race() {
    assert_eq!(successful_polls(Reference).await, 1);
    assert!(successful_polls(Races(Mutex::new(false))).await > 1);
}
