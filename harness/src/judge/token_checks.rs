//! Checks the single-use values that responses issue: whether each is new, reveals nothing about what it
//! identifies, and cannot be predicted from the ones before. Pure.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use cases::contract::{Contract, Operation};
use cases::generate::World;
use cases::id::RequirementId;
use cases::oracle::{Field, Outcome, TokenState};
use cases::requirement;
use memchr::memmem::Finder;

use crate::redact::{RedactionSet, Redactor, credential_pieces, is_base64};

/// Minimum length of an identifier in characters. A random value may contain a shorter one by chance.
const MIN_IDENTIFIER_CHARS: usize = 7;
/// The number of consecutive values that reveal a counter.
const MIN_COUNTER_VALUES: usize = 4;
/// Maximum difference between two consecutive values of a counter.
const MAX_COUNTER_STEP: u128 = 1 << 16;

/// A single-use value that a response issued.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The value.
    pub value: String,
    /// The requirement that no other response issues it. It is tested if the run knows another value.
    pub unique: RequirementId,
    /// The requirements that it tests alone and together with the earlier values of its sequence.
    pub tests: Vec<RequirementId>,
}

impl IssuedToken {
    /// Creates the record of a value that a response of `operation` issued, after the values issued `before`
    /// in its sequence. Returns `None` if the operation issues none.
    pub fn new(contract: &Contract, operation: &Operation, value: &str, before: &[String]) -> Option<Self> {
        let (user, member) = contract.consumer_of(operation)?;
        let mut tests = vec![requirement::opaque(user, member)];
        if before.len() + 1 >= MIN_COUNTER_VALUES {
            tests.push(requirement::unpredictable(user, member));
        }
        Some(Self { value: value.to_owned(), unique: requirement::unique(user, member), tests })
    }
}

/// The identifiers and credentials that must not appear in a single-use value.
#[derive(Debug, Clone, Default)]
pub struct Identifiers {
    /// A searcher for each identifier. They are created once, because that costs more than a search.
    finders: Vec<Finder<'static>>,
    credentials: RedactionSet,
    /// Redacts credentials and contents, except for the credentials that were added later.
    redactor: Redactor,
    known: usize,
}

impl Identifiers {
    /// The identifiers of the fixtures, and the credentials of the requests. Secrets are the credentials and
    /// the contents of the fixtures.
    pub fn new(world: &World, credentials: &RedactionSet) -> Self {
        let identifiers = world
            .fixtures
            .iter()
            .flat_map(|fixture| fixture.resources.values())
            .flat_map(|resource| resource.id.iter().chain(&resource.name));
        let known = credentials.all();
        Self {
            finders: long_enough(identifiers.map(String::as_str)),
            credentials: credentials.clone(),
            redactor: Redactor::for_world(world, &known),
            known: known.len(),
        }
    }

    /// The given identifiers, and the credentials of the requests.
    pub fn from_texts<'a>(
        identifiers: impl IntoIterator<Item = &'a str>,
        credentials: &RedactionSet,
    ) -> Self {
        let known = credentials.all();
        Self {
            finders: long_enough(identifiers),
            credentials: credentials.clone(),
            redactor: Redactor::new(&known),
            known: known.len(),
        }
    }

    /// A redactor for a response. It does not know yet what the responses of its sequence issue.
    pub fn redactor(&self) -> Redactor {
        let mut redactor = self.redactor.clone();
        for value in self.credentials.since(self.known) {
            redactor.add_credential(&value);
        }
        redactor
    }
}

fn long_enough<'a>(identifiers: impl IntoIterator<Item = &'a str>) -> Vec<Finder<'static>> {
    let long = identifiers.into_iter().filter(|text| text.chars().count() >= MIN_IDENTIFIER_CHARS);
    long.map(|text| Finder::new(text).into_owned()).collect()
}

/// Checks a value that a response issued, and sets the fields of the outcome that are wrong. `before` are the
/// values issued earlier in the sequence, in order.
pub fn check_token(outcome: &mut Outcome, value: &str, before: &[String], identifiers: &Identifiers) {
    if before.iter().any(|other| other == value) {
        outcome.set(Field::Freshness, TokenState::IssuedBefore);
    } else if counts_up(value, before) {
        outcome.set(Field::Succession, TokenState::CountingUp);
    }
    let decodings = decodings(value);
    let shows = |finder: &Finder<'_>| decodings.iter().any(|decoded| finder.find(decoded).is_some());
    let credentials = identifiers.credentials.all();
    let mut pieces = credentials.iter().flat_map(|credential| credential_pieces(credential));
    if pieces.any(|piece| shows(&Finder::new(piece))) {
        outcome.set(Field::Opacity, TokenState::ShowsCredential);
    } else if identifiers.finders.iter().any(shows) {
        outcome.set(Field::Opacity, TokenState::ShowsIdentifier);
    }
}

/// The value itself, and its base64-decoded forms, as a whole and by parts.
fn decodings(value: &str) -> Vec<Vec<u8>> {
    let parts = value.split(|c: char| !is_base64(c)).filter(|part| part.len() >= MIN_IDENTIFIER_CHARS);
    let decoded = parts.filter_map(|part| {
        // A length that is one more than a multiple of four is not base64.
        let part = if part.len() % 4 == 1 { &part[..part.len() - 1] } else { part };
        // The alphabets differ in these characters, and no text has those of both.
        let is_url_safe = part.contains(['-', '_']);
        if is_url_safe { BASE64_URL_SAFE_NO_PAD.decode(part) } else { BASE64_STANDARD_NO_PAD.decode(part) }
            .ok()
    });
    std::iter::once(value.as_bytes().to_vec()).chain(decoded).collect()
}

/// Whether the value continues the values before it like a counter, apart from a common prefix and suffix.
fn counts_up(value: &str, before: &[String]) -> bool {
    let Some(start) = (before.len() + 1).checked_sub(MIN_COUNTER_VALUES) else { return false };
    let row: Vec<&str> = before[start..].iter().map(String::as_str).chain([value]).collect();
    let prefix = common_length(&row, |text| Box::new(text.bytes()));
    let rest: Vec<&str> = row.iter().filter_map(|text| text.get(prefix..)).collect();
    let suffix = common_length(&rest, |text| Box::new(text.bytes().rev()));
    let numbers = |radix| -> Option<Vec<u128>> {
        let middle = rest.iter().map(|text| text.get(..text.len() - suffix));
        middle.map(|text| u128::from_str_radix(text?, radix).ok()).collect()
    };
    rest.len() == MIN_COUNTER_VALUES
        && [numbers(10), numbers(16)].iter().flatten().any(|numbers| is_counter(numbers))
}

/// Whether each number is greater than the one before, by a small step.
fn is_counter(numbers: &[u128]) -> bool {
    numbers.windows(2).all(|pair| pair[0] < pair[1] && pair[1] - pair[0] <= MAX_COUNTER_STEP)
}

/// The number of bytes that all texts have in common at the start, in the order of `read`.
fn common_length<'a>(
    texts: &[&'a str],
    read: impl Fn(&'a str) -> Box<dyn Iterator<Item = u8> + 'a>,
) -> usize {
    let Some((first, others)) = texts.split_first() else { return 0 };
    let shared = others.iter().map(|other| read(first).zip(read(other)).take_while(|(a, b)| a == b).count());
    shared.min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(value: &str, before: &[&str]) -> String {
        let before: Vec<String> = before.iter().map(|text| (*text).to_owned()).collect();
        let secrets = RedactionSet::default();
        let identifiers = Identifiers::from_texts(["app0001", "shop"], &secrets);
        // Credentials may be renewed at any time.
        secrets.add(["AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu"]);
        assert!(!identifiers.redactor().redact("AKIAIOSFODNN7EXAMPLE").contains("AKIA"));
        let mut outcome = Outcome::default();
        check_token(&mut outcome, value, &before, &identifiers);
        outcome.to_string()
    }

    #[test]
    fn random_values_have_no_findings() {
        assert_eq!(findings("q3Zk0aPz", &["W4nPx0zz", "b2xAq9Lw", "0Jd7TTzo", "kkV3m1q0"]), "");
        assert_eq!(findings("9f3c0d1e", &["11c0ffee", "7be3a940", "a00d4c77"]), "");
        assert_eq!(findings("x", &[]), "");
        assert_eq!(findings("AWS4-HMAC-SHA256-shop-1", &[]), "");
    }

    #[test]
    fn repeated_value_is_found() {
        assert_eq!(findings("abc", &["x", "abc", "y"]), "issued value: <issued before>\n");
    }

    #[test]
    fn counters_are_found_in_both_radixes() {
        for values in
            [["7", "8", "9", "10"], ["t-009-x", "t-00a-x", "t-00b-x", "t-00f-x"], ["1", "5", "6", "70"]]
        {
            assert_eq!(findings(values[3], &values[..3]), "issued values: <counting up>\n", "{values:?}");
        }
        assert_eq!(findings("9", &["7", "8"]), "");
        assert_eq!(findings("7", &["10", "9", "8"]), "");
    }

    #[test]
    fn identifiers_and_credentials_are_found_in_base64() {
        assert_eq!(findings("session-app0001-7", &[]), "issued value shows: <an identifier>\n");
        assert_eq!(findings("AKIAIOSFODNN7EXAMPLE.x", &[]), "issued value shows: <a credential>\n");
        let encoded = BASE64_URL_SAFE_NO_PAD.encode("{\"a\":\"app0001\"}");
        assert_eq!(findings(&format!("v1.{encoded}.sig"), &[]), "issued value shows: <an identifier>\n");
    }

    #[test]
    fn values_beyond_ascii_have_no_findings() {
        assert_eq!(findings("é4", &["é1", "é2", "è3"]), "");
        assert_eq!(findings("漢", &["字", "a", "b", "c"]), "");
    }
}
