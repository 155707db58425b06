//! How errors are told, and further members of answers.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    Contracts, Refuses, Variant, fault_of, is_start, serving, with_body, with_document, without_header,
};
use crate::mock::behaviour::Behaviour;
use crate::mock::fault::Fault;
use crate::mock::render::ERROR_TYPE;

pub(super) const ALL: &[Variant] = &[
    Variant {
        name: "error-type-in-body",
        about: "The type of an error stands in the member `__type` of its body, and not in the header.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Refuses(|response| without_header(with_type_in_body(response, "__type"), &ERROR_TYPE)))
        },
    },
    Variant {
        name: "error-code-in-body",
        about: "The type of an error stands in the member `code` of its body, and not in the header.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Refuses(|response| without_header(with_type_in_body(response, "code"), &ERROR_TYPE)))
        },
    },
    Variant {
        name: "error-type-in-header-and-body",
        about: "The type of an error stands in the header, and with its namespace in the body.",
        contracts: Contracts::Both,
        strict: true,
        serving: || serving(Refuses(|response| with_type_in_body(response, "__type"))),
    },
    Variant {
        name: "error-type-of-header-counts",
        about: "The body of an error names another type than the header, which counts.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Refuses(|response| {
                with_document(response, |body| {
                    body["__type"] = json!("InternalServerException");
                    body["code"] = json!("ResourceNotFoundException");
                })
            }))
        },
    },
    Variant {
        name: "error-code-counts",
        about: "The type of an error stands in the member `code` of its body; `__type` names another one.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Refuses(|response| {
                let response = without_header(with_type_in_body(response, "code"), &ERROR_TYPE);
                with_document(response, |body| body["__type"] = json!("InternalServerException"))
            }))
        },
    },
    Variant {
        name: "error-type-with-namespace",
        about: "The type of an error has its namespace before it.",
        contracts: Contracts::Both,
        strict: true,
        serving: || serving(Refuses(|response| with_type(response, |name| format!("{NAMESPACE}{name}")))),
    },
    Variant {
        name: "error-type-with-uri",
        about: "The type of an error has a URI behind it.",
        contracts: Contracts::Both,
        strict: true,
        serving: || serving(Refuses(|response| with_type(response, |name| format!("{name}{URI}")))),
    },
    Variant {
        name: "error-type-with-namespace-and-uri",
        about: "The type of an error has its namespace before it and a URI behind it.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Refuses(|response| with_type(response, |name| format!("{NAMESPACE}{name}{URI}"))))
        },
    },
    Variant {
        name: "message-in-lower-case",
        about: "The message of an error stands in the member `message`.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Refuses(|response| {
                with_document(response, |body| {
                    if let Some(members) = body.as_object_mut()
                        && let Some(message) = members.remove("Message")
                    {
                        members.insert("message".to_owned(), message);
                    }
                })
            }))
        },
    },
    Variant {
        name: "further-members",
        about: "Bodies have further members, some of them nested.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Rewrites(|body| {
                body["RequestId"] = json!("6f2d1f3a-7b0c-4c1e-9a55-0f7e2b9d4c11");
                body["Metadata"] = json!({ "Region": "eu-central-1", "Attempts": [1, 2.5, null, true] });
            }))
        },
    },
    Variant {
        name: "null-members",
        about: "Bodies have members that are null, where the contract has optional ones and where it has none.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Rewrites(|body| {
                for name in ["Reason", "Details", "ResourceType", "ReferencedBy", "Else"] {
                    if body.get(name).is_none() {
                        body[name] = Value::Null;
                    }
                }
            }))
        },
    },
    Variant {
        name: "bodies-for-people",
        about: "Bodies are indented, and their members stand in an unusual order.",
        contracts: Contracts::Both,
        strict: true,
        serving: || serving(ForPeople),
    },
    Variant {
        name: "resource-not-named",
        about: "An error does not say which resource is missing.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Refuses(|response| {
                with_document(response, |body| {
                    if let Some(members) = body.as_object_mut() {
                        members.remove("ResourceType");
                        members.remove("ReferencedBy");
                    }
                })
            }))
        },
    },
    Variant {
        name: "validation-exception",
        about: "A broken constraint is a ValidationException.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Names(|fault| match fault {
                Fault::Missing(_)
                | Fault::Null(_)
                | Fault::Length(..)
                | Fault::Range(..)
                | Fault::Pattern(_) => Some("ValidationException"),
                _ => None,
            }))
        },
    },
    Variant {
        name: "validation-error",
        about: "A malformed request is a ValidationError, as the common errors have it.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Names(|fault| (fault.status() == StatusCode::BAD_REQUEST).then_some("ValidationError")))
        },
    },
    Variant {
        name: "error-types-of-its-own",
        about: "Each error has the right status, and a type that no contract has.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Names(|fault| match fault {
                Fault::Token(_) => Some("InvalidTokenException"),
                Fault::NotFound(_) => Some("NotFoundException"),
                _ if fault.status() == StatusCode::BAD_REQUEST => Some("InvalidParameterException"),
                _ => None,
            }))
        },
    },
    Variant {
        name: "refusals-before-the-operation-without-type",
        about: "What is refused for its path, method, content type or size has no error type and no body.",
        contracts: Contracts::Both,
        strict: true,
        serving: || {
            serving(Refuses(|response| match fault_of(&response) {
                Some(Fault::UnknownPath | Fault::WrongMethod(_) | Fault::MediaType | Fault::TooLarge) => {
                    let response = without_header(without_header(response, &ERROR_TYPE), &CONTENT_TYPE);
                    with_body(response, "")
                }
                _ => response,
            }))
        },
    },
    Variant {
        name: "serialization-exception",
        about: "A body that cannot be read, or a member of a wrong type, is a SerializationException.",
        contracts: Contracts::Both,
        strict: false,
        serving: || {
            serving(Names(|fault| match fault {
                Fault::Malformed | Fault::EmptyBody | Fault::NotAnObject(_) | Fault::WrongType(..) => {
                    Some("SerializationException")
                }
                _ => None,
            }))
        },
    },
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
