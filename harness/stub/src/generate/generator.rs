//! Structures, lists, maps and unions.

use std::collections::BTreeMap;

use cases::contract::{Contract, Length, MapEntry, Member, Shape};

use super::another::another;
use super::extent::Extent;
use super::random::Random;
use crate::bug::{Aspect, Kind, Place};
use crate::value::{Structure, Value};

/// Below this depth, only what is required is generated.
const MAX_OPTIONAL_DEPTH: usize = 5;

/// Below this depth, nothing is generated: a model may require a value within itself.
const MAX_DEPTH: usize = 24;

/// How many values an output has at most, except for required ones of the least size.
const MAX_VALUES: usize = 2000;

/// How many entries a list or map gets because a model demands them.
const MAX_ENTRIES: usize = 1000;

/// Generates values.
#[derive(Debug)]
pub(crate) struct Generator<'a> {
    contract: &'a Contract,
    extent: Extent,
    random: Random,
    /// How many values there are so far.
    count: usize,
    /// Whether a value is generated that has to differ from others, so that the least one is not enough.
    varies: bool,
    /// Whether a required member without a valid value gets an invalid one.
    is_best_effort: bool,
}

impl<'a> Generator<'a> {
    /// A generator whose values depend on the extent and on a name, such as that of an operation.
    pub(crate) fn new(contract: &'a Contract, extent: Extent, name: &str) -> Self {
        let seed = match extent {
            Extent::Least => 0,
            Extent::Seeded(seed) => seed,
        };
        Self {
            contract,
            extent,
            random: Random::new(seed, name),
            count: 0,
            varies: false,
            is_best_effort: false,
        }
    }

    /// Members of a structure. All that are required are among them, invalid ones if no valid value is found.
    pub(crate) fn structure(&mut self, members: &[Member], place: &Place<'_>) -> Structure {
        if let Some(valid) = self.structure_at(members, place, 0) {
            return valid;
        }
        self.count = 0;
        self.is_best_effort = true;
        self.structure_at(members, place, 0).unwrap_or_default()
    }

    pub(super) fn is_random(&self) -> bool {
        self.extent != Extent::Least || self.varies
    }

    pub(super) fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// A number below `count`, which is 0 for the least output.
    pub(super) fn choose(&mut self, count: usize) -> usize {
        if self.is_random() { self.random.below(count) } else { 0 }
    }

    fn structure_at(&mut self, members: &[Member], place: &Place<'_>, depth: usize) -> Option<Structure> {
        let mut structure = Structure::new();
        for member in members {
            let place = place.member(&member.name);
            let is_required = member.presence().is_some();
            let is_chosen = self.is_random()
                && self.random.coin()
                && depth < MAX_OPTIONAL_DEPTH
                && self.count < MAX_VALUES;
            let is_missing = place.has(Aspect::Required, Kind::Missing);
            if is_missing || !(is_required || is_chosen || place.leads_to_bug()) {
                continue;
            }
            let value = self.value(member, &place, depth + 1);
            let value = match value {
                None if is_required && self.is_best_effort => {
                    Some(self.best_effort(self.contract.shape(member)))
                }
                None if is_required => return None,
                value => value,
            };
            structure.extend(value.map(|value| (member.name.clone(), value)));
        }
        Some(structure)
    }

    /// A value of a member, if one is found.
    fn value(&mut self, member: &Member, place: &Place<'_>, depth: usize) -> Option<Value> {
        self.count += 1;
        let contract = self.contract;
        let shape = contract.shape(member);
        if let Some(wrong) = self.wrong(member, shape, place) {
            return Some(wrong);
        }
        if depth > MAX_DEPTH {
            return None;
        }
        match shape {
            Shape::List(element) => self.list(member, element, place, depth),
            Shape::Map(entry) => self.map(member, entry, place, depth),
            Shape::Structure(members) => self.structure_at(members, place, depth).map(Value::Structure),
            Shape::Union(members) => self.union(members, place, depth),
            _ => self.scalar(member, shape),
        }
    }

    fn list(&mut self, list: &Member, element: &Member, place: &Place<'_>, depth: usize) -> Option<Value> {
        let (min, aim) = self.entries(list, place, depth);
        let is_unique = list.constraints.unique_items;
        let mut items: Vec<Option<Value>> = Vec::new();
        for attempt in 0..attempts(aim) {
            if items.len() >= aim {
                break;
            }
            let repeats = is_unique && attempt > 0;
            let place = place.element(items.len());
            let item = self.varied(repeats, |it| it.value(element, &place, depth + 1));
            let item = if repeats { another(element, item, attempt) } else { item };
            if item.is_some() && !(is_unique && items.contains(&item)) {
                items.push(item);
            }
        }
        (items.len() >= min).then_some(Value::List(items))
    }

    /// What `make` generates, which is one of many if it has to differ from others.
    fn varied<T>(&mut self, varies: bool, make: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.varies;
        self.varies |= varies;
        let made = make(self);
        self.varies = before;
        made
    }

    fn map(&mut self, map: &Member, entry: &MapEntry, place: &Place<'_>, depth: usize) -> Option<Value> {
        let (min, aim) = self.entries(map, place, depth);
        let mut entries = BTreeMap::new();
        for attempt in 0..attempts(aim) {
            if entries.len() >= aim {
                break;
            }
            let key = self.varied(attempt > 0, |it| it.string(&entry.key)).map(Value::String);
            let key = if attempt > 0 { another(&entry.key, key, attempt) } else { key };
            let Some(Value::String(key)) = key else { continue };
            let value = self.value(&entry.value, &place.value(&key), depth + 1);
            entries.extend(value.map(|value| (key, Some(value))));
        }
        (entries.len() >= min).then_some(Value::Map(entries))
    }

    /// How many entries a list or map needs, and how many it gets.
    fn entries(&mut self, container: &Member, place: &Place<'_>, depth: usize) -> (usize, usize) {
        let Length { min, max } = container.constraints.length.unwrap_or(Length { min: 0, max: None });
        let needed = min.min(MAX_ENTRIES);
        let may_grow = self.is_random() && depth < MAX_OPTIONAL_DEPTH && self.count < MAX_VALUES;
        let more = if may_grow { self.choose(3) } else { 0 };
        let least = if place.leads_to_bug() { needed.max(1) } else { needed };
        (needed, least.saturating_add(more).min(max.unwrap_or(usize::MAX)))
    }

    /// One member of a union: the one that leads to the bug, one at random, or the first that has a value.
    fn union(&mut self, members: &[Member], place: &Place<'_>, depth: usize) -> Option<Value> {
        let first = members.iter().position(|member| place.member(&member.name).leads_to_bug());
        let chosen = if depth < MAX_OPTIONAL_DEPTH { self.choose(members.len()) } else { 0 };
        let first = first.unwrap_or(chosen);
        let in_order = (0..members.len()).map(|nth| (first + nth) % members.len());
        for member in in_order.filter_map(|nth| members.get(nth)).filter(|_| depth < MAX_DEPTH) {
            if self.count > MAX_VALUES * 4 {
                return None;
            }
            if let Some(value) = self.value(member, &place.member(&member.name), depth + 1) {
                return Some(Value::Union(member.name.clone(), Box::new(value)));
            }
        }
        None
    }
}

/// How often an entry is generated before a list or map has too few different ones.
fn attempts(entries: usize) -> usize {
    const SPARE: usize = 16;
    if entries == 0 { 0 } else { entries.saturating_mul(4) + SPARE }
}
