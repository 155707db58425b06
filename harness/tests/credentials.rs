//! Each source of credentials in the default chain of AWS, with servers and files of this process.

#![cfg(feature = "aws")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use boundstone::client::sign::credentials::access::Access;
use boundstone::client::sign::credentials::environment::Environment;
use boundstone::client::sign::endpoint::EndpointKind;
use jiff::Timestamp;
use serde_json::{Value, json};
use wiremock::matchers::{body_string_contains, header, header_regex, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::folder;

const ARN: &str = "arn:aws:iam::123456789012:role/a";
const END: &str = "2999-01-01T00:00:00Z";

/// A home folder with the files of AWS, and the variables that are set.
struct User {
    home: PathBuf,
    variables: Vec<(String, String)>,
}

impl User {
    /// A user with a profile, on a machine that is no instance.
    fn new(name: &str, config: &str) -> Self {
        let home = folder(&format!("credentials/{name}"));
        std::fs::create_dir_all(home.join(".aws/sso/cache")).unwrap();
        std::fs::write(home.join(".aws/config"), config).unwrap();
        let variables = Vec::new();
        let user = Self { home, variables }.set("AWS_EC2_METADATA_DISABLED", "true");
        let home = user.home.display().to_string();
        user.set("HOME", &home)
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn file(&self, path: impl AsRef<Path>, text: &str) -> String {
        let path = self.home.join(path);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    async fn access(&self) -> Access {
        let variables = self.variables.clone();
        let value = move |name: &str| {
            variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
        };
        Access::load(None, Environment::new(value)).await
    }

    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        self.access().await.provider.provide_credentials().await
    }

    /// The access key id, the secret and the token of the credentials.
    async fn keys(&self) -> [String; 3] {
        let found = self.credentials().await.unwrap();
        [found.access_key_id(), found.secret_access_key(), found.session_token().unwrap_or_default()]
            .map(str::to_owned)
    }
}

fn keys(number: u32) -> [String; 3] {
    ["key", "secret", "token"].map(|part| format!("{part}{number}"))
}

fn as_json(number: u32) -> Value {
    let [key, secret, token] = keys(number);
    json!({ "AccessKeyId": key, "SecretAccessKey": secret, "Token": token, "Expiration": END })
}

fn as_xml(action: &str, number: u32) -> String {
    let [key, secret, token] = keys(number);
    format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
         <AssumedRoleUser><Arn>{ARN}</Arn></AssumedRoleUser><Credentials><AccessKeyId>{key}</AccessKeyId>\
         <SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>\
         <Expiration>{END}</Expiration></Credentials></{action}Result></{action}Response>"
    )
}

fn ok(body: impl Into<Vec<u8>>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_bytes(body)
}

#[tokio::test]
async fn environment_wins_over_profile() {
    let profile =
        "[default]\nregion = eu-west-1\naws_access_key_id = key2\naws_secret_access_key = secret2\n";
    let user = User::new("environment", profile);
    assert_eq!(user.keys().await[..2], keys(2)[..2]);
    let user = user.set("AWS_ACCESS_KEY_ID", "key1").set("AWS_SECRET_ACCESS_KEY", "secret1");
    assert_eq!(user.keys().await[..2], keys(1)[..2]);
    let user = user.set("AWS_SESSION_TOKEN", "token1");
    assert_eq!(user.keys().await, keys(1));
    assert_eq!(user.credentials().await.unwrap().expiry(), None);
    // A blank variable is none.
    assert_eq!(user.set("AWS_ACCESS_KEY_ID", " ").keys().await[..2], keys(2)[..2]);
}

#[tokio::test]
async fn region_is_of_variable_or_profile_or_instance() {
    let region = async |user: &User| user.access().await.region;
    let user = User::new("region", "[profile a]\nregion = eu-west-1\nuse_fips_endpoint = true\n");
    assert_eq!(region(&user).await, None);
    let user = user.set("AWS_PROFILE", "a");
    assert_eq!(region(&user).await.as_deref(), Some("eu-west-1"));
    assert_eq!(user.access().await.endpoints, EndpointKind { fips: true, dual_stack: false });
    let user = user.set("AWS_DEFAULT_REGION", "eu-west-2");
    assert_eq!(region(&user).await.as_deref(), Some("eu-west-2"));
    assert_eq!(region(&user.set("AWS_REGION", "eu-west-3")).await.as_deref(), Some("eu-west-3"));
}

#[tokio::test]
async fn credentials_file_and_selected_profile_are_used() {
    let user = User::new("files", "[profile a]\nregion = eu-west-1\n");
    user.file(
        ".aws/credentials",
        "[a]\naws_access_key_id = key1\naws_secret_access_key = secret1\naws_session_token = token1\n",
    );
    let user = user.set("AWS_PROFILE", "a");
    assert_eq!(user.keys().await, keys(1));
    let other = user.file("other", "[a]\naws_access_key_id = key2\naws_secret_access_key = secret2\n");
    let user = user.set("AWS_SHARED_CREDENTIALS_FILE", &other);
    assert_eq!(user.keys().await[..2], keys(2)[..2]);
    let error = user.set("AWS_PROFILE", "none").credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::InvalidConfiguration(_)), "{error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn command_of_a_profile_runs_in_the_shell() {
    let user = User::new("process", "");
    let mut printed = as_json(1);
    printed["Version"] = 1.into();
    printed["SessionToken"] = printed["Token"].take();
    printed.as_object_mut().unwrap().remove("Token");
    let output = user.file("a file", &printed.to_string());
    let command = |command: &str| {
        user.file(".aws/config", &format!("[default]\ncredential_process = {command}\n"));
    };
    command(&format!("cat \"{output}\" | cat"));
    assert_eq!(user.keys().await, keys(1));
    let expiry: Timestamp = user.credentials().await.unwrap().expiry().unwrap().try_into().unwrap();
    assert_eq!(expiry.to_string(), END);
    for failing in
        ["echo s3cret; exit 1", "echo s3cret >&2; exit 1", "echo '{\"Version\": 1, \"s3cret\": 1}'"]
    {
        command(failing);
        let error = user.credentials().await.unwrap_err();
        assert!(matches!(error, CredentialsError::ProviderError(_)));
        assert!(!format!("{error:?}").contains("s3cret"), "{error:?}");
    }
}

#[tokio::test]
async fn roles_are_assumed_one_after_the_other() {
    let server = MockServer::start().await;
    let signed_by =
        |key: &str| header_regex("authorization", &format!("Credential={key}/[0-9]+/eu-west-1/sts/"));
    for (role, key, number) in [("second", "key0", 1), ("first", "key1", 2)] {
        Mock::given(method("POST"))
            .and(path("/"))
            .and(body_string_contains("Action=AssumeRole&Version=2011-06-15&"))
            .and(body_string_contains(format!("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F{role}")))
            .and(signed_by(key))
            .respond_with(ok(as_xml("AssumeRole", number)))
            .expect(1)
            .mount(&server)
            .await;
    }
    let role = ARN.trim_end_matches('a');
    let user = User::new(
        "roles",
        &format!(
            "[default]\nregion = eu-west-1\nrole_arn = {role}first\nsource_profile = b\n\
             [profile b]\nrole_arn = {role}second\nsource_profile = c\nexternal_id = id\n\
             [profile c]\naws_access_key_id = key0\naws_secret_access_key = secret0\n"
        ),
    )
    .set("AWS_ENDPOINT_URL_STS", &server.uri());
    assert_eq!(user.keys().await, keys(2));
    let bodies: Vec<String> = server
        .received_requests()
        .await
        .unwrap()
        .into_iter()
        .map(|request| String::from_utf8(request.body).unwrap())
        .collect();
    assert!(bodies[0].contains("&ExternalId=id") && !bodies[1].contains("ExternalId"), "{bodies:?}");
    assert!(bodies.iter().all(|body| body.contains("&RoleSessionName=boundstone-")), "{bodies:?}");
}

#[tokio::test]
async fn role_can_be_assumed_with_the_environment() {
    let server = MockServer::start().await;
    Mock::given(header_regex("authorization", "Credential=key1/"))
        .respond_with(ok(as_xml("AssumeRole", 2)))
        .mount(&server)
        .await;
    let profile =
        format!("[profile a]\nrole_arn = {ARN}\ncredential_source = Environment\nregion = eu-west-1\n");
    let user = User::new("source", &profile)
        .set("AWS_PROFILE", "a")
        .set("AWS_ENDPOINT_URL", &server.uri())
        .set("AWS_ACCESS_KEY_ID", "key1");
    let error = user.credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::CredentialsNotLoaded(_)), "{error:?}");
    // The keys of the environment win over the profile too.
    assert_eq!(user.set("AWS_SECRET_ACCESS_KEY", "secret1").keys().await[..2], keys(1)[..2]);
}

#[tokio::test]
async fn web_identity_needs_no_other_credentials() {
    let server = MockServer::start().await;
    Mock::given(body_string_contains("Action=AssumeRoleWithWebIdentity&"))
        .and(body_string_contains("&WebIdentityToken=a.b-c%2F"))
        .and(body_string_contains("&RoleSessionName=me&"))
        .respond_with(ok(as_xml("AssumeRoleWithWebIdentity", 1)))
        .mount(&server)
        .await;
    let user = User::new("web", "").set("AWS_ENDPOINT_URL_STS", &server.uri()).set("AWS_REGION", "eu-west-1");
    let token = user.file("jwt", "a.b-c/\n");
    let profile =
        format!("[profile a]\nrole_arn = {ARN}\nrole_session_name = me\nweb_identity_token_file = {token}\n");
    user.file(".aws/config", &profile);
    let user = user.set("AWS_PROFILE", "a");
    assert_eq!(user.keys().await, keys(1));
    user.file(".aws/config", "[profile a]\n");
    let user = user.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token).set("AWS_ROLE_SESSION_NAME", "me");
    let error = user.credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::InvalidConfiguration(_)), "{error:?}");
    assert_eq!(user.set("AWS_ROLE_ARN", ARN).keys().await, keys(1));
    assert!(
        server
            .received_requests()
            .await
            .unwrap()
            .iter()
            .all(|one| !one.headers.contains_key("authorization"))
    );
}

#[tokio::test]
async fn container_is_asked_with_its_token() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v1/credentials"))
        .and(query_param("id", "1"))
        .and(header("authorization", "Bearer a"))
        .respond_with(ok(as_json(1).to_string()))
        .mount(&server)
        .await;
    let url = format!("{}/v1/credentials?id=1", server.uri());
    let user = User::new("container", "").set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url);
    assert!(matches!(user.credentials().await.unwrap_err(), CredentialsError::ProviderError(_)));
    let user = user.set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer a");
    assert_eq!(user.keys().await, keys(1));
    let token = user.file("token", "Bearer a\n");
    let user = user
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer b")
        .set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token);
    assert_eq!(user.keys().await, keys(1));
}

/// The metadata service of an instance.
async fn instance() -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .and(path("/latest/api/token"))
        .and(header("x-aws-ec2-metadata-token-ttl-seconds", "60"))
        .respond_with(ok("t"))
        .mount(&server)
        .await;
    for (at, body) in [
        ("/latest/meta-data/placement/region", "eu-west-1".to_owned()),
        ("/latest/meta-data/iam/security-credentials/", "role".to_owned()),
        ("/latest/meta-data/iam/security-credentials/role", as_json(1).to_string()),
    ] {
        Mock::given(method("GET"))
            .and(path(at))
            .and(header("x-aws-ec2-metadata-token", "t"))
            .respond_with(ok(body))
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test]
async fn instance_provides_region_and_credentials() {
    let server = instance().await;
    let user = User::new("instance", "")
        .set("AWS_EC2_METADATA_DISABLED", "false")
        .set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.uri());
    assert_eq!(user.access().await.region.as_deref(), Some("eu-west-1"));
    assert_eq!(user.keys().await, keys(1));
    let requests = server.received_requests().await.unwrap().len();
    let disabled = user.set("AWS_EC2_METADATA_DISABLED", "TRUE");
    let error = disabled.credentials().await.unwrap_err();
    assert!(matches!(error, CredentialsError::CredentialsNotLoaded(_)), "{error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), requests);
}

#[tokio::test]
async fn instance_without_role_or_service_has_no_credentials() {
    let server = MockServer::start().await;
    Mock::given(method("PUT")).respond_with(ok("t")).mount(&server).await;
    for url in [server.uri(), crate::support::ClosedPort::bind().url()] {
        let user =
            User::new("no-role", "").set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url).set("AWS_REGION", "a");
        let error = user.set("AWS_EC2_METADATA_DISABLED", "false").credentials().await.unwrap_err();
        assert!(matches!(error, CredentialsError::CredentialsNotLoaded(_)), "{error:?}");
    }
}

const SSO_ROLE: &str = "sso_account_id = 123456789012\nsso_role_name = a b\n";
const SSO_LOGIN: &str = "sso_region = eu-west-1\nsso_start_url = https://a.awsapps.example/start\n";
/// SHA-1 of the start URL and of `s`, which name the files of the logins.
const OLD_LOGIN: &str = ".aws/sso/cache/327447064175767f6326e85adf4631769bb7d645.json";
const SESSION_LOGIN: &str = ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json";

/// A portal that knows this token.
async fn portal(token: &str) -> MockServer {
    let server = MockServer::start().await;
    let [key, secret, session] = keys(1);
    let expiration = END.parse::<Timestamp>().unwrap().as_millisecond();
    let body = json!({ "roleCredentials": {
        "accessKeyId": key, "secretAccessKey": secret, "sessionToken": session, "expiration": expiration,
    } });
    Mock::given(method("GET"))
        .and(path("/federation/credentials"))
        .and(query_param("account_id", "123456789012"))
        .and(query_param("role_name", "a b"))
        .and(header("x-amz-sso_bearer_token", token))
        .respond_with(ok(body.to_string()))
        .mount(&server)
        .await;
    server
}

fn in_minutes(minutes: u64) -> String {
    Timestamp::try_from(SystemTime::now() + Duration::from_mins(minutes)).unwrap().to_string()
}

#[tokio::test]
async fn login_with_sso_is_used_while_it_lasts() {
    let server = portal("login").await;
    let user = User::new("sso", &format!("[default]\n{SSO_ROLE}{SSO_LOGIN}"));
    let user = user.set("AWS_ENDPOINT_URL_SSO", &server.uri());
    assert!(matches!(user.credentials().await.unwrap_err(), CredentialsError::ProviderError(_)));
    let login = |ends: &str| json!({ "accessToken": "login", "expiresAt": ends }).to_string();
    user.file(OLD_LOGIN, &login(&in_minutes(60)));
    assert_eq!(user.keys().await, keys(1));
    user.file(OLD_LOGIN, &login("2999-01-01T00:00:00UTC"));
    assert_eq!(user.keys().await, keys(1));
    user.file(OLD_LOGIN, &login("2020-01-01T00:00:00Z"));
    assert!(matches!(user.credentials().await.unwrap_err(), CredentialsError::ProviderError(_)));
}

#[tokio::test]
async fn login_of_a_session_is_renewed_and_saved() {
    let server = portal("renewed").await;
    Mock::given(method("POST"))
        .and(path("/token"))
        .and(body_string_contains("\"grantType\":\"refresh_token\""))
        .and(body_string_contains("\"refreshToken\":\"refresh\""))
        .respond_with(ok(
            json!({ "accessToken": "renewed", "expiresIn": 3600, "refreshToken": "next" }).to_string()
        ))
        .expect(1)
        .mount(&server)
        .await;
    let config = format!("[default]\nsso_session = s\n{SSO_ROLE}[sso-session s]\n{SSO_LOGIN}");
    let user = User::new("sso-session", &config).set("AWS_ENDPOINT_URL", &server.uri());
    let mut login = json!({
        "accessToken": "login", "expiresAt": in_minutes(1), "refreshToken": "refresh", "clientId": "client",
        "clientSecret": "secret", "registrationExpiresAt": in_minutes(60), "kept": 1,
    });
    user.file(SESSION_LOGIN, &login.to_string());
    assert_eq!(user.keys().await, keys(1));
    let saved: Value =
        serde_json::from_slice(&std::fs::read(user.home.join(SESSION_LOGIN)).unwrap()).unwrap();
    let of = |name: &str| saved[name].clone();
    assert_eq!(
        [of("accessToken"), of("refreshToken"), of("kept")],
        [json!("renewed"), json!("next"), json!(1)]
    );
    // The renewed login is used.
    assert_eq!(user.keys().await, keys(1));
    // A login that is over and cannot be renewed.
    login["expiresAt"] = "2020-01-01T00:00:00Z".into();
    login["registrationExpiresAt"] = "2020-01-01T00:00:00Z".into();
    user.file(SESSION_LOGIN, &login.to_string());
    assert!(matches!(user.credentials().await.unwrap_err(), CredentialsError::ProviderError(_)));
}

#[tokio::test]
async fn calls_are_retried_after_server_errors() {
    let server = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(503)).up_to_n_times(2).mount(&server).await;
    Mock::given(method("GET")).respond_with(ok(as_json(1).to_string())).mount(&server).await;
    let user = User::new("retried", "").set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &server.uri());
    assert_eq!(user.keys().await, keys(1));
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}
