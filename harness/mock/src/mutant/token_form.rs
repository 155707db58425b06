//! What tokens look like, and how much of a token is compared.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use super::definition::{Mutant, mutant};
use crate::protocol::ApiError;
use crate::resources::{DeploymentKey, Identifiers, Identity, NotFound, Resources};
use crate::service::{Behavior, Reference};
use crate::token::{Claims, Nonce, Sealer, TOKEN_LENGTH};
use crate::toolkit::{ComparesTokens, EveryNth, IssuedTokens, locked};

/// The id of a requirement or case about the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

const UNIQUE: &str = id!("unique");
const OPAQUE: &str = id!("opaque");

/// What may fail where two sessions share a token.
const SHARED: &[&str] = &[
    id!("single-use*"),
    "get-latest-configuration/accepts*",
    "get-latest-configuration/response/configuration",
    "get-latest-configuration/sessions*",
    "get-latest-configuration/recovery*",
    "*/stability",
];

pub(super) const ALL: &[Mutant] = &[
    mutant("token-is-a-counter")
        .about("Tokens are consecutive numbers.")
        .must_fail(&[id!("unpredictable")])
        .behavior(|| Box::new(Counts { next: AtomicU64::new(1), issued: IssuedTokens::default() })),
    mutant("token-names-the-application")
        .about("A token begins with the id of the application.")
        .must_fail(&[OPAQUE])
        .behavior(|| {
            Box::new(NamesResources::new(|[application, _], nonce| format!("{application}.{nonce}")))
        }),
    mutant("token-is-json-in-base64")
        .about("A token is a JSON object in base64 that names application and environment.")
        .must_fail(&[OPAQUE])
        .behavior(|| {
            Box::new(NamesResources::new(|[application, environment], nonce| {
                let document = json!({ "application": application, "environment": environment, "n": nonce });
                BASE64_STANDARD.encode(document.to_string())
            }))
        }),
    mutant("every-50th-token-reissued")
        .about("Every 50th token is the one that was issued 50 tokens before.")
        .must_fail(&[UNIQUE])
        .may_fail(SHARED)
        .behavior(|| Box::new(Reissues::default())),
    mutant("simultaneous-starts-share-a-token")
        .about("Sessions of one resource that start in the same millisecond get the same token.")
        .must_fail(&[UNIQUE])
        .may_fail(SHARED)
        .behavior(|| Box::new(SealsWithoutNonce(IssuedTokens::default()))),
    mutant("token-case-ignored")
        .about("A token is compared without regard to case.")
        .must_fail(&[id!("issued/altered-case-swapped")])
        .may_fail(&[
            // Where the replacement is the same letter in the other case.
            id!("issued/altered-*-changed"),
            "get-latest-configuration/sessions*",
            "get-latest-configuration/configuration-token/issued",
        ])
        .behavior(|| Box::new(ComparesTokens::by(|token| Some(token.to_lowercase())))),
    mutant("half-of-token-compared")
        .about("Only the first half of a token is compared.")
        .must_fail(&[
            id!("issued/altered-middle-changed"),
            id!("issued/altered-last-changed"),
            id!("issued/altered-last-dropped"),
            id!("issued/altered-one-appended"),
            id!("issued/altered-halved"),
        ])
        .may_fail(&[
            "get-latest-configuration/configuration-token/issued/*",
            id!("issued/altered-case-swapped"),
            "get-latest-configuration/sessions*",
        ])
        .behavior(|| Box::new(ComparesTokens::by(|token| token.get(..TOKEN_LENGTH / 2).map(str::to_owned)))),
    mutant("token-cut-to-length")
        .about("Characters after the length of a token are ignored.")
        .must_fail(&[
            id!("issued/altered-one-appended"),
            id!("issued/altered-doubled"),
            id!("issued/altered-filled"),
            id!("issued/altered-extended"),
        ])
        .may_fail(&["get-latest-configuration/sessions*"])
        .behavior(|| Box::new(Cuts)),
];

struct Counts {
    next: AtomicU64,
    issued: IssuedTokens,
}

impl Behavior for Counts {
    fn seal(&self, _: &Sealer, claims: &Claims, _: &Nonce) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.issued.issue(format!("{number:012}"), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.issued.open(token)
    }
}

/// Writes tokens from the ids of application and environment and random text.
struct NamesResources {
    write: fn([&str; 2], &str) -> String,
    /// The ids by deployment.
    ids: Mutex<HashMap<DeploymentKey, [String; 2]>>,
    issued: IssuedTokens,
}

impl NamesResources {
    fn new(write: fn([&str; 2], &str) -> String) -> Self {
        Self { write, ids: Mutex::default(), issued: IssuedTokens::default() }
    }
}

impl Behavior for NamesResources {
    fn find_deployment(
        &self,
        resources: &Resources,
        identifiers: &Identifiers,
    ) -> Result<DeploymentKey, NotFound> {
        let key = Reference.find_deployment(resources, identifiers)?;
        if let Some(([application, environment, _], _)) = resources.deployments().nth(key.0) {
            let ids = [application, environment].map(Identity::id).map(str::to_owned);
            locked(&self.ids).insert(key, ids);
        }
        Ok(key)
    }

    fn seal(&self, _: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let ids = locked(&self.ids).get(&claims.deployment).cloned().unwrap_or_default();
        let token = (self.write)(ids.each_ref().map(String::as_str), &BASE64_URL_SAFE_NO_PAD.encode(nonce));
        self.issued.issue(token, claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.issued.open(token)
    }
}

struct Reissues {
    fiftieth: EveryNth,
    /// The last 50 tokens, the oldest first.
    last: Mutex<VecDeque<String>>,
    issued: IssuedTokens,
}

impl Default for Reissues {
    fn default() -> Self {
        Self { fiftieth: EveryNth::new(50), last: Mutex::default(), issued: IssuedTokens::default() }
    }
}

impl Behavior for Reissues {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let fresh = Reference.seal(sealer, claims, nonce);
        let mut last = locked(&self.last);
        let oldest = if last.len() == 50 { last.pop_front() } else { None };
        let token = oldest.filter(|_| self.fiftieth.hit()).unwrap_or(fresh);
        last.push_back(token.clone());
        self.issued.issue(token, claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.issued.open(token)
    }
}

struct SealsWithoutNonce(IssuedTokens);

impl Behavior for SealsWithoutNonce {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let mut nonce = *nonce;
        let mut sealed = claims.clone();
        if claims.sequence == 0 {
            nonce = Nonce::default();
            sealed.session = 0;
        }
        self.0.issue(Reference.seal(sealer, &sealed, &nonce), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, ApiError> {
        self.0.open(token)
    }
}

struct Cuts;

impl Behavior for Cuts {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, ApiError> {
        Reference.open(sealer, token.get(..TOKEN_LENGTH).unwrap_or(token))
    }
}
