//! Makes an outcome of an answer: what the contract speaks of stays, all else becomes a placeholder
//! or goes.
//!
//! The rules, each with its reason:
//!
//! | of an answer | stays | because |
//! |---|---|---|
//! | reason phrase, order and case of headers, further headers, framing | nothing | HTTP gives them no meaning |
//! | content type | the media type in lower case | parameters are allowed (restJson1) |
//! | content encoding | the codings but `identity` | no request asks for one, and nothing is decompressed |
//! | what stands in a coded body | that it was not read | the coding is what is wrong, and not each member |
//! | content type of a success without a body | that there is no body | there is nothing that it would describe |
//! | error type | the shape name | header, `code` or `__type`, with namespace and URI suffix, say the same (restJson1) |
//! | members that the model does not have | nothing | clients skip them |
//! | a member that is null | as if absent | `RestJsonClientsDontSerializeNullStructureValues` and its server twin |
//! | `message` | as `Message` | clients read both |
//! | a value that keeps its constraints | its sort | the contract does not fix it |
//! | a value that breaks them | what it breaks | this is what a finding shows; the value itself may be a secret |
//! | an enum | the value | the contract fixes it |
//! | a member that holds one value of an enum somewhere | that value | a cause is told so |
//! | a name that the contract does not have | the name, without secrets | a target may repeat what it was sent |
//! | a single-use value in an error | that it is there | nothing that a success issues comes with an error |

use cases::contract::{Contract, Location, Member, Operation, Shape};
use cases::oracle::{
    Constraint, Content, EMPTY, Field, NO_BODY, OTHER_CONTENT, Outcome, UNREAD, broken_constraints,
    shape_placeholder, shape_placeholder_with,
};
use cases::protocol::{Json, Response, describes_body, media_type};

use crate::encoding::content_encoding;

/// Normalises an answer of `operation`. `content` is what is known of the content that the answer may
/// deliver, and `clean` takes secrets out of a text.
pub fn normalise(
    contract: &Contract,
    operation: &Operation,
    response: &Response,
    content: Option<Content<'_>>,
    clean: &dyn Fn(&str) -> String,
) -> Outcome {
    let mut outcome = Outcome::default();
    outcome.set(Field::Status, &response.status.to_string());
    let encoding = content_encoding(response);
    if let Some(encoding) = &encoding {
        outcome.set(Field::ContentEncoding, &clean(encoding));
    }
    let body = Json::parse(&response.body).ok().filter(|_| encoding.is_none());
    let value_of = |member: &Member| match &member.location {
        Location::Body if encoding.is_some() => Some(UNREAD.to_owned()),
        _ => member_value(contract, member, response, body.as_ref(), clean),
    };
    if response.header(ERROR_TYPE_HEADER).is_some_and(|value| !value.is_empty()) {
        outcome.set(Field::ErrorTypeHeader, "<present>");
    }
    if response.is_success() {
        match operation.output_payload() {
            None if response.body.is_empty() => outcome.set(Field::ContentType, NO_BODY),
            None => set_content_type(&mut outcome, response, clean),
            Some(_) => {}
        }
        for member in &operation.output {
            let value = match &member.location {
                Location::Payload if encoding.is_some() => Some(UNREAD.to_owned()),
                Location::Payload => Some(payload(member, response, content).to_owned()),
                Location::Header(name) if response.body.is_empty() && describes_body(name) => {
                    let value = value_of(member);
                    Some(value.filter(|value| is_kept(contract, member, value)).unwrap_or(NO_BODY.to_owned()))
                }
                _ => value_of(member),
            };
            set_member(&mut outcome, member, value);
        }
        let issuing = contract.issued_member(operation).map(|member| &member.location);
        if encoding.is_some() && issuing == Some(&Location::Body) {
            for field in [Field::Freshness, Field::Opacity, Field::Succession] {
                outcome.set(field, UNREAD);
            }
        }
    } else {
        set_content_type(&mut outcome, response, clean);
        let error_type = error_type(response, body.as_ref());
        if let Some(error_type) = &error_type {
            let is_known = contract.has_error_type(error_type);
            outcome.set(Field::ErrorType, &if is_known { error_type.clone() } else { clean(error_type) });
        }
        // An error of a wrong type, or of none, may still carry its members.
        let modelled = error_type.and_then(|name| contract.error(&name));
        let errors = modelled.map_or(operation.errors.as_slice(), std::slice::from_ref);
        for member in errors.iter().flat_map(|error| &error.members) {
            set_member(&mut outcome, member, value_of(member));
        }
        if let Some(member) = contract.issued_member(operation) {
            set_member(&mut outcome, member, value_of(member));
        }
    }
    outcome
}

/// The media type of restJson1.
const JSON: &str = "application/json";
/// The header that carries the error type.
const ERROR_TYPE_HEADER: &str = "x-amzn-errortype";

/// The error type by restJson1's order: the header, then `code`, then `__type` of the body; cut at
/// the first colon, and what follows the first `#`. A name without a character is none.
pub fn error_type(response: &Response, body: Option<&Json>) -> Option<String> {
    let of_body = |name| body.and_then(|body| body.get(name)).and_then(Json::as_str);
    let raw = [response.header(ERROR_TYPE_HEADER), of_body("code"), of_body("__type")]
        .into_iter()
        .flatten()
        .find(|text| !text.is_empty())?;
    let without_uri = raw.split(':').next().unwrap_or(raw);
    let name = without_uri.split_once('#').map_or(without_uri, |(_, name)| name).trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether an answer is an error of the platform, such as it gives for wrong credentials.
pub fn is_common_error(contract: &Contract, response: &Response) -> bool {
    let body = Json::parse(&response.body).ok();
    error_type(response, body.as_ref())
        .is_some_and(|error_type| contract.is_common_error(&error_type, response.status))
}

fn set_content_type(outcome: &mut Outcome, response: &Response, clean: &dyn Fn(&str) -> String) {
    if let Some(value) = response.header("content-type") {
        let value = media_type(value);
        outcome.set(Field::ContentType, &if value == JSON { value } else { clean(&value) });
    }
}

fn set_member(outcome: &mut Outcome, member: &Member, value: Option<String>) {
    if let Some(value) = value {
        outcome.set(Field::Member(member.name.clone()), &value);
    }
}

/// Whether an outcome shows a value so that keeps the constraints of its member.
fn is_kept(contract: &Contract, member: &Member, shown: &str) -> bool {
    match &member.constraints.one_of {
        Some(names) => names.iter().any(|name| name == shown),
        None => shown == shape_placeholder(contract.shape(member)),
    }
}

fn payload(member: &Member, response: &Response, content: Option<Content<'_>>) -> &'static str {
    if response.body.is_empty() {
        return EMPTY;
    }
    let content = content.filter(|_| member.rules.content.is_some());
    content.and_then(|content| content.placeholder(&response.body)).unwrap_or(OTHER_CONTENT)
}

/// How an outcome shows a member, or `None` if it is not there.
fn member_value(
    contract: &Contract,
    member: &Member,
    response: &Response,
    body: Option<&Json>,
    clean: &dyn Fn(&str) -> String,
) -> Option<String> {
    let value = match &member.location {
        Location::Header(name) => from_text(contract.shape(member), response.header(name)?),
        Location::Body => {
            let body = body?;
            let by_lower_case = || {
                member
                    .name
                    .eq_ignore_ascii_case("message")
                    .then(|| body.get("message").or_else(|| body.get("Message")))
            };
            body.get(&member.name).or_else(|| by_lower_case().flatten())?.clone()
        }
        Location::Query(_) | Location::Label | Location::Payload | Location::Other => return None,
    };
    if value == Json::Null {
        return None;
    }
    Some(describe(contract, member, &value, clean))
}

/// A header's text as the JSON value that it stands for.
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

fn describe(contract: &Contract, member: &Member, value: &Json, clean: &dyn Fn(&str) -> String) -> String {
    let shape = contract.shape(member);
    let due = shape_placeholder(shape);
    if !has_type(contract, shape, value) {
        let due = due.trim_matches(['<', '>']);
        return match (shape, value) {
            (
                Shape::Map(_) | Shape::Structure(_) | Shape::Union(_) | Shape::List(_),
                Json::Object(_) | Json::Array(_),
            ) => {
                format!("<{due} with a wrong member>")
            }
            _ => format!("<{} instead of {due}>", value.kind()),
        };
    }
    let breaks = broken_constraints(&member.constraints, value);
    if let (Some(text), Some(names)) = (value.as_str(), &member.constraints.one_of) {
        return if names.iter().any(|name| name == text) { text.to_owned() } else { clean(text) };
    }
    match breaks.first() {
        None => match problems(contract, shape, value).as_slice() {
            // One that the enum does not have is a wrong member.
            [problem] => shape_placeholder_with(contract, member, problem),
            _ => due.to_owned(),
        },
        Some(constraint) => {
            format!("<{} that breaks its {}>", due.trim_matches(['<', '>']), trait_name(*constraint))
        }
    }
}

/// The different values of enums within a value of the right type.
fn problems<'j>(contract: &Contract, shape: &Shape, value: &'j Json) -> Vec<&'j str> {
    let mut problems: Vec<&str> = match (shape, value) {
        (Shape::List(member), Json::Array(items)) => {
            items.iter().flat_map(|item| problems_of(contract, member, item)).collect()
        }
        (Shape::Map(member), Json::Object(entries)) => {
            entries.iter().flat_map(|(_, value)| problems_of(contract, member, value)).collect()
        }
        (Shape::Structure(members) | Shape::Union(members), Json::Object(entries)) => {
            let member = |name: &str| members.iter().find(|member| member.name == name);
            let of = |(name, value)| Some(problems_of(contract, member(name)?, value));
            entries.iter().filter_map(|(name, value)| of((name.as_str(), value))).flatten().collect()
        }
        _ => Vec::new(),
    };
    problems.sort_unstable();
    problems.dedup();
    problems
}

fn problems_of<'j>(contract: &Contract, member: &Member, value: &'j Json) -> Vec<&'j str> {
    match (&member.constraints.one_of, value) {
        (Some(_), Json::String(text)) => vec![text],
        _ => problems(contract, contract.shape(member), value),
    }
}

fn trait_name(constraint: Constraint) -> &'static str {
    match constraint {
        Constraint::Length => "length",
        Constraint::Range => "range",
        Constraint::Pattern => "pattern",
        _ => "constraints",
    }
}

/// Whether a value has the type of a shape, all the way down. The depth is bounded by what the
/// JSON reader takes.
fn has_type(contract: &Contract, shape: &Shape, value: &Json) -> bool {
    let member_fits = |member: &Member, value: &Json| {
        *value == Json::Null
            || (has_type(contract, contract.shape(member), value)
                && broken_constraints(&member.constraints, value).is_empty())
    };
    match (shape, value) {
        (Shape::String | Shape::Blob | Shape::Timestamp, Json::String(_))
        | (Shape::Number | Shape::Timestamp, Json::Integer(_) | Json::Decimal(_))
        | (Shape::Boolean, Json::Boolean(_))
        | (Shape::Document, _) => true,
        (Shape::Integer(width), value) => value.as_whole().is_some_and(|number| width.contains(number)),
        (Shape::List(member), Json::Array(items)) => items.iter().all(|item| member_fits(member, item)),
        (Shape::Map(member), Json::Object(entries)) => {
            entries.iter().all(|(_, value)| member_fits(member, value))
        }
        (Shape::Structure(members) | Shape::Union(members), Json::Object(entries)) => {
            entries.iter().all(|(name, value)| {
                members
                    .iter()
                    .find(|member| member.name == *name)
                    .is_none_or(|member| member_fits(member, value))
            })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use cases::oracle::{CONTENT, Fingerprint, SERVED};

    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status, headers, body: body.as_bytes().to_vec() }
    }

    fn start(status: u16, headers: &[(&str, &str)], body: &str) -> String {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("StartConfigurationSession").unwrap();
        normalise(&contract, operation, &response(status, headers, body), None, &str::to_owned).to_string()
    }

    fn get(headers: &[(&str, &str)], body: &str, content: Option<Content<'_>>) -> String {
        let contract = Contract::model().unwrap();
        let operation = contract.operation("GetLatestConfiguration").unwrap();
        normalise(&contract, operation, &response(200, headers, body), content, &str::to_owned).to_string()
    }

    const JSON: (&str, &str) = ("Content-Type", super::JSON);

    #[test]
    fn unusual_but_conformant_errors_are_one_outcome() {
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
    fn an_error_s_members_are_held_to_the_model() {
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
    fn an_error_of_no_modelled_type_still_shows_its_members() {
        let body = r#"{"Message":"no","Reason":"Other"}"#;
        for headers in [&[JSON][..], &[("x-amzn-errortype", "OddException"), JSON]] {
            let text = start(400, headers, body);
            assert!(text.ends_with("Message: <string>\nReason: Other\n"), "{text}");
        }
    }

    #[test]
    fn a_success_shows_what_its_members_break() {
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
    fn a_coded_body_is_not_read() {
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
        assert!(error.contains("Message: <not read>\n") && error.contains("Reason: <not read>\n"), "{error}");
        // Headers can be read.
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
    fn what_describes_a_body_says_nothing_where_there_is_none() {
        for headers in [&[JSON][..], &[("content-type", "text/html")], &[]] {
            assert_eq!(start(201, headers, ""), format!("status: 201\ncontent-type: {NO_BODY}\n"));
        }
        assert_eq!(start(201, &[], "{}"), "status: 201\n");
        let of_poll = |headers: &[(&str, &str)], body: &str| {
            let text = get(headers, body, None);
            text.lines().find_map(|line| line.strip_prefix("ContentType: ")).map(str::to_owned)
        };
        assert_eq!(of_poll(&[], "").as_deref(), Some(NO_BODY));
        assert_eq!(of_poll(&[JSON], "").as_deref(), Some("<string>"));
        assert_eq!(of_poll(&[], "a"), None);
        // The other headers are there or not.
        assert!(!get(&[], "", None).contains("NextPollIntervalInSeconds"));
    }

    #[test]
    fn what_describes_no_body_keeps_no_constraint_either() {
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
            let answer = response(200, &[("content-type", kind), ("etag", "x")], body);
            normalise(&contract, &contract.operations[0], &answer, None, &str::to_owned)
        };
        let shown = |body: &str, kind: &str| {
            let outcome = outcome(body, kind);
            ["Kind", "Tag"].map(|name| outcome.get(&Field::Member(name.to_owned())).to_owned())
        };
        let broken = "<string that breaks its pattern>";
        assert_eq!(shown("a", "text/plain"), ["<string>", broken]);
        assert_eq!(shown("a", "image/png"), [broken, broken]);
        assert_eq!(shown("", "text/plain"), ["<string>", broken]);
        assert_eq!(shown("", "image/png"), [NO_BODY, broken]);
    }

    #[test]
    fn content_is_compared_and_not_shown() {
        let content = |body: &str, known: Option<Content<'_>>| {
            let text = get(&[("Next-Poll-Interval-In-Seconds", "60")], body, known);
            assert!(text.contains("NextPollIntervalInSeconds: <integer>\n"), "{text}");
            text.lines().find(|line| line.starts_with("Configuration: ")).map(str::to_owned).unwrap()
        };
        let told = Some(Content::Known(b"abc"));
        assert_eq!(content("abc", told), format!("Configuration: {CONTENT}"));
        assert_eq!(content("abd", told), format!("Configuration: {OTHER_CONTENT}"));
        assert_eq!(content("", told), format!("Configuration: {EMPTY}"));
        let served = Some(Content::ServedFirst(Fingerprint::of(b"abc")));
        assert_eq!(content("abc", served), format!("Configuration: {SERVED}"));
        assert_eq!(content("abd", served), format!("Configuration: {OTHER_CONTENT}"));
        assert_eq!(content("", served), format!("Configuration: {EMPTY}"));
        assert_eq!(content("abd", None), format!("Configuration: {OTHER_CONTENT}"));
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
