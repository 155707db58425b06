//! A target that delivers as much as boundstone reads, each time.

use std::time::Duration;

use bytes::Bytes;

use super::child::run;
use super::peer::{Peer, bytes, page};
use crate::support::folder;

/// The most memory that a run may take. The allocator keeps up to a half for a tenth of a second:
/// far less than all bodies together.
const MEMORY: u64 = 160 << 20;
/// A little less than the most that is read of a body.
const DELIVERED: usize = (4 << 20) - 1024;

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_are_judged_and_not_kept() {
    let (mock, text) = page();
    let peer = Peer::responding(move |request| {
        let mut response = mock.respond(request);
        if request.method() == "GET" && response.status() == 200 {
            *response.body_mut() = Bytes::from(vec![b'x'; DELIVERED]);
        }
        bytes(&response)
    });
    let (peer, folder) = (peer.await, folder("network/large"));
    std::fs::write(folder.join("f.toml"), text).unwrap();
    let url = peer.url();
    let ended = tokio::task::spawn_blocking(move || {
        let arguments =
            ["--target", &url, "--fixtures", "f.toml", "--only", "get-latest-configuration/accepts"];
        run(&folder, &[&arguments[..], &["--cases", "6"]].concat(), Duration::from_mins(2))
    });
    let ended = ended.await.unwrap();
    // What is delivered is not what the fixtures say.
    assert_eq!(ended.code, 1, "{}", ended.said());
    assert!(ended.memory < MEMORY, "{} MiB", ended.memory >> 20);
    assert!(ended.file("report.json").contains(&format!("<{DELIVERED} bytes, not shown>")));
}
