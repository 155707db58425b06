//! `cargo xtask bless` records the snapshot of every case, from the mock only.

use anyhow::{Context, Result, ensure};
use clap::Args as ClapArgs;
use duct::cmd;
use harness::library::examples::{Examples, document};

/// The arguments of `cargo xtask bless`.
#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Set when the task starts itself, with the settings of insta in the environment.
    #[arg(long, hide = true)]
    record: bool,
}

/// Records the snapshots. `INSTA_UPDATE=always` accepts changes without a review.
///
/// insta reads its settings from the environment of its process, so the task starts itself.
///
/// # Errors
/// The mock breaks the contract, or a snapshot cannot be written.
pub(crate) fn run(args: &Args) -> Result<()> {
    if args.record {
        return tokio::runtime::Runtime::new()?.block_on(record());
    }
    let update = std::env::var("INSTA_UPDATE").unwrap_or_else(|_| "new".to_owned());
    cmd!(std::env::current_exe()?, "bless", "--record")
        .env("INSTA_UPDATE", &update)
        .env("INSTA_FORCE_PASS", "1")
        .run()
        .context("cannot record the snapshots")?;
    println!("Snapshots recorded. Run `cargo insta review` to review changes.");
    Ok(())
}

async fn record() -> Result<()> {
    for contract in ["page", "model"] {
        let examples = Examples::of(contract).await?;
        for case in &examples.catalogue.cases {
            let executed = examples.execute(case).await;
            let executed =
                executed.with_context(|| format!("{}: the mock does not respond to the example", case.id))?;
            ensure!(
                executed.differences().next().is_none(),
                "{}: the response of the mock contradicts the contract: {:?}",
                case.id,
                executed.differences().collect::<Vec<_>>()
            );
            snapshots::record::record(contract, &case.id, &document(&examples.catalogue, case, &executed));
        }
    }
    Ok(())
}
