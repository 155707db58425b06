//! The mock through its hyper front, over real sockets.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use std::net::SocketAddr;
use std::sync::Arc;

use boundstone::mock::protocol::MAX_BODY;
use boundstone::mock::server::serve;
use boundstone::mock::{Dialect, Mock, Server};
use http::{Request, StatusCode};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{connect, send};

const VALID: &str = r#"{"ApplicationIdentifier":"app0002","EnvironmentIdentifier":"größe","ConfigurationProfileIdentifier":"設定"}"#;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn run(dialect: Dialect) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Arc::new(Server::new(Mock::reference(dialect, [3; 32])));
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(serve(listener, server, async move { drop(stopped.await) }));
    Running { address, stop, task }
}

fn start(dialect: &Dialect) -> http::request::Builder {
    Request::post(&dialect.start_path).header("content-type", "application/json")
}

#[tokio::test]
async fn a_session_over_one_connection() {
    for dialect in [Dialect::page(), Dialect::model()] {
        let running = run(dialect.clone()).await;
        let mut client = connect(running.address).await;
        let started = send(&mut client, start(&dialect), VALID).await;
        assert_eq!(started.status(), dialect.start_status);
        let body: Value = serde_json::from_slice(started.body()).unwrap();
        let token = body["InitialConfigurationToken"].as_str().unwrap();
        let uri = format!("/configuration?configuration_token={token}");

        let polled = send(&mut client, Request::get(&uri), "").await;
        assert_eq!(polled.status(), StatusCode::OK);
        assert!(polled.body().starts_with(b"retries: 3"));
        assert_eq!(polled.headers()["content-type"], "application/x-yaml");
        let next = polled.headers()["next-poll-configuration-token"].to_str().unwrap();
        let next = format!("/configuration?configuration_token={next}");
        assert!(send(&mut client, Request::get(next), "").await.body().is_empty());

        let reused = send(&mut client, Request::get(&uri), "").await;
        assert_eq!(reused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(reused.headers()["x-amzn-errortype"], "BadRequestException");
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_in_full() {
    let dialect = Dialect::page();
    let running = run(dialect.clone()).await;
    let mut client = connect(running.address).await;
    for length in [MAX_BODY + 1, 4 * MAX_BODY] {
        let response = send(&mut client, start(&dialect), vec![b' '; length]).await;
        assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
        assert_eq!(response.headers()["content-type"], "application/json");
    }
    let response = send(&mut client, start(&dialect), VALID).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn clients_that_break_off_disturb_nobody() {
    let dialect = Dialect::page();
    let running = run(dialect.clone()).await;
    for bytes in [&b"\x16\x03\x01"[..], b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nx", b""] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
    }
    let mut client = connect(running.address).await;
    let response = send(&mut client, start(&dialect), VALID).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn shutdown_closes_idle_connections_and_ends_the_task() {
    let running = run(Dialect::page()).await;
    let mut idle = TcpStream::connect(running.address).await.unwrap();
    idle.write_all(b"GET /none HTTP/1.1\r\nhost: mock\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    idle.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 404");
    running.stop.send(()).unwrap();
    running.task.await.unwrap();
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}
