//! `cargo xtask bless`: records the snapshots of every case, from the mock alone.

use anyhow::{Context, Result, ensure};
use clap::Args as ClapArgs;
use duct::cmd;
use harness::library::examples::{Examples, document};

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
        let examples = Examples::of(contract).await?;
        for case in &examples.catalogue.cases {
            let played = examples.play(case).await;
            let played =
                played.with_context(|| format!("{}: the mock does not answer its example", case.id))?;
            ensure!(
                played.differences().next().is_none(),
                "{}: the mock's own answer contradicts the contract: {:?}",
                case.id,
                played.differences().collect::<Vec<_>>()
            );
            snapshots::record::record(contract, &case.id, &document(&examples.catalogue, case, &played));
        }
    }
    Ok(())
}
