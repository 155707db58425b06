//! A turn: which server is tested, over which network, and with how many requests. A seed draws it. Pure.

use std::fmt;

use super::proxy::{Rate, TransportFailure};

/// A server to test.
pub(super) struct Served {
    pub(super) contract: &'static str,
    /// How it differs from the reference, if it does.
    pub(super) kind: Kind,
}

/// How a server differs from the reference.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Reference,
    Variant(&'static str),
    /// Its name, and the start of the ids of the requirements that fail.
    Mutant(&'static str, &'static str),
}

const fn served(contract: &'static str, kind: Kind) -> Served {
    Served { contract, kind }
}

/// All servers. The memory of none of them grows with each session.
pub(super) const SERVED: &[Served] = &[
    served("page", Kind::Reference),
    served("model", Kind::Reference),
    served("page", Kind::Variant("chunked-responses")),
    served("model", Kind::Variant("connection-closed")),
    served("page", Kind::Variant("connection-closed-silently")),
    served("model", Kind::Variant("occasionally-slow")),
    served("page", Kind::Variant("many-headers")),
    served("model", Kind::Variant("error-type-with-namespace-and-uri")),
    served("page", Kind::Variant("additional-members")),
    served("model", Kind::Variant("occasionally-throttled")),
    served("page", Kind::Mutant("length-max-plus-one-accepted", "start-configuration-session/")),
    served("model", Kind::Mutant("missing-fails", "start-configuration-session/")),
    served("page", Kind::Mutant("next-token-empty", "get-latest-configuration/")),
    served("model", Kind::Mutant("configuration-truncated", "get-latest-configuration/")),
];

impl Served {
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Reference => "reference",
            Kind::Variant(name) | Kind::Mutant(name, _) => name,
        }
    }

    /// The arguments of `boundstone serve`.
    pub(super) fn arguments(&self) -> Vec<&'static str> {
        match self.kind {
            Kind::Reference => Vec::new(),
            Kind::Variant(name) => vec!["--variant", name],
            Kind::Mutant(name, _) => vec!["--mutant", name],
        }
    }
}

/// The network between boundstone and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// A direct connection.
    Direct,
    /// Some messages are late.
    Slow,
    /// A few connections break.
    Imperfect,
    /// Many connections break.
    Unreliable,
    /// Some requests and responses come twice.
    Duplicating,
}

/// Disturbances that cost only time.
const DELAYS: [TransportFailure; 7] = [
    TransportFailure::LateConnection,
    TransportFailure::Overtaken,
    TransportFailure::LateRequest,
    TransportFailure::LateResponse,
    TransportFailure::LateWithin,
    TransportFailure::Dribbled,
    TransportFailure::Closed,
];

/// Disturbances that lose a response.
const LOST_RESPONSES: [TransportFailure; 7] = [
    TransportFailure::HalfOpen,
    TransportFailure::Refused,
    TransportFailure::ResetBefore,
    TransportFailure::ResetAfter,
    TransportFailure::ResetWithin,
    TransportFailure::CutHead,
    TransportFailure::CutBody,
];

impl Network {
    const ALL: [Self; 5] = [Self::Direct, Self::Slow, Self::Imperfect, Self::Unreliable, Self::Duplicating];

    /// How often each disturbance happens in 1,000 exchanges, or nothing for a direct connection.
    pub(super) fn rates(self) -> Option<Vec<Rate>> {
        let (late_rate, lost_rate, copy_rate) = match self {
            Self::Direct => return None,
            Self::Slow => (20, 0, 0),
            Self::Imperfect => (5, 3, 0),
            Self::Unreliable => (20, 15, 0),
            Self::Duplicating => (5, 0, 30),
        };
        let delays = DELAYS.map(|disturbance| (disturbance, late_rate));
        let lost = LOST_RESPONSES.map(|disturbance| (disturbance, lost_rate));
        // A throttled request is executed when it is sent again.
        let copies =
            [TransportFailure::SentBefore, TransportFailure::SentAgain, TransportFailure::RepeatedResponse]
                .map(|disturbance| (disturbance, copy_rate));
        Some(delays.into_iter().chain(lost).chain(copies).filter(|(_, rate)| *rate > 0).collect())
    }

    /// Whether responses may be lost.
    pub(super) fn loses_responses(self) -> bool {
        matches!(self, Self::Imperfect | Self::Unreliable)
    }
}

/// One run.
pub(super) struct Turn {
    pub(super) served: &'static Served,
    pub(super) network: Network,
    pub(super) seed: u64,
    cases: u32,
    concurrency: u32,
}

impl Turn {
    /// Draws the network and the size of a run.
    pub(super) fn draw(served: &'static Served, rng: &mut fastrand::Rng) -> Self {
        let network = Network::ALL[rng.usize(..Network::ALL.len())];
        let cases = [1, 2, 4, 16][rng.usize(..4)];
        let concurrency = [1, 4, 16, 64][rng.usize(..4)];
        Self { served, network, seed: rng.u64(..), cases, concurrency }
    }

    /// The arguments of `boundstone run`, except for the target and the folders.
    pub(super) fn arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--contract={}", self.served.contract),
            format!("--seed={}", self.seed),
            format!("--cases={}", self.cases),
            format!("--concurrency={}", self.concurrency),
        ];
        if self.network.loses_responses() {
            arguments.push("--timeout=500ms".to_owned());
        }
        arguments
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {:?}, {}", self.served.name(), self.network, self.arguments().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use harness::mock::{mutant, variant};

    #[test]
    fn every_mutant_and_variant_exists() {
        for served in SERVED {
            match served.kind {
                Kind::Reference => {}
                Kind::Variant(name) => assert!(variant::find(name).is_ok(), "{name}"),
                Kind::Mutant(name, _) => assert!(mutant::find(name).is_ok(), "{name}"),
            }
        }
    }

    #[test]
    fn same_seed_draws_same_turns() {
        let draw = || {
            let mut rng = fastrand::Rng::with_seed(3);
            SERVED.iter().map(|served| Turn::draw(served, &mut rng).to_string()).collect::<Vec<_>>()
        };
        assert_eq!(draw(), draw());
        assert!(draw().iter().any(|turn| turn.contains("--timeout=500ms")));
    }

    #[test]
    fn network_disturbs_less_than_half() {
        for network in Network::ALL {
            let rates = network.rates().unwrap_or_default();
            assert!(rates.iter().map(|(_, rate)| rate).sum::<u32>() < 500, "{network:?}");
            assert_eq!(
                rates.iter().any(|(fault, _)| *fault == TransportFailure::CutBody),
                network.loses_responses(),
                "{network:?}"
            );
        }
    }
}
