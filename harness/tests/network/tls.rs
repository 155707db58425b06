//! TLS, with an authority of our own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use boundstone::client::http::tls::acceptor;
use boundstone::mock::MockConfig;
use boundstone::mock::signature::DEFAULT_REGION;
use boundstone::setup::config::{EndpointConfig, RunConfig};
use boundstone::setup::connection_options::{ConnectionOptions, HttpVersion};
use boundstone::setup::embedded_mock::{Embedded, contract};
use boundstone::setup::prepare::{RunSetup, prepare_for};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use reports::model::Verdict;

use super::child::run;
use super::library::{fixtures, holds, refusal};
use super::peer::Peer;
use crate::support::{FIXTURES, folder, serve};

/// An authority that exists for one test, and files of what it issues.
struct Authority {
    folder: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let folder = folder(&format!("network/{name}"));
        std::fs::write(folder.join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { folder, issuer: Issuer::new(params, key) }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for these hosts, and its key, in a file each and in one.
    fn issue(&self, name: &str, hosts: &[&str], change: fn(&mut CertificateParams)) -> [PathBuf; 3] {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        let file = |suffix: &str, text: &str| {
            let path = self.folder.join(format!("{name}-{suffix}.pem"));
            std::fs::write(&path, text).unwrap();
            path
        };
        let key = key.serialize_pem();
        [file("cert", &certificate), file("key", &key), file("both", &format!("{certificate}{key}"))]
    }

    /// A server's side for localhost.
    fn acceptor(&self, change: fn(&mut CertificateParams)) -> TlsAcceptor {
        let [certificate, key, _] = self.issue("server", &["localhost", "127.0.0.1"], change);
        acceptor(&certificate, &key).unwrap()
    }

    /// The same, which asks for a certificate that this authority has issued.
    fn demanding(&self) -> TlsAcceptor {
        let [certificate, key, _] = self.issue("server", &["127.0.0.1"], |_| {});
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.certificate()).unwrap()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS12])
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![CertificateDer::from_pem_file(certificate).unwrap()],
                PrivateKeyDer::from_pem_file(key).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

async fn mock(name: &str, tls: TlsAcceptor) -> Embedded {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let contract = contract(name).unwrap();
    Embedded::start_over(&contract, MockConfig::default(), address, Some(tls)).await.unwrap()
}

fn endpoint(mock: &Embedded, name: &str, options: ConnectionOptions) -> EndpointConfig {
    EndpointConfig {
        target: Some(mock.url()),
        fixtures: Some(fixtures(name, &mock.fixtures)),
        connection: options,
        ..EndpointConfig::default()
    }
}

fn trusting(authority: &Authority) -> ConnectionOptions {
    ConnectionOptions { ca_cert: Some(authority.certificate()), ..ConnectionOptions::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_contracts_hold_over_tls_and_http2() {
    for name in ["page", "model"] {
        let authority = Authority::new(&format!("tls-{name}"));
        let mock = mock(name, authority.acceptor(|_| {})).await;
        let endpoint = EndpointConfig {
            contract: name.to_owned(),
            ..endpoint(&mock, &format!("tls-{name}-fixtures"), trusting(&authority))
        };
        let report = holds(endpoint).await;
        // But for the one that needs a clock that can be set, and those about signatures.
        let is_known = |reason: &str| reason.contains("time has to pass") || reason.contains("--sigv4");
        for requirement in report.requirements.iter().filter(|it| it.verdict == Verdict::Skipped) {
            assert!(requirement.reason.as_deref().is_some_and(is_known), "{requirement:?}");
        }
    }
}

/// As AWS is spoken to: over TLS, with signed requests, each of which the server verifies.
#[cfg(feature = "aws")]
#[tokio::test(flavor = "multi_thread")]
async fn everything_is_judged_over_tls_with_signed_requests() {
    for name in ["page", "model"] {
        let authority = Authority::new(&format!("signed-{name}"));
        let config = MockConfig::default().signed_for(DEFAULT_REGION);
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let tls = Some(authority.acceptor(|_| {}));
        let mock = Embedded::start_over(&contract(name).unwrap(), config, address, tls).await.unwrap();
        assert!(mock.url().starts_with("https://"));
        let endpoint = EndpointConfig {
            contract: name.to_owned(),
            sigv4: true,
            connection: trusting(&authority),
            ..EndpointConfig::default()
        };
        let setup = prepare_for(RunConfig { endpoint, ..RunConfig::default() }, mock).await.unwrap();
        let RunSetup { plan, transport, limits, mock: _serving, .. } = setup;
        let report = boundstone::runner::run::run(Arc::new(plan), Arc::new(transport), limits, |_| {}).await;
        let counts = report.totals.requirements;
        assert_eq!(usize::try_from(counts.passed), Ok(report.requirements.len()), "{counts:?}");
        assert!(report.requirements.iter().any(|it| it.id.as_str().contains("/signature/")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_of_http_can_be_named() {
    let authority = Authority::new("version");
    let mock = mock("page", authority.acceptor(|_| {})).await;
    for (http, framing) in [(HttpVersion::Http1, false), (HttpVersion::Http2, true)] {
        let options = ConnectionOptions { http: Some(http), ..trusting(&authority) };
        let report = holds(endpoint(&mock, &format!("version-{framing}"), options)).await;
        // HTTP/2 has no chunks and no capitals.
        let skipped = |id: &str| {
            let requirement = report.requirements.iter().find(|it| it.id.as_str().ends_with(id)).unwrap();
            requirement.reason.as_deref().is_some_and(|reason| reason.contains("--http 1.1"))
        };
        assert_eq!((skipped("http/framing"), skipped("http/header-case")), (framing, framing));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_without_tls_is_spoken_if_so_told() {
    let mock = serve("page", MockConfig::default()).await;
    let options = ConnectionOptions { http: Some(HttpVersion::Http2), ..ConnectionOptions::default() };
    holds(endpoint(&mock, "h2c", options)).await;
    // A server that knows HTTP/1.1 only.
    let old = Peer::responding(|_| b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
    let options = ConnectionOptions { http: Some(HttpVersion::Http2), ..ConnectionOptions::default() };
    let reason =
        refusal(EndpointConfig { target: Some(old.url()), ..endpoint(&mock, "h2c-old", options) }).await;
    // What it closes with may get lost.
    let not_http = "The response to a valid POST / is not HTTP. Does the port use https (--target https://…), \
                    another HTTP version (--http), or another protocol?";
    let closed = "The target closes the connection on a valid POST / without a response. Is it an HTTP server, \
                  with the HTTP version of --http, and without TLS (--target https://…)?";
    assert!([not_http, closed].contains(&reason.as_str()), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_http1_gets_its_requests_all_the_same() {
    let authority = Authority::new("h2-only");
    let [certificate, key, _] = authority.issue("server", &["127.0.0.1"], |_| {});
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_file(certificate).unwrap()],
            PrivateKeyDer::from_pem_file(key).unwrap(),
        )
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let mock = mock("page", TlsAcceptor::from(Arc::new(config))).await;
    holds(endpoint(&mock, "h2-only-fixtures", trusting(&authority))).await;
    let options = ConnectionOptions { http: Some(HttpVersion::Http1), ..trusting(&authority) };
    let reason = refusal(endpoint(&mock, "h2-only-refused", options)).await;
    assert!(reason.ends_with("does not support this HTTP version: try another --http."), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_problem_with_a_certificate_is_named() {
    let authority = Authority::new("problems");
    let other = Authority::new("problems-other");
    let good = mock("page", authority.acceptor(|_| {})).await;
    let expired = |params: &mut CertificateParams| params.not_after = date_time_ymd(2020, 1, 1);
    let early = |params: &mut CertificateParams| params.not_before = date_time_ymd(4000, 1, 1);
    let misnamed = |params: &mut CertificateParams| {
        params.subject_alt_names = vec![rcgen::SanType::DnsName("elsewhere.test".try_into().unwrap())];
    };
    let authoritative = |params: &mut CertificateParams| {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    };
    let authoritative = mock("page", authority.acceptor(authoritative)).await;
    let expired = mock("page", authority.acceptor(expired)).await;
    let early = mock("page", authority.acceptor(early)).await;
    let misnamed = mock("page", authority.acceptor(misnamed)).await;
    let plain = serve("page", MockConfig::default()).await;
    let plain_as_https = plain.url().replace("http", "https");
    for (number, (target, options, says)) in [
        (
            good.url(),
            ConnectionOptions::default(),
            "issued by a trusted authority: pass its authority with --ca-cert FILE",
        ),
        (
            good.url(),
            trusting(&other),
            "issued by a trusted authority: pass its authority with --ca-cert FILE",
        ),
        (expired.url(), trusting(&authority), "has expired: renew it"),
        (authoritative.url(), trusting(&authority), "(CA:TRUE), not of a server: issue one for the server"),
        (early.url(), trusting(&authority), "is not valid yet: renew it"),
        (misnamed.url(), trusting(&authority), "is for another host name: check that the certificate"),
        (plain_as_https, trusting(&authority), "does not use TLS: try --target http://"),
        (good.url().replace("https", "http"), ConnectionOptions::default(), "https (--target https://…)"),
    ]
    .into_iter()
    .enumerate()
    {
        let endpoint =
            EndpointConfig { target: Some(target), ..endpoint(&good, &format!("problem-{number}"), options) };
        let reason = refusal(endpoint).await;
        assert!(reason.contains(says), "{says}: {reason}");
    }
    // Whoever does not care is served by each of them, and told so.
    for mock in [&good, &expired, &misnamed] {
        let options = ConnectionOptions { insecure: true, ..ConnectionOptions::default() };
        let args = RunConfig {
            endpoint: endpoint(mock, "insecure", options),
            only: vec!["application-identifier/length".to_owned()],
            ..Default::default()
        };
        let report = super::library::run(args).await.unwrap();
        assert_eq!(reports::summary::outcome(&report).code(), 0);
        assert!(report.target.notes[0].contains("--insecure"));
        let style = reports::render::terminal::Style { color: false, width: 0 };
        for text in [
            reports::render::terminal::render(&report, style),
            reports::render::junit::render(&report),
            reports::render::markdown::render(&report),
            reports::render::html::render(&report),
            reports::render::json::render(&report),
        ] {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // Some renderings break lines, and some escape punctuation.
            assert!(text.contains("certificate is not verified"), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_may_ask_for_a_certificate_of_the_client() {
    let authority = Authority::new("mutual");
    let mock = mock("page", authority.demanding()).await;
    let [_, _, client] = authority.issue("client", &["client.test"], |_| {});
    let with = |client_cert| ConnectionOptions { client_cert, ..trusting(&authority) };
    holds(endpoint(&mock, "mutual-with", with(Some(client)))).await;
    let [_, _, stranger] = Authority::new("mutual-other").issue("client", &["client.test"], |_| {});
    for (name, client) in [("mutual-without", None), ("mutual-stranger", Some(stranger))] {
        let reason = refusal(endpoint(&mock, name, with(client))).await;
        assert!(reason.contains("--client-cert"), "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_of_an_unverified_certificate_is_on_standard_error() {
    let authority = Authority::new("loud");
    let mock = mock("page", authority.acceptor(|_| {})).await;
    let folder = folder("network/loud-run");
    std::fs::write(folder.join("f.toml"), &mock.fixtures).unwrap();
    let url = mock.url();
    let ended = tokio::task::spawn_blocking(move || {
        let arguments =
            ["--target", &url, "--fixtures", "f.toml", "--quiet", "--insecure", "--only", "required"];
        run(&folder, &arguments, BOUND)
    });
    let ended = ended.await.unwrap();
    assert_eq!(ended.code, 0, "{}", ended.said());
    let stderr = String::from_utf8(ended.stderr).unwrap();
    assert!(stderr.starts_with("warning: --insecure: the server's certificate is not verified"), "{stderr}");
}

const BOUND: Duration = Duration::from_mins(1);

#[test]
fn a_file_that_is_none_is_named_with_its_flag() {
    let authority = Authority::new("files");
    let [certificate, key, both] = authority.issue("client", &["a.test"], |_| {});
    let [_, other_key, _] = authority.issue("other", &["b.test"], |_| {});
    let folder = authority.folder.clone();
    std::fs::write(folder.join("f.toml"), FIXTURES).unwrap();
    let text = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    std::fs::write(folder.join("mixed.pem"), text(&certificate) + &text(&other_key)).unwrap();
    std::fs::write(folder.join("text.pem"), "no certificate").unwrap();
    std::fs::write(folder.join("odd.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    let (certificate, key, both) = (name(&certificate), name(&key), name(&both));
    for (setting, file, problem) in [
        ("ca-cert", "none.pem", "no such file"),
        ("ca-cert", "text.pem", "it contains no certificate"),
        ("ca-cert", &key, "it contains no certificate"),
        ("ca-cert", "odd.pem", "certificate 1 cannot be used"),
        ("client-cert", "none.pem", "no such file"),
        ("client-cert", &certificate, "it contains no private key"),
        ("client-cert", &key, "it contains no certificate"),
        ("client-cert", "mixed.pem", "certificate and key cannot be used"),
    ] {
        let ended = run(&folder, &["--target", "https://127.0.0.1:1", &format!("--{setting}"), file], BOUND);
        assert_eq!(ended.code, 2, "{}", ended.said());
        assert!(ended.said().starts_with(&format!("error: {setting} {file}: {problem}")), "{}", ended.said());
    }
    let ended = run(
        &folder,
        &[
            "--target",
            "https://127.0.0.1:1",
            "--client-cert",
            &both,
            "--ca-cert",
            "ca.pem",
            "--fixtures",
            "f.toml",
        ],
        BOUND,
    );
    assert_eq!(ended.code, 3, "{}", ended.said());
}

#[test]
fn wrong_key_of_a_server_is_named_with_its_setting() {
    let authority = Authority::new("server-files");
    let [certificate, _, _] = authority.issue("server", &["a.test"], |_| {});
    let [_, other, _] = authority.issue("other", &["b.test"], |_| {});
    for (key, problem) in
        [(&other, "certificate and key cannot be used: "), (&certificate, "it contains no private key; ")]
    {
        let error = acceptor(&certificate, key).err().unwrap().to_string();
        let says = format!("tls-key {}: {problem}", key.display());
        assert!(error.starts_with(&says), "{error}");
    }
}
