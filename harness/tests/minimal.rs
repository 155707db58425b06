//! What a run shows of a mutant is the smallest and plainest request that proves it.

#![expect(clippy::unwrap_used, reason = "a step that fails fails its test")]

use boundstone::mock::mutant;
use boundstone::setup::config::RunConfig;
use boundstone::setup::embedded_mock::contract;
use cases::catalogue::Catalogue;
use reports::model::{Finding, RecordedExchange, Report, Verdict};

use crate::support;
use crate::support::{finish, prepare};

const APPLICATION: &str = "start-configuration-session/application-identifier";
const ENVIRONMENT: &str = "start-configuration-session/environment-identifier";
const PROFILE: &str = "start-configuration-session/configuration-profile-identifier";
const INTERVAL: &str = "start-configuration-session/required-minimum-poll-interval-in-seconds";
const BODY: &str = "start-configuration-session/body";
const TOKEN: &str = "get-latest-configuration/configuration-token";

/// A poll with the token of the first response, and one with that of the second.
const FIRST: &str = "GET /configuration?configuration_token=~1.InitialConfigurationToken~ ";
const SECOND: &str = "GET /configuration?configuration_token=~2.NextPollConfigurationToken~ ";

/// A run against a mutant: of the cases of a requirement, if it has some of its own.
async fn run(mutant: &str, name: &str, requirement: &str) -> Report {
    let config = mutant::find(mutant).unwrap().config();
    let has_cases = Catalogue::of(&contract(name).unwrap())
        .cases
        .iter()
        .any(|case| case.requirement.as_str() == requirement);
    let only = if has_cases { vec![format!("{requirement}/*")] } else { Vec::new() };
    finish(prepare(name, config, RunConfig { only, ..RunConfig::default() }).await).await
}

/// One line a request, and what differs in the response to the last one.
fn shown(finding: &Finding) -> Vec<String> {
    let request = |exchange: &RecordedExchange| {
        let request = &exchange.request;
        let body = request.body.to_bytes(1 << 22).unwrap();
        format!("{} {} {}", request.method, request.target, String::from_utf8_lossy(&body))
    };
    let difference = &finding.differences[0];
    let difference = format!("{}: {} -> {}", difference.field, difference.expected, difference.actual);
    finding.counterexample.iter().map(request).chain([difference]).collect()
}

/// Sees that the run has one finding on a requirement, and that it shows this.
async fn shows(mutant: &str, contract: &str, requirement: &str, expected: &[&str]) {
    let report = run(mutant, contract, requirement).await;
    let requirement = support::requirement(&report, requirement);
    let findings: Vec<_> = requirement.findings.iter().map(shown).collect();
    assert_eq!(findings, [expected], "{mutant}");
    assert_eq!(requirement.findings[0].verdict, Verdict::Failed, "{mutant}");
}

/// The valid body with these members changed; a value is JSON, and an empty one no member at all.
fn body(changes: &[(&str, &str)]) -> String {
    let mut members = vec![
        ("ApplicationIdentifier", r#""app0001""#),
        ("EnvironmentIdentifier", r#""envr101""#),
        ("ConfigurationProfileIdentifier", r#""prof101""#),
    ];
    for (name, value) in changes {
        match members.iter_mut().find(|(other, _)| other == name) {
            Some(member) => member.1 = value,
            None => members.push((name, value)),
        }
    }
    let members = members.iter().filter(|(_, value)| !value.is_empty());
    let members: Vec<_> = members.map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

fn page(body: &str) -> String {
    format!("POST / {body}")
}

fn model(body: &str) -> String {
    format!("POST /configurationsessions {body}")
}

fn text(character: &str, length: usize) -> String {
    format!("\"{}\"", character.repeat(length))
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths() {
    for (mutant, contract, start, length) in [
        ("length-max-plus-one-accepted", "page", page as fn(&str) -> String, 65),
        ("length-max-not-enforced", "model", model, 129),
        ("length-max-of-model", "page", page, 65),
    ] {
        let too_long = text("a", length);
        let request = start(&body(&[("ApplicationIdentifier", &too_long)]));
        let requirement = format!("{APPLICATION}/length");
        shows(mutant, contract, &requirement, &[&request, "status: 400 -> 404"]).await;
    }
    let too_long = page(&body(&[("ConfigurationProfileIdentifier", &text("a", 65))]));
    let requirement = format!("{PROFILE}/length");
    let expected = [too_long.as_str(), "status: 400 -> 404"];
    shows("length-max-not-enforced-for-profile", "page", &requirement, &expected).await;
    let longest = model(&body(&[("EnvironmentIdentifier", &text("a", 128))]));
    let requirement = format!("{ENVIRONMENT}/length");
    let expected = [longest.as_str(), "status: 404 -> 400"];
    shows("length-max-refused", "model", &requirement, &expected).await;
    let empty = page(&body(&[("ApplicationIdentifier", "\"\"")]));
    let requirement = format!("{APPLICATION}/length");
    let expected = [empty.as_str(), "status: 400 -> 404"];
    shows("length-min-not-enforced", "page", &requirement, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_of_counting() {
    for (mutant, shortest) in
        [("counts-bytes", "漢".repeat(22)), ("counts-utf-16-units", format!("{}a", "😀".repeat(32)))]
    {
        // The shortest text that is too long by the wrong way of counting alone.
        let request = page(&body(&[("ApplicationIdentifier", &text(&shortest, 1))]));
        let requirement = format!("{APPLICATION}/length");
        shows(mutant, "page", &requirement, &[&request, "status: 404 -> 400"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_and_types() {
    for (mutant, requirement, member, value, actual) in [
        ("missing-fails", "required", "ApplicationIdentifier", "", "500"),
        ("missing-environment-accepted", "required", "EnvironmentIdentifier", "", "200"),
        ("null-looked-up", "required", "ConfigurationProfileIdentifier", "null", "404"),
        ("booleans-coerced", "type", "ApplicationIdentifier", "true", "404"),
        ("objects-fail", "type", "EnvironmentIdentifier", "{}", "500"),
        ("arrays-looked-up", "type", "ConfigurationProfileIdentifier", "[]", "404"),
    ] {
        let of = match member {
            "ApplicationIdentifier" => APPLICATION,
            "EnvironmentIdentifier" => ENVIRONMENT,
            _ => PROFILE,
        };
        let request = page(&body(&[(member, value)]));
        let difference = format!("status: 400 -> {actual}");
        shows(mutant, "page", &format!("{of}/{requirement}"), &[&request, &difference]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies() {
    let valid = body(&[]);
    let open = valid.trim_end_matches('}');
    let nested = format!("{}{}", "[".repeat(101), "]".repeat(101));
    for (mutant, requirement, body, difference) in [
        ("trailing-comma-accepted", "syntax", format!("{open},}}"), "status: 400 -> 200"),
        ("trailing-text-accepted", "syntax", format!("{valid}x"), "status: 400 -> 200"),
        ("malformed-json-fails", "syntax", "{".to_owned(), "status: 400 -> 500"),
        ("array-document-fails", "document", "[]".to_owned(), "status: 400 -> 500"),
        ("empty-body-fails", "document", String::new(), "status: 400 -> 500"),
        (
            "unknown-members-refused",
            "unknown-members",
            body(&[("X-Boundstone-Unknown", "1")]),
            "status: 200 -> 400",
        ),
        (
            "deep-nesting-fails",
            "limits",
            body(&[("X-Boundstone-Unknown", &nested)]),
            "status: below 500 -> 500",
        ),
    ] {
        shows(mutant, "page", &format!("{BODY}/{requirement}"), &[&page(&body), difference]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn intervals() {
    const NAME: &str = "RequiredMinimumPollIntervalInSeconds";
    for (mutant, requirement, value, difference) in [
        ("interval-below-min-accepted", "range", "14", "status: 400 -> 201"),
        ("interval-above-max-accepted", "range", "86401", "status: 400 -> 201"),
        ("interval-min-refused", "range", "15", "status: 201 -> 400"),
        ("interval-max-refused", "range", "86400", "status: 201 -> 400"),
        ("interval-max-of-an-hour", "range", "3601", "status: 201 -> 400"),
        ("interval-string-coerced", "type", "\"15\"", "status: 400 -> 201"),
        ("interval-null-refused", "optional", "null", "status: 201 -> 400"),
    ] {
        let request = model(&body(&[(NAME, value)]));
        shows(mutant, "model", &format!("{INTERVAL}/{requirement}"), &[&request, difference]).await;
    }
    let start = model(&body(&[(NAME, "86400")]));
    let requirement = "get-latest-configuration/required-minimum-poll-interval-in-seconds/observed";
    let expected = [start.as_str(), FIRST, SECOND, "status: 400 -> 200"];
    shows("early-poll-accepted", "model", requirement, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resources() {
    let accepts = "start-configuration-session/accepts";
    let expected = [&page(&body(&[])), "status: 200 -> 404"];
    shows("ids-not-resolved", "page", accepts, &expected).await;
    let padded = page(&body(&[("ApplicationIdentifier", "\"app0001 \"")]));
    let requirement = format!("{APPLICATION}/resource");
    shows("blanks-trimmed", "page", &requirement, &[&padded, "status: 404 -> 200"]).await;
    let borrowed = page(&body(&[("ConfigurationProfileIdentifier", "\"prof201\"")]));
    let requirement = format!("{PROFILE}/nesting");
    shows("profile-of-any-application", "page", &requirement, &[&borrowed, "status: 404 -> 200"]).await;
    // Shorter names may well exist on a target.
    let unknown = model(&body(&[("EnvironmentIdentifier", "\"aaaa\"")]));
    let requirement = format!("{ENVIRONMENT}/resource");
    shows("unknown-resource-accepted", "model", &requirement, &[&unknown, "status: 404 -> 201"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn near_misses() {
    let accepted = "status: 404 -> 200";
    let cases = [
        ("ids-found-by-their-beginning", "app0"),
        ("identifiers-cut-at-colon", "app0001:"),
        ("identifiers-percent-decoded", "%73hop"),
        ("identifiers-cut-at-nul", "shop\\u0000"),
    ];
    for (mutant, identifier) in cases {
        let near = page(&body(&[("ApplicationIdentifier", &text(identifier, 1))]));
        shows(mutant, "page", &format!("{APPLICATION}/resource"), &[&near, accepted]).await;
    }
    let renamed = page(&body(&[]).replace("EnvironmentIdentifier", "environmentIdentifier"));
    let requirement = format!("{ENVIRONMENT}/required");
    shows("member-names-in-any-case", "page", &requirement, &[&renamed, "status: 400 -> 200"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nearly_issued_tokens() {
    let start = page(&body(&[]));
    let start = start.as_str();
    let polled = |value: &str| format!("GET /configuration?configuration_token={value} ");
    let token = |step: usize, alter: &str| format!("~{step}.InitialConfigurationToken{alter}~");
    let spliced = polled(&format!("~2.NextPollConfigurationToken.halved~{}", token(1, ".beheaded")));
    let issued = format!("{TOKEN}/issued");
    let expected = [start, FIRST, &spliced, "status: 400 -> 200"];
    shows("halves-of-token-verified-apart", "page", &issued, &expected).await;
    let renamed = format!("GET /configuration?Configuration_token={} ", token(1, ""));
    let expected = [start, &renamed, "status: 400 -> 200"];
    shows("token-parameter-in-any-case", "page", &format!("{TOKEN}/required"), &expected).await;
    let padded = [start, &polled(&token(1, ".padding-changed")), "status: 400 -> 500"];
    shows("padding-of-token-fails", "page", &format!("{TOKEN}/padding"), &padded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens() {
    let start = page(&body(&[]));
    let start = start.as_str();
    let single_use = format!("{TOKEN}/single-use");
    let reused = "status: 400 -> 200";
    for (mutant, polls) in [
        ("token-never-spent", &[FIRST, FIRST][..]),
        ("next-token-never-spent", &[FIRST, SECOND, SECOND]),
        ("old-token-accepted", &[FIRST, SECOND, FIRST]),
        ("next-token-is-the-old-one", &[FIRST, FIRST]),
    ] {
        shows(mutant, "page", &single_use, &[&[start], polls, &[reused]].concat()).await;
    }
    let chain = [start, FIRST, SECOND, "status: 200 -> 400"];
    shows("next-token-refused", "page", "get-latest-configuration/accepts", &chain).await;
    let unknown = ["GET /configuration?configuration_token=a ", "status: 400 -> 500"];
    shows("unknown-token-fails", "page", &format!("{TOKEN}/issued"), &unknown).await;
    let altered = FIRST.replace("Token~", "Token.last-changed~");
    let expected = [start, &altered, reused];
    shows("token-not-authenticated", "page", &format!("{TOKEN}/issued"), &expected).await;
    let missing = ["GET /configuration ", "status: 400 -> 500"];
    shows("missing-token-fails", "page", &format!("{TOKEN}/required"), &missing).await;
    let bare = ["GET /configuration?configuration_token ", "status: 400 -> 500"];
    shows("empty-token-fails", "page", &format!("{TOKEN}/pattern"), &bare).await;
    let too_long = format!("GET /configuration?configuration_token={} ", "a".repeat(8193));
    let expected = [too_long.as_str(), "status: 400 -> 500"];
    shows("too-long-token-fails", "page", &format!("{TOKEN}/pattern"), &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn responses() {
    let start = page(&body(&[]));
    let start = start.as_str();
    // The resource with the shortest names makes the shortest request.
    let shortest = page(&body(&[
        ("ApplicationIdentifier", "\"a\""),
        ("EnvironmentIdentifier", "\"é\""),
        ("ConfigurationProfileIdentifier", "\"z\""),
    ]));
    for (mutant, requirement, expected) in [
        ("start-returns-201", "start-configuration-session/accepts", &[&shortest, "status: 200 -> 201"][..]),
        (
            "start-content-type-text",
            "start-configuration-session/response/content-type",
            &[&shortest, "content-type: application/json -> text/plain"],
        ),
        (
            "initial-token-null",
            "start-configuration-session/response/initial-configuration-token",
            &[&shortest, "InitialConfigurationToken: <string> -> <absent>"],
        ),
        (
            "first-poll-empty",
            "get-latest-configuration/response/configuration",
            &[start, FIRST, "Configuration: <the content of the fixture> -> <empty>"],
        ),
        (
            "next-interval-has-a-unit",
            "get-latest-configuration/response/next-poll-interval-in-seconds",
            &[start, FIRST, "NextPollIntervalInSeconds: <integer> -> <string instead of integer>"],
        ),
        (
            "unchanged-returns-204",
            "get-latest-configuration/accepts",
            &[start, FIRST, SECOND, "status: 200 -> 204"],
        ),
        (
            "error-message-missing",
            "start-configuration-session/errors/message",
            &["POST / ", "Message: <string> -> <absent>"],
        ),
        (
            "error-reason-unknown",
            "get-latest-configuration/errors/members",
            &["GET /configuration?configuration_token=a ", "Reason: InvalidParameters -> INVALID_PARAMETERS"],
        ),
    ] {
        shows(mutant, "page", requirement, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn small_regions() {
    let quote = page(&body(&[("ApplicationIdentifier", r#""'""#)]));
    let region = page(&body(&[("EnvironmentIdentifier", &format!("\"{}0\"", "a".repeat(29)))]));
    let nul = page(&body(&[("ConfigurationProfileIdentifier", r#""\u0000""#)]));
    let fifty = model(&body(&[("ConfigurationProfileIdentifier", &text("a", 50))]));
    let blank = page(&body(&[("ApplicationIdentifier", "\" \"")]));
    for (mutant, contract, of, request, difference) in [
        ("quote-fails", "page", APPLICATION, &quote, "status: 404 -> 500"),
        ("environment-of-30-to-40-with-digit-refused", "page", ENVIRONMENT, &region, "status: 404 -> 400"),
        ("nul-fails", "page", PROFILE, &nul, "status: 404 -> 500"),
        ("profile-of-50-to-52-refused", "model", PROFILE, &fifty, "status: 404 -> 400"),
        ("lone-blank-refused", "page", APPLICATION, &blank, "status: 404 -> 400"),
    ] {
        shows(mutant, contract, &format!("{of}/length"), &[request, difference]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_of_members() {
    let too_long = text("a", 65);
    let combinations = "start-configuration-session/combinations";
    let both =
        page(&body(&[("EnvironmentIdentifier", "null"), ("ConfigurationProfileIdentifier", &too_long)]));
    let expected = [both.as_str(), "status: 400 -> 404"];
    shows("long-profile-looked-up-with-null-environment", "page", combinations, &expected).await;
    // The shortest request without the two is the empty object.
    let expected = ["POST / {}", "status: 400 -> 500"];
    shows("application-and-environment-missing-fails", "page", combinations, &expected).await;
    let named =
        page(&body(&[("ApplicationIdentifier", "\"shop\""), ("ConfigurationProfileIdentifier", &too_long)]));
    let expected = [named.as_str(), "status: 400 -> 404"];
    shows("long-profile-cut-with-application-name", "page", combinations, &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_varies_by_response_is_one_finding() {
    let report = run("error-types-numbered", "page", "").await;
    let types = report.requirements.iter().filter(|result| result.id.as_str().ends_with("/errors/type"));
    for requirement in types {
        // One for each type that is asked for.
        assert!(matches!(requirement.findings.len(), 1 | 2), "{}", requirement.findings.len());
        for finding in &requirement.findings {
            assert_eq!(
                (finding.verdict, finding.differences[0].actual.as_str()),
                (Verdict::Failed, "<varying>")
            );
            assert!(
                finding.actual.contains("\nerror type: E") && finding.counterexample.len() <= 2,
                "{finding:?}"
            );
        }
    }
    let found: usize = report.requirements.iter().map(|requirement| requirement.findings.len()).sum();
    assert!(found < 20, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn late_steps_races_and_what_lingers() {
    let start = page(&body(&[]));
    let start = start.as_str();
    let single_use = format!("{TOKEN}/single-use");
    let poll =
        |step: usize| format!("GET /configuration?configuration_token=~{step}.NextPollConfigurationToken~ ");
    let polls: Vec<String> = (2..=5).map(poll).collect();
    let polls: Vec<&str> = polls.iter().map(String::as_str).collect();
    let fifth = [&[start, FIRST], polls.as_slice(), &["status: 200 -> 500"]].concat();
    shows("fifth-poll-fails", "page", "get-latest-configuration/accepts", &fifth).await;
    let third = [start, FIRST, FIRST, FIRST, FIRST, "status: 400 -> 200"];
    shows("third-reuse-accepted", "page", &single_use, &third).await;
    let at_once = [start, FIRST, FIRST, "status: 400 -> 200"];
    for mutant in ["calls-at-once-share-a-token", "calls-at-once-share-each-fifth-token"] {
        shows(mutant, "page", &single_use, &at_once).await;
    }
    let lingers = ["POST / {", start, "status: 200 -> 400"];
    shows("malformed-body-lingers", "page", "start-configuration-session/recovery", &lingers).await;
}
