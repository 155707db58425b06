//! The table of deviations: its names, its texts and its patterns.

use std::collections::{HashMap, HashSet};

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use wildmatch::WildMatch;

use super::*;

#[test]
fn names_are_unique_and_in_kebab_case_and_texts_are_sentences() {
    let mut names = HashSet::new();
    let mut abouts = HashMap::new();
    for Deviation { name, about, must_fail, may_fail, .. } in all() {
        assert!(names.insert(name), "{name} is there twice");
        assert_eq!(abouts.insert(about, name), None, "{name}");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab) && !name.contains("--"), "{name}");
        assert!(about.ends_with('.') && about.starts_with(char::is_uppercase), "{name}");
        assert!(!must_fail.is_empty() || !may_fail.is_empty(), "{name} names no witness");
    }
    assert!(names.len() >= 200, "{}", names.len());
}

#[test]
fn find_suggests_near_names() {
    assert_eq!(find("counts-bytes").ok().unwrap().name, "counts-bytes");
    let error = find("count-byte").err().unwrap();
    assert_eq!(error.near[0], "counts-bytes");
    let text = error.to_string();
    assert!(text.starts_with("no deviation is named \"count-byte\"; near it: counts-bytes, "), "{text}");
    let error = find("interval-string").err().unwrap();
    assert_eq!(error.near[0], "interval-string-coerced");
    assert_eq!(error.near.len(), 5);
    assert_eq!(find("zzz").err().unwrap().to_string(), "no deviation is named \"zzz\"; `help` lists all");
    assert_eq!(find("").err().unwrap().near, Vec::<&str>::new());
}

#[test]
fn every_pattern_names_something() {
    let ids = |contract: &Contract| -> Vec<String> {
        let Catalogue { requirements, cases } = Catalogue::of(contract);
        let requirements = requirements.iter().map(|requirement| requirement.id.to_string());
        requirements.chain(cases.iter().map(|case| case.id.to_string())).collect()
    };
    let by_contract = HashMap::from([
        ("page", ids(&Contract::page().unwrap())),
        ("model", ids(&Contract::model().unwrap())),
    ]);
    let mut void = Vec::new();
    for deviation in all() {
        let catalogues = || deviation.contracts.names().iter().map(|name| &by_contract[name]);
        let named = |pattern: &str, ids: &[String]| {
            let pattern = WildMatch::new(pattern);
            ids.iter().any(|id| pattern.matches(id))
        };
        let must = deviation.must_fail.iter().filter(|pattern| !catalogues().all(|ids| named(pattern, ids)));
        let may = deviation.may_fail.iter().filter(|pattern| !catalogues().any(|ids| named(pattern, ids)));
        void.extend(must.chain(may).map(|pattern| format!("{}: {pattern}", deviation.name)));
    }
    assert!(void.is_empty(), "{void:#?}");
}
