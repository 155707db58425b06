//! A control plane in this process, as strict as AWS's: it deletes nothing that still holds something,
//! no environment whose deployment is in progress, and nothing protected.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use reqwest::Url;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// The region of its resources.
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ACCESS_KEY: &str = "AKIAFAKEFAKEFAKE";
pub(crate) const SECRET_KEY: &str = "s3cret-key-of-the-fake";
pub(crate) const SESSION_TOKEN: &str = "s3cret-session-token-of-the-fake";

/// A control plane that listens on a free port as long as it lives.
pub(crate) struct Fake {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

/// What happens to a call, apart from what it asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mishap {
    /// It is refused.
    Refused,
    /// It is done, but the response is lost.
    Lost,
}

#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a habit by itself")]
pub(crate) struct State {
    pub(crate) applications: BTreeMap<String, Application>,
    calls: Vec<String>,
    made: u32,
    /// The number of the call that goes wrong, from 0.
    pub(crate) mishap: Option<(usize, Mishap)>,
    /// Refuses calls whose method and path hold this.
    pub(crate) refuses: Option<&'static str>,
    /// Refuses names beyond ASCII.
    pub(crate) ascii: bool,
    /// Keeps no tags, and knows no account.
    pub(crate) tagless: bool,
    /// Keeps no descriptions.
    pub(crate) undescribed: bool,
    /// Lists applications on empty pages without end.
    pub(crate) endless: bool,
    /// How often a deployment is asked for until it serves.
    pub(crate) slowness: u32,
    /// Where deployments end.
    pub(crate) ends: Option<&'static str>,
    /// How long each response takes.
    pub(crate) delay: Duration,
}

#[derive(Default)]
pub(crate) struct Application {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) tags: Value,
    pub(crate) environments: BTreeMap<String, Environment>,
    pub(crate) profiles: BTreeMap<String, Profile>,
}

#[derive(Default)]
pub(crate) struct Environment {
    pub(crate) tags: Value,
    /// How often each deployment is still to be asked for, or nothing once it was stopped.
    pub(crate) deployments: Vec<Option<u32>>,
}

#[derive(Default)]
pub(crate) struct Profile {
    pub(crate) tags: Value,
    pub(crate) versions: BTreeMap<u32, Vec<u8>>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(Responder(Arc::clone(&state))).mount(&server).await;
        Self { server, state }
    }

    pub(crate) fn url(&self) -> Url {
        self.server.uri().parse().unwrap()
    }

    /// Credentials that it takes.
    pub(crate) fn credentials() -> SharedCredentialsProvider {
        let token = Some(SESSION_TOKEN.to_owned());
        SharedCredentialsProvider::new(Credentials::new(ACCESS_KEY, SECRET_KEY, token, None, "fake"))
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Method and path of each call so far.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    /// The requests of all calls so far.
    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }

    /// The names of the applications that are still there.
    pub(crate) fn left(&self) -> Vec<String> {
        self.state().applications.values().map(|application| application.name.clone()).collect()
    }
}

struct Responder(Arc<Mutex<State>>);

impl Respond for Responder {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        state.respond(request).set_delay(state.delay)
    }
}

type Reply = Result<ResponseTemplate, (u16, &'static str)>;

impl State {
    fn respond(&mut self, request: &Request) -> ResponseTemplate {
        let call = format!("{} {}", request.method, request.url.path());
        let number = self.calls.len();
        self.calls.push(call.clone());
        let mishap = self.mishap.filter(|(at, _)| *at == number).map(|(_, mishap)| mishap);
        let is_refused = self.refuses.is_some_and(|part| call.contains(part));
        let response = if is_refused || mishap == Some(Mishap::Refused) {
            Err((403, "AccessDeniedException"))
        } else {
            self.carry_out(request)
        };
        if mishap == Some(Mishap::Lost) {
            return ResponseTemplate::new(500);
        }
        response.unwrap_or_else(|(status, code)| {
            // Some control planes repeat what was sent to them.
            let message = format!("No, {ACCESS_KEY} {SESSION_TOKEN}.\nThe canonical request was so: …");
            ResponseTemplate::new(status)
                .insert_header("x-amzn-errortype", code)
                .set_body_json(json!({ "Message": message }))
        })
    }

    fn carry_out(&mut self, request: &Request) -> Reply {
        let path = request.url.path().trim_matches('/');
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method.as_str(), &parts[..]) {
            ("POST", [""]) if self.tagless => Err((404, "UnknownOperationException")),
            ("POST", [""]) => Ok(identity()),
            ("POST", ["configurationsessions"]) => {
                self.made += 1;
                Ok(ResponseTemplate::new(201)
                    .set_body_json(json!({ "InitialConfigurationToken": format!("t{}", self.made) })))
            }
            ("GET", ["configuration"]) => Err((400, "BadRequestException")),
            ("GET", ["tags", ..]) => {
                let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
                let id = path
                    .strip_prefix("tags/arn:aws:appconfig:eu-west-1:123456789012:application/")
                    .ok_or((400, "BadRequestException"))?;
                let application = self.applications.get(id).ok_or(ABSENT)?;
                let tags = if self.tagless { Value::Null } else { application.tags.clone() };
                Ok(ok(json!({ "Tags": tags })))
            }
            ("GET", ["applications"]) if self.endless => {
                self.made += 1;
                Ok(ok(json!({ "Items": [], "NextToken": format!("t{}", self.made) })))
            }
            ("GET", ["applications"]) => {
                let items = self.applications.iter().map(|(id, application)| {
                    json!({ "Id": id, "Name": application.name, "Description": application.description })
                });
                Ok(ok(json!({ "Items": items.collect::<Vec<_>>() })))
            }
            ("POST", ["applications"]) => {
                let id = self.id("app");
                let application = Application {
                    name: self.name(&body, 64)?,
                    description: match body["Description"].as_str() {
                        Some(description) if !self.undescribed => description.to_owned(),
                        _ => String::new(),
                    },
                    tags: body["Tags"].clone(),
                    ..Application::default()
                };
                self.applications.insert(id.clone(), application);
                Ok(made(json!({ "Id": id })))
            }
            (method, ["applications", application, rest @ ..]) => {
                self.within(method, application, rest, request, &body)
            }
            _ => Err((404, "UnknownOperationException")),
        }
    }

    fn within(
        &mut self,
        method: &str,
        application: &str,
        rest: &[&str],
        request: &Request,
        body: &Value,
    ) -> Reply {
        let bypasses =
            request.headers.get("x-amzn-deletion-protection-check").is_some_and(|check| check == "BYPASS");
        let longest = if rest.first() == Some(&"environments") { 64 } else { 128 };
        let named =
            if method == "POST" && rest.len() == 1 { self.name(body, longest)? } else { String::new() };
        let (id, slowness, ends) = (self.id("sub"), self.slowness, self.ends);
        let holder = self.applications.get_mut(application).ok_or(ABSENT)?;
        match (method, rest) {
            ("DELETE", []) if holder.environments.is_empty() && holder.profiles.is_empty() => {
                self.applications.remove(application);
                Ok(ResponseTemplate::new(204))
            }
            ("DELETE", []) => Err((400, "BadRequestException")),
            ("GET", ["environments"]) => Ok(items(holder.environments.keys().map(|id| json!({ "Id": id })))),
            ("GET", ["configurationprofiles"]) => {
                Ok(items(holder.profiles.keys().map(|id| json!({ "Id": id }))))
            }
            ("POST", ["environments"]) => {
                assert!(!named.is_empty());
                let environment = Environment { tags: body["Tags"].clone(), ..Environment::default() };
                holder.environments.insert(id.clone(), environment);
                Ok(made(json!({ "Id": id })))
            }
            ("POST", ["configurationprofiles"]) => {
                assert_eq!(body["LocationUri"], "hosted");
                let profile = Profile { tags: body["Tags"].clone(), ..Profile::default() };
                holder.profiles.insert(id.clone(), profile);
                Ok(made(json!({ "Id": id })))
            }
            (_, ["environments", id, rest @ ..]) => {
                let environment = holder.environments.get_mut(*id).ok_or(ABSENT)?;
                let goes_on = environment.deployments.iter().any(Option::is_some);
                match (method, rest) {
                    ("DELETE", []) | ("POST", ["deployments"]) if goes_on => Err((409, "ConflictException")),
                    ("DELETE", []) if bypasses => {
                        holder.environments.remove(*id);
                        Ok(ResponseTemplate::new(204))
                    }
                    ("POST", ["deployments"]) => {
                        assert_eq!(body["DeploymentStrategyId"], "AppConfig.AllAtOnce");
                        assert_eq!(body["Tags"], environment.tags);
                        let profile = body["ConfigurationProfileId"].as_str().unwrap();
                        let version = body["ConfigurationVersion"].as_str().unwrap().parse().unwrap();
                        assert!(holder.profiles[profile].versions.contains_key(&version));
                        environment.deployments.push(Some(slowness));
                        let number = environment.deployments.len();
                        Ok(made(json!({ "DeploymentNumber": number, "State": state(slowness, None) })))
                    }
                    ("GET", ["deployments"]) => {
                        Ok(items((1..).zip(&environment.deployments).map(|(number, left)| {
                            let state = if left.is_some() { "BAKING" } else { "ROLLED_BACK" };
                            json!({ "DeploymentNumber": number, "State": state })
                        })))
                    }
                    (_, ["deployments", number]) => {
                        let number: usize = number.parse().unwrap();
                        let deployment = environment.deployments.get_mut(number - 1).ok_or(ABSENT)?;
                        match (method, &deployment) {
                            ("GET", Some(left)) => {
                                let left = left.saturating_sub(1);
                                *deployment = Some(left);
                                Ok(ok(json!({ "DeploymentNumber": number, "State": state(left, ends) })))
                            }
                            ("DELETE", Some(_)) if request.headers.contains_key("allow-revert") => {
                                *deployment = None;
                                Ok(ResponseTemplate::new(202).set_body_json(json!({})))
                            }
                            _ => Err((400, "BadRequestException")),
                        }
                    }
                    _ => Err((400, "BadRequestException")),
                }
            }
            (_, ["configurationprofiles", id, rest @ ..]) => {
                let profile = holder.profiles.get_mut(*id).ok_or(ABSENT)?;
                match (method, rest) {
                    ("DELETE", []) if bypasses && profile.versions.is_empty() => {
                        holder.profiles.remove(*id);
                        Ok(ResponseTemplate::new(204))
                    }
                    ("POST", ["hostedconfigurationversions"]) => {
                        let number = u32::try_from(profile.versions.len()).unwrap() + 1;
                        profile.versions.insert(number, request.body.clone());
                        Ok(ResponseTemplate::new(201).insert_header("Version-Number", number.to_string()))
                    }
                    ("GET", ["hostedconfigurationversions"]) => {
                        Ok(items(profile.versions.keys().map(|number| json!({ "VersionNumber": number }))))
                    }
                    ("DELETE", ["hostedconfigurationversions", number]) => {
                        profile.versions.remove(&number.parse().unwrap()).ok_or(ABSENT)?;
                        Ok(ResponseTemplate::new(204))
                    }
                    _ => Err((400, "BadRequestException")),
                }
            }
            _ => Err((404, "UnknownOperationException")),
        }
    }

    fn id(&mut self, sort: &str) -> String {
        self.made += 1;
        format!("{sort}{:04}", self.made)
    }

    fn name(&self, body: &Value, longest: usize) -> Result<String, (u16, &'static str)> {
        let name = body["Name"].as_str().unwrap();
        if (1..=longest).contains(&name.chars().count()) && (!self.ascii || name.is_ascii()) {
            Ok(name.to_owned())
        } else {
            Err((400, "BadRequestException"))
        }
    }
}

const ABSENT: (u16, &str) = (404, "ResourceNotFoundException");

fn state(left: u32, ends: Option<&'static str>) -> &'static str {
    match left {
        0 => ends.unwrap_or("BAKING"),
        _ => "DEPLOYING",
    }
}

fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn made(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(body)
}

fn items(items: impl Iterator<Item = Value>) -> ResponseTemplate {
    ok(json!({ "Items": items.collect::<Vec<_>>() }))
}

fn identity() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn>\
         <UserId>a</UserId><Account>123456789012</Account></GetCallerIdentityResult>\
         </GetCallerIdentityResponse>",
        "text/xml",
    )
}
