//! A union has exactly one of its members.

use crate::catalogue::site::Site;
use crate::catalogue::site_entry::SiteEntry;
use crate::contract::Shape;
use crate::generate::ValueFactory;
use crate::protocol::Value;

pub(in crate::catalogue) fn entry(site: &Site<'_>) -> Option<SiteEntry> {
    let Shape::Union(variants) = site.shape() else { return None };
    let factory = ValueFactory { contract: site.contract };
    let members: Vec<_> = variants
        .iter()
        .filter_map(|variant| Some((variant.name.clone(), factory.least(variant)?)))
        .take(2)
        .collect();
    let unknown = ("BoundstoneUnknown".to_owned(), Value::String("a".to_owned()));
    let mut entry = SiteEntry {
        aspect: "cardinality",
        demand: "has exactly one of its members".to_owned(),
        source: "restJson1 › RestJsonMalformedUnion".to_owned(),
        permits: false,
        partitions: Vec::new(),
    };
    entry.add("none", "has no member", [Value::Members(Vec::new())]);
    entry.add("unknown", "has a member that it does not define", [Value::Members(vec![unknown.clone()])]);
    if let Some(first) = members.first() {
        let with_unknown = vec![first.clone(), unknown];
        entry.add(
            "known-and-unknown",
            "has one of its members and another one",
            [Value::Members(with_unknown)],
        );
    }
    if members.len() == 2 {
        entry.add("two", "has two members", [Value::Members(members)]);
    }
    Some(entry)
}
