//! The protocol restJson1: encodes calls as requests, and reads the outputs of responses.

use std::cell::LazyCell;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::call::{Arg, Call, Output, Piece};
use super::http::{Request, Response};
use super::json::Json;
use super::outputs::{MissingOutput, Outputs};
use crate::contract::{Contract, Location, Operation, UriSegment};

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
    body: Vec<(String, String)>,
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
        let has_members = operation.body_members().next().is_some();
        let mut encoded = self.encode(operation, &resolve)?;
        let has_body = self.form.has_body() && (self.body.is_some() || has_members);
        if has_body && let Some(content_type) = self.form.content_type() {
            encoded.headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        let body = match &self.body {
            _ if !has_body => Vec::new(),
            Some(body) => body.clone(),
            None => self.form.object(encoded.body).into_bytes(),
        };
        let mut target = self.form.path(self.path(operation, &resolve)?);
        if !encoded.query.is_empty() {
            target.push('?');
            target.push_str(&encoded.query.join("&"));
        }
        Ok(Request {
            method: self.form.method(&operation.method),
            target,
            headers: self.form.headers(encoded.headers),
            body,
            signing: self.form.signing(),
        })
    }

    /// The arguments but for those in the path. A member that the operation does not have goes to the body, or to
    /// the query if there is no body.
    fn encode(
        &self,
        operation: &Operation,
        resolve: &impl Fn(&Output) -> Option<String>,
    ) -> Result<Encoded, MissingOutput> {
        let mut encoded = Encoded::default();
        let has_members = operation.body_members().next().is_some();
        for (name, arg) in &self.args {
            let member = operation.input.iter().find(|member| member.name == *name);
            let default = if has_members { Location::Body } else { Location::Query(name.clone()) };
            match member.map_or(&default, |member| &member.location) {
                Location::Query(parameter) => {
                    let text = arg.text(resolve)?;
                    encoded.query.push(self.query_parameter(parameter, text.as_deref()));
                }
                Location::Header(header) => {
                    let text = arg.text(resolve)?;
                    encoded.headers.extend(text.map(|value| (header.clone(), value)));
                }
                Location::Body => {
                    let value = match arg {
                        Arg::Json(json) => json.clone(),
                        arg => self.form.string(&arg.text(resolve)?.unwrap_or_default()),
                    };
                    encoded.body.push((self.form.name(name), value));
                }
                Location::Label | Location::Payload | Location::Other => {}
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

impl Arg {
    /// The value as text; `None` for a query parameter without `=`.
    fn text(&self, resolve: &impl Fn(&Output) -> Option<String>) -> Result<Option<String>, MissingOutput> {
        match self {
            Arg::Text(text) | Arg::Json(text) => Ok(Some(text.clone())),
            Arg::Bare => Ok(None),
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
                Location::Body => match body.as_ref()?.get(&member.name)? {
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
