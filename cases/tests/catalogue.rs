//! The catalogue against the classifier and the oracle: two derivations of one contract.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use cases::catalogue::{Case, Catalogue};
use cases::contract::{Contract, embedded};
use cases::fixture::{Fixture, Part};
use cases::generate::{Alphabet, Sample, World};
use cases::oracle::{Class, Constraint, Expectation, Field, Oracle, Status, classify};
use cases::protocol::{Arg, Outputs, Request, Response};
use cases::signing::Signing;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fn world(contract: Contract) -> Arc<World> {
    let part = |id: &str, name: &str| Part { id: Some(id.to_owned()), name: Some(name.to_owned()) };
    let fixture = |n: char| Fixture {
        parts: BTreeMap::from([
            ("application".to_owned(), part(&format!("appl00{n}"), &format!("application {n}"))),
            ("environment".to_owned(), part(&format!("envi00{n}"), &format!("environment {n}"))),
            ("profile".to_owned(), part(&format!("prof00{n}"), &format!("profile {n}"))),
        ]),
        contents: BTreeMap::from([("configuration".to_owned(), vec![n as u8])]),
    };
    // Names that Unicode writes in two ways.
    let mut composed = fixture('2');
    for part in composed.parts.values_mut() {
        part.name = part.name.take().map(|name| name.replace(' ', " é "));
    }
    // Names as long as they may be.
    let mut long = fixture('3');
    for part in long.parts.values_mut() {
        part.name = Some("n".repeat(64));
    }
    long.parts.insert("profile".to_owned(), part("prof003", &"🚀".repeat(64)));
    Arc::new(World { contract, fixtures: vec![fixture('1'), composed, long] })
}

fn contracts() -> [Contract; 2] {
    [Contract::page().unwrap(), Contract::model().unwrap()]
}

/// Every boundary of a case and some random samples.
fn samples(case: &Case, world: &Arc<World>, seed: u64) -> Vec<Sample> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &case.seed(seed).0);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let strategies = case.strategies(world);
    let any = strategies.last().unwrap();
    strategies
        .iter()
        .chain(std::iter::repeat_n(any, 12))
        .map(|strategy| strategy.new_tree(&mut runner).unwrap().current())
        .collect()
}

/// The cases of requirements on this aspect.
fn of_aspect<'c>(catalogue: &'c Catalogue, aspect: &str) -> Vec<&'c Case> {
    catalogue.cases.iter().filter(|case| case.requirement.as_str().ends_with(aspect)).collect()
}

/// What a server that does what the oracle says answers. What is open may as well succeed.
fn answered(expectation: &Expectation, success: u16) -> u16 {
    match expectation.primary().status {
        Status::Code(status) => status,
        Status::ClientError => 404,
        Status::NoServerError => success,
    }
}

/// Runs the steps against such a server, and returns each request with the status of its answer.
fn play(world: &World, steps: &[cases::generate::Step]) -> Vec<(Request, u16)> {
    play_expecting(world, steps).into_iter().map(|(request, status, _)| (request, status)).collect()
}

/// The same, with what is expected of each answer.
fn play_expecting(world: &World, steps: &[cases::generate::Step]) -> Vec<(Request, u16, Expectation)> {
    let mut oracle = Oracle::new(&world.contract, &world.fixtures);
    let mut seen: Vec<Outputs> = Vec::new();
    let mut played = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let request = step.call.request(&world.contract, |output| output.resolve(&seen)).unwrap();
        oracle.advance(step.after);
        let success = world.contract.operation(&step.call.operation).unwrap().success;
        let reading = oracle.read(&request);
        let expectation = oracle.expect(&request, &reading);
        let status = answered(&expectation, success);
        let token = format!("token-{index}-{index}abcde");
        let response = Response {
            status,
            headers: vec![("Next-Poll-Configuration-Token".to_owned(), token.clone())],
            body: format!("{{\"InitialConfigurationToken\":\"{token}\"}}").into_bytes(),
        };
        oracle.observe(&reading, &response);
        let operation = world.contract.operation(&step.call.operation).unwrap();
        seen.push(cases::protocol::outputs(operation, &response));
        played.push((request, status, expectation));
    }
    played
}

/// What the requests of a partition are to the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Valid,
    Invalid(Constraint),
    Open,
    Unrouted,
    /// Some keep the contract, of others it does not say.
    Limits,
    /// Sequences and combinations of all sorts.
    Mixed,
}

/// What a partition is by its name.
fn kind(case: &Case) -> Kind {
    let id = case.id.as_str();
    let (requirement, partition) = id.rsplit_once('/').unwrap();
    let aspect = requirement.split_once('/').unwrap().1;
    if !case.is_uniform() {
        return Kind::Mixed;
    }
    if case.signing() != Signing::Valid {
        // But for its signature.
        return Kind::Valid;
    }
    match aspect {
        "http/method" | "http/path" => return Kind::Unrouted,
        "http/content-type" | "http/open" | "body/open" => return Kind::Open,
        "body/limits" => return Kind::Limits,
        _ => {}
    }
    match aspect.rsplit('/').next().unwrap() {
        "required" => Kind::Invalid(Constraint::Required),
        "type" | "duplicates" => Kind::Invalid(Constraint::Type),
        "pattern" => Kind::Invalid(Constraint::Pattern),
        "syntax" => Kind::Invalid(Constraint::Syntax),
        "document" if partition == "empty" => Kind::Invalid(Constraint::Required),
        "document" => Kind::Invalid(Constraint::Document),
        "length" if ["at-", "below-max"].iter().any(|prefix| partition.starts_with(prefix)) => Kind::Valid,
        "length" => Kind::Invalid(Constraint::Length),
        "range" if ["at-min", "nominal", "at-max"].contains(&partition) => Kind::Valid,
        "range" => Kind::Invalid(Constraint::Range),
        _ => Kind::Valid,
    }
}

#[test]
fn every_sample_is_of_its_partition() {
    for contract in contracts() {
        let world = world(contract);
        for case in &Catalogue::of(&world.contract).cases {
            for sample in samples(case, &world, 1) {
                let (request, _) = play(&world, &sample.steps).pop().unwrap();
                let class = classify(&world.contract, &request).class;
                match (kind(case), &class) {
                    (Kind::Mixed, _)
                    | (Kind::Valid | Kind::Limits, Class::Valid)
                    | (Kind::Open | Kind::Limits, Class::Open(_))
                    | (Kind::Unrouted, Class::Unrouted) => {}
                    (Kind::Invalid(constraint), Class::Invalid(violations)) => {
                        let broken: BTreeSet<_> =
                            violations.iter().map(|violation| violation.constraint).collect();
                        assert_eq!(broken, BTreeSet::from([constraint]), "{}: {request:?}", case.id);
                        let only_one = violations.len() == 1 || case.id.as_str().ends_with("document/empty");
                        assert!(only_one, "{}: {violations:?}", case.id);
                    }
                    (kind, class) => panic!("{}: {kind:?}, but {class:?}: {request:?}", case.id),
                }
            }
        }
    }
}

#[test]
fn the_samples_of_a_case_are_of_one_class() {
    for contract in contracts() {
        let world = world(contract);
        for case in Catalogue::of(&world.contract).cases.iter().filter(|case| case.is_uniform()) {
            let class = |sample: &Sample| {
                let (request, _) = play(&world, &sample.steps).pop().unwrap();
                classify(&world.contract, &request).class
            };
            let samples = samples(case, &world, 5);
            let first = class(&samples[0]);
            assert!(samples.iter().all(|sample| class(sample) == first), "{}", case.id);
        }
    }
}

#[test]
fn what_is_written_otherwise_means_the_same_as_its_twin() {
    for contract in contracts() {
        let world = world(contract);
        let members = |steps: &[cases::generate::Step]| {
            let (request, _) = play(&world, steps).pop().unwrap();
            (request.clone(), classify(&world.contract, &request).members)
        };
        for case in &Catalogue::of(&world.contract).cases {
            let id = case.id.as_str();
            let otherwise = ["/encoding/", "/content-type-parameters/", "/framing/", "/header-case/"];
            if !otherwise.iter().any(|aspect| id.contains(aspect)) {
                continue;
            }
            for sample in samples(case, &world, 6) {
                let (written, meant) = members(&sample.steps);
                let (plain, same) = members(&sample.control);
                assert_ne!(written, plain, "{id}");
                assert_eq!(meant, same, "{id}");
            }
        }
    }
}

#[test]
fn what_a_success_would_break_is_in_the_catalogue() {
    for contract in contracts() {
        let world = world(contract);
        let catalogue = Catalogue::of(&world.contract);
        for case in &catalogue.cases {
            for sample in samples(case, &world, 4).into_iter().take(2) {
                for step in sample.steps.iter().chain(&sample.control) {
                    assert!(catalogue.requirement(&step.requirement).is_some(), "{}", step.requirement);
                }
                let oracle = Oracle::new(&world.contract, &world.fixtures);
                let (request, _) = play(&world, &sample.steps).pop().unwrap();
                if let Some(requirement) = oracle.expect(&request, &oracle.read(&request)).broken_by(200) {
                    assert!(catalogue.requirement(requirement).is_some(), "{requirement}");
                }
            }
        }
    }
}

#[test]
fn a_step_fails_only_if_it_is_to_and_the_twin_never_does() {
    for contract in contracts() {
        let world = world(contract);
        for case in &Catalogue::of(&world.contract).cases {
            for sample in samples(case, &world, 2) {
                let played = play(&world, &sample.steps);
                for (step, (request, status)) in sample.steps.iter().zip(&played) {
                    let id = step.requirement.as_str();
                    let aspect = id.rsplit('/').next().unwrap();
                    let expected = match aspect {
                        "accepts" | "recovery" | "sessions" => Some(true),
                        "single-use" | "issued" | "padding" | "required" | "pattern" | "lifetime" => {
                            Some(false)
                        }
                        _ => None,
                    };
                    let succeeds = *status < 300;
                    assert!(expected.is_none_or(|due| due == succeeds), "{}: {id}: {request:?}", case.id);
                }
                if played.iter().any(|(_, status)| *status >= 300) {
                    assert!(!sample.control.is_empty(), "{} needs a twin", case.id);
                }
                assert!(play(&world, &sample.control).iter().all(|(_, status)| *status < 300), "{}", case.id);
            }
        }
    }
}

#[test]
fn what_a_case_expects_follows_from_its_requirement() {
    for contract in contracts() {
        let world = world(contract);
        let success = world.contract.operation("StartConfigurationSession").unwrap().success;
        for case in &Catalogue::of(&world.contract).cases {
            let id = case.id.as_str();
            for sample in samples(case, &world, 3) {
                let (_, status) = play(&world, &sample.steps).pop().unwrap();
                let expected = match id {
                    _ if id.ends_with("/sessions/walk") => continue,
                    _ if id.contains("/combinations/invalid") || id.contains("/validation-first/") => 400,
                    _ if id.ends_with("/combinations/unknown") => 404,
                    _ if id.contains("/signature/time/") => 400,
                    _ if id.contains("/signature/") => 403,
                    _ if id.contains("/lifetime/") => 400,
                    _ if matches!(kind(case), Kind::Invalid(_)) => 400,
                    _ if kind(case) == Kind::Unrouted => 404,
                    _ if id.contains("/http/content-type/") => 415,
                    _ if ["/single-use/", "/issued/", "/padding/"]
                        .iter()
                        .any(|aspect| id.contains(aspect)) =>
                    {
                        400
                    }
                    _ if id.ends_with("/observed/early") => 400,
                    _ if id.contains("/resource/") || id.contains("/nesting/") || id.contains("/length/") => {
                        404
                    }
                    _ if id.starts_with("get-") => 200,
                    _ => success,
                };
                assert_eq!(status, expected, "{id}");
            }
        }
    }
}

#[test]
fn a_wrong_signature_is_refused_for_that_reason_alone() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let seen: BTreeSet<Signing> = catalogue.cases.iter().map(Case::signing).collect();
    assert_eq!(seen.len(), 1 + Signing::INVALID.len());
    let case = catalogue.case("start-configuration-session/signature/key/wrong-secret").unwrap();
    let sample = samples(case, &world, 1).remove(0);
    let (request, _) = play(&world, &sample.steps).pop().unwrap();
    assert_eq!(request.signing, Signing::WrongSecret);
    let oracle = Oracle::new(&world.contract, &world.fixtures);
    let expectation = oracle.expect(&request, &oracle.read(&request));
    assert!(!expectation.may_be_success());
    let accepts = |status, error_type: &str| {
        expectation
            .response(status)
            .is_some_and(|answer| answer.fields[&Field::ErrorType].accepts(error_type))
    };
    assert!(accepts(403, "InvalidSignatureException") && accepts(403, "InvalidSignature"));
    assert!(accepts(400, "AccessDeniedException") && accepts(403, "AccessDenied"));
    assert!(!accepts(400, "BadRequestException") && !accepts(404, "ResourceNotFoundException"));
    assert!(!accepts(403, "UnrecognizedClientException") && expectation.response(500).is_none());
    // Another 4xx refuses it too, in an unusual way.
    let breaks = |status| expectation.response(status).unwrap().breaks.is_some();
    assert!(breaks(401) && !breaks(400) && !breaks(403));
}

#[test]
fn requests_that_need_no_signature_have_no_case_about_it() {
    let model = embedded::MODEL;
    let signing = |text: &str| {
        let contract = Contract::load("own", text).unwrap();
        let cases = Catalogue::of(&contract).cases;
        cases.iter().filter(|case| case.signing() != Signing::Valid).count()
    };
    let all = signing(model);
    assert_eq!(all, 14);
    let mut own: serde_json::Value = serde_json::from_str(model).unwrap();
    let start = &mut own["shapes"]["com.amazonaws.appconfigdata#StartConfigurationSession"]["traits"];
    start["smithy.api#optionalAuth"] = serde_json::json!({});
    assert_eq!(signing(&own.to_string()), all / 2);
    let service = &mut own["shapes"]["com.amazonaws.appconfigdata#AppConfigData"]["traits"];
    service.as_object_mut().unwrap().remove("aws.auth#sigv4");
    assert_eq!(signing(&own.to_string()), 0);
}

#[test]
fn characters_beyond_the_bmp_are_escaped_as_pairs_for_every_seed() {
    let world = world(Contract::page().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let case = catalogue.case("start-configuration-session/body/encoding/escapes").unwrap();
    let has_pair = |sample: Sample| {
        let (request, _) = play(&world, &sample.steps).pop().unwrap();
        String::from_utf8(request.body).unwrap().contains(r"\ud83d\ude80")
    };
    for seed in 0..20 {
        assert!(samples(case, &world, seed).into_iter().any(has_pair));
    }
}

#[test]
fn what_the_contract_leaves_open_is_marked() {
    for contract in contracts() {
        let world = world(contract);
        for case in Catalogue::of(&world.contract).cases.iter().filter(|case| case.is_uniform()) {
            for sample in samples(case, &world, 7) {
                let (_, _, expectation) = play_expecting(&world, &sample.steps).pop().unwrap();
                let expected = matches!(kind(case), Kind::Open | Kind::Unrouted | Kind::Limits)
                    || case.id.as_str().contains("/padding/");
                assert_eq!(expectation.is_open(), expected, "{}", case.id);
            }
        }
    }
}

#[test]
fn combinations_deviate_in_two_members_or_more_and_each_alone_does_so_too() {
    for contract in contracts() {
        let world = world(contract);
        let catalogue = Catalogue::of(&world.contract);
        let case = catalogue.case("start-configuration-session/combinations/invalid").unwrap();
        let (mut together, mut empty) = (0, false);
        for sample in samples(case, &world, 8) {
            let violations = |steps: &[cases::generate::Step]| {
                let (request, _) = play(&world, steps).pop().unwrap();
                match classify(&world.contract, &request).class {
                    Class::Invalid(violations) => violations,
                    Class::Valid => BTreeSet::new(),
                    class => panic!("{class:?}"),
                }
            };
            let all = violations(&sample.steps);
            assert!(!sample.isolated.is_empty());
            assert!(!all.is_empty());
            let each: BTreeSet<_> = sample.isolated.iter().flat_map(|steps| violations(steps)).collect();
            assert_eq!(each, all, "{:?}", sample.steps);
            together += usize::from(all.len() > 1);
            let nothing = Arg::Text(String::new());
            empty |= sample.steps[0].call.arg("ApplicationIdentifier") == Some(&nothing);
        }
        assert!(together > 50 && empty, "{together}");
    }
}

#[test]
fn every_pair_of_classes_of_every_pair_of_members_is_tried() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let of = |partition: &str| catalogue.case(&format!("start-configuration-session/{partition}"));
    let names =
        ["ApplicationIdentifier", "ConfigurationProfileIdentifier", "RequiredMinimumPollIntervalInSeconds"];
    let mut seen: BTreeSet<(&str, String, &str, String)> = BTreeSet::new();
    let mut runner = TestRunner::deterministic();
    for case in [
        "combinations/valid",
        "combinations/unknown",
        "combinations/invalid",
        "validation-first/invalid-with-unknown",
    ] {
        let strategies = of(case).unwrap().strategies(&world);
        let boundaries = strategies.split_last().unwrap().1;
        for strategy in boundaries {
            let call = strategy.new_tree(&mut runner).unwrap().current().steps[0].call.clone();
            let value = |name: &str| format!("{:?}", call.arg(name));
            for (index, one) in names.iter().enumerate() {
                for other in &names[index + 1..] {
                    seen.insert((one, value(one), other, value(other)));
                }
            }
        }
    }
    let values = |name: &str| -> BTreeSet<String> {
        let of = |(one, a, other, b): &(&str, String, &str, String)| {
            [(*one, a.clone()), (*other, b.clone())]
                .into_iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| value)
        };
        seen.iter().filter_map(of).collect()
    };
    for (index, one) in names.iter().enumerate() {
        for other in &names[index + 1..] {
            for a in values(one) {
                // What the resource with the longest names has comes together, and with nothing else.
                let of_longest = |value: &str| ["nnnn", "🚀", "003"].iter().any(|part| value.contains(part));
                for b in values(other).iter().filter(|b| !of_longest(b) && !of_longest(&a)) {
                    let pair = (*one, a.clone(), *other, b.clone());
                    assert!(seen.contains(&pair), "{pair:?}");
                }
            }
        }
    }
}

/// The values that the samples of a case have for a member, for one seed.
fn texts(case: &Case, world: &Arc<World>, member: &str, seed: u64) -> Vec<String> {
    let text = |sample: Sample| match sample.steps.last()?.call.arg(member)? {
        Arg::Text(text) => Some(text.clone()),
        _ => None,
    };
    samples(case, world, seed).into_iter().filter_map(text).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[test]
fn small_regions_of_valid_lengths_are_hit_for_every_seed() {
    type Holds = dyn Fn(&str) -> bool;
    let regions: [(&str, &Holds); 16] = [
        ("30 to 40 with a digit", &|text| {
            (30..=40).contains(&length(text)) && text.contains(|c: char| c.is_ascii_digit())
        }),
        ("30 to 40, upper-case alone", &|text| {
            (30..=40).contains(&length(text)) && text.chars().all(|c| c.is_ascii_uppercase())
        }),
        ("just 33", &|text| length(text) == 33),
        ("50 to 52", &|text| (50..=52).contains(&length(text))),
        ("20 to 60, digits alone", &|text| {
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
    let world = world(Contract::page().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let members = ["ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"];
    for (seed, member) in (0..200).zip(members.iter().cycle()) {
        let id = format!("start-configuration-session/{}/length/below-max", cases::id::kebab(member));
        let texts = texts(catalogue.case(&id).unwrap(), &world, member, seed);
        assert!((130..=200).contains(&texts.len()), "{}", texts.len());
        for (region, holds) in &regions {
            assert!(texts.iter().any(|text| holds(text)), "seed {seed}, {member}: {region}");
        }
        let lengths: BTreeSet<_> = texts.iter().map(|text| length(text)).collect();
        assert!(lengths.into_iter().eq(1..=64), "seed {seed}, {member}");
    }
}

#[test]
fn far_above_the_greatest_length_begins_at_its_double_and_goes_far() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let id = "start-configuration-session/environment-identifier/length/far-above-max";
    let case = catalogue.case(id).unwrap();
    assert!(case.description.ends_with("has 256 characters and more"), "{}", case.description);
    let lengths: BTreeSet<usize> = (0..5)
        .flat_map(|seed| texts(case, &world, "EnvironmentIdentifier", seed))
        .map(|text| length(&text))
        .collect();
    assert_eq!((lengths.first(), lengths.last()), (Some(&256), Some(&(1 << 20))));
    assert!(lengths.range(10_001..16 * 1024).next().is_some(), "{lengths:?}");
}

#[test]
fn a_wide_range_of_lengths_costs_no_more_than_its_double() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let case = catalogue.case("start-configuration-session/environment-identifier/length/below-max").unwrap();
    let texts = texts(case, &world, "EnvironmentIdentifier", 0);
    assert!(texts.len() <= 400, "{}", texts.len());
    let lengths: BTreeSet<_> = texts.iter().map(|text| length(text)).collect();
    assert!(lengths.into_iter().eq(1..=128));
}

#[test]
fn unknown_names_are_of_every_sort() {
    let world = world(Contract::page().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let case =
        catalogue.case("start-configuration-session/application-identifier/resource/unknown-name").unwrap();
    for seed in 0..20 {
        let texts = texts(case, &world, "ApplicationIdentifier", seed);
        for set in Alphabet::SETS {
            let units = set.sets().concat().concat();
            let is_of_set = |text: &String| text.chars().all(|c| units.contains(c));
            assert!(texts.iter().any(is_of_set), "{set:?}");
        }
    }
}

#[test]
fn ids_are_unique_and_every_case_has_its_requirement() {
    for contract in contracts() {
        let catalogue = Catalogue::of(&contract);
        let cases: BTreeSet<_> = catalogue.cases.iter().map(|case| &case.id).collect();
        assert_eq!(cases.len(), catalogue.cases.len());
        for requirement in &catalogue.requirements {
            assert!(requirement.text.ends_with('.') && !requirement.source.is_empty(), "{}", requirement.id);
        }
        let requirements: BTreeSet<_> =
            catalogue.requirements.iter().map(|requirement| &requirement.id).collect();
        assert_eq!(requirements.len(), catalogue.requirements.len());
        for case in &catalogue.cases {
            assert!(requirements.contains(&case.requirement), "{}", case.id);
            assert!(case.id.as_str().starts_with(case.requirement.as_str()));
        }
    }
}

#[test]
fn a_requirement_says_of_which_shape_a_member_is() {
    let catalogue = Catalogue::of(&Contract::model().unwrap());
    let says = |member: &str| {
        let id = format!("start-configuration-session/{member}/type");
        let requirement = catalogue.requirements.iter().find(|it| it.id.as_str() == id).unwrap();
        requirement.text.split_once(':').unwrap().0.to_owned()
    };
    assert_eq!(says("application-identifier"), "ApplicationIdentifier is a string");
    let interval = "required-minimum-poll-interval-in-seconds";
    assert_eq!(says(interval), "RequiredMinimumPollIntervalInSeconds is a whole number");
}

#[test]
fn a_least_number_that_is_zero_has_nothing_between_it_and_below() {
    let mut own: serde_json::Value = serde_json::from_str(embedded::MODEL).unwrap();
    let partitions = |own: &serde_json::Value| -> Vec<String> {
        let contract = Contract::load("own", &own.to_string()).unwrap();
        let cases = Catalogue::of(&contract).cases;
        let ids = cases.iter().filter_map(|case| case.id.as_str().split_once("-in-seconds/range/"));
        ids.map(|(_, partition)| partition.to_owned()).collect()
    };
    let rest = ["below-min", "at-min", "nominal", "at-max", "above-max"];
    assert_eq!(partitions(&own), [&["negative", "zero"][..], &rest].concat());
    let shape = "com.amazonaws.appconfigdata#OptionalPollSeconds";
    own["shapes"][shape]["traits"]["smithy.api#range"]["min"] = serde_json::json!(0);
    assert_eq!(partitions(&own), rest);
    // Of a number that is not whole there is none that comes next.
    own["shapes"][shape]["type"] = serde_json::json!("double");
    assert_eq!(partitions(&own), [""; 0]);
}

#[test]
fn to_refuse_an_interval_breaks_its_range() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let interval = "required-minimum-poll-interval-in-seconds";
    let case = catalogue.case(&format!("get-latest-configuration/{interval}/observed/early")).unwrap();
    for sample in samples(case, &world, 1) {
        let first = sample.steps[0].requirement.as_str();
        assert_eq!(first, format!("start-configuration-session/{interval}/range"));
    }
}

#[test]
fn sessions_beside_each_other_are_of_several_resources() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let resources = |sample: Sample| {
        let named = sample.steps.iter().filter_map(|step| step.call.arg("ApplicationIdentifier"));
        named.map(|named| format!("{named:?}")).collect::<BTreeSet<_>>().len()
    };
    for name in ["in-turns", "walk"] {
        let case = catalogue.case(&format!("get-latest-configuration/sessions/{name}")).unwrap();
        assert!(samples(case, &world, 1).into_iter().map(resources).any(|count| count > 1), "{name}");
    }
}

/// The fixture of each session of a sample, and the sessions in the order in which they call.
fn sessions(world: &World, sample: &Sample) -> (Vec<usize>, Vec<usize>) {
    let name = &world.contract.operations[0].input[0].name;
    let is = |text: &str| {
        let mut fixtures = world.fixtures.iter();
        fixtures.position(|fixture| fixture.parts["application"].is(text)).unwrap()
    };
    let starts = sample.steps.iter().filter_map(|step| match step.call.arg(name) {
        Some(Arg::Text(text)) => Some(is(text)),
        _ => None,
    });
    let begun: Vec<usize> =
        (0..sample.steps.len()).filter(|step| sample.steps[*step].call.uses().next().is_none()).collect();
    let calls = sample.steps.iter().filter_map(|step| step.call.uses().next());
    let calls = calls.map(|output| begun.iter().position(|start| *start == output.step).unwrap());
    (starts.collect(), calls.collect())
}

#[test]
fn sessions_of_one_resource_come_beside_each_other_and_after_each_other() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let case = catalogue.case("get-latest-configuration/sessions/same-resource").unwrap();
    let samples = samples(case, &world, 0);
    for (fixture, sample) in samples.iter().take(world.fixtures.len()).enumerate() {
        assert_eq!(sessions(&world, sample), (vec![fixture; 3], vec![0, 1, 2]));
        assert!(sample.control.is_empty(), "a session before them may leave something behind");
    }
}

#[test]
fn where_nobody_says_what_is_served_each_resource_has_a_session_alone_too() {
    let known = world(Contract::model().unwrap());
    let fixtures =
        known.fixtures.iter().map(|fixture| Fixture { contents: BTreeMap::new(), ..fixture.clone() });
    let unknown = Arc::new(World { contract: known.contract.clone(), fixtures: fixtures.collect() });
    let catalogue = Catalogue::of(&known.contract);
    let case = catalogue.case("get-latest-configuration/sessions/isolated").unwrap();
    assert_eq!(case.missing_prerequisite(&unknown.fixtures), None);
    assert!(case.missing_prerequisite(&unknown.fixtures[..1]).is_some());
    let first = |world: &Arc<World>| sessions(world, &samples(case, world, 0)[0]);
    assert_eq!(first(&known), (vec![0, 1], vec![0, 1]));
    assert_eq!(first(&unknown), (vec![0, 1, 0, 1], vec![0, 1, 2, 3]));
}

#[test]
fn a_connection_is_tried_with_a_valid_call_after_what_was_refused_on_it() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let cases = of_aspect(&catalogue, "/recovery");
    assert!(cases.len() > 10, "{}", cases.len());
    for case in cases {
        assert!(samples(case, &world, 1).iter().all(|sample| sample.one_connection), "{}", case.id);
    }
}

#[test]
fn what_stands_twice_is_tried_once_as_well() {
    let world = world(Contract::model().unwrap());
    let catalogue = Catalogue::of(&world.contract);
    let cases = of_aspect(&catalogue, "/duplicates");
    assert!(!cases.is_empty());
    for case in cases {
        for sample in samples(case, &world, 1) {
            let twice = &sample.steps.last().unwrap().call.args;
            let (member, _) = twice.last().unwrap();
            let of_member = format!("start-configuration-session/{}/type", cases::id::kebab(member));
            assert!(!sample.isolated.is_empty(), "{}", case.id);
            for alone in &sample.isolated {
                let last = alone.last().unwrap();
                assert_eq!(last.requirement.as_str(), of_member, "{}", case.id);
                let once = &last.call.args;
                assert!(
                    once.len() < twice.len() && once.iter().all(|arg| twice.contains(arg)),
                    "{}",
                    case.id
                );
            }
        }
    }
}

#[test]
fn what_a_case_asks_of_a_run_is_known_beforehand() {
    let catalogue = Catalogue::of(&Contract::model().unwrap());
    let those = |asks: fn(&Case) -> bool| -> Vec<&str> {
        catalogue.cases.iter().filter(|case| asks(case)).map(|case| case.id.as_str()).collect()
    };
    let sessions = "get-latest-configuration/sessions";
    let own = |name: &str| format!("{sessions}/{name}");
    assert_eq!(those(Case::is_exclusive), [own("same-resource"), own("isolated"), own("in-turns")]);
    let first = |told: &[bool]| {
        let contents = |told: bool| told.then(|| ("configuration".to_owned(), vec![7])).into_iter().collect();
        let fixture = |told: &bool| Fixture { contents: contents(*told), ..Fixture::default() };
        let fixtures: Vec<Fixture> = told.iter().map(fixture).collect();
        let first = catalogue.cases.iter().filter(|case| case.runs_first(&fixtures));
        first.map(|case| case.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(first(&[true, false]), [own("same-resource")]);
    assert_eq!(first(&[true, true]), [""; 0]);
    let combined = |name: &str| format!("start-configuration-session/{name}");
    let mixed = [
        "combinations/valid",
        "combinations/unknown",
        "combinations/invalid",
        "validation-first/invalid-with-unknown",
    ];
    let mixed: Vec<String> = mixed.into_iter().map(combined).chain([own("walk")]).collect();
    assert_eq!(those(|case| !case.is_uniform()), mixed);
    let waiting = those(|case| !case.waiting_time().is_zero());
    assert!(waiting.iter().all(|id| id.contains("/lifetime/") || id.contains("/observed/")), "{waiting:?}");
    assert_eq!(waiting.len(), 2);
    // What has no random value in it is tried a few times only, with other resources.
    let random = |id: &str| {
        let case = catalogue.cases.iter().find(|case| case.id.as_str() == id).unwrap();
        [0, 1, 3, 1000].map(|asked| case.random_samples(asked))
    };
    assert_eq!(random("start-configuration-session/application-identifier/required/null"), [0, 1, 3, 4]);
    assert_eq!(
        random("start-configuration-session/application-identifier/length/above-max"),
        [0, 1, 3, 1000]
    );
    assert_eq!(random("get-latest-configuration/accepts/chain"), [0, 1, 3, 1000]);
    assert_eq!(random("get-latest-configuration/sessions/same-resource"), [0, 0, 0, 0]);
}

#[test]
fn calls_that_race_are_sent_at_once_with_one_value() {
    for contract in contracts() {
        let world = world(contract);
        let catalogue = Catalogue::of(&world.contract);
        let races: Vec<_> =
            catalogue.cases.iter().filter(|case| case.id.as_str().ends_with("-at-once")).collect();
        assert!(races.len() >= 2);
        for case in races.into_iter().filter(|case| case.id.as_str().contains("/single-use/")) {
            for Sample { steps, control: twin, .. } in samples(case, &world, 3) {
                let racing = steps.iter().filter(|step| step.at_once).count();
                let (before, race) = steps.split_at(steps.len() - racing - 1);
                assert!(racing > 0 && race.iter().skip(1).all(|step| step.at_once), "{}", case.id);
                assert!(race.iter().all(|step| step.call == race[0].call), "{}", case.id);
                // The twin makes one call with each value.
                assert_eq!(twin.len(), before.len() + 1, "{}", case.id);
                assert!(twin.iter().zip(&steps).all(|(one, other)| one.call == other.call), "{}", case.id);
            }
        }
    }
}

#[test]
fn a_seed_belongs_to_a_case() {
    let catalogue = Catalogue::of(&Contract::page().unwrap());
    let seeds: BTreeSet<_> = catalogue.cases.iter().map(|case| case.seed(7).0).collect();
    assert_eq!(seeds.len(), catalogue.cases.len());
    assert_eq!(catalogue.cases[0].seed(7), catalogue.cases[0].seed(7));
    assert_ne!(catalogue.cases[0].seed(7), catalogue.cases[0].seed(8));
}

#[test]
fn names_that_make_one_id_are_told() {
    for contract in contracts() {
        assert_eq!(Catalogue::of(&contract).duplicate_id(), None);
    }
    let mut own: serde_json::Value = serde_json::from_str(embedded::MODEL).unwrap();
    let members =
        &mut own["shapes"]["com.amazonaws.appconfigdata#StartConfigurationSessionRequest"]["members"];
    members["application_identifier"] = members["ApplicationIdentifier"].clone();
    let contract = Contract::load("own", &own.to_string()).unwrap();
    let clash = Catalogue::of(&contract).duplicate_id().map(str::to_owned);
    assert!(clash.is_some_and(|id| id.starts_with("start-configuration-session/application-identifier/")));
}

#[test]
fn content_needs_a_fixture_that_says_what_it_is() {
    let contract = Contract::model().unwrap();
    let catalogue = Catalogue::of(&contract);
    let lacking = |contents: &[&str]| -> Vec<String> {
        let contents = contents.iter().map(|key| ((*key).to_owned(), Vec::new())).collect();
        let fixtures = [Fixture::default(), Fixture { contents, parts: BTreeMap::new() }];
        let lacks = |it: &cases::requirement::Requirement| {
            Some(format!("{}: {}", it.id, it.missing_prerequisite(&contract, &fixtures)?))
        };
        catalogue.requirements.iter().filter_map(lacks).collect()
    };
    let content = "get-latest-configuration/response/configuration";
    assert_eq!(lacking(&["other"]), [format!("{content}: needs a fixture with `configuration`")]);
    assert_eq!(lacking(&["configuration"]), [""; 0]);
}
