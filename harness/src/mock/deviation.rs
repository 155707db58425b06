//! Deliberate faults of the mock, to test the tests.
//!
//! Each deviation is one bug that a real server could have, made by overriding as little of
//! [`Behaviour`] as it takes, and names what has to notice it.

mod error;
mod interval;
mod json;
mod length;
mod required;
mod resource;
mod response;
mod token;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use serde_json::Value;
use thiserror::Error;

use super::behaviour::Behaviour;
use super::fault::Fault;

/// One deliberate fault.
///
/// `must_fail` and `may_fail` are patterns of ids of requirements and cases, in which a `*` stands
/// for any characters, also for none and for slashes, as [`wildmatch`] reads them. To fail is to be
/// violated or unstable. `cargo xtask mutants` holds each deviation to them.
#[derive(Clone, Copy)]
pub struct Deviation {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// What the server does wrong, in one sentence.
    pub about: &'static str,
    /// Where it shows.
    pub contracts: Contracts,
    /// Each pattern matches something in the catalogue of the contract, and everything that it
    /// matches fails. Empty where chance decides which of `may_fail` does.
    pub must_fail: &'static [&'static str],
    /// What else may fail: by chance, or under one of two contracts. Nothing fails that no pattern
    /// of either list matches, save a requirement of which a case fails that one matches.
    pub may_fail: &'static [&'static str],
    /// The server that has the fault.
    pub behaviour: fn() -> Box<dyn Behaviour>,
}

/// The contracts under which a deviation shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Contracts {
    /// Under `page` and under `model`.
    Both,
    /// Under `page` only.
    Page,
    /// Under `model` only.
    Model,
}

/// All deviations, by theme.
pub fn all() -> impl Iterator<Item = &'static Deviation> {
    [
        length::ALL,
        required::ALL,
        json::ALL,
        resource::ALL,
        token::ALL,
        response::ALL,
        interval::ALL,
        error::ALL,
    ]
    .into_iter()
    .flatten()
}

/// There is no deviation of this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no deviation is named {name:?}{}", suggest(.near))]
pub struct UnknownDeviation {
    /// What was asked for.
    pub name: String,
    /// Names that resemble it, the nearest first.
    pub near: Vec<&'static str>,
}

fn suggest(near: &[&str]) -> String {
    if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) }
}

/// The deviation with this name.
pub fn find(name: &str) -> Result<&'static Deviation, UnknownDeviation> {
    const SUGGESTIONS: usize = 5;
    all().find(|deviation| deviation.name == name).ok_or_else(|| {
        let mut near: Vec<_> = all()
            .map(|deviation| (unshared_words(name, deviation.name), deviation.name))
            .filter(|(unshared, _)| unshared.is_some())
            .collect();
        near.sort();
        let near = near.into_iter().take(SUGGESTIONS).map(|(_, name)| name).collect();
        UnknownDeviation { name: name.to_owned(), near }
    })
}

/// How many words of `name` do not begin alike in `wanted`, or the reverse; `None` if none does.
fn unshared_words(wanted: &str, name: &str) -> Option<usize> {
    let alike = |a: &str, b: &str| {
        let shared = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
        shared >= 3 || a == b
    };
    let unmatched = |from: &str, other: &str| {
        from.split('-').filter(|word| !other.split('-').any(|theirs| alike(word, theirs))).count()
    };
    let missing = unmatched(wanted, name);
    (missing < wanted.split('-').count()).then(|| 2 * missing + unmatched(name, wanted))
}

/// Reports another fault than the one that was found.
struct Reports(fn(Fault) -> Fault);

impl Behaviour for Reports {
    fn fault(&self, fault: Fault) -> Fault {
        (self.0)(fault)
    }
}

/// Changes the responses to `StartConfigurationSession` that tell success.
struct Starts(fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Starts {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses to `GetLatestConfiguration` that tell success.
struct Polls(fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Polls {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if !is_start(request) && response.status().is_success() { (self.0)(response) } else { response }
    }
}

/// Changes the responses that tell an error.
struct Refuses(fn(Response<Bytes>) -> Response<Bytes>);

impl Behaviour for Refuses {
    fn finish(&self, _request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if response.status().is_success() { response } else { (self.0)(response) }
    }
}

fn is_start(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST
}

fn with_header(mut response: Response<Bytes>, name: HeaderName, value: &'static str) -> Response<Bytes> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

fn without_header(mut response: Response<Bytes>, name: &HeaderName) -> Response<Bytes> {
    response.headers_mut().remove(name);
    response
}

fn with_body(response: Response<Bytes>, body: impl Into<Bytes>) -> Response<Bytes> {
    response.map(|_| body.into())
}

/// Changes the JSON document of a response.
fn with_document(response: Response<Bytes>, change: impl FnOnce(&mut Value)) -> Response<Bytes> {
    response.map(|body| match serde_json::from_slice(&body) {
        Ok(mut document) => {
            change(&mut document);
            Bytes::from(document.to_string())
        }
        Err(_) => body,
    })
}

#[cfg(test)]
mod tests;
