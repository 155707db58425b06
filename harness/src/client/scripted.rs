//! A scripted server for tests.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Maps the number of a request on its connection (from 0) to the response. `None` closes the connection
/// without one.
pub(crate) type Script = fn(usize) -> Option<&'static [u8]>;

pub(crate) const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// Starts a scripted server. Returns its URL and a log of all requests: the number of the connection, and the
/// bytes.
pub(crate) async fn scripted(script: Script) -> (String, Arc<Mutex<Vec<(usize, String)>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        for number in 0.. {
            let (mut socket, _) = listener.accept().await.unwrap();
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for request in 0.. {
                    let Some(text) = read(&mut socket).await else { return };
                    log.lock().unwrap().push((number, text));
                    let Some(response) = script(request) else { return };
                    socket.write_all(response).await.unwrap();
                }
            });
        }
    });
    (url, seen)
}

/// Reads one request: its head and its body, of known length or chunked.
pub(crate) async fn read(socket: &mut TcpStream) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut bytes = [0; 4096];
        let length = socket.read(&mut bytes).await.ok().filter(|length| *length > 0)?;
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let is_whole = match length {
            Some(length) => body.len() >= length,
            None => !head.contains("transfer-encoding: chunked") || body.ends_with("0\r\n\r\n"),
        };
        if is_whole {
            return Some(text);
        }
    }
}
