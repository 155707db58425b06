//! Reads the members of a request, and collects what it breaks and what is open.

use std::collections::{BTreeMap, BTreeSet};

use super::constraints::{TypeCheck, broken_constraints, check_type, from_text};
use super::reading::{Class, Constraint, MAX_DEPTH, OpenReason, Reading, Violation};
use super::route::{Parameter, Route, decode, has_trailing_slash, query_parameters, route};
use crate::contract::{Contract, Location, Member};
use crate::protocol::{Json, NotJson, Request, media_type};

/// Classifies a request.
pub fn classify<'a>(contract: &'a Contract, request: &Request) -> Reading<'a> {
    let Some(route) = route(contract, request) else {
        return Reading {
            class: Class::Unrouted,
            operation: None,
            members: BTreeMap::new(),
            unknown_members: false,
        };
    };
    let operation = route.operation;
    let mut classifier = Classifier { contract, findings: Findings::default() };
    if has_trailing_slash(operation, request) {
        classifier.findings.open = Some(OpenReason::TrailingSlash);
    }
    let has_body = operation.body_members().next().is_some();
    let body = if has_body { classifier.read_body(request) } else { Some(Vec::new()) };
    let message =
        Message { request, route, query: query_parameters(request.query().unwrap_or_default()), body };
    for member in &operation.input {
        classifier.read_member(&message, member);
    }
    let mut body_names = message.body.iter().flatten().map(|(name, _)| name);
    let unknown_members = body_names.any(|name| operation.body_members().all(|member| member.name != *name));
    let Findings { violations, open, members } = classifier.findings;
    let class = match open {
        Some(reason) => Class::Open(reason),
        None if violations.is_empty() => Class::Valid,
        None => Class::Invalid(violations),
    };
    Reading { class, operation: Some(operation), members, unknown_members }
}

/// A request, taken apart.
struct Message<'a, 'r> {
    request: &'r Request,
    route: Route<'a, 'r>,
    query: Vec<Parameter>,
    /// The members of the body; `None` if it cannot be read.
    body: Option<Vec<(String, Json)>>,
}

#[derive(Default)]
struct Findings {
    violations: BTreeSet<Violation>,
    open: Option<OpenReason>,
    members: BTreeMap<String, Json>,
}

struct Classifier<'a> {
    contract: &'a Contract,
    findings: Findings,
}

impl Findings {
    fn add(&mut self, member: Option<&Member>, constraint: Constraint) {
        self.violations.insert(Violation { member: member.map(|member| member.name.clone()), constraint });
    }
}

impl Classifier<'_> {
    /// The members of the body; `None` if it cannot be read.
    fn read_body(&mut self, request: &Request) -> Option<Vec<(String, Json)>> {
        let content_type = request.header("content-type").map(media_type);
        if content_type.as_deref() != Some("application/json") {
            // Other open reasons accept more responses than this one, and replace it.
            self.findings.open.get_or_insert(OpenReason::ContentType);
        }
        if request.body.is_empty() {
            return Some(Vec::new());
        }
        // RFC 8259, 8.1: a reader may ignore the mark or treat it as an error.
        let text = request.body.strip_prefix(b"\xef\xbb\xbf");
        if text.is_some() {
            self.findings.open = Some(OpenReason::ByteOrderMark);
        }
        match Json::parse(text.unwrap_or(&request.body)) {
            Ok(Json::Object(members)) => {
                if members.iter().any(|(_, value)| value.depth() > MAX_DEPTH) {
                    self.findings.open = Some(OpenReason::TooDeep);
                }
                return Some(members);
            }
            Ok(_) => self.findings.add(None, Constraint::Document),
            Err(NotJson::Malformed) => self.findings.add(None, Constraint::Syntax),
            Err(NotJson::LoneSurrogate) => self.findings.open = Some(OpenReason::LoneSurrogate),
            Err(NotJson::TooDeep) => self.findings.open = Some(OpenReason::TooDeep),
        }
        None
    }

    /// Reads a member from its location.
    fn read_member(&mut self, message: &Message<'_, '_>, member: &Member) {
        match &member.location {
            Location::Query(name) => {
                let parameters = message.query.iter().filter(|parameter| parameter.name == *name);
                let parameters: Vec<_> = parameters.collect();
                if let Some(reason) = parameters.iter().find_map(|parameter| parameter.open) {
                    self.findings.open = Some(reason);
                }
                let values = parameters.iter().map(|it| from_text(self.contract, member, &it.value));
                let values: Vec<_> = values.collect();
                self.check_values(member, &values.iter().collect::<Vec<_>>());
            }
            Location::Header(name) => {
                let value = message.request.header(name).map(|text| from_text(self.contract, member, text));
                self.check_value(member, value.as_ref());
            }
            Location::Label => {
                let value = message.route.labels.get(&member.name).map(|text| {
                    let (text, open) = decode(text);
                    self.findings.open = open.or(self.findings.open);
                    from_text(self.contract, member, &text)
                });
                self.check_value(member, value.as_ref());
            }
            Location::Body => {
                if let Some(members) = &message.body {
                    let values = members.iter().filter(|(name, _)| *name == member.name);
                    self.check_values(member, &values.map(|(_, value)| value).collect::<Vec<_>>());
                }
            }
            Location::Payload | Location::Other => {}
        }
    }

    /// Checks all values of a member. If there are several, it is open which one a server reads, unless none of them
    /// is valid.
    fn check_values(&mut self, member: &Member, values: &[&Json]) {
        if values.len() < 2 {
            return self.check_value(member, values.first().copied());
        }
        let mut violations = BTreeSet::new();
        for value in values {
            let mut single = Classifier { contract: self.contract, findings: Findings::default() };
            single.check_value(member, Some(value));
            if single.findings.violations.is_empty() {
                self.findings.open = Some(OpenReason::Duplicate);
            }
            violations.append(&mut single.findings.violations);
            self.findings.members.entry(member.name.clone()).or_insert_with(|| (*value).clone());
        }
        self.findings.violations.append(&mut violations);
    }

    fn check_value(&mut self, member: &Member, value: Option<&Json>) {
        let Some(value) = value.filter(|value| **value != Json::Null) else {
            if member.constraints.required {
                self.findings.add(Some(member), Constraint::Required);
            }
            return;
        };
        match check_type(self.contract.shape(member), value) {
            TypeCheck::Wrong => self.findings.add(Some(member), Constraint::Type),
            TypeCheck::WholeDecimal => self.findings.open = Some(OpenReason::WholeDecimal),
            TypeCheck::Right => {
                for constraint in broken_constraints(&member.constraints, value) {
                    self.findings.add(Some(member), constraint);
                }
            }
        }
        self.findings.members.insert(member.name.clone(), value.clone());
    }
}
