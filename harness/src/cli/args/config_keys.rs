//! Reads the arguments of `run` from `boundstone.toml`.

use std::borrow::Cow;

use clap::builder::{PossibleValue, Str};
use clap::{Arg, ArgAction, Args as _, Command};
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::args::endpoint::EndpointArgs;
use crate::cli::args::run::RunArgs;
use crate::config::nearest::nearest;
use crate::config::toml_error::{Position, describe, entries_in_order, type_name};

impl RunArgs {
    /// The arguments of a configuration file, whose keys are the names of the flags.
    ///
    /// # Errors
    /// What is wrong, after its position and without the value, which may be a secret.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        check(text, &Self::augment_args(Command::new("")))?;
        let error = |error: toml::de::Error| describe(text, &error);
        let endpoint = toml::from_str(text).map_err(error)?;
        Ok(Self { endpoint, ..toml::from_str(text).map_err(error)? })
    }
}

/// Checks a file against the flags.
fn check(text: &str, flags: &Command) -> Result<(), String> {
    let file = DeTable::parse(text).map_err(|error| describe(text, &error))?;
    let values: toml::Table = toml::from_str(text).map_err(|error| describe(text, &error))?;
    let line = |at: usize| Position::of(text, at).line;
    for (key, value) in entries_in_order(file.get_ref()) {
        let name = key.get_ref().as_ref();
        let Some(flag) = flags.get_arguments().find(|flag| flag.get_long() == Some(name)) else {
            return Err(format!("{}: {}", line(key.span().start), unknown(key, value.get_ref(), flags)));
        };
        let fits = |value| fits::<EndpointArgs>(name, value) && fits::<RunArgs>(name, value);
        let is_valid = !has_date(value.get_ref()) && values.get(name).is_none_or(fits);
        if !is_valid {
            let at = wrong_item(flag, value).unwrap_or(value);
            return Err(format!("{}: {}", line(at.span().start), wrong(flag, name, at, value)));
        }
    }
    Ok(())
}

/// Whether a value is a date or contains one. No flag accepts a date, but serde reads it as a string.
fn has_date(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Datetime(_) => true,
        DeValue::Array(items) => items.iter().any(|item| has_date(item.get_ref())),
        _ => false,
    }
}

/// Whether a file with only this key can be read. A type without the key ignores it.
fn fits<T: DeserializeOwned>(name: &str, value: &toml::Value) -> bool {
    let alone = toml::Table::from_iter([(name.to_owned(), value.clone())]);
    alone.try_into::<T>().is_ok()
}

fn unknown(key: &Spanned<Cow<'_, str>>, value: &DeValue<'_>, flags: &Command) -> String {
    let name = key.get_ref();
    let known = || flags.get_arguments().filter_map(Arg::get_long);
    let near = nearest(name, known()).unwrap_or_default();
    let place = if value.is_table() { "; keys are at the top level, in no section" } else { "" };
    let all = known().collect::<Vec<_>>().join(", ");
    format!("unknown key `{name}`; did you mean `{near}`?{place} (the keys are {all})")
}

/// The first item of a list that is not a string.
fn wrong_item<'v, 't>(flag: &Arg, value: &'v Spanned<DeValue<'t>>) -> Option<&'v Spanned<DeValue<'t>>> {
    let DeValue::Array(items) = value.get_ref() else { return None };
    items.iter().find(|item| is_list(flag) && !item.get_ref().is_str())
}

fn wrong(flag: &Arg, name: &str, at: &Spanned<DeValue<'_>>, value: &Spanned<DeValue<'_>>) -> String {
    let is = type_name(at.get_ref());
    let what = if at.span() == value.span() {
        format!("`{name}` is {is} that cannot be used")
    } else {
        format!("an item of `{name}` is {is}")
    };
    format!("{what}; {} is expected", expected(flag))
}

fn is_list(flag: &Arg) -> bool {
    matches!(flag.get_action(), ArgAction::Append)
}

/// What the key of a flag accepts.
fn expected(flag: &Arg) -> String {
    if matches!(flag.get_action(), ArgAction::SetTrue) {
        return "true or false".to_owned();
    }
    if is_list(flag) {
        return "a list of strings, such as [\"a\", \"b\"],".to_owned();
    }
    let choices: Vec<String> = flag
        .get_possible_values()
        .iter()
        .map(PossibleValue::get_name)
        .map(|name| format!("\"{name}\""))
        .collect();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let named = flag.get_value_names().and_then(|names| names.first());
    match named.map(Str::as_str) {
        Some("N") if flag.get_long() == Some("seed") => "a whole number of zero or more".to_owned(),
        Some("N") => "a whole number above zero".to_owned(),
        Some("DURATION") => "a time with its unit, such as \"10s\" or \"2m\",".to_owned(),
        Some("N/s") => "a number of requests in a time, such as \"20/s\" or \"90/m\",".to_owned(),
        Some("I/N") => "a shard, such as \"1/3\",".to_owned(),
        _ => "a string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::cli::args::connection::{ConnectionArgs, HttpVersionArg};

    /// A value of each type.
    const VALUES: [(&str, &str); 7] = [
        ("a string", "\"s3cret\""),
        ("a whole number", "-5"),
        ("a fraction", "1.5"),
        ("a boolean", "true"),
        ("a date", "2027-01-31"),
        ("a list", "[\"s3cret\"]"),
        ("a table", "{ a = \"s3cret\" }"),
    ];

    #[test]
    fn wrong_value_is_reported_with_line_and_expectation() {
        let flags = RunArgs::augment_args(Command::new(""));
        for flag in flags.get_arguments() {
            let name = flag.get_long().unwrap();
            let mut accepted = 0;
            for (kind, value) in VALUES {
                match RunArgs::from_toml(&format!("# a file\n\n{name} = {value}\n")) {
                    Ok(_) => accepted += 1,
                    Err(error) => {
                        let start = format!("3: `{name}` is {kind} that cannot be used; ");
                        assert!(error.starts_with(&start), "{error}");
                        assert!(error.ends_with(" is expected"), "{error}");
                        assert!(!error.contains("s3cret"), "{error}");
                    }
                }
            }
            // None of the values is a duration, a rate or a shard.
            assert!(accepted <= 1, "{name}: {accepted}");
        }
    }

    #[test]
    fn expected_value_is_accepted() {
        for line in [
            "timeout = \"10s\"",
            "rate = \"20/s\"",
            "shard = \"1/3\"",
            "color = \"never\"",
            "http = \"1.1\"",
            "seed = 0",
            "cases = 1",
            "strict = true",
            "header = [\"a: b\", \"c: d\"]",
            "target = \"http://a\"",
        ] {
            assert!(RunArgs::from_toml(line).is_ok(), "{line}");
        }
        for (line, expected) in [
            ("seed = -1", "a whole number of zero or more is expected"),
            ("cases = 0", "a whole number above zero is expected"),
            ("http = 2", "\"1.1\" or \"2\" is expected"),
            ("rate = 20", "such as \"20/s\" or \"90/m\", is expected"),
            ("color = \"pink\"", "\"auto\" or \"always\" or \"never\" is expected"),
            ("sigv4 = \"yes\"", "true or false is expected"),
            ("header = \"a: b\"", "a list of strings, such as [\"a\", \"b\"], is expected"),
        ] {
            let error = RunArgs::from_toml(line).unwrap_err();
            assert!(error.starts_with("1: `"), "{error}");
            assert!(error.ends_with(expected), "{error}");
        }
        let error = RunArgs::from_toml("only = [2027-01-31]").unwrap_err();
        assert!(error.starts_with("1: an item of `only` is a date; a list of strings"), "{error}");
        let error = RunArgs::from_toml("only = [\n  \"a\",\n  5,\n]").unwrap_err();
        assert!(error.starts_with("3: an item of `only` is a whole number; a list of strings"), "{error}");
    }

    #[test]
    fn unknown_key_leads_to_nearest() {
        for (line, message) in [
            ("sed = 5", "1: unknown key `sed`; did you mean `seed`? (the keys are target, "),
            ("max_requests = 5", "did you mean `max-requests`?"),
            ("headers = []", "did you mean `header`?"),
            ("[run]\nseed = 5", "1: unknown key `run`; did you mean `"),
            ("[run]\nseed = 5", "?; keys are at the top level, in no section"),
        ] {
            let error = RunArgs::from_toml(line).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn flag_has_precedence_over_file() {
        let text = "seed = 5\ncontract = \"model\"\ntimeout = \"3s\"\nheader = [\"A: b\"]";
        let file = RunArgs::from_toml(text).unwrap();
        let flags = RunArgs { seed: Some(7), ..RunArgs::default() };
        let both = flags.or(file);
        assert_eq!(both.seed, Some(7));
        assert_eq!(both.endpoint.contract.as_deref(), Some("model"));
        assert_eq!(both.endpoint.timeout, Some(SignedDuration::from_secs(3)));
        assert_eq!(both.endpoint.headers, ["A: b"]);
    }

    #[test]
    fn errors_show_no_values() {
        for (text, position) in [
            ("seed = 5\nheader = \"Authorization: s3cret\"", "2: "),
            ("seed = 5\nheader = [\"Authorization: s3cret]", "2:"),
            ("header = [\"Authorization: s3cret\\x\"]", "1:"),
            ("header = { Authorization = \"s3cret\" }", "1: "),
            ("seed = \"s3cret\"", "1: "),
        ] {
            let error = RunArgs::from_toml(text).unwrap_err();
            assert!(error.starts_with(position), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn connection_is_read_from_file() {
        let text = "ca-cert = \"ca.pem\"\nhttp = \"1.1\"\ninsecure = true\nunix-socket = \"a.socket\"";
        let file = RunArgs::from_toml(text).unwrap().endpoint.connection;
        let connection =
            ConnectionArgs { http: Some(HttpVersionArg::Http2), ..ConnectionArgs::default() }.or(file);
        assert_eq!(connection.ca_cert, Some("ca.pem".into()));
        assert_eq!(connection.http, Some(HttpVersionArg::Http2));
        assert!(connection.insecure);
        assert!(connection.unix_socket.is_some());
        assert!(connection.proxy.is_none());
        let error = RunArgs::from_toml("http = \"3\"").unwrap_err();
        assert!(error.contains("1.1"), "{error}");
    }
}
