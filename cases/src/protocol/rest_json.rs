//! The protocol restJson1: encodes calls as requests, and reads the outputs of responses.

use std::cell::LazyCell;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::call::{Arg, Call, Output, Piece};
use super::http::{Request, Response};
use super::json::Json;
use super::outputs::{MissingOutput, Outputs};
use crate::contract::{Contract, Location, Member, Operation, Shape, UriSegment};

const JSON: &str = "application/json";

/// Every character but those that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same for a greedy label, which takes slashes too.
const RESERVED_IN_GREEDY: &AsciiSet = &RESERVED.remove(b'/');

/// The arguments of a call by their location, encoded.
#[derive(Default)]
struct Encoded {
    query: Vec<String>,
    headers: Vec<(String, String)>,
    /// Names and values as JSON.
    members: Vec<(String, String)>,
    payload: Option<Payload>,
}

/// The body of a request that is the value of a member.
struct Payload {
    content_type: String,
    bytes: Vec<u8>,
}

impl Call {
    /// The request of this call. `resolve` returns the values of earlier responses.
    ///
    /// # Errors
    /// [`MissingOutput`] if `resolve` has no value.
    pub fn request(
        &self,
        contract: &Contract,
        resolve: impl Fn(&Output) -> Option<String>,
    ) -> Result<Request, MissingOutput> {
        let Some(operation) = contract.operation(&self.operation) else {
            // Calls are made from the operations of the contract.
            unreachable!("the contract has no operation {}", self.operation)
        };
        let mut encoded = self.encode(contract, operation, &resolve)?;
        let mut target = self.form.path(self.path(operation, &resolve)?);
        if !encoded.query.is_empty() {
            target.push('?');
            target.push_str(&encoded.query.join("&"));
        }
        let mut headers = std::mem::take(&mut encoded.headers);
        let body = self.encode_body(operation, encoded, &mut headers);
        Ok(Request {
            method: self.form.method(&operation.method),
            target,
            headers: self.form.headers(headers),
            body,
            signing: self.form.signing(),
        })
    }

    /// The body. Its content type comes after the headers, unless a member is that header.
    fn encode_body(
        &self,
        operation: &Operation,
        encoded: Encoded,
        headers: &mut Vec<(String, String)>,
    ) -> Vec<u8> {
        let has_members = operation.body_members().next().is_some();
        let is_present = self.body.is_some() || has_members || encoded.payload.is_some();
        if !self.form.has_body() || !is_present {
            return Vec::new();
        }
        let own = encoded.payload.as_ref().map(|payload| payload.content_type.as_str());
        let is_set = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !is_set && let Some(content_type) = self.form.content_type(own) {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        match (&self.body, encoded.payload) {
            (Some(body), _) => body.clone(),
            (None, Some(payload)) => payload.bytes,
            (None, None) => self.form.object(encoded.members).into_bytes(),
        }
    }

    /// The arguments but for those in the path. A member that the operation does not have goes to the body, or to
    /// the query if there is no body.
    fn encode(
        &self,
        contract: &Contract,
        operation: &Operation,
        resolve: &impl Fn(&Output) -> Option<String>,
    ) -> Result<Encoded, MissingOutput> {
        let literal = |(name, value): &(String, Option<String>)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        };
        let mut encoded =
            Encoded { query: operation.query.iter().map(literal).collect(), ..Encoded::default() };
        let has_members = operation.body_members().next().is_some();
        for (name, arg) in &self.args {
            let member = operation.input.iter().find(|member| member.name == *name);
            let default = if has_members { Location::Body } else { Location::Query(name.clone()) };
            match member.map_or(&default, |member| &member.location) {
                Location::Query(parameter) => {
                    for text in arg.texts(resolve)? {
                        encoded.query.push(self.query_parameter(parameter, text.as_deref()));
                    }
                }
                Location::QueryParams => {
                    let pairs = arg.pairs().iter();
                    encoded.query.extend(pairs.map(|(name, value)| self.query_parameter(name, Some(value))));
                }
                Location::Header(header) => {
                    let text = match arg {
                        Arg::List(items) => Some(header_list(contract, member, items)),
                        arg => arg.text(resolve)?,
                    };
                    encoded.headers.extend(text.map(|value| (header.clone(), value)));
                }
                Location::PrefixHeaders(prefix) => {
                    let pairs = arg.pairs().iter();
                    encoded
                        .headers
                        .extend(pairs.map(|(name, value)| (format!("{prefix}{name}"), value.clone())));
                }
                Location::Body => {
                    let value = match arg {
                        Arg::Json(json) => json.clone(),
                        arg => self.form.string(&arg.text(resolve)?.unwrap_or_default()),
                    };
                    let name = member.map_or(name, |member| &member.json_name);
                    encoded.members.push((self.form.name(name), value));
                }
                Location::Payload => {
                    let bytes = match arg {
                        Arg::Bytes(bytes) => bytes.clone(),
                        arg => arg.text(resolve)?.unwrap_or_default().into_bytes(),
                    };
                    let content_type =
                        member.map_or(JSON, |member| payload_type(contract, member)).to_owned();
                    encoded.payload = Some(Payload { content_type, bytes });
                }
                Location::Label | Location::ResponseCode => {}
            }
        }
        Ok(encoded)
    }

    fn query_parameter(&self, name: &str, value: Option<&str>) -> String {
        let name = utf8_percent_encode(name, RESERVED).to_string();
        match value {
            Some(value) => {
                let suffix = self.form.query_suffix();
                format!("{name}={}{suffix}", utf8_percent_encode(value, RESERVED))
            }
            None => name,
        }
    }

    fn path(
        &self,
        operation: &Operation,
        resolve: &impl Fn(&Output) -> Option<String>,
    ) -> Result<String, MissingOutput> {
        let mut path = String::new();
        for segment in &operation.path {
            path.push('/');
            match segment {
                UriSegment::Literal(literal) => path.push_str(literal),
                UriSegment::Label { member, greedy } => {
                    let text = self.arg(member).map(|arg| arg.text(resolve)).transpose()?.flatten();
                    let reserved = if *greedy { RESERVED_IN_GREEDY } else { RESERVED };
                    path.extend(utf8_percent_encode(&text.unwrap_or_default(), reserved));
                }
            }
        }
        Ok(if path.is_empty() { "/".to_owned() } else { path })
    }
}

/// The content type of a payload: its media type, or that of its shape.
fn payload_type<'a>(contract: &Contract, member: &'a Member) -> &'a str {
    member.media_type.as_deref().unwrap_or(match contract.shape(member) {
        Shape::Blob => "application/octet-stream",
        Shape::String => "text/plain",
        _ => JSON,
    })
}

/// The items of a list in one header. Those with a comma or a quotation mark are quoted, but for dates.
fn header_list(contract: &Contract, member: Option<&Member>, items: &[String]) -> String {
    let shape = member.map(|member| contract.shape(member));
    let is_text = match shape {
        Some(Shape::List(element)) => matches!(contract.shape(element), Shape::String),
        _ => true,
    };
    let item = |item: &String| {
        if is_text && item.contains([',', '"']) {
            format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""))
        } else {
            item.clone()
        }
    };
    items.iter().map(item).collect::<Vec<_>>().join(", ")
}

impl Arg {
    /// The values of a query parameter; a list has one for each of its items.
    fn texts(
        &self,
        resolve: &impl Fn(&Output) -> Option<String>,
    ) -> Result<Vec<Option<String>>, MissingOutput> {
        match self {
            Arg::List(items) => Ok(items.iter().cloned().map(Some).collect()),
            arg => Ok(vec![arg.text(resolve)?]),
        }
    }

    fn pairs(&self) -> &[(String, String)] {
        match self {
            Arg::Pairs(pairs) => pairs,
            _ => &[],
        }
    }

    /// The value as text; `None` for a query parameter without `=`.
    fn text(&self, resolve: &impl Fn(&Output) -> Option<String>) -> Result<Option<String>, MissingOutput> {
        match self {
            Arg::Text(text) | Arg::Json(text) => Ok(Some(text.clone())),
            Arg::Bytes(bytes) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
            Arg::List(items) => Ok(Some(items.join(","))),
            Arg::Bare | Arg::Pairs(_) => Ok(None),
            Arg::Output(output) => resolved(output, resolve).map(Some),
            Arg::Joined(pieces) => {
                let texts = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => Ok((*text).to_owned()),
                    Piece::Output(output) => resolved(output, resolve),
                });
                texts.collect::<Result<String, _>>().map(Some)
            }
        }
    }
}

fn resolved(output: &Output, resolve: &impl Fn(&Output) -> Option<String>) -> Result<String, MissingOutput> {
    resolve(output).ok_or_else(|| MissingOutput { step: output.step, member: output.member.clone() })
}

/// The values that a response gives to later steps.
pub fn outputs(operation: &Operation, response: &Response) -> Outputs {
    // An operation with a payload has no member in a JSON body.
    let body = LazyCell::new(|| Json::parse(&response.body).ok());
    operation
        .output
        .iter()
        .filter_map(|member| {
            let value = match &member.location {
                Location::Header(name) => response.header(name)?.to_owned(),
                Location::Body => match body.as_ref()?.get(&member.json_name)? {
                    Json::String(text) => text.clone(),
                    Json::Integer(number) => number.to_string(),
                    _ => return None,
                },
                _ => return None,
            };
            Some((member.name.clone(), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::alteration::Alteration;
    use crate::protocol::message_form::MessageForm;

    fn contract() -> Contract {
        Contract::model().unwrap()
    }

    #[test]
    fn body_members_become_a_json_object() {
        let call = Call {
            operation: "StartConfigurationSession".to_owned(),
            args: vec![
                ("ApplicationIdentifier".to_owned(), Arg::Text("a\"b".to_owned())),
                ("RequiredMinimumPollIntervalInSeconds".to_owned(), Arg::Json("15".to_owned())),
            ],
            body: None,
            form: MessageForm::Standard,
        };
        let request = call.request(&contract(), |_| None).unwrap();
        assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/configurationsessions"));
        assert_eq!(request.header("Content-Type"), Some("application/json"));
        assert_eq!(
            String::from_utf8(request.body).unwrap(),
            r#"{"ApplicationIdentifier":"a\"b","RequiredMinimumPollIntervalInSeconds":15}"#
        );
    }

    #[test]
    fn query_is_percent_encoded_and_outputs_resolved() {
        let output = Output { step: 0, member: "Token".to_owned(), alter: None };
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("ConfigurationToken".to_owned(), Arg::Output(output.clone()))],
            body: None,
            form: MessageForm::Standard,
        };
        let earlier = [Outputs::from([("Token".to_owned(), "a+/é".to_owned())])];
        let request = call.request(&contract(), |output| output.resolve(&earlier)).unwrap();
        assert_eq!(request.target, "/configuration?configuration_token=a%2B%2F%C3%A9");
        assert!(request.headers.is_empty());
        let shown = call.request(&contract(), |output| Some(output.placeholder())).unwrap();
        assert_eq!(shown.target, "/configuration?configuration_token=~1.Token~");
        assert_eq!(
            call.request(&contract(), |output| output.resolve(&[])),
            Err(MissingOutput { step: 0, member: "Token".to_owned() })
        );
    }

    #[test]
    fn joined_value_needs_all_its_outputs() {
        let output =
            |step, alter| Piece::Output(Output { step, member: "Token".to_owned(), alter: Some(alter) });
        let pieces = vec![output(0, Alteration::Halve), Piece::Text("\0"), output(1, Alteration::Behead)];
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("ConfigurationToken".to_owned(), Arg::Joined(pieces))],
            body: None,
            form: MessageForm::Standard,
        };
        let earlier = ["abcde", "fghi"].map(|token| Outputs::from([("Token".to_owned(), token.to_owned())]));
        let target = |call: &Call, earlier: &[Outputs]| {
            call.request(&contract(), |output| output.resolve(earlier)).map(|request| request.target)
        };
        assert_eq!(target(&call, &earlier).unwrap(), "/configuration?configuration_token=ab%00hi");
        assert!(target(&call, &earlier[..1]).is_err());
    }

    #[test]
    fn unknown_member_goes_to_the_query_without_a_body() {
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("Configuration Token".to_owned(), Arg::Text("a".to_owned()))],
            body: None,
            form: MessageForm::Standard,
        };
        let request = call.request(&contract(), |_| None).unwrap();
        assert_eq!(request.target, "/configuration?Configuration%20Token=a");
        assert!(request.body.is_empty());
    }
}
