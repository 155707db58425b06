//! `cargo xtask bless`: records the snapshots of every case, from the mock alone.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use cases::catalogue::Catalogue;
use clap::Args as ClapArgs;
use duct::cmd;
use harness::cli::args::EndpointArgs;
use harness::cli::connect::Connection;
use harness::cli::run::advance;
use harness::example::{document, example};
use harness::issued::Hidden;
use harness::pace::Pace;
use harness::play::Player;

/// The arguments of `cargo xtask bless`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Set by the command for itself, when insta's settings stand in the environment.
    #[arg(long, hide = true)]
    record: bool,
}

/// insta reads its settings from the environment of the process, so the command calls itself.
/// `INSTA_UPDATE=always` accepts what differs without a review.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.record {
        return tokio::runtime::Runtime::new()?.block_on(record());
    }
    let update = std::env::var("INSTA_UPDATE").unwrap_or_else(|_| "new".to_owned());
    cmd!(std::env::current_exe()?, "bless", "--record")
        .env("INSTA_UPDATE", &update)
        .env("INSTA_FORCE_PASS", "1")
        .run()
        .context("recording failed")?;
    println!("Snapshots recorded. What differs from the committed ones waits for `cargo insta review`.");
    Ok(())
}

async fn record() -> Result<()> {
    for contract in ["page", "model"] {
        // Requests are signed, so that the cases about signatures show something.
        let endpoint =
            EndpointArgs { contract: Some(contract.to_owned()), sigv4: true, ..EndpointArgs::default() };
        let Connection { transport, world, mock, .. } = Connection::open(&endpoint, Arc::default()).await?;
        let mock = mock.context("no target is named")?;
        let catalogue = Catalogue::of(&world.contract);
        let hidden = Hidden::default();
        let clock = advance(&mock);
        let player = Player {
            transport: &transport,
            world: &world,
            hidden: &hidden,
            pace: &Pace::Free,
            clock: Some(&clock),
        };
        for case in &catalogue.cases {
            let played = example(&player, case).await;
            let played =
                played.with_context(|| format!("{}: the mock does not answer its example", case.id))?;
            ensure!(
                played.differences().next().is_none(),
                "{}: the mock's own answer contradicts the contract: {:?}",
                case.id,
                played.differences().collect::<Vec<_>>()
            );
            snapshots::record::record(&world.contract.name, &case.id, &document(&catalogue, case, &played));
        }
    }
    Ok(())
}
