//! Each variant varies, no two vary alike, and none fails.

use std::collections::HashSet;

use super::*;
use crate::mock::probe::{dialects, side_by_side, transcript};

#[test]
fn each_variant_differs_from_the_reference_and_from_all_others_and_never_fails() {
    let mut twins_of = Vec::new();
    for dialect in dialects(Contracts::Both) {
        let variants: Vec<_> = all().filter(|v| dialects(v.contracts).contains(&dialect)).collect();
        let mut seen = vec![("the reference", transcript(&dialect, Serving::default()))];
        seen.extend(side_by_side(&variants, |variant| {
            (variant.name, transcript(&dialect, (variant.serving)()))
        }));
        for (index, (name, transcript)) in seen.iter().enumerate() {
            let twins = seen[..index].iter().filter(|(_, other)| other == transcript);
            twins_of.extend(twins.map(|(other, _)| format!("{name} answers as {other} does")));
            assert!(transcript.is_without_failure(), "{name}");
            assert!(transcript.successes() > 100, "{name}: {}", transcript.successes());
        }
    }
    assert_eq!(twins_of, [""; 0]);
}

#[test]
fn names_are_unique_and_in_kebab_case_and_texts_are_sentences() {
    let mut seen = HashSet::new();
    for Variant { name, about, .. } in all() {
        assert!(seen.insert(*name) && seen.insert(about), "{name} is there twice");
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(name.chars().all(kebab) && !name.contains("--"), "{name}");
        assert!(about.ends_with('.') && about.starts_with(char::is_uppercase), "{name}");
        assert!(crate::mock::deviation::find(name).is_err(), "{name} is a deviation too");
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
