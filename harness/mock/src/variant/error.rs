//! How errors are told, and further members of answers.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    Refuses, Variant, fault_of, is_start, serving, variant, with_body, with_document, without_header,
};
use crate::behaviour::Behaviour;
use crate::fault::Fault;
use crate::render::ERROR_TYPE;

pub(super) const ALL: &[Variant] = &[
    variant("error-type-in-body")
        .about("The type of an error stands in the member `__type` of its body, and not in the header.")
        .breaks_a_should()
        .serving(|| {
            serving(Refuses(|response| without_header(with_type_in_body(response, "__type"), &ERROR_TYPE)))
        }),
    variant("error-code-in-body")
        .about("The type of an error stands in the member `code` of its body, and not in the header.")
        .breaks_a_should()
        .serving(|| {
            serving(Refuses(|response| without_header(with_type_in_body(response, "code"), &ERROR_TYPE)))
        }),
    variant("error-type-in-header-and-body")
        .about("The type of an error stands in the header, and with its namespace in the body.")
        .serving(|| serving(Refuses(|response| with_type_in_body(response, "__type")))),
    variant("error-type-of-header-counts")
        .about("The body of an error names another type than the header, which counts.")
        .serving(|| {
            serving(Refuses(|response| {
                with_document(response, |body| {
                    body["__type"] = json!("InternalServerException");
                    body["code"] = json!("ResourceNotFoundException");
                })
            }))
        }),
    variant("error-code-counts")
        .about("The type of an error stands in the member `code` of its body; `__type` names another one.")
        .breaks_a_should()
        .serving(|| {
            serving(Refuses(|response| {
                let response = without_header(with_type_in_body(response, "code"), &ERROR_TYPE);
                with_document(response, |body| body["__type"] = json!("InternalServerException"))
            }))
        }),
    variant("error-type-with-namespace")
        .about("The type of an error has its namespace before it.")
        .serving(|| serving(Refuses(|response| with_type(response, |name| format!("{NAMESPACE}{name}"))))),
    variant("error-type-with-uri")
        .about("The type of an error has a URI behind it.")
        .serving(|| serving(Refuses(|response| with_type(response, |name| format!("{name}{URI}"))))),
    variant("error-type-with-namespace-and-uri")
        .about("The type of an error has its namespace before it and a URI behind it.")
        .serving(|| {
            serving(Refuses(|response| with_type(response, |name| format!("{NAMESPACE}{name}{URI}"))))
        }),
    variant("message-in-lower-case")
        .about("The message of an error stands in the member `message`.")
        .serving(|| {
            serving(Refuses(|response| {
                with_document(response, |body| {
                    if let Some(members) = body.as_object_mut()
                        && let Some(message) = members.remove("Message")
                    {
                        members.insert("message".to_owned(), message);
                    }
                })
            }))
        }),
    variant("further-members").about("Bodies have further members, some of them nested.").serving(|| {
        serving(Rewrites(|body| {
            body["RequestId"] = json!("6f2d1f3a-7b0c-4c1e-9a55-0f7e2b9d4c11");
            body["Metadata"] = json!({ "Region": "eu-central-1", "Attempts": [1, 2.5, null, true] });
        }))
    }),
    variant("null-members")
        .about(
            "Bodies have members that are null, where the contract has optional ones and where it has none.",
        )
        .serving(|| {
            serving(Rewrites(|body| {
                for name in ["Reason", "Details", "ResourceType", "ReferencedBy", "Else"] {
                    if body.get(name).is_none() {
                        body[name] = Value::Null;
                    }
                }
            }))
        }),
    variant("bodies-for-people")
        .about("Bodies are indented, and their members stand in an unusual order.")
        .serving(|| serving(ForPeople)),
    variant("resource-not-named").about("An error does not say which resource is missing.").serving(|| {
        serving(Refuses(|response| {
            with_document(response, |body| {
                if let Some(members) = body.as_object_mut() {
                    members.remove("ResourceType");
                    members.remove("ReferencedBy");
                }
            })
        }))
    }),
    variant("validation-exception")
        .about("A broken constraint is a ValidationException.")
        .breaks_a_should()
        .serving(|| {
            serving(Names(|fault| match fault {
                Fault::Missing(_)
                | Fault::Null(_)
                | Fault::Length(..)
                | Fault::Range(..)
                | Fault::Pattern(_) => Some("ValidationException"),
                _ => None,
            }))
        }),
    variant("validation-error")
        .about("A malformed request is a ValidationError, as the common errors have it.")
        .breaks_a_should()
        .serving(|| {
            serving(Names(|fault| (fault.status() == StatusCode::BAD_REQUEST).then_some("ValidationError")))
        }),
    variant("error-types-of-its-own")
        .about("Each error has the right status, and a type that no contract has.")
        .breaks_a_should()
        .serving(|| {
            serving(Names(|fault| match fault {
                Fault::Token(_) => Some("InvalidTokenException"),
                Fault::NotFound(_) => Some("NotFoundException"),
                _ if fault.status() == StatusCode::BAD_REQUEST => Some("InvalidParameterException"),
                _ => None,
            }))
        }),
    variant("refusals-before-the-operation-without-type")
        .about("What is refused for its path, method, content type or size has no error type and no body.")
        .serving(|| {
            serving(Refuses(|response| match fault_of(&response) {
                Some(Fault::UnknownPath | Fault::WrongMethod(_) | Fault::MediaType | Fault::TooLarge) => {
                    let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
                    with_body(response, "")
                }
                _ => response,
            }))
        }),
    variant("serialization-exception")
        .about("A body that cannot be read, or a member of a wrong type, is a SerializationException.")
        .breaks_a_should()
        .serving(|| {
            serving(Names(|fault| match fault {
                Fault::Malformed | Fault::EmptyBody | Fault::NotAnObject(_) | Fault::WrongType(..) => {
                    Some("SerializationException")
                }
                _ => None,
            }))
        }),
];

const NAMESPACE: &str = "com.amazonaws.appconfigdata#";
const URI: &str = ":http://internal.amazon.com/coral/com.amazonaws.appconfigdata/";

/// The error type that the header names.
fn type_of(response: &Response<Bytes>) -> String {
    let name = response.headers().get(ERROR_TYPE).and_then(|name| name.to_str().ok());
    name.unwrap_or_default().to_owned()
}

/// The error type written otherwise.
fn with_type(mut response: Response<Bytes>, write: fn(&str) -> String) -> Response<Bytes> {
    if let Ok(name) = HeaderValue::try_from(write(&type_of(&response))) {
        response.headers_mut().insert(ERROR_TYPE, name);
    }
    response
}

/// The error type as a member of the body too, with its namespace.
fn with_type_in_body(response: Response<Bytes>, member: &str) -> Response<Bytes> {
    let name = format!("{NAMESPACE}{}", type_of(&response));
    with_document(response, |body| body[member] = json!(name))
}

/// Changes the JSON document of every answer, but for configurations.
struct Rewrites(fn(&mut Value));

impl Behaviour for Rewrites {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_document(request, &response) { with_document(response, self.0) } else { response }
    }
}

struct ForPeople;

impl Behaviour for ForPeople {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        let members = match serde_json::from_slice(response.body()) {
            Ok(Value::Object(members)) if is_document(request, &response) => members,
            _ => return response,
        };
        let lines: Vec<String> =
            members.iter().rev().map(|(name, value)| format!("\r\n\t{} : {value:#}", json!(name))).collect();
        with_body(response, format!(" {{{} }}\n", lines.join(" ,")))
    }
}

fn is_document(request: &Request<Bytes>, response: &Response<Bytes>) -> bool {
    is_start(request) || !response.status().is_success()
}

/// Another error type for some faults.
struct Names(fn(&Fault) -> Option<&'static str>);

impl Behaviour for Names {
    fn error_type(&self, fault: &Fault) -> &'static str {
        (self.0)(fault).unwrap_or_else(|| fault.error_type())
    }
}
