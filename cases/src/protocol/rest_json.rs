//! How restJson1 makes a request of a call, and outputs of a response.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::call::{Arg, Call, Output, Piece};
use super::http::{Request, Response};
use super::json::Json;
use super::outputs::{MissingOutput, Outputs};
use crate::contract::{Contract, Location, Operation, UriSegment};

/// What RFC 3986 calls unreserved goes as it is, all else percent-encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// A greedy label takes slashes too.
const RESERVED_IN_GREEDY: &AsciiSet = &RESERVED.remove(b'/');

impl Call {
    /// The request of this call, with `resolve` giving the values of earlier answers.
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
        let value = |output: &Output| {
            resolve(output).ok_or_else(|| MissingOutput { step: output.step, member: output.member.clone() })
        };
        let text = |arg: &Arg| match arg {
            Arg::Text(text) | Arg::Json(text) => Ok(Some(text.clone())),
            Arg::Bare => Ok(None),
            Arg::Output(output) => value(output).map(Some),
            Arg::Joined(pieces) => {
                let texts = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => Ok((*text).to_owned()),
                    Piece::Output(output) => value(output),
                });
                texts.collect::<Result<String, _>>().map(Some)
            }
        };
        let in_body = operation.body_members().next().is_some();
        let mut query = Vec::new();
        let mut headers = Vec::new();
        let mut members = Vec::new();
        for (name, arg) in &self.args {
            let member = operation.input.iter().find(|member| member.name == *name);
            let elsewhere = if in_body { Location::Body } else { Location::Query(name.clone()) };
            match member.map_or(&elsewhere, |member| &member.location) {
                Location::Query(parameter) => {
                    let parameter = utf8_percent_encode(parameter, RESERVED).to_string();
                    let behind = self.form.behind_value();
                    query.push(match text(arg)? {
                        Some(value) => {
                            format!("{parameter}={}{behind}", utf8_percent_encode(&value, RESERVED))
                        }
                        None => parameter,
                    });
                }
                Location::Header(header) => {
                    if let Some(value) = text(arg)? {
                        headers.push((header.clone(), value));
                    }
                }
                Location::Body => {
                    let value = match arg {
                        Arg::Json(json) => json.clone(),
                        arg => self.form.string(&text(arg)?.unwrap_or_default()),
                    };
                    members.push((self.form.name(name), value));
                }
                Location::Label | Location::Payload | Location::Other => {}
            }
        }
        let has_body = self.form.has_body() && (self.body.is_some() || in_body);
        if has_body && let Some(content_type) = self.form.content_type() {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        let body = match &self.body {
            _ if !has_body => Vec::new(),
            Some(body) => body.clone(),
            None => self.form.object(members).into_bytes(),
        };
        let mut target = self.form.path(self.path(operation, text)?);
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query.join("&"));
        }
        let method = self.form.method(&operation.method);
        Ok(Request {
            method,
            target,
            headers: self.form.headers(headers),
            body,
            signing: self.form.signing(),
        })
    }

    fn path(
        &self,
        operation: &Operation,
        text: impl Fn(&Arg) -> Result<Option<String>, MissingOutput>,
    ) -> Result<String, MissingOutput> {
        let mut path = String::new();
        for segment in &operation.path {
            path.push('/');
            match segment {
                UriSegment::Literal(literal) => path.push_str(literal),
                UriSegment::Label { member, greedy } => {
                    let value = self.arg(member).map(&text).transpose()?.flatten().unwrap_or_default();
                    let reserved = if *greedy { RESERVED_IN_GREEDY } else { RESERVED };
                    path.extend(utf8_percent_encode(&value, reserved));
                }
            }
        }
        Ok(if path.is_empty() { "/".to_owned() } else { path })
    }
}

/// The values that an answer gives to later steps.
pub fn outputs(operation: &Operation, response: &Response) -> Outputs {
    let body = Json::parse(&response.body).ok();
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
    use crate::protocol::message_form::Form;

    fn contract() -> Contract {
        Contract::model().unwrap()
    }

    #[test]
    fn body_members_make_a_json_object() {
        let call = Call {
            operation: "StartConfigurationSession".to_owned(),
            args: vec![
                ("ApplicationIdentifier".to_owned(), Arg::Text("a\"b".to_owned())),
                ("RequiredMinimumPollIntervalInSeconds".to_owned(), Arg::Json("15".to_owned())),
            ],
            body: None,
            form: Form::Plain,
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
    fn query_members_are_percent_encoded_and_outputs_resolved() {
        let output = Output { step: 0, member: "Token".to_owned(), alter: None };
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("ConfigurationToken".to_owned(), Arg::Output(output.clone()))],
            body: None,
            form: Form::Plain,
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
    fn values_are_joined_and_each_part_of_them_is_used() {
        let output =
            |step, alter| Piece::Output(Output { step, member: "Token".to_owned(), alter: Some(alter) });
        let pieces = vec![output(0, Alteration::Halve), Piece::Text("\0"), output(1, Alteration::Behead)];
        let mut call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("ConfigurationToken".to_owned(), Arg::Joined(pieces))],
            body: None,
            form: Form::Plain,
        };
        let earlier = ["abcde", "fghi"].map(|token| Outputs::from([("Token".to_owned(), token.to_owned())]));
        let target = |call: &Call, earlier: &[Outputs]| {
            call.request(&contract(), |output| output.resolve(earlier)).map(|request| request.target)
        };
        assert_eq!(target(&call, &earlier).unwrap(), "/configuration?configuration_token=ab%00hi");
        assert!(target(&call, &earlier[..1]).is_err());
        call.shift(2);
        assert_eq!(call.uses().map(|output| output.step).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn what_an_operation_without_a_body_does_not_have_stands_in_the_query() {
        let call = Call {
            operation: "GetLatestConfiguration".to_owned(),
            args: vec![("Configuration Token".to_owned(), Arg::Text("a".to_owned()))],
            body: None,
            form: Form::Plain,
        };
        let request = call.request(&contract(), |_| None).unwrap();
        assert_eq!(request.target, "/configuration?Configuration%20Token=a");
        assert!(request.body.is_empty());
    }
}
