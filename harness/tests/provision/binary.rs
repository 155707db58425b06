//! The built binary with the control plane: what it says, how it ends, and what it leaves.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use boundstone::client::http::tls::acceptor;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpStream};

use super::fake::{ACCESS_KEY, Fake, SECRET_KEY, SESSION_TOKEN};
use crate::support::{ClosedPort, boundstone_without_aws, folder, report};

/// Nothing here takes that long but a hang.
const HANG: Duration = Duration::from_mins(2);

fn boundstone(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = boundstone_without_aws(folder, arguments);
    command
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .env("AWS_REGION", "eu-west-1");
    command
}

/// Exit code, standard output and standard error. No secret is in them.
async fn ended(command: Command) -> (i32, String, String) {
    let output = tokio::task::spawn_blocking(move || { command }.output().unwrap());
    told(output.await.unwrap())
}

fn told(Output { status, stdout, stderr }: Output) -> (i32, String, String) {
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    for secret in [ACCESS_KEY, SECRET_KEY, SESSION_TOKEN] {
        assert!(!stdout.contains(secret) && !stderr.contains(secret), "{stdout}{stderr}");
    }
    (status.code().unwrap(), stdout, stderr)
}

fn run_of<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["run", "--contract", "model", "--target", url, "--provision"], more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_makes_its_fixtures_and_removes_them() {
    let fake = Fake::start().await;
    let url = fake.url().to_string();
    let folder = folder("provision/run");
    let (code, stdout, stderr) = ended(boundstone(&folder, &run_of(&url, &["--only", "*/required/*"]))).await;
    assert!(code == 1 && stdout.contains("Failed: "), "{code} {stdout}{stderr}");
    for said in [
        "Created 8 fixtures in 6 applications, run ",
        "\nAll fixtures are removed.\n",
        "The fixtures are removed. To replay findings",
    ] {
        assert!(stderr.contains(said), "{stderr}");
    }
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_not_judged_leaves_nothing() {
    let fake = Fake::start().await;
    fake.state().refuses = Some("/configurationsessions");
    let url = fake.url().to_string();
    let (code, stdout, stderr) = ended(boundstone(&folder("provision/not-judged"), &run_of(&url, &[]))).await;
    assert_eq!(code, 3, "{stdout}{stderr}");
    assert!(stderr.contains("All fixtures are removed."), "{stderr}");
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_changes_no_exit_code_and_is_removed_by_the_command_that_is_named() {
    let fake = Fake::start().await;
    fake.state().refuses = Some("DELETE /applications/app0001");
    let url = fake.url().to_string();
    let folder = folder("provision/left");
    let (code, _, stderr) =
        ended(boundstone(&folder, &run_of(&url, &["--quiet", "--only", "*/required/*"]))).await;
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.starts_with("Not removed: application boundstone-"), "{stderr}");
    let command = format!("provision --clean --target {url}");
    assert!(
        stderr.lines().any(|line| line.starts_with("To remove what is left: ") && line.ends_with(&command)),
        "{stderr}"
    );

    fake.state().refuses = None;
    let clean = ["provision", "--clean", "--target", &url];
    let (code, listed, _) = ended(boundstone(&folder, &[&clean[..], &["--dry-run"]].concat())).await;
    assert!(code == 0 && listed.starts_with("Would remove: application boundstone-"), "{listed}");
    assert_eq!(fake.left().len(), 1);
    let (code, removed, _) = ended(boundstone(&folder, &clean)).await;
    assert!(code == 0 && removed.starts_with("Removed: application boundstone-"), "{removed}");
    assert_eq!(fake.left(), Vec::<String>::new());
    let (code, nothing, _) = ended(boundstone(&folder, &clean)).await;
    assert!(code == 0 && nothing.starts_with("Nothing is left at http://127.0.0.1:"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fixtures_that_last_are_printed_and_cleaned() {
    let fake = Fake::start().await;
    let url = fake.url().to_string();
    let folder = folder("provision/lasting");
    std::fs::write(folder.join("boundstone.toml"), format!("target = \"{url}\"\ncontract = \"model\"\n"))
        .unwrap();
    let (code, fixtures, stderr) = ended(boundstone(&folder, &["provision"])).await;
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(fake.left().len(), 6);
    std::fs::write(folder.join("fixtures.toml"), fixtures).unwrap();
    let run = ["run", "--fixtures", "fixtures.toml", "--only", "*/required/*"];
    let (code, stdout, stderr) = ended(boundstone(&folder, &run)).await;
    assert_eq!(code, 1, "{stdout}{stderr}");
    fake.state().refuses = Some("DELETE");
    let (code, _, stderr) = ended(boundstone(&folder, &["provision", "--clean"])).await;
    assert!(
        code == 3 && stderr.lines().filter(|line| line.starts_with("Not removed: ")).count() == 6,
        "{stderr}"
    );
    fake.state().refuses = None;
    let (code, _, _) = ended(boundstone(&folder, &["provision", "--clean"])).await;
    assert_eq!((code, fake.left()), (0, Vec::new()));
}

/// Starts a command, sends it a signal several times once `ready`, and waits for its end.
async fn signalled(
    mut command: Command,
    signal: &'static str,
    times: usize,
    ready: impl Fn() -> bool,
) -> (i32, String, String) {
    let start = Instant::now();
    let child: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while !ready() {
        assert!(start.elapsed() < HANG);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..times {
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    told(tokio::time::timeout(HANG, output).await.unwrap().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_after_signals_during_the_run() {
    let fake = Fake::start().await;
    fake.state().delay = Duration::from_millis(20);
    let url = fake.url().to_string();
    let command = boundstone(&folder("provision/interrupted"), &run_of(&url, &[]));
    let ready = || fake.calls().iter().filter(|call| call.ends_with("/configurationsessions")).count() > 20;
    let (code, stdout, stderr) = signalled(command, "-INT", 3, ready).await;
    assert_eq!(code, 130, "{stdout}{stderr}");
    assert!(stdout.contains("Interrupted: "), "{stdout}");
    for said in
        ["Interrupted: removing the fixtures first.", "Already interrupted: ", "All fixtures are removed."]
    {
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_interrupts_once_still_gets_the_findings() {
    let fake = Fake::start().await;
    fake.state().delay = Duration::from_millis(20);
    let url = fake.url().to_string();
    let folder = folder("provision/interrupted-once");
    let command = boundstone(&folder, &run_of(&url, &[]));
    let ready = || fake.calls().iter().filter(|call| call.ends_with("/configurationsessions")).count() > 60;
    let (code, stdout, stderr) = signalled(command, "-INT", 1, ready).await;
    assert_eq!(code, 130, "{stdout}{stderr}");
    assert!(!stderr.contains("Already interrupted: "), "{stderr}");
    let report = report(&folder.join("target/boundstone"));
    // What differs counts once it was seen again.
    assert!(report.totals.requirements.failed > 0, "{stdout}");
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_after_a_signal_while_fixtures_are_made() {
    for (arguments, signal) in
        [(&["provision", "--target"][..], "-INT"), (&["run", "--provision", "--target"], "-TERM")]
    {
        let fake = Fake::start().await;
        fake.state().delay = Duration::from_millis(20);
        let url = fake.url().to_string();
        let command = boundstone(&folder("provision/early"), &[arguments, &[url.as_str()]].concat());
        let (code, stdout, stderr) = signalled(command, signal, 1, || fake.calls().len() > 8).await;
        assert_eq!((code, stdout.as_str()), (130, ""), "{stderr}");
        assert!(!stderr.contains("Created ") && stderr.ends_with("All fixtures are removed.\n"), "{stderr}");
        assert_eq!(fake.left(), Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_that_refuses_is_one_sentence_and_exit_3() {
    let fake = Fake::start().await;
    fake.state().refuses = Some("POST /applications");
    let url = fake.url().to_string();
    let folder = folder("provision/refused");
    let (code, stdout, stderr) = ended(boundstone(&folder, &["provision", "--target", &url])).await;
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    let place = url.trim_end_matches('/');
    let error = format!(
        "error: CreateApplication at {place} (eu-west-1) was refused with 403 AccessDeniedException \
         (No, … ….): do the credentials allow CreateApplication in this region?\n"
    );
    assert!(stderr.ends_with(&error), "{stderr}");

    let closed_port = ClosedPort::bind();
    let closed = closed_port.url();
    let (code, stdout, stderr) = ended(boundstone(&folder, &run_of(&closed, &[]))).await;
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(stderr.contains("error: ListApplications at http://127.0.0.1:"), "{stderr}");
    assert!(stderr.contains(" got no connection: is the control plane running there?"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_contradicts_is_one_error_and_exit_2() {
    let folder = folder("provision/usage");
    let fake = Fake::start().await;
    let url = fake.url().to_string();
    let with_region = |arguments: &[&str]| {
        let mut command = boundstone_without_aws(&folder, arguments);
        command.env("AWS_REGION", "eu-west-1");
        command
    };
    let mut without_region = boundstone(&folder, &run_of(&url, &[]));
    without_region.env_remove("AWS_REGION");
    for (command, error) in [
        (with_region(&run_of(&url, &[])), "error: there are no credentials for the control plane, "),
        (without_region, "error: no region of the control plane is known: pass --region"),
        (
            boundstone(&folder, &["run", "--provision"]),
            "error: --provision: the embedded mock has fixtures already",
        ),
        (
            boundstone(&folder, &run_of(&url, &["--fixtures", "f.toml"])),
            "error: --provision creates fixtures, but --fixtures f.toml names others",
        ),
        (boundstone(&folder, &run_of(&url, &["--only", "nowhere"])), "error: only nowhere: matches no case"),
        (boundstone(&folder, &run_of(&url, &["--control-plane", "nowhere"])), "error: --control-plane: "),
        (
            boundstone(&folder, &run_of(&url, &["--insecure"])),
            "error: --insecure is not possible for the control plane: ",
        ),
        (
            boundstone(&folder, &["provision", "--unix-socket", "a.socket", "--target", &url]),
            "error: --unix-socket is not possible for the control plane: ",
        ),
        (
            with_region(&["provision", "--target", &url]),
            "error: there are no credentials for the control plane, ",
        ),
        (boundstone(&folder, &["provision"]), "error: --target URL or --control-plane URL is required"),
        (boundstone(&folder, &["provision", "--dry-run", "--target", &url]), "error: the following required"),
    ] {
        let (code, stdout, stderr) = ended(command).await;
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.starts_with(error), "{error}: {stderr}");
    }
    assert!(fake.calls().is_empty(), "{:?}", fake.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_looked_at_or_for_is_named() {
    let fake = Fake::start().await;
    let url = fake.url().to_string();
    let folder = folder("provision/unknown");
    fake.state().undescribed = true;
    let (code, _, stderr) = ended(boundstone(&folder, &["provision", "--target", &url])).await;
    assert_eq!(code, 0, "{stderr}");
    fake.state().refuses = Some("GET /tags/");
    let (code, stdout, stderr) =
        ended(boundstone(&folder, &["provision", "--clean", "--target", &url])).await;
    assert_eq!((code, stdout.as_str(), fake.left().len()), (3, "", 6), "{stderr}");
    assert_eq!(stderr.lines().filter(|line| line.starts_with("Not checked: application ")).count(), 6);

    fake.state().refuses = Some("GET /applications");
    let run = run_of(&url, &["--only", "*/required/*"]);
    let (_, _, stderr) = ended(boundstone(&folder, &run)).await;
    assert!(!stderr.contains("All fixtures are removed."), "{stderr}");
    assert!(stderr.contains("\nNot searched for other resources of run "), "{stderr}");
    assert!(stderr.contains("\nTo remove what is left: "), "{stderr}");
}

/// The control plane over https, and the file of the authority that vouches for it.
async fn secured(fake: &Fake, folder: &Path) -> (String, PathBuf) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let [authority, certificate, secret] = ["ca.pem", "server.pem", "key.pem"].map(|name| folder.join(name));
    std::fs::write(&authority, params.self_signed(&key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(&certificate, params.signed_by(&key, &issuer).unwrap().pem()).unwrap();
    std::fs::write(&secret, key.serialize_pem()).unwrap();
    let acceptor = acceptor(&certificate, &secret).unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let behind = *fake.url().socket_addrs(|| None).unwrap().first().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut behind = TcpStream::connect(behind).await.unwrap();
                let _gone = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    (url, authority)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_is_trusted_as_the_target_is() {
    let fake = Fake::start().await;
    let folder = folder("provision/trusted");
    let (url, authority) = secured(&fake, &folder).await;
    let trusted = ["--ca-cert", authority.to_str().unwrap(), "--only", "*/required/*"];
    let (code, stdout, stderr) = ended(boundstone(&folder, &run_of(&url, &trusted))).await;
    assert!(code == 1 && stderr.contains("All fixtures are removed."), "{code} {stdout}{stderr}");

    let (code, _, stderr) = ended(boundstone(&folder, &["provision", "--target", &url])).await;
    assert!(code == 3 && stderr.contains("does --ca-cert or the system trust its certificate?"));
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_is_reached_by_way_of_the_proxy() {
    let fake = Fake::start().await;
    let folder = folder("provision/proxied");
    // It responds whatever host is asked for.
    let proxy = fake.url().to_string().replace("http://", "http://me:s3cret@");
    let target = ["--target", "http://control.invalid", "--proxy", &proxy];
    let (code, fixtures, stderr) = ended(boundstone(&folder, &[&["provision"], &target[..]].concat())).await;
    assert_eq!(code, 0, "{stderr}");
    assert!(fixtures.lines().next().unwrap().ends_with(" --proxy \"${BOUNDSTONE_PROXY:?}\""), "{fixtures}");
    assert!(!fixtures.contains("s3cret") && !stderr.contains("s3cret"), "{fixtures}{stderr}");
    assert_eq!(fake.left().len(), 6);
    let clean = [&["provision", "--clean"], &target[..]].concat();
    let (code, _, stderr) = ended(boundstone(&folder, &clean)).await;
    assert_eq!((code, fake.left()), (0, Vec::new()), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn socks_proxy_is_used_and_its_password_is_not_shown() {
    let folder = folder("provision/socks");
    let closed_port = ClosedPort::bind();
    let proxy = closed_port.url().replace("http://", "socks5://me:s3cret@");
    // The name cannot be resolved here: only a proxy that is asked could reach it.
    let target = ["provision", "--target", "http://control.invalid", "--proxy", &proxy];
    let (code, stdout, stderr) = ended(boundstone(&folder, &target)).await;
    assert_eq!((code, stdout.as_str()), (3, ""), "{stderr}");
    assert!(
        stderr.contains("error: ListApplications at http://control.invalid (eu-west-1) got no connection: ")
    );
    assert!(!stderr.contains("s3cret"), "{stderr}");
}

/// At AWS the account is told by another host, and without it nothing is removed.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_at_aws_without_its_tag() {
    let fake = Fake::start().await;
    let folder = folder("provision/aws");
    let url = fake.url().to_string();
    let (code, _, _) = ended(boundstone(&folder, &["provision", "--target", &url])).await;
    assert_eq!((code, fake.left().len()), (0, 6));
    let before = fake.calls().len();
    let proxy = url.trim_end_matches('/');
    let aws = ["--control-plane", "http://appconfig.eu-central-1.amazonaws.com", "--proxy", proxy];
    let command = boundstone(&folder, &[&["provision", "--clean"], &aws[..]].concat());
    let (code, stdout, stderr) = ended(command).await;
    assert_eq!((code, stdout.as_str(), fake.left().len()), (3, "", 6), "{stderr}");
    let start = "error: GetCallerIdentity at STS of AWS (eu-central-1) got no connection: can STS be reached";
    assert!(stderr.starts_with(start), "{stderr}");
    let calls = fake.calls();
    assert!(calls[before..].iter().all(|call| !call.starts_with("DELETE") && call != "POST /"), "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_help_shows_what_the_environment_says_of_secrets_and_urls() {
    let folder = folder("provision/help");
    for command in ["run", "list", "replay", "compare", "serve", "provision"] {
        let mut help = boundstone(&folder, &[command, "--help"]);
        for name in ["TARGET", "CONTROL_PLANE", "PROXY", "HEADER", "HEADER_B"] {
            help.env(format!("BOUNDSTONE_{name}"), "http://me:s3cret@127.0.0.1");
        }
        let (code, stdout, stderr) = ended(help).await;
        assert!(code == 0 && !stdout.contains("s3cret") && !stderr.contains("s3cret"), "{command}: {stdout}");
    }
}
