//! What tokens look like, and how much of one is looked at.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use super::{Deviation, deviation};
use crate::behaviour::{Behaviour, Reference};
use crate::fault::Fault;
use crate::memory::{Compares, Every, Register, locked};
use crate::resources::{DeploymentKey, Identifiers, Identity, NotFound, Resources};
use crate::token::{self, Claims, Nonce, Sealer};

/// Writes the id of a requirement or case of the token.
macro_rules! id {
    ($rest:literal) => {
        concat!("get-latest-configuration/configuration-token/", $rest)
    };
}

const UNIQUE: &str = id!("unique");
const OPAQUE: &str = id!("opaque");

/// What shows where two sessions have one token.
const SHARED: &[&str] = &[
    id!("single-use*"),
    "get-latest-configuration/accepts*",
    "get-latest-configuration/response/configuration",
    "get-latest-configuration/sessions*",
    "get-latest-configuration/recovery*",
    "*/stability",
];

pub(super) const ALL: &[Deviation] = &[
    deviation("token-is-a-counter")
        .about("Tokens are consecutive numbers.")
        .must_fail(&[id!("unpredictable")])
        .behaviour(|| Box::new(Counts { next: AtomicU64::new(1), issued: Register::default() })),
    deviation("token-names-the-application")
        .about("A token begins with the id of the application.")
        .must_fail(&[OPAQUE])
        .behaviour(|| Box::new(Tells::new(|[application, _], nonce| format!("{application}.{nonce}")))),
    deviation("token-is-json-in-base64")
        .about("A token is a JSON object in base64 that names application and environment.")
        .must_fail(&[OPAQUE])
        .behaviour(|| {
            Box::new(Tells::new(|[application, environment], nonce| {
                let document = json!({ "application": application, "environment": environment, "n": nonce });
                BASE64_STANDARD.encode(document.to_string())
            }))
        }),
    deviation("every-50th-token-given-before")
        .about("Every fiftieth token is the one that was given out fifty tokens before.")
        .must_fail(&[UNIQUE])
        .may_fail(SHARED)
        .behaviour(|| Box::new(Recycles::default())),
    deviation("simultaneous-starts-share-a-token")
        .about("Sessions of one resource that start within the same millisecond get the same token.")
        .must_fail(&[UNIQUE])
        .may_fail(SHARED)
        .behaviour(|| Box::new(SeedsByTime(Register::default()))),
    deviation("token-case-ignored")
        .about("Capital and small letters of a token are the same.")
        .must_fail(&[id!("issued/altered-case-swapped")])
        .may_fail(&[
            // Where the letter that is put in place of another is the same one.
            id!("issued/altered-*-changed"),
            "get-latest-configuration/sessions*",
            "get-latest-configuration/configuration-token/issued",
        ])
        .behaviour(|| Box::new(Compares::new(|token| Some(token.to_lowercase())))),
    deviation("half-of-token-compared")
        .about("Only the first half of a token is looked at.")
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
        .behaviour(|| Box::new(Compares::new(|token| token.get(..token::LENGTH / 2).map(str::to_owned)))),
    deviation("token-cut-to-length")
        .about("What follows the length of a token is not looked at.")
        .must_fail(&[
            id!("issued/altered-one-appended"),
            id!("issued/altered-doubled"),
            id!("issued/altered-filled"),
            id!("issued/altered-extended"),
        ])
        .may_fail(&["get-latest-configuration/sessions*"])
        .behaviour(|| Box::new(Cuts)),
];

struct Counts {
    next: AtomicU64,
    issued: Register,
}

impl Behaviour for Counts {
    fn seal(&self, _: &Sealer, claims: &Claims, _: &Nonce) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.issued.issue(format!("{number:012}"), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.issued.open(token)
    }
}

/// Writes tokens of the ids of application and environment, and of random text.
struct Tells {
    write: fn([&str; 2], &str) -> String,
    /// The ids by deployment.
    ids: Mutex<HashMap<DeploymentKey, [String; 2]>>,
    issued: Register,
}

impl Tells {
    fn new(write: fn([&str; 2], &str) -> String) -> Self {
        Self { write, ids: Mutex::default(), issued: Register::default() }
    }
}

impl Behaviour for Tells {
    fn locate(&self, resources: &Resources, identifiers: &Identifiers) -> Result<DeploymentKey, NotFound> {
        let key = Reference.locate(resources, identifiers)?;
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

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.issued.open(token)
    }
}

struct Recycles {
    fiftieth: Every,
    /// The last fifty tokens, the oldest first.
    last: Mutex<VecDeque<String>>,
    issued: Register,
}

impl Default for Recycles {
    fn default() -> Self {
        Self { fiftieth: Every::new(50), last: Mutex::default(), issued: Register::default() }
    }
}

impl Behaviour for Recycles {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let fresh = Reference.seal(sealer, claims, nonce);
        let mut last = locked(&self.last);
        let oldest = if last.len() == 50 { last.pop_front() } else { None };
        let token = oldest.filter(|_| self.fiftieth.hit()).unwrap_or(fresh);
        last.push_back(token.clone());
        self.issued.issue(token, claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.issued.open(token)
    }
}

struct SeedsByTime(Register);

impl Behaviour for SeedsByTime {
    fn seal(&self, sealer: &Sealer, claims: &Claims, nonce: &Nonce) -> String {
        let mut nonce = *nonce;
        let mut seed = claims.clone();
        if claims.sequence == 0 {
            nonce = Nonce::default();
            seed.session = 0;
        }
        self.0.issue(Reference.seal(sealer, &seed, &nonce), claims)
    }

    fn open(&self, _: &Sealer, token: &str) -> Result<Claims, Fault> {
        self.0.open(token)
    }
}

struct Cuts;

impl Behaviour for Cuts {
    fn open(&self, sealer: &Sealer, token: &str) -> Result<Claims, Fault> {
        Reference.open(sealer, token.get(..token::LENGTH).unwrap_or(token))
    }
}
