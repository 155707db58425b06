//! The lengths and characters of drawn texts.

use std::collections::BTreeSet;

use cases::catalogue::Case;
use cases::generate::{Alphabet, Sample};
use cases::id::kebab;
use cases::protocol::Arg;

use crate::support::Setup;

/// The values that the samples of a case have for a member, for one seed.
fn texts(setup: &Setup, case: &Case, member: &str, seed: u64) -> Vec<String> {
    let text = |sample: Sample| match sample.steps.last()?.call.arg(member)? {
        Arg::Text(text) => Some(text.clone()),
        _ => None,
    };
    setup.samples(case, seed).into_iter().filter_map(text).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[test]
fn small_regions_of_valid_texts_are_hit_for_every_seed() {
    type Contains = dyn Fn(&str) -> bool;
    let regions: [(&str, &Contains); 16] = [
        ("30 to 40 with a digit", &|text| {
            (30..=40).contains(&length(text)) && text.contains(|c: char| c.is_ascii_digit())
        }),
        ("30 to 40, upper-case only", &|text| {
            (30..=40).contains(&length(text)) && text.chars().all(|c| c.is_ascii_uppercase())
        }),
        ("exactly 33", &|text| length(text) == 33),
        ("50 to 52", &|text| (50..=52).contains(&length(text))),
        ("20 to 60, digits only", &|text| {
            (20..=60).contains(&length(text)) && text.chars().all(|c| c.is_ascii_digit())
        }),
        ("a quote", &|text| text.contains('"')),
        ("an apostrophe", &|text| text.contains('\'')),
        ("NUL", &|text| text.contains('\0')),
        ("NUL among others", &|text| text.contains('\0') && text.chars().any(|c| c != '\0')),
        ("a backslash", &|text| text.contains('\\')),
        ("a leading zero", &|text| text.starts_with('0')),
        ("../", &|text| text.contains("../")),
        ("<script>", &|text| text.contains("<script>")),
        ("%00", &|text| text.contains("%00")),
        ("beyond the BMP", &|text| text.chars().any(|c| c > '\u{ffff}')),
        ("a control character", &|text| text.chars().any(|c| c.is_control() && c != '\0')),
    ];
    let setup = Setup::page();
    let members = ["ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"];
    for (seed, member) in (0..200).zip(members.iter().cycle()) {
        let case = setup.case(&format!("start-configuration-session/{}/length/below-max", kebab(member)));
        let texts = texts(&setup, case, member, seed);
        assert!((130..=200).contains(&texts.len()), "{}", texts.len());
        for (region, contains) in &regions {
            assert!(texts.iter().any(|text| contains(text)), "seed {seed}, {member}: {region}");
        }
        let lengths: BTreeSet<_> = texts.iter().map(|text| length(text)).collect();
        assert!(lengths.into_iter().eq(1..=64), "seed {seed}, {member}");
    }
}

#[test]
fn far_above_max_begins_at_double_the_max() {
    let setup = Setup::model();
    let case = setup.case("start-configuration-session/environment-identifier/length/far-above-max");
    assert!(case.description.ends_with("has 256 characters and more"), "{}", case.description);
    let lengths: BTreeSet<usize> = (0..5)
        .flat_map(|seed| texts(&setup, case, "EnvironmentIdentifier", seed))
        .map(|text| length(&text))
        .collect();
    assert_eq!(lengths.first(), Some(&256));
    assert_eq!(lengths.last(), Some(&(1 << 20)));
    assert!(lengths.range(10_001..16 * 1024).next().is_some(), "{lengths:?}");
}

#[test]
fn wide_range_of_lengths_has_at_most_400_samples() {
    let setup = Setup::model();
    let case = setup.case("start-configuration-session/environment-identifier/length/below-max");
    let texts = texts(&setup, case, "EnvironmentIdentifier", 0);
    assert!(texts.len() <= 400, "{}", texts.len());
    let lengths: BTreeSet<_> = texts.iter().map(|text| length(text)).collect();
    assert!(lengths.into_iter().eq(1..=128));
}

#[test]
fn unknown_names_are_of_every_alphabet() {
    let setup = Setup::page();
    let case = setup.case("start-configuration-session/application-identifier/resource/unknown-name");
    for seed in 0..20 {
        let texts = texts(&setup, case, "ApplicationIdentifier", seed);
        for set in Alphabet::SETS {
            let units = set.sets().concat().concat();
            let is_of_set = |text: &String| text.chars().all(|c| units.contains(c));
            assert!(texts.iter().any(is_of_set), "{set:?}");
        }
    }
}

#[test]
fn surrogate_pairs_are_escaped_for_every_seed() {
    let setup = Setup::page();
    let case = setup.case("start-configuration-session/body/encoding/escapes");
    let has_pair = |sample: Sample| {
        let request = setup.last_request(&sample.steps);
        String::from_utf8(request.body).unwrap().contains(r"\ud83d\ude80")
    };
    for seed in 0..20 {
        assert!(setup.samples(case, seed).into_iter().any(has_pair), "{seed}");
    }
}
