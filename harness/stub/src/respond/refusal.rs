//! Writes the error that refuses a request.

use bytes::Bytes;
use cases::contract::{Contract, ErrorShape, Operation};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value as Json, json};

use super::message::Message;
use crate::bug::{Cause, Kind, Place, Refusal};
use crate::generate::{Extent, Generator};
use crate::value::Structure;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// The error for constraints that Smithy provides, and which lists the members.
const VALIDATION: &str = "smithy.framework#ValidationException";

/// The response that refuses a request of an operation, which is `None` if there is no such operation.
pub(crate) fn refuse(
    contract: &Contract,
    operation: Option<&Operation>,
    refusal: &Refusal,
) -> Response<Bytes> {
    let mut response = match &refusal.cause {
        Cause::UnknownOperation => {
            plain(contract, "UnknownOperationException", 404, "No operation has this method, path and query.")
        }
        Cause::MediaType(message) => plain(contract, "UnsupportedMediaTypeException", 415, message),
        Cause::NotAcceptable(message) => plain(contract, "NotAcceptableException", 406, message),
        Cause::TooLarge => plain(contract, "RequestEntityTooLargeException", 413, "The body is too long."),
        Cause::Serialization(message) => plain(contract, "SerializationException", 400, message),
        Cause::Constraint { path, message } => constraint(contract, path, message),
    };
    if let Some(bug) = refusal.bug {
        distort(&mut response, bug, operation);
    }
    response
}

/// An error that the model does not have, or has without members other than its message.
fn plain(contract: &Contract, name: &str, status: u16, message: &str) -> Response<Bytes> {
    let members = Map::from_iter([("message".to_owned(), json!(message))]);
    let response = Message { contract, members: &[], values: &Structure::new(), status }.error(&members);
    with_type(response, name)
}

/// The error of the service for a broken constraint.
fn constraint(contract: &Contract, path: &str, message: &str) -> Response<Bytes> {
    let id = &contract.constraint_error.error;
    let summary = format!("1 validation error detected. {message}");
    let mut others = Map::new();
    let error = contract.error(id.name());
    let lists_members = error.map_or_else(
        || id.to_string() == VALIDATION,
        |error| error.members.iter().any(|member| member.name == "fieldList"),
    );
    if lists_members {
        others.insert("fieldList".to_owned(), json!([{"path": path, "message": message}]));
    }
    let Some(error) = error else {
        others.insert("message".to_owned(), json!(summary));
        let response =
            Message { contract, members: &[], values: &Structure::new(), status: 400 }.error(&others);
        return with_type(response, id.name());
    };
    let values = error_members(contract, error, &mut others, &summary);
    let response =
        Message { contract, members: &error.members, values: &values, status: error.status }.error(&others);
    with_type(response, &error.name)
}

/// Valid values for the required members that are not among `others`, to which the message is added.
fn error_members(
    contract: &Contract,
    error: &ErrorShape,
    others: &mut Map<String, Json>,
    message: &str,
) -> Structure {
    let of_message = error.members.iter().find(|member| member.name.eq_ignore_ascii_case("message"));
    let name = of_message.map_or("message", |member| member.json_name.as_str());
    others.insert(name.to_owned(), json!(message));
    let mut values =
        Generator::new(contract, Extent::Least, &error.name).structure(&error.members, &Place::root(None));
    values.retain(|name, _| {
        let member = error.members.iter().find(|member| member.name == *name);
        member.is_some_and(|member| !others.contains_key(&member.json_name))
    });
    values
}

fn with_type(mut response: Response<Bytes>, name: &str) -> Response<Bytes> {
    let name = HeaderValue::from_str(name).ok();
    response.headers_mut().extend(name.map(|name| (ERROR_TYPE, name)));
    response
}

/// Gives the error another type or status, as a mutant does.
fn distort(response: &mut Response<Bytes>, bug: Kind, operation: Option<&Operation>) {
    match bug {
        Kind::Status404 => *response.status_mut() = StatusCode::NOT_FOUND,
        Kind::Status500 => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        Kind::OtherError => {
            let status = response.status().as_u16();
            let other =
                operation.and_then(|operation| operation.errors.iter().find(|error| error.status != status));
            let name = other.and_then(|error| HeaderValue::from_str(&error.name).ok());
            if let Some(name) = name {
                response.headers_mut().insert(ERROR_TYPE, name);
            }
        }
        _ => {}
    }
}
