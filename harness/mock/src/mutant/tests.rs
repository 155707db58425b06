//! The table of mutants: its names, its texts and its patterns.

use std::collections::{HashMap, HashSet};

use cases::catalogue::Catalogue;
use cases::contract::Contract;
use wildmatch::WildMatch;

use super::{Mutant, all, find};

#[test]
fn names_and_texts_are_well_formed() {
    let mut names = HashSet::new();
    let mut abouts = HashMap::new();
    for Mutant { name, about, must_fail, may_fail, .. } in all() {
        assert!(names.insert(name), "{name} is listed twice");
        assert_eq!(abouts.insert(about, name), None, "{name}");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab) && !name.contains("--"), "{name}");
        assert!(about.ends_with('.') && about.starts_with(char::is_uppercase), "{name}");
        assert!(!must_fail.is_empty() || !may_fail.is_empty(), "{name} has no patterns");
    }
    assert!(names.len() >= 200, "{}", names.len());
}

#[test]
fn unknown_names_get_suggestions() {
    assert_eq!(find("counts-bytes").ok().unwrap().name, "counts-bytes");
    let error = find("count-byte").err().unwrap();
    assert_eq!(error.similar[0], "counts-bytes");
    let text = error.to_string();
    assert!(text.starts_with("no mutant is named \"count-byte\"; similar names: counts-bytes, "), "{text}");
    let error = find("interval-string").err().unwrap();
    assert_eq!(error.similar[0], "interval-string-coerced");
    assert_eq!(error.similar.len(), 5);
    assert_eq!(find("zzz").err().unwrap().to_string(), "no mutant is named \"zzz\"; `help` lists all names");
    assert_eq!(find("").err().unwrap().similar, Vec::<&str>::new());
}

/// The ids of all requirements and cases of a contract.
fn ids(contract: &Contract) -> Vec<String> {
    let Catalogue { requirements, cases } = Catalogue::of(contract);
    let requirements = requirements.iter().map(|requirement| requirement.id.to_string());
    requirements.chain(cases.iter().map(|case| case.id.to_string())).collect()
}

fn matches_any(pattern: &str, ids: &[String]) -> bool {
    let pattern = WildMatch::new(pattern);
    ids.iter().any(|id| pattern.matches(id))
}

#[test]
fn patterns_match_the_catalogue() {
    let by_contract = HashMap::from([
        ("page", ids(&Contract::page().unwrap())),
        ("model", ids(&Contract::model().unwrap())),
    ]);
    let mut unmatched = Vec::new();
    for mutant in all() {
        let catalogues: Vec<_> = mutant.contracts.names().iter().map(|name| &by_contract[name]).collect();
        let must =
            mutant.must_fail.iter().filter(|pattern| !catalogues.iter().all(|ids| matches_any(pattern, ids)));
        let may =
            mutant.may_fail.iter().filter(|pattern| !catalogues.iter().any(|ids| matches_any(pattern, ids)));
        unmatched.extend(must.chain(may).map(|pattern| format!("{}: {pattern}", mutant.name)));
    }
    assert!(unmatched.is_empty(), "{unmatched:#?}");
}
