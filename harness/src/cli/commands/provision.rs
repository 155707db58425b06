//! `boundstone provision`, and what `boundstone run --provision` does around the run.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cases::contract::Contract;
use cases::fixture::Fixture;
use cases::generate::World;
use futures_util::FutureExt as _;
use jiff::Timestamp;
use reports::render::command::quoted;
use reports::render::escape::line;
use reports::summary::{Outcome, counted};
use reqwest::Url;
use rustls::pki_types::CertificateDer;
use tokio::task::JoinSet;

use crate::cli::args::{ProvisionArgs, RunArgs};
use crate::cli::config_file::{CONFIG, config};
use crate::cli::{print, print_error};
use crate::client::http::proxy::Proxy;
use crate::config::fixtures;
use crate::limits::{Limits, Stop};
use crate::plan::plan::Plan;
use crate::provision::{ControlPlane, Left, Mark, ProvisionError, Provisioner, is_aws, leftovers, planned};
use crate::setup::connection_options::ConnectionOptions;
use crate::setup::embedded_mock::contract;
use crate::setup::error::CliError;
use crate::setup::prepare::Prepared;
use crate::setup::rerun_command;
use crate::setup::rerun_command::program;

/// Where fixtures are wanted.
pub(crate) struct Wish {
    /// The control plane, if it is not AWS's own.
    endpoint: Option<Url>,
    region: Option<String>,
    /// Whom to trust beside those whom the system trusts.
    authorities: Vec<CertificateDer<'static>>,
    proxy: Option<Proxy>,
    /// The command that removes what could not be.
    clean: String,
}

impl Wish {
    /// What the arguments of a run wish for.
    pub(crate) fn of(args: &RunArgs) -> Result<Option<Self>, CliError> {
        if !args.provision {
            return Ok(None);
        }
        let endpoint = &args.endpoint;
        if let Some(file) = &endpoint.fixtures {
            return Err(CliError::Provision(format!(
                "--provision makes fixtures, --fixtures {} names others: one of the two is expected",
                file.display()
            )));
        }
        if endpoint.target.is_none() {
            return Err(CliError::Provision(
                "--provision: the mock inside boundstone has its fixtures already; --target URL names \
                 another endpoint"
                    .to_owned(),
            ));
        }
        let (target, control) = (endpoint.target.as_deref(), args.control_plane.as_deref());
        Self::at(target, control, endpoint.region.as_deref(), &endpoint.connection.clone().into()).map(Some)
    }

    fn at(
        target: Option<&str>,
        control: Option<&str>,
        region: Option<&str>,
        options: &ConnectionOptions,
    ) -> Result<Self, CliError> {
        let target = target.map(|target| url("--target", target)).transpose()?;
        let control = control.map(|control| url("--control-plane", control)).transpose()?;
        let at_aws = || [&control, &target].into_iter().flatten().filter_map(host_at_aws);
        let region = region.or_else(|| at_aws().find_map(region_of)).map(str::to_owned);
        if control.is_none() {
            is_possible(options)?;
        }
        let (flag, place, endpoint) = match (control, target) {
            (Some(url), _) => ("--control-plane", url.clone(), Some(url)),
            (None, Some(url)) if host_at_aws(&url).is_some() => ("--target", url, None),
            (None, Some(mut url)) => {
                url.set_path("");
                ("--target", url.clone(), Some(url))
            }
            (None, None) => {
                return Err(CliError::Provision(
                    "--target URL or --control-plane URL is expected: it says where the fixtures are"
                        .to_owned(),
                ));
            }
        };
        let settings = options.settings()?;
        let ca_cert = options.ca_cert.as_ref().map(|file| quoted(&file.display().to_string()));
        let words = [
            (flag, Some(quoted(place.as_str()))),
            ("--region", region.as_deref().map(quoted)),
            ("--ca-cert", ca_cert),
            ("--proxy", settings.proxy.as_ref().map(rerun_command::shown)),
        ];
        let mut clean = format!("{} provision --clean", program());
        for (flag, word) in words {
            clean.extend(word.iter().flat_map(|word| [" ", flag, " ", word]));
        }
        Ok(Self { endpoint, region, authorities: settings.trust.authorities, proxy: settings.proxy, clean })
    }

    async fn connect(&self) -> Result<ControlPlane, CliError> {
        let (region, proxy) = (self.region.as_deref(), self.proxy.as_ref());
        Ok(ControlPlane::connect(self.endpoint.clone(), region, &self.authorities, proxy).await?)
    }
}

/// Refuses what is possible on the way to a target, but not on that to the control plane beside it.
fn is_possible(options: &ConnectionOptions) -> Result<(), CliError> {
    let flags = [
        ("--insecure", options.insecure),
        ("--client-cert", options.client_cert.is_some()),
        ("--unix-socket", options.unix_socket.is_some()),
    ];
    match flags.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(CliError::Provision(format!(
            "{flag} is not possible for the control plane: name one that is reached without it by \
             --control-plane URL, or make fixtures apart and name them with --fixtures FILE"
        ))),
        None => Ok(()),
    }
}

impl From<ProvisionError> for CliError {
    fn from(error: ProvisionError) -> Self {
        if error.is_usage() { Self::Provision(error.to_string()) } else { Self::Refused(error.to_string()) }
    }
}

/// A base URL, without anything that is a secret or would be lost.
fn url(flag: &str, text: &str) -> Result<Url, CliError> {
    let wrong = |problem: String| {
        CliError::Provision(format!("{flag}: {problem}; a URL such as http://127.0.0.1:4566 is expected"))
    };
    let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(wrong("it is not http or https".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds credentials, which are taken from AWS's default chain".to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a query or a fragment".to_owned()));
    }
    Ok(url)
}

fn host_at_aws(url: &Url) -> Option<&str> {
    url.host_str().filter(|host| is_aws(host))
}

/// The region that the name of a host at AWS holds: letters and at least two hyphens, a digit last.
fn region_of(host: &str) -> Option<&str> {
    let is_region = |label: &&str| {
        let parts: Vec<&str> = label.split('-').collect();
        let (last, words) = parts.split_last().unwrap_or((&"", &[]));
        let are_words = words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
        words.len() >= 2
            && words[0].len() == 2
            && are_words
            && last.len() == 1
            && last.as_bytes()[0].is_ascii_digit()
    };
    host.split('.').find(is_region)
}

fn mark() -> Result<Mark, CliError> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|_| {
        CliError::Provision("the system gives no random numbers, which fixtures are told apart by".to_owned())
    })?;
    let now = Timestamp::now().round(jiff::Unit::Second).unwrap_or_default();
    Ok(Mark::new(u32::from_be_bytes(random), now.to_string()))
}

/// Makes nothing, and lets a run be estimated with the fixtures that would be made.
pub(crate) fn pretend(_wish: &Wish, plan: &mut Plan) -> Result<(), CliError> {
    let contract = plan.world.contract.clone();
    let fixtures = planned(&contract)?;
    plan.world = Arc::new(World { contract, fixtures });
    Ok(())
}

/// Makes fixtures, lets `judge` judge with them, and removes them: also after Ctrl-C, after an error,
/// and after a panic. What is left is named, and changes no exit code.
pub(crate) async fn around<F: Future<Output = Result<u8, CliError>>>(
    wish: Wish,
    prepared: Prepared,
    quiet: bool,
    judge: impl FnOnce(Prepared) -> F,
) -> Result<u8, CliError> {
    let provisioner = Provisioner::new(wish.connect().await?, mark()?);
    around_by(provisioner, &wish, prepared, quiet, judge).await
}

async fn around_by<F: Future<Output = Result<u8, CliError>>>(
    mut provisioner: Provisioner,
    wish: &Wish,
    mut prepared: Prepared,
    quiet: bool,
    judge: impl FnOnce(Prepared) -> F,
) -> Result<u8, CliError> {
    let limits = Arc::clone(&prepared.limits);
    let _signals = interrupt_on_signals(&limits);
    let judged = AssertUnwindSafe(async {
        let contract = prepared.plan.world.contract.clone();
        let fixtures = match make(&mut provisioner, &contract, &limits, quiet).await {
            Ok(fixtures) => fixtures,
            Err(ProvisionError::Interrupted) => return Ok(Outcome::Interrupted.code()),
            Err(error) => return Err(error.into()),
        };
        prepared.plan.world = Arc::new(World { contract, fixtures });
        judge(prepared).await
    })
    .catch_unwind()
    .await;
    remove(&mut provisioner, wish, quiet).await;
    let code = judged.unwrap_or_else(|panic| resume_unwind(panic))?;
    if code == Outcome::Failed.code() && !quiet {
        print_error(
            "The fixtures are gone: to replay findings, make lasting ones with `boundstone provision`, and \
             run with --fixtures.\n",
        );
    }
    Ok(code)
}

pub(crate) async fn main(args: ProvisionArgs) -> Result<u8, CliError> {
    let file = config(Path::new(CONFIG))?;
    let target = args.target.or(file.endpoint.target);
    let control = args.control_plane.or(file.control_plane);
    let region = args.region.or(file.endpoint.region);
    let contract = contract(args.contract.or(file.endpoint.contract).as_deref().unwrap_or("page"))?;
    let options = args.connection.or(file.endpoint.connection).into();
    let wish = Wish::at(target.as_deref(), control.as_deref(), region.as_deref(), &options)?;
    if args.clean {
        return clean(&wish.connect().await?, args.dry_run).await;
    }
    let mut provisioner = Provisioner::new(wish.connect().await?, mark()?);
    let limits = Arc::new(Limits::default());
    let _signals = interrupt_on_signals(&limits);
    match make(&mut provisioner, &contract, &limits, false).await {
        Ok(fixtures) => {
            print(&format!("# Remove them with: {}\n\n{}", wish.clean, fixtures::render(&fixtures)));
            Ok(Outcome::Passed.code())
        }
        Err(error) => {
            remove(&mut provisioner, &wish, false).await;
            match error {
                ProvisionError::Interrupted => Ok(Outcome::Interrupted.code()),
                error => Err(error.into()),
            }
        }
    }
}

/// Makes fixtures and says what came of it.
async fn make(
    provisioner: &mut Provisioner,
    contract: &Contract,
    limits: &Limits,
    quiet: bool,
) -> Result<Vec<Fixture>, ProvisionError> {
    if !quiet {
        print_error(&format!("Making fixtures at {}.\n", line(provisioner.control().place())));
    }
    let stop = || limits.stop() == Some(Stop::Interrupted);
    let fixtures = provisioner.create(contract, stop).await?;
    if !quiet {
        print_error(&format!(
            "Made {} in {}, run {}.\n",
            counted(fixtures.len() as u64, "fixture"),
            counted(provisioner.applications() as u64, "application"),
            provisioner.mark().run()
        ));
    }
    for left_out in provisioner.left_out() {
        print_error(&format!("Left out: {}\n", line(left_out)));
    }
    Ok(fixtures)
}

/// Removes what was made, and names what is left.
async fn remove(provisioner: &mut Provisioner, wish: &Wish, quiet: bool) {
    let made = provisioner.applications();
    if made > 0 && !quiet {
        print_error("Removing the fixtures.\n");
    }
    let removal = provisioner.remove().await;
    for Left { what, reason } in &removal.left {
        print_error(&format!("Not removed: {}\n", line(&format!("{what}: {reason}"))));
    }
    // What is left has the same reason, if there is one that ends everything.
    let is_new = |reason: &&String| removal.left.iter().all(|left| left.reason != **reason);
    if let Some(reason) = removal.not_looked_for.as_ref().filter(is_new) {
        let run = provisioner.mark().run();
        print_error(&format!("Not looked for: anything else of run {run}: {}\n", line(reason)));
    }
    if !removal.is_complete() {
        print_error(&format!("To remove what is left: {}\n", line(&wish.clean)));
    } else if made > 0 && !quiet {
        print_error("All fixtures are removed.\n");
    }
}

/// Removes what earlier runs left, or lists it only.
async fn clean(control: &ControlPlane, dry_run: bool) -> Result<u8, CliError> {
    let found = leftovers(control).await.map_err(ProvisionError::from)?;
    if found.leftovers.is_empty() && found.unknown.is_empty() {
        print(&format!("Nothing is left at {}.\n", line(control.place())));
    }
    let mut outcome = Outcome::Passed;
    for Left { what, reason } in &found.unknown {
        outcome = Outcome::NotTested;
        print_error(&format!("Not looked at: {}\n", line(&format!("{what}: {reason}"))));
    }
    for one in &found.leftovers {
        if dry_run {
            print(&format!("Would remove: {}\n", line(&one.to_string())));
            continue;
        }
        match one.remove(control).await {
            Ok(()) => print(&format!("Removed: {}\n", line(&one.to_string()))),
            Err(error) => {
                outcome = Outcome::NotTested;
                print_error(&format!("Not removed: {}\n", line(&format!("{one}: {error}"))));
            }
        }
    }
    Ok(outcome.code())
}

/// Ends the run on each signal that would end the process, as long as the tasks live: no signal must
/// leave anything behind.
#[cfg(unix)]
fn interrupt_on_signals(limits: &Arc<Limits>) -> JoinSet<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let said = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        // Without a handler the signal ends the process, as it does elsewhere.
        let Ok(mut signal) = signal(kind) else { continue };
        let (limits, said) = (Arc::clone(limits), Arc::clone(&said));
        tasks.spawn(async move {
            while signal.recv().await.is_some() {
                interrupt(&limits, &said);
            }
        });
    }
    tasks
}

#[cfg(not(unix))]
fn interrupt_on_signals(limits: &Arc<Limits>) -> JoinSet<()> {
    let (limits, said) = (Arc::clone(limits), AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            interrupt(&limits, &said);
        }
    });
    tasks
}

fn interrupt(limits: &Limits, said: &AtomicBool) {
    limits.interrupt();
    print_error(if said.swap(true, Ordering::Relaxed) {
        "Interrupted already: removing what was made takes two minutes at most.\n"
    } else {
        "Interrupted: what was made is removed first.\n"
    });
}

#[cfg(test)]
#[path = "../../../tests/provision/fake.rs"]
#[allow(dead_code, reason = "shared with the integration tests, which use more of it")]
mod fake;

#[cfg(test)]
mod tests {
    use super::fake::Fake;
    use super::*;
    use crate::setup::embedded_mock::Embedded;
    use crate::setup::prepare::prepare_for;

    #[tokio::test]
    async fn a_panic_leaves_nothing_behind() {
        let fake = Fake::start().await;
        let control = ControlPlane::with(&fake.credentials().await, Some(fake.url())).await.unwrap();
        let provisioner = Provisioner::new(control, mark().unwrap());
        let wish = wish(Some(fake.url().as_str()), None, None).unwrap();
        let mock = Embedded::start(&Contract::page().unwrap()).await.unwrap();
        let prepared = prepare_for(crate::setup::config::RunConfig::default(), mock).await.unwrap();
        let judge = |prepared: Prepared| async move {
            assert_eq!(prepared.plan.world.fixtures.len(), 8);
            if prepared.plan.seed == 0 { panic!("as a bug would") } else { Ok(0) }
        };
        let judged =
            AssertUnwindSafe(around_by(provisioner, &wish, prepared, true, judge)).catch_unwind().await;
        assert_eq!(*judged.err().unwrap().downcast::<&str>().unwrap(), "as a bug would");
        assert!(fake.calls().iter().any(|call| call.starts_with("POST /applications")));
        assert_eq!(fake.left(), Vec::<String>::new());
    }

    fn wish(target: Option<&str>, control: Option<&str>, region: Option<&str>) -> Result<Wish, String> {
        Wish::at(target, control, region, &ConnectionOptions::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_control_plane_is_where_the_target_is_unless_it_is_named() {
        let endpoint = |target: Option<&str>, control: Option<&str>| {
            let wish = wish(target, control, None).unwrap();
            (wish.endpoint.map(String::from), wish.region)
        };
        let emulator = "http://127.0.0.1:4566/data?";
        assert_eq!(
            endpoint(Some("http://127.0.0.1:4566/data"), None),
            (Some("http://127.0.0.1:4566/".into()), None)
        );
        assert!(wish(Some(emulator), None, None).is_err());
        let named = endpoint(Some("http://127.0.0.1:1"), Some("https://b.example/base"));
        assert_eq!(named, (Some("https://b.example/base".into()), None));
        for (host, region) in [
            ("appconfigdata.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("appconfigdata-fips.us-gov-west-1.amazonaws.com", Some("us-gov-west-1")),
            ("vpce-0a1-b2.appconfigdata.ap-southeast-2.vpce.amazonaws.com", Some("ap-southeast-2")),
            ("appconfigdata.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("appconfigdata.amazonaws.com", None),
            ("appconfigdata.eu-west-1.api.aws", Some("eu-west-1")),
            ("appconfigdata-fips.us-east-1.api.aws", Some("us-east-1")),
        ] {
            let target = format!("https://{host}");
            assert_eq!(endpoint(Some(&target), None), (None, region.map(str::to_owned)), "{host}");
        }
        // Whoever owns a name that only looks like AWS's gets no signed calls for AWS.
        assert!(endpoint(Some("https://amazonaws.com.evil.example"), None).0.is_some());
    }

    #[test]
    fn the_way_to_the_target_is_the_way_to_the_control_plane_or_refused() {
        let target = Some("https://127.0.0.1:4566");
        let at = |control, wire: &ConnectionOptions| {
            Wish::at(target, control, None, wire).map_err(|error| (error.code(), error.to_string()))
        };
        let proxied =
            |proxy: &str| ConnectionOptions { proxy: Some(proxy.to_owned()), ..ConnectionOptions::default() };
        let wish = at(None, &proxied("http://me:s3cret@127.0.0.1:3128")).unwrap();
        assert_eq!(wish.proxy.unwrap().shown(), "http://127.0.0.1:3128");
        assert!(wish.clean.ends_with(" --proxy \"${BOUNDSTONE_PROXY:?}\""), "{}", wish.clean);

        let [file, socket] = ["me.pem", "a.socket"].map(|path| Some(path.into()));
        for (flag, wire) in [
            ("--insecure", ConnectionOptions { insecure: true, ..ConnectionOptions::default() }),
            ("--client-cert", ConnectionOptions { client_cert: file, ..ConnectionOptions::default() }),
            ("--unix-socket", ConnectionOptions { unix_socket: socket, ..ConnectionOptions::default() }),
        ] {
            let (code, error) = at(None, &wire).err().unwrap();
            let start = format!("{flag} is not possible for the control plane: ");
            assert!(code == 2 && error.starts_with(&start), "{code} {error}");
            assert!(error.contains("--control-plane URL") && error.contains("--fixtures"), "{error}");
        }
        let insecure = ConnectionOptions { insecure: true, ..ConnectionOptions::default() };
        assert!(at(Some("https://b.example"), &insecure).is_ok());
    }

    #[tokio::test]
    async fn a_proxy_that_cannot_be_used_for_the_control_plane_is_refused() {
        let wire = ConnectionOptions {
            proxy: Some("socks5://me:s3cret@127.0.0.1:1".to_owned()),
            ..ConnectionOptions::default()
        };
        let wish = Wish::at(Some("http://127.0.0.1:4566"), None, Some("us-east-1"), &wire).unwrap();
        let error = wish.connect().await.err().unwrap();
        let text = error.to_string();
        assert!(error.code() == 2 && text.starts_with("--proxy: ") && !text.contains("s3cret"), "{text}");
    }

    #[test]
    fn the_region_that_is_named_comes_first() {
        let target = Some("https://appconfigdata.eu-west-1.amazonaws.com");
        assert_eq!(wish(target, None, Some("us-east-1")).unwrap().region.as_deref(), Some("us-east-1"));
    }

    #[test]
    fn what_is_left_is_removed_by_a_command_that_can_be_pasted() {
        let clean = |target, control, region| wish(target, control, region).unwrap().clean;
        let command = clean(Some("http://127.0.0.1:4566"), None, Some("us-east-1"));
        assert!(
            command.ends_with(" provision --clean --target http://127.0.0.1:4566/ --region us-east-1"),
            "{command}"
        );
        let command = clean(None, Some("http://a.example/it's"), None);
        assert!(command.ends_with(" --control-plane 'http://a.example/it'\\''s'"), "{command}");
    }

    #[test]
    fn a_url_that_cannot_be_used_is_named_without_its_secrets() {
        for (target, control, start) in [
            (None, None, "--target URL or --control-plane URL is expected"),
            (Some("nowhere"), None, "--target: "),
            (None, Some("ftp://a.example"), "--control-plane: it is not http or https"),
            (None, Some("http://a:s3cret@b.example"), "--control-plane: it holds credentials"),
            (None, Some("http://b.example/?key=s3cret"), "--control-plane: it has a query"),
        ] {
            let error = wish(target, control, None).err().unwrap();
            assert!(error.starts_with(start) && !error.contains("s3cret"), "{error}");
        }
    }
}
