//! HTTP messages, and how calls become requests and responses become values.

mod abbreviate;
mod alteration;
mod base64;
mod call;
mod http;
mod json;
mod message_form;
mod outputs;
mod rest_json;
mod value;

pub use abbreviate::{abbreviate, repetitions};
pub use alteration::Alteration;
pub(crate) use base64::differ_in_padding;
pub use call::{Arg, Call, Output, Piece};
pub use http::{Request, Response, describes_body, media_type};
pub(crate) use json::quoted;
pub use json::{Json, NotJson};
pub use message_form::{JsonStyle, MessageForm};
pub use outputs::{MissingOutput, Outputs};
pub use rest_json::outputs;
pub use value::Value;
