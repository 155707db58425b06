//! What several tests need: the built binary as a user runs it, and a run in this process.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use boundstone::mock::MockConfig;
use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::embedded_mock::{Embedded, contract};
use boundstone::setup::prepare::{RunSetup, prepare_for};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use reports::model::{Report, RequirementResult};
use tokio::net::{TcpSocket, TcpStream};

/// Fixtures of a server that has one resource.
pub(crate) const FIXTURES: &str = "[[resource]]\napplication = { id = \"abc1234\" }\nenvironment = { id = \"def1234\" }\n\
                                   profile = { id = \"ghi1234\" }\n";

/// An empty folder of that name, which begins with the name of the test's module.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _absent = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The built binary in a folder, without a variable of boundstone in its environment.
pub(crate) fn boundstone(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_boundstone"));
    command.current_dir(folder).args(arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("BOUNDSTONE_")) {
        command.env_remove(name);
    }
    command
}

/// The same, without anything that this machine says of AWS.
pub(crate) fn boundstone_without_aws(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = boundstone(folder, arguments);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    // No profile of this machine and no instance's service.
    command.env("HOME", folder).env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// The exit code, standard output and standard error of a command.
pub(crate) fn output(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The same of the built binary.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    output(&mut boundstone(folder, arguments))
}

/// The `report.json` in a folder.
pub(crate) fn report(folder: &Path) -> Report {
    reports::render::json::parse(&std::fs::read_to_string(folder.join("report.json")).unwrap()).unwrap()
}

/// A process that ends with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// `boundstone serve`, which ends with the test.
pub(crate) struct Served {
    _child: Running,
    pub(crate) url: String,
}

impl Served {
    /// On a free port. Its fixtures are `fixtures.toml` in the folder.
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::at(folder, "127.0.0.1:0", arguments)
    }

    /// The same at an address.
    pub(crate) fn at(folder: &Path, address: &str, arguments: &[&str]) -> Self {
        let fixtures = std::fs::File::create(folder.join("fixtures.toml")).unwrap();
        let all = [&["serve", "--listen", address], arguments].concat();
        let mut child = boundstone(folder, &all).stdout(fixtures).stderr(Stdio::piped()).spawn().unwrap();
        // The line on standard error comes once everything is ready.
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        Self { _child: Running(child), url: url.trim_end_matches(['.', ',']).to_owned() }
    }
}

/// Serves a mock of a built-in contract on a free port.
pub(crate) async fn serve(contract_name: &str, config: impl Into<MockConfig>) -> Embedded {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    Embedded::start_with(&contract(contract_name).unwrap(), config, address).await.unwrap()
}

/// A run by a built-in contract at such a mock.
pub(crate) async fn prepare(contract_name: &str, config: impl Into<MockConfig>, args: RunConfig) -> RunSetup {
    let endpoint = EndpointConfig { contract: contract_name.to_owned(), ..args.endpoint };
    let mock = serve(contract_name, config).await;
    prepare_for(RunConfig { endpoint, ..args }, mock).await.unwrap()
}

/// Executes a run that is set up.
pub(crate) async fn finish(setup: RunSetup) -> Report {
    let RunSetup { plan, transport, limits, mock: _serving, .. } = setup;
    boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await
}

/// What a report says of a requirement.
pub(crate) fn requirement<'r>(report: &'r Report, id: &str) -> &'r RequirementResult {
    report.requirements.iter().find(|requirement| requirement.id.as_str() == id).unwrap()
}

/// A connection that sends one request after the other.
pub(crate) async fn connect(address: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Sends a request over it.
pub(crate) async fn send(
    client: &mut SendRequest<Full<Bytes>>,
    request: http::request::Builder,
    body: impl Into<Bytes>,
) -> Response<Bytes> {
    let request: Request<_> = request.header("host", "mock").body(Full::new(body.into())).unwrap();
    let (head, body) = client.send_request(request).await.unwrap().into_parts();
    Response::from_parts(head, body.collect().await.unwrap().to_bytes())
}

/// The AWS SDK as a client of a server at a URL.
pub(crate) fn sdk(url: String) -> aws_sdk_appconfigdata::Client {
    use aws_sdk_appconfigdata::config::{BehaviorVersion, Config, Credentials, Region};
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    aws_sdk_appconfigdata::Client::from_conf(config)
}

/// A port where nothing listens, and which nobody else gets while it is held.
pub(crate) struct ClosedPort(TcpSocket);

impl ClosedPort {
    /// Any free one.
    pub(crate) fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        Self(socket)
    }

    /// The URL of a target there.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }
}
