//! What an answer shows of the single-use value that it issues, beside its form: whether it is new,
//! whether it keeps to itself what it stands for, whether the next one can be told from it. Pure.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use cases::contract::{Contract, Operation};
use cases::generate::World;
use cases::id::RequirementId;
use cases::oracle::{Field, Outcome};
use cases::requirement;
use memchr::memmem::Finder;

use crate::redact::{Secrets, Shared, pieces};

/// Shorter identifiers may stand in a random value by chance.
const SHORTEST_IDENTIFIER: usize = 7;
/// So many values in a row that count up do so by design.
const IN_A_ROW: usize = 4;
/// Values that count up have at most so many others between them.
const GAP: u128 = 1 << 16;

/// A single-use value that an answer has issued.
#[derive(Debug, Clone)]
pub struct Issued {
    /// It.
    pub value: String,
    /// That no other answer issues it, which is tested if the run knows of another one.
    pub unique: RequirementId,
    /// What it tests by itself and beside those before it in its sequence.
    pub tests: Vec<RequirementId>,
}

impl Issued {
    /// A value that an answer of `operation` has issued, behind those that its sequence was issued
    /// `before`; none if the operation issues none.
    pub fn by(contract: &Contract, operation: &Operation, value: &str, before: &[String]) -> Option<Self> {
        let (user, member) = contract.consumer_of(operation)?;
        let mut tests = vec![requirement::opaque(user, member)];
        if before.len() + 1 >= IN_A_ROW {
            tests.push(requirement::unpredictable(user, member));
        }
        Some(Self { value: value.to_owned(), unique: requirement::unique(user, member), tests })
    }
}

/// What must not be seen in a value, nor in a report.
#[derive(Debug, Clone, Default)]
pub struct Hidden {
    /// Searches for the identifiers, made once: making one costs more than a search.
    identifiers: Vec<Finder<'static>>,
    credentials: Shared,
    /// What is not shown, but for the credentials that came after so many.
    secrets: Secrets,
    known: usize,
}

impl Hidden {
    /// The identifiers of the fixtures, and the pieces of the credentials that go with each request.
    /// What is secret are these and the contents.
    pub fn new(world: &World, credentials: &Shared) -> Self {
        let identifiers = world
            .fixtures
            .iter()
            .flat_map(|fixture| fixture.parts.values())
            .flat_map(|part| part.id.iter().chain(&part.name));
        let known = credentials.all();
        Self {
            identifiers: long_enough(identifiers.map(String::as_str)),
            credentials: credentials.clone(),
            secrets: Secrets::of(world, &known),
            known: known.len(),
        }
    }

    /// These identifiers, and the pieces of the credentials.
    pub fn of<'a>(identifiers: impl IntoIterator<Item = &'a str>, credentials: &Shared) -> Self {
        let known = credentials.all();
        Self {
            identifiers: long_enough(identifiers),
            credentials: credentials.clone(),
            secrets: Secrets::new(&known),
            known: known.len(),
        }
    }

    /// What must not be shown of an answer, but for what the answers of its sequence issue.
    pub fn secrets(&self) -> Secrets {
        let mut secrets = self.secrets.clone();
        for value in self.credentials.after(self.known) {
            secrets.hide_credential(&value);
        }
        secrets
    }
}

fn long_enough<'a>(identifiers: impl IntoIterator<Item = &'a str>) -> Vec<Finder<'static>> {
    let long = identifiers.into_iter().filter(|text| text.chars().count() >= SHORTEST_IDENTIFIER);
    long.map(|text| Finder::new(text).into_owned()).collect()
}

/// Notes in the outcome what is not as it should be with the value that an answer has issued.
/// `before` holds what the sequence has issued before, in order.
pub fn describe(outcome: &mut Outcome, value: &str, before: &[String], hidden: &Hidden) {
    if before.iter().any(|other| other == value) {
        outcome.set(Field::Freshness, "<issued before>");
    } else if counts_up(value, before) {
        outcome.set(Field::Succession, "<counting up>");
    }
    let readings = readings(value);
    let shows = |finder: &Finder<'_>| readings.iter().any(|reading| finder.find(reading).is_some());
    let shows_piece = |credential: &String| pieces(credential).any(|piece| shows(&Finder::new(piece)));
    if hidden.credentials.all().iter().any(shows_piece) {
        outcome.set(Field::Opacity, "<a credential>");
    } else if hidden.identifiers.iter().any(shows) {
        outcome.set(Field::Opacity, "<an identifier>");
    }
}

/// The value itself, and what it is as base64, as a whole or in its parts.
fn readings(value: &str) -> Vec<Vec<u8>> {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let parts = value.split(|c: char| !is_base64(c)).filter(|part| part.len() >= SHORTEST_IDENTIFIER);
    let decoded = parts.flat_map(|part| {
        // A length of one more than a multiple of four is no base64.
        let part = if part.len() % 4 == 1 { &part[..part.len() - 1] } else { part };
        [BASE64_STANDARD_NO_PAD.decode(part), BASE64_URL_SAFE_NO_PAD.decode(part)]
    });
    std::iter::once(value.as_bytes().to_vec()).chain(decoded.flatten()).collect()
}

/// Whether the value goes on with the last ones before it like a counter, in what is not the same in
/// all of them.
fn counts_up(value: &str, before: &[String]) -> bool {
    let Some(start) = (before.len() + 1).checked_sub(IN_A_ROW) else { return false };
    let row: Vec<&str> = before[start..].iter().map(String::as_str).chain([value]).collect();
    let prefix = common(&row, |text| Box::new(text.bytes()));
    let rest: Vec<&str> = row.iter().filter_map(|text| text.get(prefix..)).collect();
    let suffix = common(&rest, |text| Box::new(text.bytes().rev()));
    let numbers = |radix| -> Option<Vec<u128>> {
        let middle = rest.iter().map(|text| text.get(..text.len() - suffix));
        middle.map(|text| u128::from_str_radix(text?, radix).ok()).collect()
    };
    let counts = |numbers: Vec<u128>| {
        rest.len() == IN_A_ROW && numbers.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= GAP)
    };
    [10, 16].into_iter().filter_map(numbers).any(counts)
}

/// How many bytes are the same at the beginning of all texts, read in some order.
fn common<'a>(texts: &[&'a str], read: impl Fn(&'a str) -> Box<dyn Iterator<Item = u8> + 'a>) -> usize {
    let Some((first, others)) = texts.split_first() else { return 0 };
    let shared = |other: &&'a str| read(first).zip(read(other)).take_while(|(a, b)| a == b).count();
    others.iter().map(shared).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(value: &str, before: &[&str]) -> String {
        let before: Vec<String> = before.iter().map(|text| (*text).to_owned()).collect();
        let secrets = Shared::default();
        let hidden = Hidden::of(["app0001", "shop"], &secrets);
        // Credentials may be renewed at any time.
        secrets.add(["AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu"]);
        assert!(!hidden.secrets().clean("AKIAIOSFODNN7EXAMPLE").contains("AKIA"));
        let mut outcome = Outcome::default();
        describe(&mut outcome, value, &before, &hidden);
        outcome.to_string()
    }

    #[test]
    fn random_values_show_nothing() {
        assert_eq!(seen("q3Zk0aPz", &["W4nPx0zz", "b2xAq9Lw", "0Jd7TTzo", "kkV3m1q0"]), "");
        assert_eq!(seen("9f3c0d1e", &["11c0ffee", "7be3a940", "a00d4c77"]), "");
        assert_eq!(seen("x", &[]), "");
        assert_eq!(seen("AWS4-HMAC-SHA256-shop-1", &[]), "");
    }

    #[test]
    fn a_value_that_comes_again_is_seen() {
        assert_eq!(seen("abc", &["x", "abc", "y"]), "issued value: <issued before>\n");
    }

    #[test]
    fn counters_are_seen_in_either_radix_and_within_other_text() {
        for values in
            [["7", "8", "9", "10"], ["t-009-x", "t-00a-x", "t-00b-x", "t-00f-x"], ["1", "5", "6", "70"]]
        {
            assert_eq!(seen(values[3], &values[..3]), "issued values: <counting up>\n", "{values:?}");
        }
        assert_eq!(seen("9", &["7", "8"]), "");
        assert_eq!(seen("7", &["10", "9", "8"]), "");
    }

    #[test]
    fn identifiers_and_credentials_are_seen_in_clear_and_in_base64() {
        assert_eq!(seen("session-app0001-7", &[]), "issued value shows: <an identifier>\n");
        assert_eq!(seen("AKIAIOSFODNN7EXAMPLE.x", &[]), "issued value shows: <a credential>\n");
        let encoded = BASE64_URL_SAFE_NO_PAD.encode("{\"a\":\"app0001\"}");
        assert_eq!(seen(&format!("v1.{encoded}.sig"), &[]), "issued value shows: <an identifier>\n");
    }

    #[test]
    fn values_beyond_ascii_are_no_trouble() {
        assert_eq!(seen("é4", &["é1", "é2", "è3"]), "");
        assert_eq!(seen("漢", &["字", "a", "b", "c"]), "");
    }
}
