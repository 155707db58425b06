//! Normalizes a response to an outcome. What the contract specifies is kept. Everything else becomes a
//! placeholder or is dropped.
//!
//! The rules and their reasons:
//!
//! | part of a response | outcome | reason |
//! |---|---|---|
//! | reason phrase, order and case of headers, further headers, framing | nothing | HTTP gives them no meaning |
//! | content type | the media type in lower case | parameters are allowed (restJson1) |
//! | content encoding | the codings except `identity` | no request asks for one, and nothing is decompressed |
//! | members of a coded body | that they were not read | the coding is wrong, not each member |
//! | content type of a success without a body | that there is no body | there is nothing to describe |
//! | error type | the shape name | header, `code` or `__type`, with namespace and URI suffix, mean the same (restJson1) |
//! | members that the model does not define | nothing | clients ignore them |
//! | a member that is null | as if absent | `RestJsonClientsDontSerializeNullStructureValues` and its counterpart for servers |
//! | `message` | as `Message` | clients read both |
//! | a value within its constraints | its type | the contract does not define it |
//! | a value outside of its constraints | the broken constraint | this is what a finding shows, and the value may be a secret |
//! | an enum | the value | the contract defines it |
//! | a member that contains one enum value | that value | it names a cause |
//! | a name that the contract does not define | the name, redacted | a target may repeat what it received |
//! | a single-use value in an error | that it is present | an error carries no value that a success issues |

use cases::contract::{Contract, Location, Member, Operation, Shape};
use cases::oracle::{
    Constraint, Content, ContentState, Field, Outcome, Value, check_value, shape_placeholder,
    shape_placeholder_with,
};
use cases::protocol::{Json, Response, describes_body, media_type};

use crate::client::response::{ERROR_TYPE_HEADER, content_encoding, error_type};

/// Normalizes a response of `operation`. `content` is what is known about the content that the response may
/// deliver, and `clean` redacts a text.
pub fn normalize(
    contract: &Contract,
    operation: &Operation,
    response: &Response,
    content: Option<Content<'_>>,
    clean: &dyn Fn(&str) -> String,
) -> Outcome {
    let encoding = content_encoding(response);
    // The payload that a fixture gives is no JSON of the protocol.
    let is_content = operation.output_payload().is_some_and(|member| member.rules.content.is_some());
    let is_error = !response.is_success();
    let is_read = encoding.is_none() && (is_error || !is_content);
    let body = if is_read { Json::parse(&response.body).ok() } else { None };
    let reader = Reader { contract, response, is_coded: encoding.is_some(), is_error, body, clean };
    let mut outcome = Outcome::default();
    outcome.set(Field::Status, Value::code(response.status));
    if let Some(encoding) = &encoding {
        outcome.set(Field::ContentEncoding, Value::text(&clean(encoding)));
    }
    if response.header(ERROR_TYPE_HEADER).is_some_and(|value| !value.is_empty()) {
        outcome.set(Field::ErrorTypeHeader, Value::Present);
    }
    if response.is_success() {
        reader.read_success(&mut outcome, operation, content);
    } else {
        reader.read_error(&mut outcome, operation);
    }
    outcome
}

/// Reads the members of a response.
struct Reader<'a> {
    contract: &'a Contract,
    response: &'a Response,
    /// Whether the body has a content coding, so that it is not read.
    is_coded: bool,
    /// Whether it is an error, in which the value of an enum may name the cause.
    is_error: bool,
    /// The body, if it is JSON.
    body: Option<Json>,
    /// Redacts a text.
    clean: &'a dyn Fn(&str) -> String,
}

impl Reader<'_> {
    fn read_success(&self, outcome: &mut Outcome, operation: &Operation, content: Option<Content<'_>>) {
        match operation.output_payload() {
            None if self.response.body.is_empty() => outcome.set(Field::ContentType, Value::NoBody),
            None => self.set_content_type(outcome),
            Some(_) => {}
        }
        for member in &operation.output {
            let value = match &member.location {
                Location::Payload if self.is_coded => Some(Value::Unread),
                Location::Payload if member.rules.content.is_some() => {
                    Some(payload(self.response, content).into())
                }
                Location::Payload => self.payload_placeholder(member),
                Location::Header(name) if self.response.body.is_empty() && describes_body(name) => {
                    let value =
                        self.shape_placeholder(member).filter(|value| is_kept(self.contract, member, value));
                    Some(value.unwrap_or(Value::NoBody))
                }
                _ => self.shape_placeholder(member),
            };
            set_member(outcome, member, value);
        }
        let issuing = self.contract.issued_member(operation).map(|member| &member.location);
        if self.is_coded && issuing == Some(&Location::Body) {
            for field in [Field::Freshness, Field::Opacity, Field::Succession] {
                outcome.set(field, Value::Unread);
            }
        }
    }

    fn read_error(&self, outcome: &mut Outcome, operation: &Operation) {
        self.set_content_type(outcome);
        let error_type = error_type(self.response, self.body.as_ref());
        if let Some(error_type) = &error_type {
            let is_known = self.contract.has_error_type(error_type);
            let shown = if is_known { error_type.clone() } else { (self.clean)(error_type) };
            outcome.set(Field::ErrorType, Value::text(&shown));
        }
        // An error of a wrong type, or of none, may still carry its members.
        let modeled = error_type.and_then(|name| self.contract.error(&name));
        let errors = modeled.map_or(operation.errors.as_slice(), std::slice::from_ref);
        let issued = self.contract.issued_member(operation);
        for member in errors.iter().flat_map(|error| &error.members).chain(issued) {
            set_member(outcome, member, self.shape_placeholder(member));
        }
    }

    fn set_content_type(&self, outcome: &mut Outcome) {
        if let Some(value) = self.response.header("content-type") {
            let value = media_type(value);
            let value = if value == JSON { value } else { (self.clean)(&value) };
            outcome.set(Field::ContentType, Value::text(&value));
        }
    }

    /// The displayed value of a payload that no fixture gives, or `None` if it is absent.
    fn payload_placeholder(&self, member: &Member) -> Option<Value> {
        let shape = self.contract.shape(member);
        let type_name = shape_placeholder(shape);
        match shape {
            Shape::Blob => Some(Value::fixed(type_name)),
            _ if self.response.body.is_empty() && !member.constraints.required => None,
            Shape::String if std::str::from_utf8(&self.response.body).is_ok() => {
                Some(Value::fixed(type_name))
            }
            _ => Some(match &self.body {
                Some(json) => self.displayed_value(member, json),
                None => Value::text(&format!("<bytes instead of {}>", bare(type_name))),
            }),
        }
    }

    /// The displayed value of a member, or `None` if it is absent.
    fn shape_placeholder(&self, member: &Member) -> Option<Value> {
        let value = match &member.location {
            Location::Body if self.is_coded => return Some(Value::Unread),
            Location::Header(name) => from_text(self.contract.shape(member), self.response.header(name)?),
            Location::Body => {
                let body = self.body.as_ref()?;
                let is_message = member.name.eq_ignore_ascii_case("message");
                let message = || body.get("message").or_else(|| body.get("Message")).filter(|_| is_message);
                body.get(&member.json_name).or_else(message)?.clone()
            }
            Location::Query(_)
            | Location::QueryParams
            | Location::Label
            | Location::Payload
            | Location::PrefixHeaders(_)
            | Location::ResponseCode => return None,
        };
        (value != Json::Null).then(|| self.displayed_value(member, &value))
    }

    fn displayed_value(&self, member: &Member, value: &Json) -> Value {
        let shape = self.contract.shape(member);
        let type_name = shape_placeholder(shape);
        let mut problems = check_value(self.contract, member, value).problems;
        // Clients skip null in a list or map.
        problems.retain(|problem| problem.constraint != Constraint::Null);
        let Some(worst) = problems.iter().min_by_key(|problem| !problem.path.is_empty()) else {
            let named = if self.is_error { enum_values(self.contract, shape, value) } else { Vec::new() };
            return match (value.as_str(), &member.constraints.one_of, named.as_slice()) {
                (Some(text), Some(_), _) => Value::text(text),
                (_, _, [problem]) => shape_placeholder_with(self.contract, member, problem),
                _ => Value::fixed(type_name),
            };
        };
        let bare = bare(type_name);
        Value::text(&match (worst.constraint, value.as_str()) {
            _ if !worst.path.is_empty() => format!("<{bare} with a wrong member>"),
            (Constraint::Type, _) => format!("<{} instead of {bare}>", value.kind()),
            // A value that the enum does not define may be anything.
            (_, Some(text)) if member.constraints.one_of.is_some() => (self.clean)(text),
            (constraint, _) => format!("<{bare} that breaks its {}>", trait_name(constraint)),
        })
    }
}

/// The name of a placeholder.
fn bare(placeholder: &str) -> &str {
    placeholder.trim_matches(['<', '>'])
}

/// The media type of restJson1.
const JSON: &str = "application/json";

fn set_member(outcome: &mut Outcome, member: &Member, value: Option<Value>) {
    if let Some(value) = value {
        outcome.set(Field::Member(member.name.clone()), value);
    }
}

/// Whether the displayed value of a member satisfies its constraints.
fn is_kept(contract: &Contract, member: &Member, shown: &Value) -> bool {
    let shown = shown.as_text();
    match &member.constraints.one_of {
        Some(names) => names.iter().any(|name| shown == Some(name)),
        None => shown == Some(shape_placeholder(contract.shape(member))),
    }
}

fn payload(response: &Response, content: Option<Content<'_>>) -> ContentState {
    if response.body.is_empty() {
        return ContentState::Empty;
    }
    content.and_then(|content| content.state_of(&response.body)).unwrap_or(ContentState::Other)
}

/// The text of a header as the JSON value that it represents.
fn from_text(shape: &Shape, text: &str) -> Json {
    let text = text.trim();
    let typed = match shape {
        Shape::Integer(_) => text.parse().ok().map(Json::Integer),
        Shape::Number => text.parse().ok().map(Json::Decimal),
        Shape::Boolean => text.parse().ok().map(Json::Boolean),
        _ => None,
    };
    typed.unwrap_or_else(|| Json::String(text.to_owned()))
}

/// The distinct enum values within a value of the right type.
fn enum_values<'j>(contract: &Contract, shape: &Shape, value: &'j Json) -> Vec<&'j str> {
    let mut problems: Vec<&str> = match (shape, value) {
        (Shape::List(member), Json::Array(items)) => {
            items.iter().flat_map(|item| member_enum_values(contract, member, item)).collect()
        }
        (Shape::Map(entry), Json::Object(entries)) => {
            entries.iter().flat_map(|(_, value)| member_enum_values(contract, &entry.value, value)).collect()
        }
        (Shape::Structure(members) | Shape::Union(members), Json::Object(entries)) => {
            let known = entries.iter().filter_map(|(name, value)| {
                Some((members.iter().find(|member| member.json_name == *name)?, value))
            });
            known.flat_map(|(member, value)| member_enum_values(contract, member, value)).collect()
        }
        _ => Vec::new(),
    };
    problems.sort_unstable();
    problems.dedup();
    problems
}

fn member_enum_values<'j>(contract: &Contract, member: &Member, value: &'j Json) -> Vec<&'j str> {
    match (&member.constraints.one_of, value) {
        (Some(_), Json::String(text)) => vec![text],
        _ => enum_values(contract, contract.shape(member), value),
    }
}

fn trait_name(constraint: Constraint) -> &'static str {
    match constraint {
        Constraint::Length => "length",
        Constraint::Range => "range",
        Constraint::Pattern => "pattern",
        Constraint::UniqueItems => "uniqueness",
        Constraint::Cardinality => "number of members",
        _ => "constraints",
    }
}

#[cfg(test)]
mod tests {
    use cases::oracle::Fingerprint;

    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec() }
    }

    fn start(status: u16, headers: &[(&str, &str)], body: &str) -> String {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        normalize(&contract, operation, &response(status, headers, body), None, &str::to_owned).to_string()
    }

    fn get(headers: &[(&str, &str)], body: &str, content: Option<Content<'_>>) -> String {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        normalize(&contract, operation, &response(200, headers, body), content, &str::to_owned).to_string()
    }

    const JSON: (&str, &str) = ("Content-Type", super::JSON);

    #[test]
    fn equivalent_errors_have_one_outcome() {
        let expected = "status: 400\ncontent-type: application/json\nerror type: BadRequestException\n\
                        error type header: <present>\nMessage: <string>\n";
        let body = r#"{"Message":"no"}"#;
        for error_type in [
            "BadRequestException",
            "aws.protocoltests#BadRequestException",
            "BadRequestException:http://internal.amazon.com/coral/com.amazon.coral.validate/",
            "a.b#BadRequestException:http://x/",
        ] {
            assert_eq!(start(400, &[("X-AMZN-ErrorType", error_type), JSON], body), expected, "{error_type}");
        }
        let odd = [
            ("x-amzn-errortype", "BadRequestException"),
            ("content-type", "Application/JSON; charset=utf-8"),
            ("x-b", "c"),
        ];
        assert_eq!(start(400, &odd, r#"{"message":"no","Else":[1],"Reason":null}"#), expected);
        let in_body = expected.replace("error type header: <present>\n", "");
        assert_eq!(start(400, &[JSON], r#"{"__type":"x#BadRequestException","message":"no"}"#), in_body);
        assert_eq!(
            start(400, &[JSON], r#"{"code":"BadRequestException:x","__type":"Other","message":"no"}"#),
            in_body
        );
    }

    #[test]
    fn error_members_are_checked_against_the_model() {
        let members = |body: &str| {
            let text = start(400, &[("x-amzn-errortype", "BadRequestException"), JSON], body);
            text.lines().skip(4).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(members(r#"{"Reason":"InvalidParameters"}"#), "Reason: InvalidParameters");
        assert_eq!(members(r#"{"Reason":"Other"}"#), "Reason: Other");
        let details = |problem: &str| {
            members(&format!(r#"{{"Details":{{"InvalidParameters":{{"T":{{"Problem":"{problem}"}}}}}}}}"#))
        };
        assert_eq!(details("Corrupted"), "Details: <union: Corrupted>");
        assert_eq!(details("Odd"), "Details: <union with a wrong member>");
        assert_eq!(members(r#"{"Message":5}"#), "Message: <number instead of string>");
    }

    #[test]
    fn error_without_modeled_type_shows_members() {
        let body = r#"{"Message":"no","Reason":"Other"}"#;
        for headers in [&[JSON][..], &[("x-amzn-errortype", "OddException"), JSON]] {
            let text = start(400, headers, body);
            assert!(text.ends_with("Message: <string>\nReason: Other\n"), "{text}");
        }
    }

    #[test]
    fn success_shows_broken_constraints() {
        let token = |body: &str| start(201, &[JSON], body).lines().nth(2).map(str::to_owned);
        assert_eq!(
            token(r#"{"InitialConfigurationToken":"abc"}"#).as_deref(),
            Some("InitialConfigurationToken: <string>")
        );
        assert_eq!(token(r#"{"InitialConfigurationToken":null}"#), None);
        assert_eq!(
            token(r#"{"InitialConfigurationToken":7}"#).as_deref(),
            Some("InitialConfigurationToken: <number instead of string>")
        );
        assert_eq!(
            token(r#"{"InitialConfigurationToken":"a b"}"#).as_deref(),
            Some("InitialConfigurationToken: <string that breaks its pattern>")
        );
        assert_eq!(
            start(201, &[("content-type", "text/html")], "<p>"),
            "status: 201\ncontent-type: text/html\n"
        );
    }

    #[test]
    fn coded_body_is_not_read() {
        let coded = |value| ("Content-Encoding", value);
        assert_eq!(
            start(201, &[JSON, coded("gzip")], "\u{1f}\u{8b}"),
            "status: 201\ncontent-type: application/json\ncontent-encoding: gzip\n\
             issued value: <not read>\nissued value shows: <not read>\nissued values: <not read>\n\
             InitialConfigurationToken: <not read>\n"
        );
        let named = [JSON, coded("br"), ("x-amzn-errortype", "BadRequestException")];
        let error = start(400, &named, "\u{1f}\u{8b}");
        assert!(error.contains("error type: BadRequestException\n"), "{error}");
        assert!(error.contains("Message: <not read>\n"), "{error}");
        assert!(error.contains("Reason: <not read>\n"), "{error}");
        // Headers can still be read.
        let polled = get(
            &[("Next-Poll-Interval-In-Seconds", "60"), coded("deflate")],
            "abc",
            Some(Content::Known(b"abc")),
        );
        assert!(polled.contains("Configuration: <not read>\n"), "{polled}");
        assert!(polled.contains("NextPollIntervalInSeconds: <integer>\n"), "{polled}");
        let body = r#"{"InitialConfigurationToken":"abc"}"#;
        assert_eq!(start(201, &[JSON, coded("identity")], body), start(201, &[JSON], body));
    }

    #[test]
    fn content_type_without_body_is_not_compared() {
        for headers in [&[JSON][..], &[("content-type", "text/html")], &[]] {
            assert_eq!(start(201, headers, ""), "status: 201\ncontent-type: <no body>\n");
        }
        assert_eq!(start(201, &[], "{}"), "status: 201\n");
        let of_poll = |headers: &[(&str, &str)], body: &str| {
            let text = get(headers, body, None);
            text.lines().find_map(|line| line.strip_prefix("ContentType: ")).map(str::to_owned)
        };
        assert_eq!(of_poll(&[], "").as_deref(), Some("<no body>"));
        assert_eq!(of_poll(&[JSON], "").as_deref(), Some("<string>"));
        assert_eq!(of_poll(&[], "a"), None);
        // The other headers are optional.
        assert!(!get(&[], "", None).contains("NextPollIntervalInSeconds"));
    }

    #[test]
    fn content_type_without_body_breaks_no_constraint() {
        let model = r#"{"smithy": "2.0", "shapes": {
            "a#S": {"type": "service", "operations": [{"target": "a#Get"}], "traits": {"aws.protocols#restJson1": {}}},
            "a#Get": {"type": "operation", "output": {"target": "a#Out"},
                      "traits": {"smithy.api#http": {"method": "GET", "uri": "/"}}},
            "a#Out": {"type": "structure", "members": {
                "Body": {"target": "smithy.api#Blob", "traits": {"smithy.api#httpPayload": {}}},
                "Kind": {"target": "smithy.api#String", "traits": {"smithy.api#required": {},
                         "smithy.api#httpHeader": "Content-Type", "smithy.api#pattern": "^text/"}},
                "Tag": {"target": "smithy.api#String", "traits": {"smithy.api#httpHeader": "ETag",
                         "smithy.api#pattern": "^W"}}
            }}
        }}"#;
        let contract = Contract::load("small", model).unwrap();
        let outcome = |body: &str, kind: &str| {
            let response = response(200, &[("content-type", kind), ("etag", "x")], body);
            normalize(&contract, &contract.operations[0], &response, None, &str::to_owned)
        };
        let shown = |body: &str, kind: &str| {
            let outcome = outcome(body, kind);
            ["Kind", "Tag"].map(|name| outcome.get(&Field::Member(name.to_owned())).to_string())
        };
        let broken = "<string that breaks its pattern>";
        assert_eq!(shown("a", "text/plain"), ["<string>", broken]);
        assert_eq!(shown("a", "image/png"), [broken, broken]);
        assert_eq!(shown("", "text/plain"), ["<string>", broken]);
        assert_eq!(shown("", "image/png"), ["<no body>", broken]);
    }

    #[test]
    fn content_is_compared_but_not_shown() {
        let content = |body: &str, known: Option<Content<'_>>| {
            let text = get(&[("Next-Poll-Interval-In-Seconds", "60")], body, known);
            assert!(text.contains("NextPollIntervalInSeconds: <integer>\n"), "{text}");
            text.lines().find(|line| line.starts_with("Configuration: ")).map(str::to_owned).unwrap()
        };
        let known = Some(Content::Known(b"abc"));
        assert_eq!(content("abc", known), format!("Configuration: <the content of the fixture>"));
        assert_eq!(content("abd", known), format!("Configuration: <other bytes>"));
        assert_eq!(content("", known), format!("Configuration: <empty>"));
        let served = Some(Content::ServedFirst(Fingerprint::of(b"abc")));
        assert_eq!(content("abc", served), format!("Configuration: <what was served first>"));
        assert_eq!(content("abd", served), format!("Configuration: <other bytes>"));
        assert_eq!(content("", served), format!("Configuration: <empty>"));
        assert_eq!(content("abd", None), format!("Configuration: <other bytes>"));
        assert!(
            get(&[("Next-Poll-Interval-In-Seconds", "-1")], "", None)
                .contains("<integer that breaks its range>")
        );
        assert!(
            get(&[("Next-Poll-Interval-In-Seconds", "soon")], "", None)
                .contains("<string instead of integer>")
        );
    }
}
