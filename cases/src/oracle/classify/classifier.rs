//! Reads the members of a request, and collects what it breaks and what is open.

use std::collections::{BTreeMap, BTreeSet};

use super::body::{Body, Content, Unreadable};
use super::reading::{Class, Constraint, OpenReason, Reading, Violation};
use super::route::{Parameter, Route, decode, has_trailing_slash, query_parameters, route};
use super::text_value::{from_text, header_list};
use super::value_check::check_value;
use crate::contract::{Contract, Location, MapEntry, Member, Operation, Shape};
use crate::protocol::{Json, Request};

/// Classifies a request.
pub fn classify<'a>(contract: &'a Contract, request: &Request) -> Reading<'a> {
    let query = query_parameters(request.query().unwrap_or_default());
    let Some(route) = route(contract, request, &query) else {
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
    let body = classifier.read_body(operation, request);
    let message = Message { request, route, query, body };
    for member in &operation.input {
        classifier.read_member(&message, member);
    }
    let Findings { violations, open, members } = classifier.findings;
    let class = match open {
        Some(reason) => Class::Open(reason),
        None if violations.is_empty() => Class::Valid,
        None => Class::Invalid(violations),
    };
    let unknown_members = message.has_unknown_members();
    Reading { class, operation: Some(operation), members, unknown_members }
}

/// A request, taken apart.
struct Message<'a, 'r> {
    request: &'r Request,
    route: Route<'a, 'r>,
    query: Vec<Parameter>,
    /// The content of the body; `None` if it cannot be read.
    body: Option<Content>,
}

impl Message<'_, '_> {
    /// Whether the body has members that the model does not have.
    fn has_unknown_members(&self) -> bool {
        let Some(Content::Members(members)) = &self.body else { return false };
        let operation = self.route.operation;
        members.iter().any(|(name, _)| operation.body_members().all(|member| member.json_name != *name))
    }

    /// The parameters that no member of another location has, and that are no part of the operation's path.
    fn free_parameters(&self) -> impl Iterator<Item = &Parameter> {
        let operation = self.route.operation;
        self.query.iter().filter(|parameter| {
            let bound = |member: &Member| matches!(&member.location, Location::Query(name) if *name == parameter.name);
            operation.query.iter().all(|(name, _)| *name != parameter.name)
                && !operation.input.iter().any(bound)
        })
    }
}

#[derive(Default)]
struct Findings {
    violations: BTreeSet<Violation>,
    open: Option<OpenReason>,
    members: BTreeMap<String, Json>,
}

impl Findings {
    fn add(&mut self, member: Option<String>, constraint: Constraint) {
        self.violations.insert(Violation { member, constraint });
    }
}

struct Classifier<'a> {
    contract: &'a Contract,
    findings: Findings,
}

impl Classifier<'_> {
    fn read_body(&mut self, operation: &Operation, request: &Request) -> Option<Content> {
        let Body { content, open } = Body::read(self.contract, operation, request);
        match open {
            // Other open reasons accept more responses than this one, and replace it.
            Some(OpenReason::ContentType) => {
                self.findings.open.get_or_insert(OpenReason::ContentType);
            }
            Some(reason) => self.findings.open = Some(reason),
            None => {}
        }
        match content {
            Ok(content) => Some(content),
            Err(Unreadable::Open) => None,
            Err(Unreadable::Broken(constraint)) => {
                self.findings.add(None, constraint);
                None
            }
        }
    }

    /// Reads a member from its location.
    fn read_member(&mut self, message: &Message<'_, '_>, member: &Member) {
        match &member.location {
            Location::Query(name) => self.read_query(message, member, name),
            Location::Header(name) => {
                let value = message.request.header(name).map(|text| self.header_value(member, text));
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
                if let Some(Content::Members(members)) = &message.body {
                    let values = members.iter().filter(|(name, _)| *name == member.json_name);
                    self.check_values(member, &values.map(|(_, value)| value).collect::<Vec<_>>());
                }
            }
            Location::Payload => {
                if let Some(Content::Payload(value)) = &message.body {
                    self.check_payload(member, value.as_ref());
                }
            }
            Location::QueryParams => self.read_free_parameters(message, member),
            Location::PrefixHeaders(prefix) => self.read_prefix_headers(message, member, prefix),
            Location::ResponseCode => {}
        }
    }

    fn read_query(&mut self, message: &Message<'_, '_>, member: &Member, name: &str) {
        let parameters = message.query.iter().filter(|parameter| parameter.name == name);
        let parameters: Vec<_> = parameters.collect();
        self.note_open(&parameters);
        let text = |member: &Member| -> Vec<Json> {
            parameters.iter().map(|it| from_text(self.contract, member, &it.value)).collect()
        };
        if let Shape::List(element) = self.contract.shape(member) {
            let items = text(element);
            let value = (!items.is_empty()).then_some(Json::Array(items));
            return self.check_value(member, value.as_ref());
        }
        let values = text(member);
        self.check_values(member, &values.iter().collect::<Vec<_>>());
    }

    fn read_free_parameters(&mut self, message: &Message<'_, '_>, member: &Member) {
        let parameters: Vec<_> = message.free_parameters().collect();
        self.note_open(&parameters);
        let Shape::Map(entry) = self.contract.shape(member) else { return };
        let mut entries: Vec<(String, Json)> = Vec::new();
        for parameter in parameters {
            self.add_entry(&mut entries, entry, &parameter.name, &parameter.value);
        }
        let value = (!entries.is_empty()).then_some(Json::Object(entries));
        self.check_value(member, value.as_ref());
    }

    /// Adds a parameter to a map from names to texts, or to lists of them.
    fn add_entry(&mut self, entries: &mut Vec<(String, Json)>, entry: &MapEntry, name: &str, text: &str) {
        let known = entries.iter_mut().find(|(other, _)| other == name).map(|(_, value)| value);
        match (self.contract.shape(&entry.value), known) {
            (Shape::List(element), Some(Json::Array(items))) => {
                items.push(from_text(self.contract, element, text));
            }
            (Shape::List(element), _) => {
                let items = vec![from_text(self.contract, element, text)];
                entries.push((name.to_owned(), Json::Array(items)));
            }
            (_, Some(_)) => self.findings.open = Some(OpenReason::Duplicate),
            (_, None) => entries.push((name.to_owned(), from_text(self.contract, &entry.value, text))),
        }
    }

    fn read_prefix_headers(&mut self, message: &Message<'_, '_>, member: &Member, prefix: &str) {
        let Shape::Map(entry) = self.contract.shape(member) else { return };
        let headers = message.request.headers.iter().filter_map(|(name, value)| {
            let start = name.get(..prefix.len())?;
            let has_prefix = start.eq_ignore_ascii_case(prefix) && !prefix.is_empty();
            has_prefix.then(|| (name[prefix.len()..].to_owned(), self.header_value(&entry.value, value)))
        });
        let entries: Vec<_> = headers.collect();
        let value = (!entries.is_empty()).then_some(Json::Object(entries));
        self.check_value(member, value.as_ref());
    }

    fn header_value(&self, member: &Member, text: &str) -> Json {
        match self.contract.shape(member) {
            Shape::List(element) => header_list(self.contract, element, text),
            _ => from_text(self.contract, member, text),
        }
    }

    fn note_open(&mut self, parameters: &[&Parameter]) {
        if let Some(reason) = parameters.iter().find_map(|parameter| parameter.open) {
            self.findings.open = Some(reason);
        }
    }

    /// The bytes of a blob are no base64 here, and null is a document like any other.
    fn check_payload(&mut self, member: &Member, value: Option<&Json>) {
        match (self.contract.shape(member), value) {
            (Shape::Blob, Some(Json::String(bytes))) => {
                let length = bytes.chars().count();
                if member.constraints.length.is_some_and(|bounds| !bounds.contains(length)) {
                    self.findings.add(Some(member.name.clone()), Constraint::Length);
                }
            }
            (Shape::Document, Some(_)) => {}
            (Shape::Structure(_) | Shape::Union(_) | Shape::List(_) | Shape::Map(_), Some(Json::Null)) => {
                self.findings.add(Some(member.name.clone()), Constraint::Type);
            }
            (_, value) => self.check_value(member, value),
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
            if member.constraints.required && member.has_default {
                self.findings.open = Some(OpenReason::Default);
            } else if member.constraints.required {
                self.findings.add(Some(member.name.clone()), Constraint::Required);
            }
            return;
        };
        let check = check_value(self.contract, member, value);
        self.findings.open = check.open.or(self.findings.open);
        for problem in check.problems {
            self.findings.add(Some(format!("{}{}", member.name, problem.path)), problem.constraint);
        }
        self.findings.members.insert(member.name.clone(), value.clone());
    }
}
