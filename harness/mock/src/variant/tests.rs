//! The table of variants: its names and its texts.

use std::collections::HashSet;

use super::*;

#[test]
fn names_are_unique_and_in_kebab_case_and_texts_are_sentences() {
    let mut seen = HashSet::new();
    for Variant { name, about, .. } in all() {
        assert!(seen.insert(*name) && seen.insert(about), "{name} is there twice");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab) && !name.contains("--"), "{name}");
        assert!(about.ends_with('.') && about.starts_with(char::is_uppercase), "{name}");
        assert!(crate::deviation::find(name).is_err(), "{name} is a deviation too");
    }
    assert!(all().filter(|variant| variant.strict).count() >= 30);
}

#[test]
fn find_suggests_near_names() {
    assert_eq!(find("short-tokens").ok().unwrap().name, "short-tokens");
    let error = find("shorter-token").err().unwrap();
    assert_eq!(error.near[0], "short-tokens");
    assert!(error.to_string().starts_with("no variant is named \"shorter-token\"; near it: short-tokens"));
}
