//! Peers that are broken or out to harm. Each run against one ends within its bound, holds little
//! memory, and says in a sentence what happened.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::child::{Ended, run};
use super::peer::{Peer, Turned, bytes, page, read};
use crate::support::{ClosedPort, FIXTURES, folder};

/// The most memory that a run may take.
const MEMORY: u64 = 128 << 20;
/// How long a run may take at most. Most take less than a second.
const BOUND: Duration = Duration::from_secs(90);
/// What a user would set where responses take long.
const TIMEOUT: [&str; 2] = ["--timeout", "300ms"];

type Done = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Reads what is there, writes these bytes, and ends.
async fn says(mut stream: TcpStream, bytes: &[u8]) {
    let _read = tokio::time::timeout(Duration::from_millis(200), read(&mut stream)).await;
    let _written = stream.write_all(bytes).await;
}

/// Writes the first bytes once and the others for ever, with a pause before each time.
async fn goes_on(mut stream: TcpStream, first: &[u8], then: &[u8], pause: Duration) {
    let _read = tokio::time::timeout(Duration::from_millis(200), read(&mut stream)).await;
    let mut written = stream.write_all(first).await;
    while written.is_ok() {
        tokio::time::sleep(pause).await;
        written = stream.write_all(then).await;
    }
}

const DRIP: Duration = Duration::from_millis(50);
const OK: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

fn reset(stream: TcpStream) -> Done {
    Box::pin(async move { stream.set_zero_linger().unwrap() })
}

fn closes(stream: TcpStream) -> Done {
    Box::pin(async move { says(stream, b"").await })
}

fn closes_mid_body(stream: TcpStream) -> Done {
    Box::pin(async move { says(stream, &[OK, b"content-length: 99\r\n\r\n{\"a\":"].concat()).await })
}

fn never_responds(stream: TcpStream) -> Done {
    Box::pin(async move { goes_on(stream, b"", b"", Duration::from_mins(10)).await })
}

fn drips_its_head(stream: TcpStream) -> Done {
    Box::pin(async move { goes_on(stream, b"HTTP/1.1 200 OK\r\nx-a: ", b"b", DRIP).await })
}

fn drips_its_body(stream: TcpStream) -> Done {
    Box::pin(
        async move { goes_on(stream, &[OK, b"content-length: 9999\r\n\r\n{"].concat(), b" ", DRIP).await },
    )
}

fn endless_body(stream: TcpStream) -> Done {
    Box::pin(
        async move { goes_on(stream, &[OK, b"\r\n"].concat(), &vec![b' '; 1 << 16], Duration::ZERO).await },
    )
}

fn endless_head(stream: TcpStream) -> Done {
    Box::pin(async move {
        goes_on(stream, OK, &b"x-aaaaaaaaaaaaaaaaaaaa: bbbbbbbbbbbbbb\r\n".repeat(500), Duration::ZERO).await;
    })
}

fn huge_length(stream: TcpStream) -> Done {
    Box::pin(async move { says(stream, &[OK, b"content-length: 9999999999999\r\n\r\n{"].concat()).await })
}

/// 1,000 bytes that unpack to a megabyte of zeros, a hundred times.
fn bomb(stream: TcpStream) -> Done {
    // What gzip makes of zeros, as far as it matters here: bytes that say to be compressed.
    const PACKED: [u8; 12] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xed, 0xc1];
    Box::pin(async move {
        let body: Vec<u8> = PACKED.into_iter().chain(std::iter::repeat_n(0, 100_000)).collect();
        let head = format!("content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
        says(stream, &[OK, head.as_bytes(), &body].concat()).await;
    })
}

fn large_header(stream: TcpStream) -> Done {
    Box::pin(async move {
        says(stream, &[OK, b"x-a: ", &vec![b'b'; 1 << 20], b"\r\ncontent-length: 0\r\n\r\n"].concat()).await;
    })
}

fn many_headers(stream: TcpStream) -> Done {
    Box::pin(async move {
        says(stream, &[OK, &b"x-a: b\r\n".repeat(1000), b"content-length: 0\r\n\r\n"].concat()).await;
    })
}

fn garbage(stream: TcpStream) -> Done {
    Box::pin(async move { says(stream, &b"\x00\xff\x17\x03SSH-2.0\r\n\r\n".repeat(9)).await })
}

fn redirects_in_a_circle(stream: TcpStream) -> Done {
    Box::pin(
        async move { says(stream, b"HTTP/1.1 308 Again\r\nlocation: /\r\ncontent-length: 0\r\n\r\n").await },
    )
}

fn not_utf8(stream: TcpStream) -> Done {
    const BODY: &[u8] = b"{\"InitialConfigurationToken\":\"\xff\xfe\xc0\x80\"}";
    Box::pin(async move {
        let head = format!("content-length: {}\r\n\r\n", BODY.len());
        says(stream, &[OK, b"x-amzn-errortype: \xff\xfe\r\n", head.as_bytes(), BODY].concat()).await;
    })
}

fn brackets(stream: TcpStream) -> Done {
    Box::pin(async move {
        says(stream, &[OK, b"content-length: 100000\r\n\r\n", &vec![b'['; 100_000]].concat()).await;
    })
}

fn fails(stream: TcpStream) -> Done {
    Box::pin(async move { says(stream, b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n").await })
}

fn throttles(stream: TcpStream) -> Done {
    Box::pin(async move { says(stream, b"HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n").await })
}

fn throttles_for_an_hour(stream: TcpStream) -> Done {
    Box::pin(async move {
        says(stream, b"HTTP/1.1 429 Slow\r\nretry-after: 3600\r\ncontent-length: 0\r\n\r\n").await;
    })
}

/// A run against a peer that first responds to so many requests as it should.
async fn against(name: &str, after: usize, turned: Turned, arguments: &[&str]) -> Ended {
    let (mock, fixtures) = page();
    let peer = Peer::turning(mock, after, turned).await;
    let name = format!("hostile-{name}-{after}");
    run_against(&name, &peer, &fixtures, arguments).await
}

async fn run_against(name: &str, peer: &Peer, fixtures: &str, arguments: &[&str]) -> Ended {
    let folder = folder(&format!("network/{name}"));
    std::fs::write(folder.join("f.toml"), fixtures).unwrap();
    let url = peer.url();
    let mut all: Vec<String> = ["--target", &url, "--fixtures", "f.toml"].map(str::to_owned).to_vec();
    all.extend(arguments.iter().map(|argument| (*argument).to_owned()));
    let ended = tokio::task::spawn_blocking(move || {
        run(&folder, &all.iter().map(String::as_str).collect::<Vec<_>>(), BOUND)
    })
    .await
    .unwrap();
    assert!(ended.memory < MEMORY, "{name}: {} bytes", ended.memory);
    assert!(!ended.said().contains("panicked"), "{name}: {}", ended.said());
    // Shown with --nocapture, for the record.
    println!("{name}: exit {}, {:.1?}, {} MiB", ended.code, ended.took, ended.memory >> 20);
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_so_from_the_start_is_not_judged() {
    let closes_the_connection =
        "The target closes the connection on a valid POST / without a response. Is it";
    let late = "The target does not respond to a valid POST / in time. ";
    let too_large =
        "The target does not complete its response to a valid POST /: the response is larger than 4 MiB";
    for (name, turned, arguments, says) in [
        ("reset", reset as Turned, &[][..], closes_the_connection),
        ("closes", closes, &[], closes_the_connection),
        ("closes-mid-body", closes_mid_body, &[], "connection closed within the response body"),
        ("never-responds", never_responds, &TIMEOUT, late),
        ("drips-its-head", drips_its_head, &TIMEOUT, late),
        ("drips-its-body", drips_its_body, &TIMEOUT, late),
        ("endless-body", endless_body, &[], too_large),
        ("endless-head", endless_head, &[], too_large),
        ("huge-length", huge_length, &[], too_large),
        ("large-header", large_header, &[], too_large),
        ("many-headers", many_headers, &[], too_large),
        ("garbage", garbage, &[], "is not HTTP. Does the port use https (--target https://…)"),
        (
            "redirects",
            redirects_in_a_circle,
            &[],
            "the redirect 308 to another path: boundstone does not follow redirects",
        ),
        ("fails", fails, &[], "500: it fails on a valid call. Check its log."),
        ("throttles", throttles, &[], "429: it throttles. Try again later."),
        ("throttles-long", throttles_for_an_hour, &[], "429: it throttles. Try again later."),
    ] {
        let ended = against(name, 0, turned, arguments).await;
        assert_eq!(ended.code, 3, "{name}: {}", ended.said());
        assert!(ended.said().contains(says), "{name}: {}", ended.said());
        assert_eq!(ended.report().totals.requirements.passed, 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_http_all_the_same_is_judged() {
    for (name, turned) in [("bomb", bomb as Turned), ("not-utf8", not_utf8), ("brackets", brackets)] {
        let ended = against(name, 0, turned, &["--timeout", "5s"]).await;
        assert_eq!(ended.code, 1, "{name}: {}", ended.said());
        assert!(ended.report().totals.requirements.failed > 0, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_stops_responding_is_left_and_verdicts_stay() {
    const GONE: &str = "the target stopped responding: what was not tested by then is inconclusive.";
    for (name, turned, arguments) in [
        ("reset", reset as Turned, &[][..]),
        ("closes", closes, &[]),
        ("closes-mid-body", closes_mid_body, &[]),
        ("never-responds", never_responds, &TIMEOUT),
        ("drips-its-head", drips_its_head, &TIMEOUT),
        ("drips-its-body", drips_its_body, &TIMEOUT),
        ("endless-body", endless_body, &[]),
        ("endless-head", endless_head, &[]),
        ("garbage", garbage, &[]),
    ] {
        let ended = against(name, 400, turned, arguments).await;
        assert_eq!(ended.code, 3, "{name}: {}", ended.said());
        assert!(ended.said().contains(GONE), "{name}: {}", ended.said());
        let counts = ended.report().totals.requirements;
        assert_eq!((counts.failed, counts.flaky), (0, 0), "{name}: {}", ended.said());
        assert!(counts.passed > 0 && counts.inconclusive > 0, "{name}: {counts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_is_refused_after_a_while_is_left() {
    let (mock, fixtures) = page();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let ends = Arc::new(Notify::new());
    let dying = tokio::spawn(async move {
        let left = Arc::new(AtomicUsize::new(100));
        // All of them end with this task.
        let mut connections = JoinSet::new();
        loop {
            let (mut stream, _) = tokio::select! {
                accepted = listener.accept() => accepted.unwrap(),
                () = ends.notified() => break,
            };
            let (mock, left, ends) = (Arc::clone(&mock), Arc::clone(&left), Arc::clone(&ends));
            connections.spawn(async move {
                while let Some(request) = read(&mut stream).await {
                    let one_less = |left: usize| left.checked_sub(1);
                    if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_err() {
                        ends.notify_one();
                        break;
                    }
                    if stream.write_all(&bytes(&mock.respond(&request))).await.is_err() {
                        break;
                    }
                }
            });
        }
    });
    let folder = folder("network/hostile-dies");
    std::fs::write(folder.join("f.toml"), fixtures).unwrap();
    let ended = tokio::task::spawn_blocking(move || {
        run(&folder, &["--target", &format!("http://{address}"), "--fixtures", "f.toml"], BOUND)
    });
    let ended = ended.await.unwrap();
    dying.abort();
    assert_eq!(ended.code, 3, "{}", ended.said());
    assert!(ended.said().contains("the target stopped responding"), "{}", ended.said());
    assert!(ended.report().totals.responses > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_never_responds_takes_only_so_long() {
    let (mock, fixtures) = page();
    let peer = Peer::start(move |mut stream, _| {
        let mock = Arc::clone(&mock);
        async move {
            while let Some(request) = read(&mut stream).await {
                if request.method() == "GET" {
                    tokio::time::sleep(Duration::from_mins(10)).await;
                }
                if stream.write_all(&bytes(&mock.respond(&request))).await.is_err() {
                    break;
                }
            }
        }
    })
    .await;
    let ended = run_against("hostile-half", &peer, &fixtures, &TIMEOUT).await;
    assert!(matches!(ended.code, 1 | 3), "{}", ended.said());
    let said = ended.said();
    assert!(said.contains("too many requests timed out: what"), "{said}");
    assert!(ended.report().totals.requirements.passed > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_with_one_response_per_connection_is_tested() {
    let (mock, fixtures) = page();
    let peer = Peer::start(move |mut stream, _| {
        let mock = Arc::clone(&mock);
        async move {
            let Some(request) = read(&mut stream).await else { return };
            let _written = stream.write_all(&bytes(&mock.respond(&request))).await;
            while read(&mut stream).await.is_some() {}
        }
    })
    .await;
    let ended = run_against("hostile-once", &peer, &fixtures, &["--timeout", "1s"]).await;
    assert_eq!(ended.code, 0, "{}", ended.said());
    assert!(ended.took < Duration::from_mins(1), "{:?}", ended.took);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_kept_though_nobody_responds() {
    let (mock, fixtures) = page();
    let peer = Peer::turning(mock, 100, never_responds).await;
    let ended = run_against("hostile-budget", &peer, &fixtures, &["--budget", "3s"]).await;
    assert!(ended.took < Duration::from_secs(6), "{:?}", ended.took);
    assert_eq!(ended.report().totals.requirements.failed, 0, "{}", ended.said());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_throttles_for_good_is_left_and_what_was_judged_stands() {
    const THROTTLED: &str = "the target throttled too many requests in spite of retries (429, or 503 with \
                             Retry-After; a lower --rate may help): what was not tested by then is inconclusive.";
    for (name, turned, most) in
        [("throttles", throttles as Turned, 800), ("throttles-long", throttles_for_an_hour, 425)]
    {
        let ended = against(name, 400, turned, &[]).await;
        assert_eq!(ended.code, 3, "{name}: {}", ended.said());
        assert!(ended.said().contains(THROTTLED), "{name}: {}", ended.said());
        let totals = ended.report().totals;
        assert_eq!((totals.requirements.failed, totals.requirements.flaky), (0, 0), "{name}");
        assert!(totals.requirements.passed > 0 && totals.requirements.inconclusive > 0, "{name}: {totals:?}");
        assert!(totals.requests < most, "{name}: {totals:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_follows_a_redirect_to_another_origin() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let other = Peer::start(move |_, _| {
        count.fetch_add(1, Ordering::Relaxed);
        async {}
    })
    .await;
    for (after, code) in [(0, 3), (300, 1)] {
        let (mock, fixtures) = page();
        let returned = AtomicUsize::new(0);
        let url = other.url();
        let redirect = format!(
            "HTTP/1.1 307 Elsewhere\r\nlocation: {url}/s3cret?token=s3cret\r\ncontent-length: 0\r\n\r\n"
        );
        let peer = Peer::responding(move |request| {
            if returned.fetch_add(1, Ordering::Relaxed) < after {
                bytes(&mock.respond(request))
            } else {
                redirect.clone().into_bytes()
            }
        })
        .await;
        let name = format!("hostile-redirect-{after}");
        let ended = run_against(&name, &peer, &fixtures, &["--header", "Authorization: hidden-value"]).await;
        assert_eq!(ended.code, code, "{}", ended.said());
        let all = ended.said() + &ended.file("report.json") + &ended.file("report.html");
        assert!(!all.contains("s3cret") && !all.contains("hidden-value"));
        assert!(after > 0 || ended.said().contains(&format!("the redirect 307 to {}: ", other.url())));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_closed_port_is_no_connection() {
    let closed_port = ClosedPort::bind();
    let url = closed_port.url();
    let folder = folder("network/hostile-refused");
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    let ended = run(&folder, &["--target", &url, "--fixtures", "f.toml"], BOUND);
    assert_eq!(ended.code, 3);
    assert!(ended.said().contains("The target cannot be connected to. Is it running?"), "{}", ended.said());
}
