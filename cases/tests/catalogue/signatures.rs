//! Cases about signatures.

use std::collections::BTreeSet;

use cases::catalogue::{Case, Catalogue};
use cases::contract::{Contract, embedded};
use cases::oracle::{Field, Oracle};
use cases::signing::Signing;
use serde_json::{Value, json};

use crate::support::Setup;

#[test]
fn every_way_to_sign_has_a_case() {
    let setup = Setup::model();
    let seen: BTreeSet<Signing> = setup.catalogue.cases.iter().map(Case::signing).collect();
    let all = [
        Signing::Valid,
        Signing::Absent,
        Signing::UnknownKey,
        Signing::WrongSecret,
        Signing::Expired,
        Signing::OtherService,
        Signing::OtherRegion,
        Signing::TamperedBody,
        Signing::TamperedQuery,
    ];
    assert_eq!(seen, BTreeSet::from(all));
}

#[test]
fn wrong_signature_has_to_get_an_error_about_signatures() {
    let setup = Setup::model();
    let case = setup.case("start-configuration-session/signature/key/wrong-secret");
    let request = setup.last_request(&setup.samples(case, 1)[0].steps);
    assert_eq!(request.signing, Signing::WrongSecret);
    let oracle = Oracle::new(&setup.world.contract, &setup.world.fixtures);
    let expectation = oracle.expect(&request, &oracle.read(&request));
    assert!(!expectation.may_be_success());
    assert!(expectation.response(500).is_none());
    for (status, error_type, expected) in [
        (403, "InvalidSignatureException", true),
        (403, "InvalidSignature", true),
        (400, "AccessDeniedException", true),
        (403, "AccessDenied", true),
        (400, "BadRequestException", false),
        (404, "ResourceNotFoundException", false),
        (403, "UnrecognizedClientException", false),
    ] {
        let response = expectation.response(status).unwrap();
        let accepts = response.fields[&Field::ErrorType].accepts(&cases::oracle::Value::text(error_type));
        assert_eq!(accepts, expected, "{status} {error_type}");
    }
    // Another 4xx refuses it too, in an unusual way.
    for (status, expected) in [(401, true), (400, false), (403, false)] {
        assert_eq!(expectation.response(status).unwrap().breaks.is_some(), expected, "{status}");
    }
}

#[test]
fn operations_without_signatures_have_no_case_about_them() {
    let signature_cases = |model: &Value| {
        let contract = Contract::load("own", &model.to_string()).unwrap();
        let cases = Catalogue::of(&contract).cases;
        cases.iter().filter(|case| case.signing() != Signing::Valid).count()
    };
    let mut model: Value = serde_json::from_str(embedded::MODEL).unwrap();
    assert_eq!(signature_cases(&model), 14);
    let start = &mut model["shapes"]["com.amazonaws.appconfigdata#StartConfigurationSession"]["traits"];
    start["smithy.api#optionalAuth"] = json!({});
    assert_eq!(signature_cases(&model), 7);
    let service = &mut model["shapes"]["com.amazonaws.appconfigdata#AppConfigData"]["traits"];
    service.as_object_mut().unwrap().remove("aws.auth#sigv4");
    assert_eq!(signature_cases(&model), 0);
}
