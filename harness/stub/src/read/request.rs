//! Reads each input member from where it is bound.

use bytes::Bytes;
use cases::contract::{Contract, Location, Member};
use http::Request;

use super::reader::Reader;
use super::{accept, body, headers, query, scalar};
use crate::bug::{Aspect, Place, Refused};
use crate::route::{Route, query_parameters};
use crate::value::{Structure, Value};

/// The input of a request.
pub(crate) fn read(
    contract: &Contract,
    route: &Route<'_>,
    request: &Request<Bytes>,
    root: &Place<'_>,
) -> Refused<Structure> {
    let reader = Reader { contract, operation: route.operation, request };
    accept::check(reader)?;
    let mut input = body::read(reader, root)?;
    let parameters = query_parameters(request.uri());
    for member in &route.operation.input {
        let place = root.member(&member.name);
        let value = match &member.location {
            Location::Label => label(reader, member, route, &place)?,
            Location::Query(name) => query::bound(reader, member, name, &parameters, &place)?,
            Location::QueryParams => query::others(reader, member, &parameters, &place)?,
            Location::Header(name) => headers::bound(reader, member, name, &place)?,
            Location::PrefixHeaders(prefix) => headers::prefixed(reader, member, prefix, &place)?,
            Location::Body | Location::Payload | Location::ResponseCode => None,
        };
        input.extend(value.map(|value| (member.name.clone(), value)));
    }
    Ok(input)
}

fn label(
    reader: Reader<'_>,
    member: &Member,
    route: &Route<'_>,
    place: &Place<'_>,
) -> Refused<Option<Value>> {
    let Some(text) = route.labels.get(member.name.as_str()) else { return Ok(None) };
    let text = text.as_deref().ok_or_else(|| place.unreadable(Aspect::Type, "the label is not UTF-8"))?;
    scalar::read(reader.contract, member, member.timestamp_format, text, place).map(Some)
}
