//! Where the credentials of a profile come from: a source, and the roles that are assumed with them. Pure.

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;

use crate::client::sign::credentials::profiles::{Profiles, Section};

/// The name of the provider in the debug output of the credentials.
const PROFILE: &str = "profile";

/// A source of credentials, and the roles that are assumed one after the other.
#[derive(Debug)]
pub(crate) struct RoleChain {
    pub(crate) source: Source,
    /// In the order in which they are assumed.
    pub(crate) roles: Vec<Role>,
}

/// A source that needs no other credentials.
#[derive(Debug)]
pub(crate) enum Source {
    /// The keys in a profile.
    Keys(Credentials),
    /// The variables of the environment.
    Environment,
    /// The service of a container.
    Container,
    /// The service of an instance.
    Instance,
    /// A command that prints credentials.
    Process(String),
    /// A role that is assumed with the token in a file.
    WebIdentity(WebIdentity),
    /// A role of a user that is logged in.
    Sso(Sso),
}

/// A role to assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) arn: String,
    pub(crate) session: Option<String>,
    pub(crate) external_id: Option<String>,
}

/// A role to assume with the token of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebIdentity {
    pub(crate) role: String,
    pub(crate) session: Option<String>,
    /// The path of the file that contains the token.
    pub(crate) token_file: String,
}

/// A role of IAM Identity Center.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sso {
    /// The session that the login was for. A profile without one is of an older form.
    pub(crate) session: Option<String>,
    pub(crate) region: String,
    pub(crate) start_url: String,
    pub(crate) account: String,
    pub(crate) role: String,
}

/// A role, and where the credentials to assume it come from.
enum Next<'p> {
    /// The same profile.
    Here,
    /// Another profile.
    Profile(&'p str),
}

/// Where the credentials of the selected profile come from.
///
/// # Errors
/// The error says "not loaded" if there are no profiles, or none in the selected one: other sources are
/// tried then.
pub(crate) fn resolve(profiles: &Profiles) -> Result<RoleChain, CredentialsError> {
    let mut name = profiles.selected.as_str();
    if profiles.is_empty() || name == "default" && profiles.get(name).is_none() {
        return Err(CredentialsError::not_loaded("there is no profile"));
    }
    let (mut visited, mut roles) = (Vec::new(), Vec::new());
    let source = loop {
        let profile = profiles.get(name).ok_or_else(|| invalid(format!("there is no profile `{name}`")))?;
        if visited.contains(&name) {
            return Err(invalid(format!("the profile `{name}` is its own source")));
        }
        visited.push(name);
        // The keys of a profile that another one names count more than its role.
        if visited.len() > 1
            && let Ok(keys) = keys(profile)
        {
            break Source::Keys(keys);
        }
        let Some(role) = role(profile) else { break source(profiles, profile)? };
        roles.push(role);
        match next(name, profile)? {
            Next::Here => break source(profiles, profile)?,
            Next::Profile(other) => name = other,
        }
    };
    roles.reverse();
    Ok(RoleChain { source, roles })
}

fn invalid(problem: String) -> CredentialsError {
    CredentialsError::invalid_configuration(problem)
}

fn owned(profile: &Section, name: &str) -> Option<String> {
    profile.get(name).cloned()
}

/// The role that has to be assumed with other credentials.
fn role(profile: &Section) -> Option<Role> {
    if profile.contains_key("web_identity_token_file") {
        return None;
    }
    Some(Role {
        arn: owned(profile, "role_arn")?,
        session: owned(profile, "role_session_name"),
        external_id: owned(profile, "external_id"),
    })
}

fn next<'p>(name: &str, profile: &'p Section) -> Result<Next<'p>, CredentialsError> {
    match (profile.get("source_profile"), profile.get("credential_source")) {
        (Some(other), None) if other == name => Ok(Next::Here),
        (Some(other), None) => Ok(Next::Profile(other)),
        (None, Some(_)) => Ok(Next::Here),
        (Some(_), Some(_)) => {
            Err(invalid(format!("profile `{name}` has both source_profile and credential_source")))
        }
        (None, None) => {
            Err(invalid(format!("profile `{name}` has a role, but no source_profile or credential_source")))
        }
    }
}

/// The source that a profile describes.
fn source(profiles: &Profiles, profile: &Section) -> Result<Source, CredentialsError> {
    if let Some(named) = profile.get("credential_source") {
        return match named.to_ascii_lowercase().as_str() {
            "environment" => Ok(Source::Environment),
            "ecscontainer" => Ok(Source::Container),
            "ec2instancemetadata" => Ok(Source::Instance),
            _ => Err(invalid("credential_source: there is no such source".to_owned())),
        };
    }
    if let Some(token_file) = owned(profile, "web_identity_token_file") {
        let role = owned(profile, "role_arn")
            .ok_or_else(|| invalid("web_identity_token_file: role_arn is missing".to_owned()))?;
        let session = owned(profile, "role_session_name");
        return Ok(Source::WebIdentity(WebIdentity { role, session, token_file }));
    }
    if profile.keys().any(|name| name.starts_with("sso_")) {
        return sso(profiles, profile).map(Source::Sso);
    }
    if profile.contains_key("login_session") {
        return Err(invalid("login_session: boundstone does not support it".to_owned()));
    }
    match owned(profile, "credential_process") {
        Some(command) => Ok(Source::Process(command)),
        None => keys(profile).map(Source::Keys),
    }
}

fn sso(profiles: &Profiles, profile: &Section) -> Result<Sso, CredentialsError> {
    let session = owned(profile, "sso_session");
    let login = match &session {
        Some(name) if ["sso_region", "sso_start_url"].iter().any(|key| profile.contains_key(*key)) => {
            return Err(invalid(format!("sso_session `{name}`: only its section may name region and URL")));
        }
        Some(name) => profiles
            .other("sso-session", name)
            .ok_or_else(|| invalid(format!("there is no section `sso-session {name}`")))?,
        None => profile,
    };
    let required = |section: &Section, name: &str| {
        owned(section, name).ok_or_else(|| invalid(format!("{name} is missing")))
    };
    Ok(Sso {
        region: required(login, "sso_region")?,
        start_url: required(login, "sso_start_url")?,
        account: required(profile, "sso_account_id")?,
        role: required(profile, "sso_role_name")?,
        session,
    })
}

fn keys(profile: &Section) -> Result<Credentials, CredentialsError> {
    let token = owned(profile, "aws_session_token");
    match (owned(profile, "aws_access_key_id"), owned(profile, "aws_secret_access_key")) {
        (Some(key), Some(secret)) => Ok(Credentials::new(key, secret, token, None, PROFILE)),
        (None, None) if token.is_none() => {
            Err(CredentialsError::not_loaded("the profile contains no credentials"))
        }
        _ => Err(invalid("a profile needs both aws_access_key_id and aws_secret_access_key".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(selected: &str, config: &str) -> Result<RoleChain, CredentialsError> {
        resolve(&Profiles::of(selected, config))
    }

    fn arns(chain: &RoleChain) -> Vec<&str> {
        chain.roles.iter().map(|role| role.arn.as_str()).collect()
    }

    #[test]
    fn roles_are_assumed_from_the_source_on() {
        let config = "[profile a]\nrole_arn = first\nsource_profile = b\nexternal_id = id\n\
                      [profile b]\nrole_arn = second\nsource_profile = c\nrole_session_name = me\n\
                      [profile c]\naws_access_key_id = key\naws_secret_access_key = secret\n";
        let chain = resolved("a", config).unwrap();
        assert_eq!(arns(&chain), ["second", "first"]);
        assert_eq!(
            (chain.roles[0].session.as_deref(), chain.roles[1].session.as_deref()),
            (Some("me"), None)
        );
        assert_eq!(chain.roles[1].external_id.as_deref(), Some("id"));
        assert!(matches!(chain.source, Source::Keys(keys) if keys.access_key_id() == "key"));
    }

    #[test]
    fn keys_of_a_source_profile_win() {
        let keys = "aws_access_key_id = key\naws_secret_access_key = secret\n";
        let own = format!("[profile a]\nrole_arn = first\nsource_profile = a\n{keys}");
        let chain = resolved("a", &own).unwrap();
        assert!(arns(&chain) == ["first"] && matches!(chain.source, Source::Keys(_)));
        let other = format!(
            "[profile a]\nrole_arn = first\nsource_profile = b\n\
             [profile b]\nrole_arn = second\nsource_profile = a\n{keys}"
        );
        let chain = resolved("a", &other).unwrap();
        assert!(arns(&chain) == ["first"] && matches!(chain.source, Source::Keys(_)));
    }

    #[test]
    fn each_source_is_recognized() {
        let source = |settings: &str| resolved("a", &format!("[profile a]\n{settings}")).unwrap().source;
        let named = |name: &str| source(&format!("role_arn = r\ncredential_source = {name}"));
        assert!(matches!(named("Environment"), Source::Environment));
        assert!(matches!(named("EcsContainer"), Source::Container));
        assert!(matches!(named("Ec2InstanceMetadata"), Source::Instance));
        let process = source("credential_process = print 'a  b'");
        assert!(matches!(process, Source::Process(command) if command == "print 'a  b'"));
        let web = source("role_arn = r\nweb_identity_token_file = /token\nrole_session_name = me");
        assert!(matches!(web, Source::WebIdentity(web) if web.role == "r" && web.token_file == "/token"));
        let role = "sso_account_id = 1\nsso_role_name = r\n";
        let old = source(&format!("{role}sso_region = eu-west-1\nsso_start_url = https://a"));
        assert!(matches!(old, Source::Sso(Sso { session: None, .. })));
        let session = "sso_session = s\n[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://a";
        let new = source(&format!("{role}{session}"));
        assert!(matches!(new, Source::Sso(sso) if sso.session.as_deref() == Some("s")));
    }

    #[test]
    fn other_sources_are_tried_only_without_settings() {
        let is_absent = |selected: &str, config: &str| {
            let error = resolved(selected, config).err().unwrap();
            matches!(error, CredentialsError::CredentialsNotLoaded(_))
        };
        assert!(is_absent("a", "") && is_absent("default", "[profile a]\nregion = b"));
        assert!(is_absent("a", "[profile a]\nregion = b"));
        for settings in [
            "aws_access_key_id = key",
            "role_arn = r",
            "role_arn = r\nsource_profile = none",
            "role_arn = r\nsource_profile = b\ncredential_source = Environment",
            "role_arn = r\ncredential_source = Elsewhere",
            "web_identity_token_file = /token",
            "sso_session = none",
            "sso_account_id = 1",
            "login_session = arn",
            "role_arn = r\nsource_profile = b\n[profile b]\nrole_arn = r\nsource_profile = a",
        ] {
            assert!(!is_absent("a", &format!("[profile a]\n{settings}")), "{settings}");
        }
        assert!(!is_absent("none", "[profile a]\nregion = b"));
    }
}
