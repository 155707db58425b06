//! Says of the bytes of a request whether they keep the contract.
//!
//! This reads the request as a server would and shares no code with the generator, so that each is
//! a check on the other. It knows the model only: whether a resource exists or a token is spent is
//! the [oracle](crate::oracle::Oracle)'s business.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::contract::{Constraints, Contract, Location, Member, Operation, Shape, UriSegment};
use crate::protocol::{Json, NotJson, Request, media_type};

/// Bodies up to this size have to be read; what a server does with larger ones is open
/// (contract, section 3).
pub const MAX_BODY_SIZE: usize = 64 * 1024;
/// Members nested up to this depth have to be read; what a server does with deeper ones is open
/// (contract, section 3).
pub const MAX_DEPTH: usize = 100;

/// What a request is to the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// Every constraint is kept.
    Valid,
    /// These constraints are broken.
    Invalid(BTreeSet<Violation>),
    /// The contract does not say.
    Open(Openness),
    /// No operation has this method and path.
    Unrouted,
}

/// One broken constraint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The member, or `None` for the message as a whole.
    pub member: Option<String>,
    /// What is broken.
    pub constraint: Constraint,
}

/// The sorts of constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Constraint {
    /// A required member is missing or null.
    Required,
    /// The value has another JSON type than the shape.
    Type,
    /// The trait `length`.
    Length,
    /// The trait `range`.
    Range,
    /// The trait `pattern`.
    Pattern,
    /// Not one of the values of an enum.
    Enum,
    /// The body is not JSON.
    Syntax,
    /// The body is JSON, but no object.
    Document,
}

/// What the contract leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// A member or parameter stands there twice, and not every one of its values is invalid.
    Duplicate,
    /// Half of a surrogate pair.
    LoneSurrogate,
    /// Nested deeper than readers commonly go.
    TooDeep,
    /// A whole number written with fraction or exponent.
    WholeDecimal,
    /// No or another content type.
    ContentType,
    /// A byte order mark before the JSON text.
    ByteOrderMark,
    /// A slash behind the path.
    TrailingSlash,
    /// A `+` in the query, which some take for a blank.
    Plus,
    /// Percent-encoded octets of a path or query that are no UTF-8.
    NotUtf8,
}

/// A request as the classifier read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    /// What it is to the contract.
    pub class: Class,
    /// The operation it is for.
    pub operation: Option<&'a Operation>,
    /// The values of the members that are there and could be read.
    pub members: BTreeMap<String, Json>,
    /// Whether the body has members that the model does not know.
    pub unknown_members: bool,
}

/// Reads a request.
pub fn classify<'a>(contract: &'a Contract, request: &Request) -> Reading<'a> {
    let Some((operation, labels)) = route(contract, request) else {
        return Reading {
            class: Class::Unrouted,
            operation: None,
            members: BTreeMap::new(),
            unknown_members: false,
        };
    };
    let mut reader = Reader::default();
    if request.path().ends_with('/') && !operation.path.is_empty() && !ends_greedy(&operation.path) {
        reader.open = Some(Openness::TrailingSlash);
    }
    let query = query_parameters(request.query().unwrap_or_default());
    let body = if operation.body_members().next().is_some() {
        reader.body(request)
    } else {
        Body::Object(Vec::new())
    };
    for member in &operation.input {
        match &member.location {
            Location::Query(name) => {
                let values: Vec<_> = query.iter().filter(|parameter| parameter.name == *name).collect();
                if let Some(openness) = values.iter().find_map(|parameter| parameter.open) {
                    reader.open = Some(openness);
                }
                let values: Vec<_> = values.iter().map(|it| from_text(contract, member, &it.value)).collect();
                reader.members(contract, member, &values.iter().collect::<Vec<_>>());
            }
            Location::Header(name) => {
                let value = request.header(name).map(|text| from_text(contract, member, text));
                reader.member(contract, member, value.as_ref());
            }
            Location::Label => {
                let value = labels.get(&member.name).map(|text| {
                    let (text, open) = decode(text);
                    reader.open = open.or(reader.open);
                    from_text(contract, member, &text)
                });
                reader.member(contract, member, value.as_ref());
            }
            Location::Body => {
                if let Body::Object(members) = &body {
                    let values = members.iter().filter(|(key, _)| *key == member.name);
                    reader.members(contract, member, &values.map(|(_, value)| value).collect::<Vec<_>>());
                }
            }
            Location::Payload | Location::Other => {}
        }
    }
    let unknown_members = match &body {
        Body::Object(members) => {
            members.iter().any(|(name, _)| operation.body_members().all(|member| member.name != *name))
        }
        Body::Unreadable => false,
    };
    let class = match (reader.open, reader.violations.is_empty()) {
        (Some(openness), _) => Class::Open(openness),
        (None, true) => Class::Valid,
        (None, false) => Class::Invalid(reader.violations),
    };
    Reading { class, operation: Some(operation), members: reader.members, unknown_members }
}

enum Body {
    Object(Vec<(String, Json)>),
    Unreadable,
}

#[derive(Default)]
struct Reader {
    violations: BTreeSet<Violation>,
    open: Option<Openness>,
    members: BTreeMap<String, Json>,
}

impl Reader {
    fn violated(&mut self, member: Option<&Member>, constraint: Constraint) {
        self.violations.insert(Violation { member: member.map(|member| member.name.clone()), constraint });
    }

    fn body(&mut self, request: &Request) -> Body {
        if request.header("content-type").is_none_or(|value| media_type(value) != "application/json") {
            // Whatever else is open leaves more answers open than this does.
            self.open.get_or_insert(Openness::ContentType);
        }
        if request.body.is_empty() {
            return Body::Object(Vec::new());
        }
        // RFC 8259, 8.1: a reader may pass over the mark or take it for an error.
        let text = request.body.strip_prefix(b"\xef\xbb\xbf");
        if text.is_some() {
            self.open = Some(Openness::ByteOrderMark);
        }
        match Json::parse(text.unwrap_or(&request.body)) {
            Ok(Json::Object(members)) => {
                if members.iter().any(|(_, value)| value.depth() > MAX_DEPTH) {
                    self.open = Some(Openness::TooDeep);
                }
                Body::Object(members)
            }
            Ok(_) => {
                self.violated(None, Constraint::Document);
                Body::Unreadable
            }
            Err(NotJson::Malformed) => {
                self.violated(None, Constraint::Syntax);
                Body::Unreadable
            }
            Err(NotJson::LoneSurrogate) => {
                self.open = Some(Openness::LoneSurrogate);
                Body::Unreadable
            }
            Err(NotJson::TooDeep) => {
                self.open = Some(Openness::TooDeep);
                Body::Unreadable
            }
        }
    }

    /// A member with all the values that stand there for it. If there are several, which one counts
    /// is open, unless none of them is valid.
    fn members(&mut self, contract: &Contract, member: &Member, values: &[&Json]) {
        if values.len() < 2 {
            return self.member(contract, member, values.first().copied());
        }
        let mut violations = BTreeSet::new();
        for value in values {
            let mut alone = Reader::default();
            alone.member(contract, member, Some(value));
            if alone.violations.is_empty() {
                self.open = Some(Openness::Duplicate);
            }
            violations.append(&mut alone.violations);
            self.members.entry(member.name.clone()).or_insert_with(|| (*value).clone());
        }
        self.violations.append(&mut violations);
    }

    fn member(&mut self, contract: &Contract, member: &Member, value: Option<&Json>) {
        let Some(value) = value.filter(|value| **value != Json::Null) else {
            if member.constraints.required {
                self.violated(Some(member), Constraint::Required);
            }
            return;
        };
        match type_of(contract.shape(member), value) {
            Typed::Wrong => self.violated(Some(member), Constraint::Type),
            Typed::WholeDecimal => self.open = Some(Openness::WholeDecimal),
            Typed::Right => {
                for constraint in broken(&member.constraints, value) {
                    self.violated(Some(member), constraint);
                }
            }
        }
        self.members.insert(member.name.clone(), value.clone());
    }
}

/// A member outside of the body is text, whatever its shape.
fn from_text(contract: &Contract, member: &Member, text: &str) -> Json {
    let typed = match contract.shape(member) {
        Shape::Integer(_) => text.parse().ok().map(Json::Integer),
        Shape::Number => text.parse().ok().map(Json::Decimal),
        Shape::Boolean => text.parse().ok().map(Json::Boolean),
        _ => None,
    };
    typed.unwrap_or_else(|| Json::String(text.to_owned()))
}

enum Typed {
    Right,
    Wrong,
    WholeDecimal,
}

fn type_of(shape: &Shape, value: &Json) -> Typed {
    let right = match (shape, value) {
        (Shape::Integer(width), Json::Integer(number)) => width.holds(*number),
        (Shape::Integer(width), Json::Decimal(_)) => match value.as_whole() {
            Some(number) if width.holds(number) => return Typed::WholeDecimal,
            _ => false,
        },
        (Shape::String | Shape::Blob, Json::String(_))
        | (Shape::Number | Shape::Timestamp, Json::Integer(_) | Json::Decimal(_))
        | (Shape::Boolean, Json::Boolean(_))
        | (Shape::Document, _)
        | (Shape::List(_), Json::Array(_))
        | (Shape::Map(_) | Shape::Structure(_) | Shape::Union(_), Json::Object(_)) => true,
        _ => false,
    };
    if right { Typed::Right } else { Typed::Wrong }
}

/// The constraint traits that a value of the right type breaks.
pub fn broken(constraints: &Constraints, value: &Json) -> Vec<Constraint> {
    let mut broken = Vec::new();
    match value {
        Json::String(text) => {
            if constraints.length.is_some_and(|length| !length.holds(text.chars().count())) {
                broken.push(Constraint::Length);
            }
            if constraints.pattern.as_ref().is_some_and(|pattern| !pattern.holds(text)) {
                broken.push(Constraint::Pattern);
            }
            if constraints.one_of.as_ref().is_some_and(|values| !values.contains(text)) {
                broken.push(Constraint::Enum);
            }
        }
        Json::Integer(number) if constraints.range.is_some_and(|range| !range.holds(*number)) => {
            broken.push(Constraint::Range);
        }
        _ => {}
    }
    broken
}

fn route<'a, 'r>(
    contract: &'a Contract,
    request: &'r Request,
) -> Option<(&'a Operation, BTreeMap<String, &'r str>)> {
    contract.operations.iter().find_map(|operation| {
        (operation.method == request.method)
            .then(|| labels(&operation.path, request.path()))
            .flatten()
            .map(|labels| (operation, labels))
    })
}

/// The labels of a path, still percent-encoded, if it matches the pattern.
fn labels<'p>(pattern: &[UriSegment], path: &'p str) -> Option<BTreeMap<String, &'p str>> {
    let mut labels = BTreeMap::new();
    let mut rest = path.strip_prefix('/')?;
    for (position, segment) in pattern.iter().enumerate() {
        let greedy =
            matches!(segment, UriSegment::Label { greedy: true, .. }) && position + 1 == pattern.len();
        let (text, after) = if greedy { (rest, "") } else { rest.split_once('/').unwrap_or((rest, "")) };
        match segment {
            UriSegment::Literal(literal) if literal == text => {}
            UriSegment::Label { member, .. } if !text.is_empty() => {
                labels.insert(member.clone(), text);
            }
            UriSegment::Literal(_) | UriSegment::Label { .. } => return None,
        }
        rest = after;
    }
    rest.is_empty().then_some(labels)
}

fn ends_greedy(pattern: &[UriSegment]) -> bool {
    matches!(pattern.last(), Some(UriSegment::Label { greedy: true, .. }))
}

/// A parameter of a query, decoded; one without `=` has the empty string as its value.
struct Parameter {
    name: String,
    value: String,
    /// Why it is open what the value is, if it is.
    open: Option<Openness>,
}

/// What a percent-encoded text says, and whether that is open.
fn decode(text: &str) -> (String, Option<Openness>) {
    let octets = percent_decode_str(text);
    let open = octets.clone().decode_utf8().is_err().then_some(Openness::NotUtf8);
    (octets.decode_utf8_lossy().into_owned(), open)
}

fn query_parameters(query: &str) -> Vec<Parameter> {
    query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, text)| {
            let (value, open) = decode(text);
            // A `+` that is not percent-encoded.
            let open = text.contains('+').then_some(Openness::Plus).or(open);
            Parameter { name: decode(name).0, value, open }
        })
        .collect()
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let constraint = match self.constraint {
            Constraint::Required => "required",
            Constraint::Type => "type",
            Constraint::Length => "length",
            Constraint::Range => "range",
            Constraint::Pattern => "pattern",
            Constraint::Enum => "enum",
            Constraint::Syntax => "syntax of the body",
            Constraint::Document => "body is an object",
        };
        match &self.member {
            Some(member) => write!(f, "{member}: {constraint}"),
            None => f.write_str(constraint),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            target: "/configurationsessions".to_owned(),
            headers: vec![("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned())],
            body: body.as_bytes().to_vec(),
            ..Request::default()
        }
    }

    fn class(request: &Request) -> Class {
        classify(&Contract::model().unwrap(), request).class
    }

    fn invalid(member: Option<&str>, constraint: Constraint) -> Class {
        Class::Invalid(BTreeSet::from([Violation { member: member.map(str::to_owned), constraint }]))
    }

    fn body(application: &str) -> String {
        format!(
            r#"{{"ApplicationIdentifier":{application},"EnvironmentIdentifier":"e","ConfigurationProfileIdentifier":"p"}}"#
        )
    }

    fn get(target: &str) -> Request {
        Request { method: "GET".to_owned(), target: target.to_owned(), ..Request::default() }
    }

    #[test]
    fn a_member_that_the_operation_lacks_is_told() {
        let model = Contract::model().unwrap();
        let further = body(r#""a""#).replace('}', r#","Further":1}"#);
        let told = |text: &str| classify(&model, &start(text)).unknown_members;
        assert!(told(&further) && told(r#"{"Further":1}"#));
        assert!(!told(&body(r#""a""#)) && !told("{}") && !told("[]"));
    }

    #[test]
    fn members_are_read_up_to_a_depth() {
        let nested = |depth: usize| {
            let further = format!(r#","Further":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
            class(&start(&body(r#""a""#).replace('}', &further)))
        };
        assert_eq!(nested(MAX_DEPTH), Class::Valid);
        assert_eq!(nested(MAX_DEPTH + 1), Class::Open(Openness::TooDeep));
    }

    /// A library whose books are at a path, with a choice of them by query.
    fn library() -> Contract {
        let member =
            |target: &str, traits: serde_json::Value| serde_json::json!({"target": target, "traits": traits});
        let query =
            |target: &str, name: &str| member(target, serde_json::json!({"smithy.api#httpQuery": name}));
        let model = serde_json::json!({"smithy": "2.0", "shapes": {
            "a#Library": {
                "type": "service",
                "operations": [{"target": "a#Read"}, {"target": "a#Browse"}],
                "traits": {"aws.protocols#restJson1": {}, "boundstone#constraintError": {"error": "a#Bad"}}
            },
            "a#Bad": {"type": "structure", "members": {}, "traits": {"smithy.api#error": "client"}},
            "a#Read": {
                "type": "operation", "input": {"target": "a#ReadInput"}, "errors": [{"target": "a#Bad"}],
                "traits": {"smithy.api#http": {"method": "GET", "uri": "/books/{book+}"}}
            },
            "a#ReadInput": {"type": "structure", "members": {
                "book": member("smithy.api#String", serde_json::json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}}))
            }},
            "a#Browse": {
                "type": "operation", "input": {"target": "a#BrowseInput"}, "errors": [{"target": "a#Bad"}],
                "traits": {"smithy.api#http": {"method": "GET", "uri": "/shelves/{shelf}"}}
            },
            "a#BrowseInput": {"type": "structure", "members": {
                "shelf": member("smithy.api#String", serde_json::json!({"smithy.api#required": {}, "smithy.api#httpLabel": {}})),
                "lent": query("smithy.api#Boolean", "lent"),
                "pages": query("smithy.api#Integer", "pages"),
                "weight": query("smithy.api#Double", "weight"),
                "title": query("smithy.api#String", "title")
            }}
        }});
        Contract::load("library", &model.to_string()).unwrap()
    }

    #[test]
    fn a_member_outside_of_the_body_is_read_by_its_shape() {
        let library = library();
        let class = |target: &str| classify(&library, &get(target)).class;
        for query in ["lent=true", "lent=false", "pages=5", "weight=0.5", "weight=2", "title=true", "title=5"]
        {
            assert_eq!(class(&format!("/shelves/a?{query}")), Class::Valid, "{query}");
        }
        for query in ["lent=yes", "lent=1", "pages=5.5", "pages=many", "weight=light"] {
            let member = query.split('=').next();
            assert_eq!(class(&format!("/shelves/a?{query}")), invalid(member, Constraint::Type), "{query}");
        }
    }

    #[test]
    fn a_slash_at_the_end_is_a_part_of_a_greedy_label_alone() {
        let library = library();
        let reading = |target: &str| {
            let Reading { class, members, .. } = classify(&library, &get(target));
            (class, members.into_values().next().and_then(|value| value.as_str().map(str::to_owned)))
        };
        let valid = |label: &str| (Class::Valid, Some(label.to_owned()));
        assert_eq!(reading("/books/a/b"), valid("a/b"));
        assert_eq!(reading("/books/a/"), valid("a/"));
        assert_eq!(reading("/shelves/a"), valid("a"));
        assert!(matches!(reading("/shelves/a/").0, Class::Open(_)));
        assert_eq!(reading("/shelves/a/b").0, Class::Unrouted);
    }

    #[test]
    fn lengths_are_counted_in_scalar_values() {
        for c in ['a', 'é', '漢', '😀'] {
            let text = |n: usize| format!("\"{}\"", c.to_string().repeat(n));
            assert_eq!(class(&start(&body(&text(128)))), Class::Valid, "{c}");
            assert_eq!(
                class(&start(&body(&text(129)))),
                invalid(Some("ApplicationIdentifier"), Constraint::Length),
                "{c}"
            );
        }
        assert_eq!(class(&start(&body("\"\""))), invalid(Some("ApplicationIdentifier"), Constraint::Length));
    }

    #[test]
    fn null_is_missing() {
        assert_eq!(
            class(&start(&body("null"))),
            invalid(Some("ApplicationIdentifier"), Constraint::Required)
        );
        let optional = body("\"a\"").replace("\"e\"", "\"e\",\"RequiredMinimumPollIntervalInSeconds\":null");
        assert_eq!(class(&start(&optional)), Class::Valid);
    }

    #[test]
    fn types_are_not_coerced() {
        for value in ["5", "true", "[]", "{}"] {
            assert_eq!(
                class(&start(&body(value))),
                invalid(Some("ApplicationIdentifier"), Constraint::Type),
                "{value}"
            );
        }
        let interval = |value: &str| {
            body("\"a\"").replace("\"e\"", &format!("\"e\",\"RequiredMinimumPollIntervalInSeconds\":{value}"))
        };
        let member = Some("RequiredMinimumPollIntervalInSeconds");
        for value in ["\"60\"", "true", "15.5", "1e30", "99999999999", "[]"] {
            assert_eq!(class(&start(&interval(value))), invalid(member, Constraint::Type), "{value}");
        }
        for value in ["14", "0", "-15", "86401"] {
            assert_eq!(class(&start(&interval(value))), invalid(member, Constraint::Range), "{value}");
        }
        assert_eq!(class(&start(&interval("60.0"))), Class::Open(Openness::WholeDecimal));
        assert_eq!(class(&start(&interval("15"))), Class::Valid);
        assert_eq!(class(&start(&interval("86400"))), Class::Valid);
    }

    #[test]
    fn bodies_are_json_objects() {
        assert_eq!(class(&start("{")), invalid(None, Constraint::Syntax));
        assert_eq!(class(&start("[]")), invalid(None, Constraint::Document));
        assert!(matches!(class(&start("")), Class::Invalid(violations) if violations.len() == 3));
        assert_eq!(class(&start(&body("\"\\ud800\""))), Class::Open(Openness::LoneSurrogate));
        assert_eq!(
            class(&start(&format!("\u{feff}{}", body("\"a\"")))),
            Class::Open(Openness::ByteOrderMark)
        );
        let mut other_type = start(&body("\"a\""));
        other_type.headers.clear();
        assert_eq!(class(&other_type), Class::Open(Openness::ContentType));
        // It may not be routed at all.
        other_type.target.push('/');
        assert_eq!(class(&other_type), Class::Open(Openness::TrailingSlash));
    }

    #[test]
    fn which_of_two_members_counts_is_open_unless_neither_is_valid() {
        let twice = |first: &str, second: &str| {
            class(&start(&body(&format!("{first},\"ApplicationIdentifier\":{second}"))))
        };
        for (first, second) in [("\"a\"", "\"b\""), ("\"a\"", "5"), ("null", "\"a\"")] {
            assert_eq!(twice(first, second), Class::Open(Openness::Duplicate), "{first}, {second}");
        }
        let member = Some("ApplicationIdentifier");
        assert_eq!(twice("5", "true"), invalid(member, Constraint::Type));
        let Class::Invalid(violations) = twice("\"\"", "null") else { panic!("neither is valid") };
        let broken: Vec<_> = violations.iter().map(|violation| violation.constraint).collect();
        assert_eq!(broken, [Constraint::Required, Constraint::Length]);
    }

    #[test]
    fn a_query_member_is_read_from_the_query() {
        let get = |query: &str| Request {
            method: "GET".to_owned(),
            target: format!("/configuration{query}"),
            ..Request::default()
        };
        let token = Some("ConfigurationToken");
        assert_eq!(class(&get("?configuration_token=abc")), Class::Valid);
        assert_eq!(class(&get("")), invalid(token, Constraint::Required));
        assert_eq!(class(&get("?configuration_token")), invalid(token, Constraint::Pattern));
        assert_eq!(class(&get("?configuration_token=")), invalid(token, Constraint::Pattern));
        assert_eq!(class(&get("?configuration_token=a%20b")), invalid(token, Constraint::Pattern));
        let long = format!("?configuration_token={}", "a".repeat(8193));
        assert_eq!(class(&get(&long)), invalid(token, Constraint::Pattern));
        assert_eq!(
            class(&get("?configuration_token=a&configuration_token=b")),
            Class::Open(Openness::Duplicate)
        );
        assert_eq!(
            class(&get("?configuration_token=&configuration_token")),
            invalid(token, Constraint::Pattern)
        );
        assert_eq!(class(&get("?configuration_token=a+b")), Class::Open(Openness::Plus));
        assert_eq!(class(&get("?configuration_token=a%bcd")), Class::Open(Openness::NotUtf8));
        assert_eq!(class(&get("?configuration_token=a%C3%B6")), Class::Valid);
        assert_eq!(class(&get("?configuration_token=a%2Bb&other=a+b")), Class::Valid);
        assert_eq!(class(&get("/?configuration_token=a")), Class::Open(Openness::TrailingSlash));
    }

    #[test]
    fn other_methods_and_paths_reach_no_operation() {
        let mut request = start("{}");
        request.method = "PUT".to_owned();
        assert_eq!(class(&request), Class::Unrouted);
        request.method = "POST".to_owned();
        request.target = "/configurationsessions/x".to_owned();
        assert_eq!(class(&request), Class::Unrouted);
    }
}
