//! Reading contract files: a published one with everything that it has, and invalid ones.

#![allow(clippy::unwrap_used, reason = "a test")]

use cases::catalogue::Catalogue;
use cases::contract::{Contract, Location, embedded};
use serde_json::{Value, json};

const NS: &str = "com.amazonaws.appconfigdata";

fn model() -> Value {
    serde_json::from_str(embedded::MODEL).unwrap()
}

/// The model as a published file: with an operation bound through a resource, enums as the older trait, documentation,
/// endpoint rules and traits that boundstone does not know.
fn published() -> Value {
    let mut model = model();
    model["metadata"] = json!({"suppressions": [{"id": "X", "namespace": "*"}]});
    let shapes = model["shapes"].as_object_mut().unwrap();
    for shape in shapes.values_mut() {
        shape["traits"]["smithy.api#documentation"] = json!("<p>Words.</p>");
        shape["traits"]["vendor.unknown#trait"] = json!({"anything": [1, 2]});
    }
    let service = &mut shapes[&format!("{NS}#AppConfigData")];
    service["operations"] = json!([{"target": format!("{NS}#GetLatestConfiguration")}]);
    service["resources"] = json!([{"target": format!("{NS}#ConfigurationSession")}]);
    service["traits"]["smithy.rules#endpointRuleSet"] =
        json!({"version": "1.0", "parameters": {}, "rules": []});
    shapes.insert(
        format!("{NS}#ConfigurationSession"),
        json!({
            "type": "resource",
            "identifiers": {"SessionId": {"target": "smithy.api#String"}},
            "create": {"target": format!("{NS}#StartConfigurationSession")}
        }),
    );
    shapes[&format!("{NS}#BadRequestReason")] = json!({"type": "string", "traits": {"smithy.api#enum": [{"value": "InvalidParameters", "name": "INVALID"}]}});
    shapes[&format!("{NS}#Integer")]["traits"]["smithy.api#default"] = json!(0);
    model
}

fn load(model: &Value) -> Result<Contract, cases::contract::ContractError> {
    Contract::load("some/file.json", &model.to_string())
}

/// The error for the model after `change`.
fn error(change: impl Fn(&mut Value)) -> String {
    let mut model = model();
    change(&mut model);
    load(&model).unwrap_err().to_string()
}

#[test]
fn published_file_has_the_same_cases() {
    let ids = |contract: &Contract| {
        let mut ids: Vec<_> = Catalogue::of(contract).cases.into_iter().map(|case| case.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&load(&published()).unwrap()), ids(&Contract::model().unwrap()));
}

#[test]
fn embedded_contracts_match_their_sources() {
    let page = Contract::page().unwrap();
    let model = Contract::model().unwrap();
    let bounds = |contract: &Contract| {
        let start = contract.operation("StartConfigurationSession").unwrap();
        (start.static_path().unwrap(), start.success, start.input[0].constraints.length.unwrap().max)
    };
    assert_eq!(bounds(&page), ("/".to_owned(), 200, Some(64)));
    assert_eq!(bounds(&model), ("/configurationsessions".to_owned(), 201, Some(128)));
    assert_eq!(page.operation("StartConfigurationSession").unwrap().input.len(), 3);
    assert_eq!(model.operation("StartConfigurationSession").unwrap().input.len(), 4);
    assert_eq!(model.signing_name.as_deref(), Some("appconfig"));
    // The page has a rule for the source; the source in the model is the path of its shapes.
    let source =
        |contract: &Contract| contract.operation("StartConfigurationSession").unwrap().source.clone();
    assert_eq!(source(&page), "page › Request Syntax");
    assert_eq!(source(&model), "model › StartConfigurationSession");
}

#[test]
fn error_types_of_operations_constraints_and_platform_exist() {
    let contract = Contract::model().unwrap();
    let names = ["ResourceNotFoundException", "ValidationException", "AccessDeniedException"];
    assert!(names.into_iter().all(|name| contract.has_error_type(name)));
    assert!(!contract.has_error_type("OutOfPaperException"));
}

#[test]
fn each_rule_applies_to_an_embedded_contract() {
    let rules: Value = serde_json::from_str(embedded::RULES).unwrap();
    let page: Value = serde_json::from_str(embedded::PAGE).unwrap();
    for id in rules["shapes"].as_object().unwrap().keys() {
        let (shape, member) =
            id.split_once('$').map_or((id.as_str(), None), |(shape, member)| (shape, Some(member)));
        let has = |model: &Value| {
            let shape = &model["shapes"][shape];
            !shape.is_null() && member.is_none_or(|member| !shape["members"][member].is_null())
        };
        // The errors of a signature are for every service that has the trait.
        assert!(id == "aws.auth#sigv4" || has(&page) || has(&model()), "{id}");
    }
}

#[test]
fn member_trait_overrides_target_trait() {
    let mut model = model();
    model["shapes"][format!("{NS}#StartConfigurationSessionRequest")]["members"]["ApplicationIdentifier"]["traits"]
        ["smithy.api#length"] = json!({"min": 2, "max": 5});
    let contract = load(&model).unwrap();
    let start = contract.operation("StartConfigurationSession").unwrap();
    assert_eq!(start.input[0].constraints.length.unwrap().max, Some(5));
    assert_eq!(start.input[1].constraints.length.unwrap().max, Some(128));
}

#[test]
fn apply_extends_lists_and_replaces_other_values() {
    let mut model = model();
    let service = format!("{NS}#AppConfigData");
    let token = format!("{NS}#Token");
    model["shapes"][&service]["traits"]["boundstone#commonErrors"] =
        json!([{"type": "Own", "statuses": [418]}]);
    let rules = json!({"smithy": "2.0", "shapes": {
        &service: {"type": "apply", "traits": {"boundstone#commonErrors": [{"type": "Other", "statuses": [419]}]}},
        &token: {"type": "apply", "traits": {"smithy.api#pattern": "^a$"}}
    }});
    let contract = Contract::load_with_rules("own", &model.to_string(), &rules.to_string()).unwrap();
    for (error_type, status, expected) in
        [("Own", 418, true), ("Other", 419, true), ("Own", 419, false), ("Third", 418, false)]
    {
        assert_eq!(contract.is_common_error(error_type, status), expected, "{error_type} {status}");
    }
    let get = contract.operation("GetLatestConfiguration").unwrap();
    assert_eq!(get.input[0].constraints.pattern.as_ref().unwrap().as_str(), "^a$");
}

/// A contract with one operation, whose input has this member, and further shapes.
fn with_input(member: Value, more: Value) -> Contract {
    let mut model = json!({"smithy": "2.0", "shapes": {
        "a#Service": {
            "type": "service",
            "operations": [{"target": "a#Ask"}],
            "traits": {"aws.protocols#restJson1": {}, "boundstone#constraintError": {"error": "a#Bad"}}
        },
        "a#Bad": {"type": "structure", "members": {}, "traits": {"smithy.api#error": "client"}},
        "a#Ask": {
            "type": "operation",
            "input": {"target": "a#Input"},
            "errors": [{"target": "a#Bad"}],
            "traits": {"smithy.api#http": {"method": "POST", "uri": "/ask"}}
        },
        "a#Input": {"type": "structure", "members": {"it": {}}}
    }});
    let shapes = model["shapes"].as_object_mut().unwrap();
    shapes["a#Input"]["members"]["it"] = member;
    if let Value::Object(more) = more {
        shapes.extend(more);
    }
    load(&model).unwrap()
}

#[test]
fn prelude_types_are_known() {
    for (names, expected) in [
        (&["String"][..], "String"),
        (&["Blob"], "Blob"),
        (&["Boolean", "PrimitiveBoolean"], "Boolean"),
        (&["Byte", "PrimitiveByte"], "Integer(Byte)"),
        (&["Short", "PrimitiveShort"], "Integer(Short)"),
        (&["Integer", "PrimitiveInteger"], "Integer(Integer)"),
        (&["Long", "PrimitiveLong"], "Integer(Long)"),
        (&["BigInteger"], "Integer(Big)"),
        (&["Float", "PrimitiveFloat", "Double", "PrimitiveDouble", "BigDecimal"], "Number"),
        (&["Timestamp"], "Timestamp"),
        (&["Document"], "Document"),
        (&["Unit"], "Structure([])"),
    ] {
        for name in names {
            let contract = with_input(json!({"target": format!("smithy.api#{name}")}), json!({}));
            let shape = contract.shape(&contract.operations[0].input[0]);
            assert_eq!(format!("{shape:?}"), expected, "{name}");
        }
    }
}

#[test]
fn binding_trait_decides_the_location() {
    for (name, value, expected) in [
        ("httpQuery", json!("q"), Location::Query("q".to_owned())),
        ("httpHeader", json!("h"), Location::Header("h".to_owned())),
        ("httpPayload", json!({}), Location::Payload),
        ("httpPrefixHeaders", json!("x-"), Location::PrefixHeaders("x-".to_owned())),
        ("httpQueryParams", json!({}), Location::QueryParams),
        ("httpResponseCode", json!({}), Location::ResponseCode),
        ("documentation", json!("Words."), Location::Body),
    ] {
        let mut member = json!({"target": "smithy.api#String", "traits": {}});
        member["traits"][format!("smithy.api#{name}")] = value;
        let contract = with_input(member, json!({}));
        assert_eq!(contract.operations[0].input[0].location, expected, "{name}");
    }
}

#[test]
fn apply_reaches_members_of_lists_and_maps() {
    let short = json!({"smithy.api#length": {"max": 3}});
    for (part, shape) in [
        ("member", json!({"type": "list", "member": {"target": "smithy.api#String"}})),
        (
            "key",
            json!({"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "smithy.api#String"}}),
        ),
        (
            "value",
            json!({"type": "map", "key": {"target": "smithy.api#String"}, "value": {"target": "smithy.api#String"}}),
        ),
    ] {
        let id = format!("a#Many${part}");
        let contract = with_input(
            json!({"target": "a#Many"}),
            json!({"a#Many": shape, &id: {"type": "apply", "traits": short}}),
        );
        let applied = contract.traits.iter().find(|applied| applied.name == "smithy.api#length");
        assert_eq!(applied.unwrap().place.to_string(), id);
    }
}

#[test]
fn apply_reaches_structure_members_named_member_key_or_value() {
    for name in ["member", "key", "value", "other"] {
        let id = format!("a#Part${name}");
        let contract = with_input(
            json!({"target": "a#Part"}),
            json!({
                "a#Part": {"type": "structure", "members": {name: {"target": "smithy.api#String"}}},
                &id: {"type": "apply", "traits": {"smithy.api#length": {"max": 3}}}
            }),
        );
        let applied = contract.traits.iter().find(|applied| applied.name == "smithy.api#length");
        assert_eq!(applied.unwrap().place.to_string(), id);
    }
}

/// The error for a text that is not a contract.
fn load_error(text: &str) -> String {
    Contract::load("some/file.json", text).unwrap_err().to_string()
}

#[test]
fn error_for_other_formats_names_the_remedy() {
    for (given, expected) in [
        (
            "{",
            "some/file.json:1:1: not JSON: EOF while parsing an object; a Smithy 2.0 JSON AST is expected: `smithy ast ",
        ),
        (
            "{\n \"smithy\": 2.0,\n}",
            "some/file.json:2:14: not a Smithy JSON AST: at `smithy`: invalid type: floating point",
        ),
        ("{\n \"smithy\": \"2.0\",\n}", "some/file.json:3:1: not JSON: trailing comma; "),
        ("{}", "some/file.json:1:2: not a Smithy JSON AST: missing field `smithy`; "),
        (r#"{"smithy":"2.0","shapes":{}} x"#, "some/file.json:1:30: not JSON: trailing characters; "),
        (
            r#"{"smithy":"1.0"}"#,
            "some/file.json: Smithy version `1.0` is not supported; a Smithy 2.0 JSON AST is",
        ),
        (
            r#"{"openapi":"3.1.0"}"#,
            "some/file.json: an OpenAPI description (version 3.1.0); a Smithy 2.0 JSON AST",
        ),
        (
            "$version: \"2\"\n",
            "some/file.json: Smithy IDL, from which the JSON AST is made; a Smithy 2.0 JSON AST",
        ),
        ("", "some/file.json: the file is empty; a Smithy 2.0 JSON AST is expected"),
    ] {
        assert!(load_error(given).starts_with(expected), "{}", load_error(given));
        assert!(load_error(given).contains("https://github.com/aws/api-models-aws"), "{}", load_error(given));
    }
}

#[test]
fn error_names_the_shape_and_the_problem() {
    let text = load_error;
    assert_eq!(
        text(r#"{"smithy":"2.0","shapes":{}}"#),
        "some/file.json: the model has no shape of type `service`"
    );
    let typed = text(r#"{"smithy":"2.0","shapes":{"a#B":{"type":"structure","members":7}}}"#);
    assert!(typed.contains("`shapes.a#B.members`"), "{typed}");

    let service = format!("{NS}#AppConfigData");
    let start = format!("{NS}#StartConfigurationSession");
    let token = format!("{NS}#Token");
    let cases = [
        (
            error(|model| model["shapes"][&start]["input"]["target"] = json!("a#Gone")),
            "refers to `a#Gone`, which the model does not have",
        ),
        (error(|model| model["shapes"][&start]["traits"] = json!({})), "has no trait `smithy.api#http`"),
        (
            error(|model| model["shapes"][&start]["traits"]["smithy.api#http"]["uri"] = json!("x")),
            "it has to begin with `/`",
        ),
        (
            error(|model| model["shapes"][&start]["traits"]["smithy.api#http"]["uri"] = json!("/{x}")),
            "`uri` has the label `x`, but no input member is bound to it",
        ),
        (
            error(|model| model["shapes"][&token]["traits"]["boundstone#sngleUse"] = json!({})),
            "`boundstone#sngleUse` is no rule",
        ),
        (
            error(|model| {
                let shapes = model["shapes"].as_object_mut().unwrap();
                shapes.remove(&format!("{NS}#ResourceNotFoundException"));
            }),
            "ResourceNotFoundException",
        ),
        (
            error(|model| {
                let service = &mut model["shapes"][format!("{NS}#AppConfigData")]["traits"];
                service.as_object_mut().unwrap().remove("aws.protocols#restJson1");
            }),
            "the service does not have the trait `aws.protocols#restJson1`",
        ),
        (
            error(|model| model["shapes"]["a#B$c"] = json!({"type": "apply", "traits": {}})),
            "a#B$c: `apply` names a shape that the model does not have",
        ),
        (
            error(|model| {
                let statements = &mut model["shapes"][&service]["traits"]["boundstone#statements"];
                statements[0] = json!({"id": "s", "place": "p", "text": "t", "testedBy": []});
            }),
            "`boundstone#statements`: the statement `s` has to have either `testedBy`",
        ),
        (
            error(|model| {
                let statements = &mut model["shapes"][&service]["traits"]["boundstone#statements"];
                statements[0] =
                    json!({"id": "s", "place": "p", "text": "t", "testedBy": ["*"], "untestable": "u"});
            }),
            "the statement `s` has to have either `testedBy`",
        ),
        (
            error(|model| {
                let statements = &mut model["shapes"][&service]["traits"]["boundstone#statements"];
                statements[0] = statements[1].clone();
            }),
            "`boundstone#statements` has two statements with the id `",
        ),
    ];
    for (error, part) in cases {
        assert!(error.starts_with("some/file.json: "), "{error}");
        assert!(error.contains(part), "{error} does not say: {part}");
    }
}

#[test]
fn trait_that_is_not_understood_is_noted() {
    for (name, value, problem) in [
        ("length", json!({"min": 9, "max": 2}), "`smithy.api#length`: min 9 is above the max"),
        ("length", json!("long"), "`smithy.api#length`: invalid type"),
        ("pattern", json!("("), "`smithy.api#pattern`: `(` is no regular expression"),
        ("timestampFormat", json!("stardate"), "`smithy.api#timestampFormat`: unknown variant `stardate`"),
    ] {
        let mut member = json!({"target": "smithy.api#String", "traits": {}});
        member["traits"][format!("smithy.api#{name}")] = value;
        let contract = with_input(member, json!({}));
        let [note] = contract.notes.as_slice() else { panic!("{name}: {:?}", contract.notes) };
        assert_eq!(note.place.to_string(), "a#Input$it");
        assert!(note.problem.starts_with(problem), "{}", note.problem);
        let constraints = &contract.operations[0].input[0].constraints;
        assert!(constraints.length.is_none() && constraints.pattern.is_none());
    }
}

#[test]
fn range_of_a_decimal_keeps_its_fraction() {
    let member = |kind: &str, range: Value| {
        let target = format!("smithy.api#{kind}");
        with_input(json!({"target": target, "traits": {"smithy.api#range": range}}), json!({}))
    };
    let double = member("Double", json!({"min": 0.5, "max": 10.0}));
    let range = double.operations[0].input[0].constraints.decimal_range.unwrap();
    assert_eq!((range.min, range.max), (Some(0.5), Some(10.0)));
    let whole = member("Integer", json!({"min": 1.0, "max": 10}));
    let range = whole.operations[0].input[0].constraints.range.unwrap();
    assert_eq!((range.min, range.max), (Some(1), Some(10)));
}

#[test]
fn error_type_has_its_own_status_and_cause() {
    let model = Contract::model().unwrap();
    for (error_type, status, expected) in [
        // Modelled with another status, or with this one for another cause.
        ("ResourceNotFoundException", 400, true),
        ("BadRequestException", 404, true),
        ("BadRequestException", 400, true),
        // Of the platform with another status.
        ("AccessDenied", 404, true),
        ("AccessDeniedException", 403, false),
        // Unknown.
        ("OddException", 400, false),
        ("ValidationException", 404, false),
    ] {
        assert_eq!(model.has_other_use(error_type, status), expected, "{error_type} {status}");
    }
}

#[test]
fn only_rules_give_the_cause_of_an_error() {
    let error = |status: u16| json!({"type": "structure", "traits": {"smithy.api#error": "client", "smithy.api#httpError": status}});
    let model = json!({
        "smithy": "2.0",
        "shapes": {
            "a#Bakery": {
                "type": "service", "version": "1", "operations": [{"target": "a#Bake"}],
                "traits": {"aws.protocols#restJson1": {}, "boundstone#constraintError": {"error": "a#BadDough"}}
            },
            "a#Bake": {
                "type": "operation",
                "errors": [{"target": "a#BadDough"}, {"target": "a#Cold"}, {"target": "a#Sold"}],
                "traits": {"smithy.api#http": {"method": "POST", "uri": "/bake"}}
            },
            "a#BadDough": error(400), "a#Cold": error(400), "a#Sold": error(409)
        }
    });
    let contract = Contract::load("bakery", &model.to_string()).unwrap();
    for (error_type, status, expected) in [
        ("BadDough", 400, true),
        // No rule says which request causes it.
        ("Cold", 400, false),
        ("Sold", 400, true),
        ("Sold", 409, false),
    ] {
        assert_eq!(contract.has_other_use(error_type, status), expected, "{error_type} {status}");
    }
}
