//! The table of variants: its names and its texts.

use std::collections::HashSet;

use super::{Variant, all, find};
use crate::mutant;

#[test]
fn names_and_texts_are_well_formed() {
    let mut seen = HashSet::new();
    for Variant { name, about, .. } in all() {
        assert!(seen.insert(*name) && seen.insert(about), "{name} is listed twice");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab) && !name.contains("--"), "{name}");
        assert!(about.ends_with('.') && about.starts_with(char::is_uppercase), "{name}");
        assert!(mutant::find(name).is_err(), "{name} is a mutant too");
    }
    assert!(all().filter(|variant| variant.strict).count() >= 30);
}

#[test]
fn unknown_names_get_suggestions() {
    assert_eq!(find("short-tokens").ok().unwrap().name, "short-tokens");
    let error = find("shorter-token").err().unwrap();
    assert_eq!(error.similar[0], "short-tokens");
    let text = error.to_string();
    assert!(text.starts_with("no variant is named \"shorter-token\"; similar names: short-tokens"), "{text}");
}
