//! What a turn is: who is judged, by how many requests, and what is between. Drawn by a seed. Pure.

use std::fmt;

use super::proxy::{Rate, TransportFailure};

/// A server that is judged.
pub(super) struct Served {
    pub(super) contract: &'static str,
    /// How it differs from the reference, if it does.
    pub(super) sort: Sort,
}

/// How a server differs from the reference.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort {
    Reference,
    Variant(&'static str),
    /// Its name, and how the id of a requirement begins that is found to be failed.
    Mutant(&'static str, &'static str),
}

const fn served(contract: &'static str, sort: Sort) -> Served {
    Served { contract, sort }
}

/// All servers. None of them remembers more for each session that begins.
pub(super) const SERVED: &[Served] = &[
    served("page", Sort::Reference),
    served("model", Sort::Reference),
    served("page", Sort::Variant("chunked-responses")),
    served("model", Sort::Variant("connection-closed")),
    served("page", Sort::Variant("connection-closed-silently")),
    served("model", Sort::Variant("occasionally-slow")),
    served("page", Sort::Variant("many-headers")),
    served("model", Sort::Variant("error-type-with-namespace-and-uri")),
    served("page", Sort::Variant("additional-members")),
    served("model", Sort::Variant("occasionally-throttled")),
    served("page", Sort::Mutant("length-max-plus-one-accepted", "start-configuration-session/")),
    served("model", Sort::Mutant("missing-fails", "start-configuration-session/")),
    served("page", Sort::Mutant("next-token-empty", "get-latest-configuration/")),
    served("model", Sort::Mutant("configuration-truncated", "get-latest-configuration/")),
];

impl Served {
    pub(super) fn name(&self) -> &'static str {
        match self.sort {
            Sort::Reference => "reference",
            Sort::Variant(name) | Sort::Mutant(name, _) => name,
        }
    }

    /// The arguments of `boundstone serve`.
    pub(super) fn arguments(&self) -> Vec<&'static str> {
        match self.sort {
            Sort::Reference => Vec::new(),
            Sort::Variant(name) => vec!["--variant", name],
            Sort::Mutant(name, _) => vec!["--mutant", name],
        }
    }
}

/// What is between boundstone and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Nothing.
    Direct,
    /// Now and then something is late.
    Slow,
    /// Now and then something breaks.
    Gentle,
    /// Much breaks.
    Rough,
    /// Requests and answers come twice.
    Twice,
}

/// Faults that cost nothing but time.
const LATE: [TransportFailure; 7] = [
    TransportFailure::LateConnection,
    TransportFailure::Overtaken,
    TransportFailure::LateRequest,
    TransportFailure::LateAnswer,
    TransportFailure::LateWithin,
    TransportFailure::Dribbled,
    TransportFailure::Closed,
];

/// Faults that keep an answer from coming.
const BREAKING: [TransportFailure; 7] = [
    TransportFailure::HalfOpen,
    TransportFailure::Refused,
    TransportFailure::ResetBefore,
    TransportFailure::ResetAfter,
    TransportFailure::ResetWithin,
    TransportFailure::CutHead,
    TransportFailure::CutBody,
];

impl Way {
    const ALL: [Self; 5] = [Self::Direct, Self::Slow, Self::Gentle, Self::Rough, Self::Twice];

    /// How often the network disturbs, if it does.
    pub(super) fn rates(self) -> Option<Vec<Rate>> {
        let (late, breaking, twice) = match self {
            Self::Direct => return None,
            Self::Slow => (20, 0, 0),
            Self::Gentle => (5, 3, 0),
            Self::Rough => (20, 15, 0),
            Self::Twice => (5, 0, 30),
        };
        let rates =
            LATE.map(|fault| (fault, late)).into_iter().chain(BREAKING.map(|fault| (fault, breaking)));
        // What a server puts off is carried out when it is sent again.
        let twice =
            [TransportFailure::SentBefore, TransportFailure::SentAgain, TransportFailure::AnsweredTwice]
                .map(|fault| (fault, twice));
        Some(rates.chain(twice).filter(|(_, rate)| *rate > 0).collect())
    }

    /// Whether answers may be lost.
    pub(super) fn loses(self) -> bool {
        matches!(self, Self::Gentle | Self::Rough)
    }
}

/// One run.
pub(super) struct Turn {
    pub(super) served: &'static Served,
    pub(super) way: Way,
    pub(super) seed: u64,
    cases: u32,
    concurrency: u32,
}

impl Turn {
    pub(super) fn draw(served: &'static Served, rng: &mut fastrand::Rng) -> Self {
        let way = Way::ALL[rng.usize(..Way::ALL.len())];
        let cases = [1, 2, 4, 16][rng.usize(..4)];
        let concurrency = [1, 4, 16, 64][rng.usize(..4)];
        Self { served, way, seed: rng.u64(..), cases, concurrency }
    }

    /// The arguments of `boundstone run`, but for the place.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--contract={}", self.served.contract),
            format!("--seed={}", self.seed),
            format!("--cases={}", self.cases),
            format!("--concurrency={}", self.concurrency),
        ];
        if self.way.loses() {
            arguments.push("--timeout=500ms".to_owned());
        }
        arguments
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}, {}", self.served.name(), self.way, self.arguments().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::mock::{mutant, variant};

    #[test]
    fn every_server_exists() {
        for served in SERVED {
            match served.sort {
                Sort::Reference => {}
                Sort::Variant(name) => assert!(variant::find(name).is_ok(), "{name}"),
                Sort::Mutant(name, _) => assert!(mutant::find(name).is_ok(), "{name}"),
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_turns() {
        let draw = || {
            let mut rng = fastrand::Rng::with_seed(3);
            SERVED.iter().map(|served| Turn::draw(served, &mut rng).to_string()).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().any(|turn| turn.contains("--timeout=500ms")));
    }

    #[test]
    fn a_network_disturbs_less_than_all() {
        for way in Way::ALL {
            let rates = way.rates().unwrap_or_default();
            assert!(rates.iter().map(|(_, rate)| rate).sum::<u32>() < 500, "{way:?}");
            assert_eq!(
                rates.iter().any(|(fault, _)| *fault == TransportFailure::CutBody),
                way.loses(),
                "{way:?}"
            );
        }
    }
}
