//! Operations with their HTTP bindings and errors.

use std::fmt;

use super::rules::SingleUse;
use super::shape::{Location, Member, UriSegment};

/// One operation with its HTTP binding.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name in the model.
    pub name: String,
    /// The HTTP method.
    pub method: String,
    /// The path pattern.
    pub path: Vec<UriSegment>,
    /// The parameters that the query has in every call, with their values if they have one.
    pub query: Vec<(String, Option<String>)>,
    /// The status of a success.
    pub success: u16,
    /// Input members in the order of the model.
    pub input: Vec<Member>,
    /// Output members in the order of the model.
    pub output: Vec<Member>,
    /// The modelled errors.
    pub errors: Vec<ErrorShape>,
    /// `readonly`: it changes nothing.
    pub readonly: bool,
    /// `hostPrefix` of the trait `endpoint`, which clients put before the host name.
    pub host_prefix: Option<String>,
    /// `httpChecksumRequired`, or the same in AWS's own trait: a request has a checksum.
    pub checksum_required: bool,
    /// Where the contract describes the operation.
    pub source: String,
}

/// An error structure with its status.
#[derive(Debug, Clone)]
pub struct ErrorShape {
    /// Its shape name without the namespace.
    pub name: String,
    /// Its status code.
    pub status: u16,
    /// Its members.
    pub members: Vec<Member>,
}

/// An output member with its operation.
#[derive(Debug, Clone, Copy)]
pub struct OutputOf<'a> {
    /// The operation whose response has it.
    pub operation: &'a Operation,
    /// The member.
    pub member: &'a Member,
}

impl Operation {
    /// The path with no label, as sent; `None` if the pattern has labels.
    pub fn static_path(&self) -> Option<String> {
        let mut path = String::new();
        for segment in &self.path {
            match segment {
                UriSegment::Literal(text) => {
                    path.push('/');
                    path.push_str(text);
                }
                UriSegment::Label { .. } => return None,
            }
        }
        Some(if path.is_empty() { "/".to_owned() } else { path })
    }

    /// The input member whose values can be used once, with its rule.
    pub fn single_use(&self) -> Option<(&Member, &SingleUse)> {
        self.input.iter().find_map(|member| member.rules.single_use.as_ref().map(|rule| (member, rule)))
    }

    /// Input members in the JSON body, which a payload member is not.
    pub fn body_members(&self) -> impl Iterator<Item = &Member> {
        self.input.iter().filter(|member| member.location == Location::Body)
    }

    /// Whether a call changes nothing, by the trait or by the method.
    pub fn only_reads(&self) -> bool {
        self.readonly || matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Whether an output member is the status.
    pub fn chooses_status(&self) -> bool {
        self.output.iter().any(|member| member.location == Location::ResponseCode)
    }

    /// The input member that is the whole body of the request, if there is one.
    pub fn input_payload(&self) -> Option<&Member> {
        self.input.iter().find(|member| member.location == Location::Payload)
    }

    /// The output member that is the whole body of the response, if there is one.
    pub fn output_payload(&self) -> Option<&Member> {
        self.output.iter().find(|member| member.location == Location::Payload)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
