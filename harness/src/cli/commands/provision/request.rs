//! Where and how `--provision` creates fixtures.

use reports::render::command::quoted;
use reqwest::Url;
use rustls::pki_types::CertificateDer;

use crate::cli::args::RunArgs;
use crate::cli::error::CliError;
use crate::client::http::proxy::Proxy;
use crate::provision::{ControlPlane, ProvisionError, is_aws};
use crate::setup::connection_options::ConnectionOptions;
use crate::setup::rerun_command::{program, proxy_word};

/// A request to create fixtures.
pub(crate) struct ProvisionRequest {
    /// The control plane, if it is not that of AWS.
    endpoint: Option<Url>,
    region: Option<String>,
    /// The authorities to trust in addition to those of the system.
    authorities: Vec<CertificateDer<'static>>,
    proxy: Option<Proxy>,
    /// The command that removes what was not removed.
    pub(crate) clean: String,
}

impl ProvisionRequest {
    /// The request of a run, if it has one.
    ///
    /// # Errors
    /// The arguments cannot be combined or used.
    pub(crate) fn new(args: &RunArgs) -> Result<Option<Self>, CliError> {
        if !args.provision {
            return Ok(None);
        }
        let endpoint = &args.endpoint;
        if let Some(file) = &endpoint.fixtures {
            return Err(CliError::Provision(format!(
                "--provision creates fixtures, but --fixtures {} names others; omit one of them",
                file.display()
            )));
        }
        if endpoint.target.is_none() {
            return Err(CliError::Provision(
                "--provision: the embedded mock has fixtures already; name another endpoint with --target URL"
                    .to_owned(),
            ));
        }
        let (target, control) = (endpoint.target.as_deref(), args.control_plane.as_deref());
        Self::at(target, control, endpoint.region.as_deref(), &endpoint.connection.clone().into()).map(Some)
    }

    /// The request for a target or a control plane.
    ///
    /// # Errors
    /// The arguments cannot be combined or used.
    pub(crate) fn at(
        target: Option<&str>,
        control: Option<&str>,
        region: Option<&str>,
        options: &ConnectionOptions,
    ) -> Result<Self, CliError> {
        let target = target.map(|target| url("--target", target)).transpose()?;
        let control = control.map(|control| url("--control-plane", control)).transpose()?;
        let region_of_hosts =
            [&control, &target].into_iter().flatten().filter_map(aws_host).find_map(region_of);
        let region = region.or(region_of_hosts).map(str::to_owned);
        if control.is_none() {
            check_options(options)?;
        }
        let (flag, place, endpoint) = match (control, target) {
            (Some(url), _) => ("--control-plane", url.clone(), Some(url)),
            (None, Some(url)) if aws_host(&url).is_some() => ("--target", url, None),
            (None, Some(mut url)) => {
                url.set_path("");
                ("--target", url.clone(), Some(url))
            }
            (None, None) => {
                return Err(CliError::Provision(
                    "--target URL or --control-plane URL is required: it names the place of the fixtures"
                        .to_owned(),
                ));
            }
        };
        let settings = options.settings()?;
        let ca_cert = options.ca_cert.as_ref().map(|file| quoted(&file.display().to_string()));
        let clean = clean_command([
            (flag, Some(quoted(place.as_str()))),
            ("--region", region.as_deref().map(quoted)),
            ("--ca-cert", ca_cert),
            ("--proxy", settings.proxy.as_ref().map(proxy_word)),
        ]);
        Ok(Self { endpoint, region, authorities: settings.trust.authorities, proxy: settings.proxy, clean })
    }

    /// Connects to the control plane.
    ///
    /// # Errors
    /// There is no region, there are no credentials, or the proxy cannot be used.
    pub(crate) async fn connect(&self) -> Result<ControlPlane, CliError> {
        let (region, proxy) = (self.region.as_deref(), self.proxy.as_ref());
        Ok(ControlPlane::connect(self.endpoint.clone(), region, &self.authorities, proxy).await?)
    }
}

/// The command that removes fixtures, with these flags and their values as words of a shell.
fn clean_command(flags: [(&str, Option<String>); 4]) -> String {
    let given = flags.into_iter().filter_map(|(flag, word)| Some(format!(" {flag} {}", word?)));
    format!("{} provision --clean{}", program(), given.collect::<String>())
}

/// Rejects connection options of a target that its control plane does not support.
fn check_options(options: &ConnectionOptions) -> Result<(), CliError> {
    let flags = [
        ("--insecure", options.insecure),
        ("--client-cert", options.client_cert.is_some()),
        ("--unix-socket", options.unix_socket.is_some()),
    ];
    match flags.into_iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(CliError::Provision(format!(
            "{flag} is not possible for the control plane: name one that does not need it with \
             --control-plane URL, or create the fixtures separately and name them with --fixtures FILE"
        ))),
        None => Ok(()),
    }
}

impl From<ProvisionError> for CliError {
    fn from(error: ProvisionError) -> Self {
        if error.is_usage() { Self::Provision(error.to_string()) } else { Self::Refused(error.to_string()) }
    }
}

/// Parses a base URL without credentials, query or fragment.
fn url(flag: &str, text: &str) -> Result<Url, CliError> {
    let invalid = |problem: String| {
        CliError::Provision(format!("{flag}: {problem}; a URL such as http://127.0.0.1:4566 is expected"))
    };
    let url = Url::parse(text).map_err(|error| invalid(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid("it is not http or https".to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid(
            "it contains credentials, but these come from the default chain of AWS".to_owned(),
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it has a query or a fragment".to_owned()));
    }
    Ok(url)
}

fn aws_host(url: &Url) -> Option<&str> {
    url.host_str().filter(|host| is_aws(host))
}

/// The region in the name of an AWS host: lower-case words and a digit, with at least two hyphens.
fn region_of(host: &str) -> Option<&str> {
    host.split('.').find(|label| is_region(label))
}

fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let (last, words) = parts.split_last().unwrap_or((&"", &[]));
    let are_words = words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
    words.len() >= 2
        && words[0].len() == 2
        && are_words
        && last.len() == 1
        && last.as_bytes()[0].is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(
        target: Option<&str>,
        control: Option<&str>,
        region: Option<&str>,
    ) -> Result<ProvisionRequest, String> {
        ProvisionRequest::at(target, control, region, &ConnectionOptions::default())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn control_plane_is_at_target_unless_named() {
        let endpoint = |target: Option<&str>, control: Option<&str>| {
            let request = request(target, control, None).unwrap();
            (request.endpoint.map(String::from), request.region)
        };
        let emulator = "http://127.0.0.1:4566/data?";
        assert_eq!(
            endpoint(Some("http://127.0.0.1:4566/data"), None),
            (Some("http://127.0.0.1:4566/".into()), None)
        );
        assert!(request(Some(emulator), None, None).is_err());
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
        // A host with a similar name must not get calls that are signed for AWS.
        assert!(endpoint(Some("https://amazonaws.com.evil.example"), None).0.is_some());
    }

    #[test]
    fn control_plane_uses_connection_of_target_or_rejects_it() {
        let target = Some("https://127.0.0.1:4566");
        let at = |control, options: &ConnectionOptions| {
            ProvisionRequest::at(target, control, None, options)
                .map_err(|error| (error.code(), error.to_string()))
        };
        let proxied =
            |proxy: &str| ConnectionOptions { proxy: Some(proxy.to_owned()), ..ConnectionOptions::default() };
        let request = at(None, &proxied("http://me:s3cret@127.0.0.1:3128")).unwrap();
        assert_eq!(request.proxy.unwrap().shown(), "http://127.0.0.1:3128");
        assert!(request.clean.ends_with(" --proxy \"${BOUNDSTONE_PROXY:?}\""), "{}", request.clean);

        let [file, socket] = ["me.pem", "a.socket"].map(|path| Some(path.into()));
        for (flag, options) in [
            ("--insecure", ConnectionOptions { insecure: true, ..ConnectionOptions::default() }),
            ("--client-cert", ConnectionOptions { client_cert: file, ..ConnectionOptions::default() }),
            ("--unix-socket", ConnectionOptions { unix_socket: socket, ..ConnectionOptions::default() }),
        ] {
            let (code, error) = at(None, &options).err().unwrap();
            let start = format!("{flag} is not possible for the control plane: ");
            assert_eq!(code, 2, "{error}");
            assert!(error.starts_with(&start), "{error}");
            assert!(error.contains("--control-plane URL"), "{error}");
            assert!(error.contains("--fixtures"), "{error}");
        }
        let insecure = ConnectionOptions { insecure: true, ..ConnectionOptions::default() };
        assert!(at(Some("https://b.example"), &insecure).is_ok());
    }

    #[test]
    fn named_region_has_precedence() {
        let target = Some("https://appconfigdata.eu-west-1.amazonaws.com");
        assert_eq!(request(target, None, Some("us-east-1")).unwrap().region.as_deref(), Some("us-east-1"));
    }

    #[test]
    fn clean_command_can_be_pasted() {
        let clean = |target, control, region| request(target, control, region).unwrap().clean;
        let command = clean(Some("http://127.0.0.1:4566"), None, Some("us-east-1"));
        assert!(
            command.ends_with(" provision --clean --target http://127.0.0.1:4566/ --region us-east-1"),
            "{command}"
        );
        let command = clean(None, Some("http://a.example/it's"), None);
        assert!(command.ends_with(" --control-plane 'http://a.example/it'\\''s'"), "{command}");
    }

    #[test]
    fn url_errors_show_no_secrets() {
        for (target, control, start) in [
            (None, None, "--target URL or --control-plane URL is required"),
            (Some("nowhere"), None, "--target: "),
            (None, Some("ftp://a.example"), "--control-plane: it is not http or https"),
            (None, Some("http://a:s3cret@b.example"), "--control-plane: it contains credentials"),
            (None, Some("http://b.example/?key=s3cret"), "--control-plane: it has a query"),
        ] {
            let error = request(target, control, None).err().unwrap();
            assert!(error.starts_with(start), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
