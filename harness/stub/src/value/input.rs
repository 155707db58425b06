//! The value of a member, whatever carries it.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;

/// The members of a structure that have a value, by their names in the model.
pub(crate) type Structure = BTreeMap<String, Value>;

/// The value of a member.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Boolean(bool),
    Integer(i128),
    Number(f64),
    String(String),
    Blob(Bytes),
    Timestamp(Timestamp),
    /// Any JSON, which is written as it is.
    Document(serde_json::Value),
    /// `None` is null, which a sparse list may have.
    List(Vec<Option<Value>>),
    /// `None` is null, which a sparse map may have.
    Map(BTreeMap<String, Option<Value>>),
    Structure(Structure),
    /// The name of the one member that is set, and its value.
    Union(String, Box<Value>),
}
