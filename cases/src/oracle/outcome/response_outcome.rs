//! The outcome of a response.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::field::Field;
use super::value::Value;

/// A normalized response: a value for each field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    fields: BTreeMap<Field, Value>,
}

impl Outcome {
    /// The value of a field, or [`Value::Absent`].
    pub fn get(&self, field: &Field) -> &Value {
        self.fields.get(field).unwrap_or(&Value::Absent)
    }

    /// Sets a field.
    pub fn set(&mut self, field: Field, value: impl Into<Value>) {
        self.fields.insert(field, value.into());
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Field, &Value)> {
        self.fields.iter()
    }

    /// The status code, if there was a response.
    pub fn status(&self) -> Option<u16> {
        self.get(&Field::Status).as_code()
    }
}

/// One line for each field, `name: value`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (field, value) in &self.fields {
            writeln!(f, "{field}: {value}")?;
        }
        Ok(())
    }
}

/// A line of an outcome that is not `name: value`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the outcome is not `field: value`: {text:?}")]
pub struct NotAnOutcome {
    /// The number of the line, from 1.
    pub line: usize,
    /// The line.
    pub text: String,
}

impl FromStr for Outcome {
    type Err = NotAnOutcome;

    fn from_str(text: &str) -> Result<Self, NotAnOutcome> {
        let mut fields = BTreeMap::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            // A value may be empty, or end in blanks.
            let (name, value) = line
                .split_once(": ")
                .ok_or_else(|| NotAnOutcome { line: index + 1, text: line.to_owned() })?;
            let field = Field::by_name(name);
            let value = Value::read(&field, value);
            fields.insert(field, value);
        }
        Ok(Self { fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcome_round_trips_through_text() {
        let mut outcome = Outcome::default();
        outcome.set(Field::Member("Message".to_owned()), Value::text("<string>"));
        outcome.set(Field::Status, Value::code(400));
        outcome.set(Field::ErrorType, Value::text("BadRequestException"));
        outcome.set(Field::Member("Reason".to_owned()), Value::text(""));
        outcome.set(Field::Member("Type".to_owned()), Value::text(" odd "));
        let text = outcome.to_string();
        assert_eq!(
            text,
            "status: 400\nerror type: BadRequestException\nMessage: <string>\nReason: \nType:  odd \n"
        );
        assert_eq!(outcome.status(), Some(400));
        assert_eq!(Outcome::default().status(), None);
        assert_eq!(text.parse(), Ok(outcome));
        assert_eq!(
            "status 400".parse::<Outcome>(),
            Err(NotAnOutcome { line: 1, text: "status 400".to_owned() })
        );
    }

    #[test]
    fn hostile_values_stay_on_one_short_line() {
        let mut outcome = Outcome::default();
        outcome.set(Field::ErrorType, Value::text("x\nstatus: 200\u{1b}[31m"));
        assert_eq!(outcome.to_string(), "error type: x\\nstatus: 200\\u{1b}[31m\n");
        outcome.set(Field::ErrorType, Value::text(&"a".repeat(100_000)));
        assert!(outcome.to_string().len() < 300);
    }
}
