//! Walks an input from the top down, and stops at the first problem.

use cases::contract::{Contract, MapEntry, Member, Shape};

use super::constraint;
use crate::bug::{Aspect, Place, Refused};
use crate::value::{Structure, Value};

/// Checks the members of an input, and everything below them.
pub(crate) fn validate(
    contract: &Contract,
    members: &[Member],
    input: &Structure,
    root: &Place<'_>,
) -> Refused<()> {
    structure(contract, members, input, root)
}

fn structure(contract: &Contract, members: &[Member], values: &Structure, place: &Place<'_>) -> Refused<()> {
    for member in members {
        let place = place.member(&member.name);
        match values.get(&member.name) {
            Some(given) => value(contract, member, given, &place)?,
            None if is_missing(member) && place.is_enforced(Aspect::Required) => {
                let message = "Value at '{path}' failed to satisfy constraint: Member must not be null";
                return Err(place.breaks(Aspect::Required, message));
            }
            None => {}
        }
    }
    Ok(())
}

/// Whether a member without a value has to have one.
fn is_missing(member: &Member) -> bool {
    member.constraints.required && !member.has_default
}

fn value(contract: &Contract, member: &Member, given: &Value, place: &Place<'_>) -> Refused<()> {
    constraint::check(member, given, place)?;
    match (contract.shape(member), given) {
        (Shape::Structure(members), Value::Structure(values)) => structure(contract, members, values, place),
        (Shape::Union(members), Value::Union(name, given)) => {
            let member = members.iter().find(|member| member.name == *name);
            member.map_or(Ok(()), |member| value(contract, member, given, &place.member(&member.name)))
        }
        (Shape::List(element), Value::List(items)) => list(contract, element, items, place),
        (Shape::Map(entry), Value::Map(entries)) => {
            entries.iter().try_for_each(|(key, value)| map_entry(contract, entry, key, value.as_ref(), place))
        }
        _ => Ok(()),
    }
}

fn list(contract: &Contract, element: &Member, items: &[Option<Value>], place: &Place<'_>) -> Refused<()> {
    let present = items.iter().enumerate().filter_map(|(index, item)| Some((index, item.as_ref()?)));
    for (index, item) in present {
        value(contract, element, item, &place.element(index))?;
    }
    Ok(())
}

fn map_entry(
    contract: &Contract,
    entry: &MapEntry,
    key: &str,
    given: Option<&Value>,
    place: &Place<'_>,
) -> Refused<()> {
    value(contract, &entry.key, &Value::String(key.to_owned()), &place.key())?;
    given.map_or(Ok(()), |given| value(contract, &entry.value, given, &place.value(key)))
}
