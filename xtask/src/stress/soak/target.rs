//! A server that stays up through all turns.

use std::path::Path;

use anyhow::{Context, Result};

use super::statistics::Statistics;
use super::turn::Served;
use crate::support::process::Load;
use crate::support::test_server::TestServer;

/// What a server may use in addition to what it used at first.
const MAX_GROWTH: Load = Load { kibibytes: 64 << 10, files: 8, threads: 8 };

/// A server that stays up through all turns.
pub(super) struct Target {
    pub(super) served: &'static Served,
    pub(super) server: TestServer,
    /// What it used before its first run.
    idle: Load,
    /// Its memory after its first run, in KiB.
    memory: Option<u64>,
}

impl Target {
    /// Starts a server, with a folder for its files in `out`.
    pub(super) fn start(served: &'static Served, boundstone: &Path, out: &Path) -> Result<Self> {
        let folder = out.join(format!("serve-{}-{}", served.name(), served.contract));
        std::fs::create_dir_all(&folder)?;
        let contract = format!("--contract={}", served.contract);
        let arguments = [&[contract.as_str()], &served.arguments()[..]].concat();
        let server = TestServer::mock(boundstone, &folder, &arguments)?;
        Ok(Self { served, idle: server.load(), server, memory: None })
    }

    /// Checks after a run that the server does not use more than after its first run.
    ///
    /// # Errors
    /// It does, and still did after a minute.
    pub(super) fn check_load(&mut self, statistics: &mut Statistics) -> Result<()> {
        let limit = Load {
            // What the server keeps forever is there after the first run.
            kibibytes: self.memory.map_or(u64::MAX, |memory| memory + MAX_GROWTH.kibibytes),
            files: self.idle.files + MAX_GROWTH.files,
            threads: self.idle.threads + MAX_GROWTH.threads,
        };
        // Connections end shortly after the run that made them.
        let within_limit = self.server.wait_until(|| self.server.load().is_within(limit));
        let load = self.server.load();
        statistics.add_load(load);
        self.memory.get_or_insert(load.kibibytes);
        within_limit.with_context(|| format!("the server uses {load:?}, more than {limit:?}"))
    }
}
