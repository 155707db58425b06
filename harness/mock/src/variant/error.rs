//! How errors are reported, and additional members of bodies.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::definition::{Variant, variant};
use crate::protocol::{ApiError, ERROR_TYPE};
use crate::service::{Behavior, MockConfig};
use crate::toolkit::{RewritesErrors, error_of, is_start, type_of, with_body, with_document, without_header};

pub(super) const ALL: &[Variant] = &[
    variant("error-type-in-body")
        .about("The type of an error is in the member `__type` of its body, and not in the header.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RewritesErrors(|response| {
                without_header(with_type_in_body(response, "__type"), &ERROR_TYPE)
            }))
        }),
    variant("error-code-in-body")
        .about("The type of an error is in the member `code` of its body, and not in the header.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RewritesErrors(|response| {
                without_header(with_type_in_body(response, "code"), &ERROR_TYPE)
            }))
        }),
    variant("error-type-in-header-and-body")
        .about("The type of an error is in the header, and with its namespace in the body.")
        .config(|| MockConfig::with(RewritesErrors(|response| with_type_in_body(response, "__type")))),
    variant("error-type-of-header-counts")
        .about("The body of an error has another type than the header, and the one in the header counts.")
        .config(|| {
            MockConfig::with(RewritesErrors(|response| {
                with_document(response, |body| {
                    body["__type"] = json!("InternalServerException");
                    body["code"] = json!("ResourceNotFoundException");
                })
            }))
        }),
    variant("error-code-counts")
        .about("The type of an error is in the member `code` of its body; `__type` has another one.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RewritesErrors(|response| {
                let response = without_header(with_type_in_body(response, "code"), &ERROR_TYPE);
                with_document(response, |body| body["__type"] = json!("InternalServerException"))
            }))
        }),
    variant("error-type-with-namespace").about("The type of an error has its namespace as a prefix.").config(
        || {
            MockConfig::with(RewritesErrors(|response| {
                with_type(response, |name| format!("{NAMESPACE}{name}"))
            }))
        },
    ),
    variant("error-type-with-uri").about("The type of an error has a URI as a suffix.").config(|| {
        MockConfig::with(RewritesErrors(|response| with_type(response, |name| format!("{name}{URI}"))))
    }),
    variant("error-type-with-namespace-and-uri")
        .about("The type of an error has its namespace as a prefix and a URI as a suffix.")
        .config(|| {
            MockConfig::with(RewritesErrors(|response| {
                with_type(response, |name| format!("{NAMESPACE}{name}{URI}"))
            }))
        }),
    variant("message-in-lower-case").about("The message of an error is in the member `message`.").config(
        || {
            MockConfig::with(RewritesErrors(|response| {
                with_document(response, |body| {
                    if let Some(members) = body.as_object_mut()
                        && let Some(message) = members.remove("Message")
                    {
                        members.insert("message".to_owned(), message);
                    }
                })
            }))
        },
    ),
    variant("additional-members").about("Bodies have additional members, some of them nested.").config(
        || {
            MockConfig::with(RewritesBodies(|body| {
                body["RequestId"] = json!("6f2d1f3a-7b0c-4c1e-9a55-0f7e2b9d4c11");
                body["Metadata"] = json!({ "Region": "eu-central-1", "Attempts": [1, 2.5, null, true] });
            }))
        },
    ),
    variant("null-members")
        .about("Bodies have null members, optional ones of the contract and an unknown one.")
        .config(|| {
            MockConfig::with(RewritesBodies(|body| {
                for name in ["Reason", "Details", "ResourceType", "ReferencedBy", "Else"] {
                    if body.get(name).is_none() {
                        body[name] = Value::Null;
                    }
                }
            }))
        }),
    variant("indented-bodies")
        .about("Bodies are indented, and their members are in an unusual order.")
        .config(|| MockConfig::with(Indents)),
    variant("resource-not-named").about("An error does not say which resource is missing.").config(|| {
        MockConfig::with(RewritesErrors(|response| {
            with_document(response, |body| {
                if let Some(members) = body.as_object_mut() {
                    members.remove("ResourceType");
                    members.remove("ReferencedBy");
                }
            })
        }))
    }),
    variant("validation-exception")
        .about("A request outside a constraint gets a ValidationException.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RenamesErrors(|error| match error {
                ApiError::Missing(_)
                | ApiError::Null(_)
                | ApiError::Length(..)
                | ApiError::Range(..)
                | ApiError::Pattern(_) => Some("ValidationException"),
                _ => None,
            }))
        }),
    variant("validation-error")
        .about("A malformed request is a ValidationError, which is a common error.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RenamesErrors(|error| {
                (error.status() == StatusCode::BAD_REQUEST).then_some("ValidationError")
            }))
        }),
    variant("unknown-error-types")
        .about("Each error has the right status and a type that no contract has.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RenamesErrors(|error| match error {
                ApiError::Token(_) => Some("InvalidTokenException"),
                ApiError::NotFound(_) => Some("NotFoundException"),
                _ if error.status() == StatusCode::BAD_REQUEST => Some("InvalidParameterException"),
                _ => None,
            }))
        }),
    variant("early-errors-without-type")
        .about("Errors for an unknown path, method, content type or size have no type and no body.")
        .config(|| {
            MockConfig::with(RewritesErrors(|response| match error_of(&response) {
                Some(
                    ApiError::UnknownPath
                    | ApiError::WrongMethod(_)
                    | ApiError::MediaType
                    | ApiError::TooLarge,
                ) => {
                    let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
                    with_body(response, "")
                }
                _ => response,
            }))
        }),
    variant("serialization-exception")
        .about("A body that cannot be read, or a member of a wrong type, is a SerializationException.")
        .breaks_a_should()
        .config(|| {
            MockConfig::with(RenamesErrors(|error| match error {
                ApiError::Malformed
                | ApiError::EmptyBody
                | ApiError::NotAnObject(_)
                | ApiError::WrongType(..) => Some("SerializationException"),
                _ => None,
            }))
        }),
];

const NAMESPACE: &str = "com.amazonaws.appconfigdata#";
const URI: &str = ":http://internal.amazon.com/coral/com.amazonaws.appconfigdata/";

/// Rewrites the error type in the header.
fn with_type(mut response: Response<Bytes>, write: fn(&str) -> String) -> Response<Bytes> {
    if let Ok(name) = HeaderValue::try_from(write(&type_of(&response))) {
        response.headers_mut().insert(ERROR_TYPE, name);
    }
    response
}

/// Adds the error type to the body, with its namespace.
fn with_type_in_body(response: Response<Bytes>, member: &str) -> Response<Bytes> {
    let name = format!("{NAMESPACE}{}", type_of(&response));
    with_document(response, |body| body[member] = json!(name))
}

/// Changes the JSON body of every response except configurations.
struct RewritesBodies(fn(&mut Value));

impl Behavior for RewritesBodies {
    fn finish(&self, request: &Request<Bytes>, response: Response<Bytes>) -> Response<Bytes> {
        if is_document(request, &response) { with_document(response, self.0) } else { response }
    }
}

struct Indents;

impl Behavior for Indents {
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

/// Gives some errors another type.
struct RenamesErrors(fn(&ApiError) -> Option<&'static str>);

impl Behavior for RenamesErrors {
    fn error_type(&self, error: &ApiError) -> &'static str {
        (self.0)(error).unwrap_or_else(|| error.error_type())
    }
}
