//! Sees that a configuration file has keys that there are, with values that they can have.

use std::borrow::Cow;

use clap::builder::{PossibleValue, Str};
use clap::{Arg, ArgAction, Command};
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::cli::args::{EndpointArgs, RunArgs};
use crate::config::nearest::nearest;
use crate::config::toml_error::{Place, in_order, kind, located};

/// Checks a file against the flags that it has as its keys.
///
/// # Errors
/// The place, and what is wrong there, without the value: it may be a secret.
pub(crate) fn check(text: &str, flags: &Command) -> Result<(), String> {
    let file = DeTable::parse(text).map_err(|error| located(text, &error))?;
    // The syntax is right.
    let values: toml::Table = toml::from_str(text).map_err(|error| located(text, &error))?;
    let line = |at: usize| Place::of(text, at).line;
    for (key, value) in in_order(file.get_ref()) {
        let name = key.get_ref().as_ref();
        let Some(flag) = flags.get_arguments().find(|flag| flag.get_long() == Some(name)) else {
            return Err(format!("{}: {}", line(key.span().start), unknown(key, value.get_ref(), flags)));
        };
        let fits = |value| fits::<EndpointArgs>(name, value) && fits::<RunArgs>(name, value);
        let is_right = !holds_date(value.get_ref()) && values.get(name).is_none_or(fits);
        if !is_right {
            let at = wrong_item(flag, value).unwrap_or(value);
            return Err(format!("{}: {}", line(at.span().start), wrong(flag, name, at, value)));
        }
    }
    Ok(())
}

/// Whether a value is a date or has one in it, which no flag takes, but what reads a single value does.
fn holds_date(value: &DeValue<'_>) -> bool {
    match value {
        DeValue::Datetime(_) => true,
        DeValue::Array(items) => items.iter().any(|item| holds_date(item.get_ref())),
        _ => false,
    }
}

/// Whether a file of nothing but this key can be read. What has no such key takes it for nothing.
fn fits<T: DeserializeOwned>(name: &str, value: &toml::Value) -> bool {
    let alone = toml::Table::from_iter([(name.to_owned(), value.clone())]);
    alone.try_into::<T>().is_ok()
}

fn unknown(key: &Spanned<Cow<'_, str>>, value: &DeValue<'_>, flags: &Command) -> String {
    let name = key.get_ref();
    let known = || flags.get_arguments().filter_map(Arg::get_long);
    let near = nearest(name, known()).unwrap_or_default();
    let place = if value.is_table() { "; keys stand at the top, in no section" } else { "" };
    let all = known().collect::<Vec<_>>().join(", ");
    format!("unknown key `{name}`; did you mean `{near}`?{place} (the keys are {all})")
}

/// The first item of a list of strings that is none.
fn wrong_item<'v, 't>(flag: &Arg, value: &'v Spanned<DeValue<'t>>) -> Option<&'v Spanned<DeValue<'t>>> {
    let DeValue::Array(items) = value.get_ref() else { return None };
    items.iter().find(|item| is_list(flag) && !item.get_ref().is_str())
}

fn wrong(flag: &Arg, name: &str, at: &Spanned<DeValue<'_>>, value: &Spanned<DeValue<'_>>) -> String {
    let is = kind(at.get_ref());
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

/// What a flag takes, as it stands in the file.
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
        Some("I/N") => "a part of so many, such as \"1/3\",".to_owned(),
        _ => "a string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Args as _;

    use super::*;

    fn flags() -> Command {
        RunArgs::augment_args(Command::new(""))
    }

    /// For each type that a value may have, one.
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
    fn each_key_refuses_what_it_cannot_have_with_line_and_what_it_can() {
        let flags = flags();
        for flag in flags.get_arguments() {
            let name = flag.get_long().unwrap();
            let mut accepted = 0;
            for (kind, value) in VALUES {
                match RunArgs::from_toml(&format!("# a file\n\n{name} = {value}\n")) {
                    Ok(_) => accepted += 1,
                    Err(said) => {
                        let start = format!("3: `{name}` is {kind} that cannot be used; ");
                        assert!(said.starts_with(&start) && said.ends_with(" is expected"), "{said}");
                        assert!(!said.contains("s3cret"), "{said}");
                    }
                }
            }
            // No text here is a time, a rate or a part.
            assert!(accepted <= 1, "{name}: {accepted}");
        }
    }

    #[test]
    fn what_is_expected_is_accepted() {
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
            let said = RunArgs::from_toml(line).unwrap_err();
            assert!(said.starts_with("1: `") && said.ends_with(expected), "{said}");
        }
        let said = RunArgs::from_toml("only = [2027-01-31]").unwrap_err();
        assert!(said.starts_with("1: an item of `only` is a date; a list of strings"), "{said}");
        let said = RunArgs::from_toml("only = [\n  \"a\",\n  5,\n]").unwrap_err();
        assert!(said.starts_with("3: an item of `only` is a whole number; a list of strings"), "{said}");
    }

    #[test]
    fn an_unknown_key_leads_to_the_one_that_was_meant() {
        for (line, said) in [
            ("sed = 5", "1: unknown key `sed`; did you mean `seed`? (the keys are target, "),
            ("max_requests = 5", "did you mean `max-requests`?"),
            ("headers = []", "did you mean `header`?"),
            ("[run]\nseed = 5", "1: unknown key `run`; did you mean `"),
            ("[run]\nseed = 5", "?; keys stand at the top, in no section"),
        ] {
            let error = RunArgs::from_toml(line).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
