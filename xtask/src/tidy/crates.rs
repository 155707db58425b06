//! The crate graph: who may depend on whom, and what the pure crates must never pull in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata};

use super::Problem;

/// The crates of the workspace, each with those it may build on. A crate may only name crates that
/// stand before it, so that the order itself rules out a circle.
const HOUSE: [(&str, &[&str]); 6] = [
    ("boundstone-cases", &[]),
    ("boundstone-reports", &["boundstone-cases"]),
    ("boundstone-snapshots", &["boundstone-cases"]),
    ("boundstone-mock", &["boundstone-cases"]),
    ("boundstone", &["boundstone-cases", "boundstone-reports", "boundstone-snapshots", "boundstone-mock"]),
    ("xtask", &["boundstone-cases", "boundstone-reports", "boundstone-snapshots", "boundstone"]),
];

/// The crates that know no file, socket, clock, thread or async runtime.
const PURE: [&str; 2] = ["boundstone-cases", "boundstone-reports"];

/// What a pure crate must not depend on, not even through others.
const IMPURE: [&str; 24] = [
    // Async runtimes and what only makes sense on one.
    "async-executor",
    "async-io",
    "async-std",
    "futures",
    "futures-executor",
    "smol",
    "tokio",
    // Sockets and HTTP.
    "curl",
    "h2",
    "hyper",
    "hyper-util",
    "isahc",
    "mio",
    "polling",
    "reqwest",
    "socket2",
    "ureq",
    "wiremock",
    // Files and processes.
    "duct",
    "insta",
    "memmap2",
    "tempfile",
    "walkdir",
    // Threads.
    "rayon",
];

const SNAPSHOTS: &str = "boundstone-snapshots";

/// The dependencies between all packages.
#[derive(Default)]
pub(super) struct Graph {
    members: BTreeSet<String>,
    /// By the key of the package: its name and version, divided by a space.
    edges: BTreeMap<String, Vec<Edge>>,
}

struct Edge {
    to: String,
    /// Whether only tests, examples and benchmarks have this dependency.
    dev_only: bool,
}

impl Graph {
    /// The graph that cargo resolved.
    pub(super) fn new(metadata: &Metadata) -> Result<Self> {
        let keys: BTreeMap<_, _> = metadata
            .packages
            .iter()
            .map(|package| (&package.id, format!("{} {}", package.name, package.version)))
            .collect();
        let key = |id| keys.get(id).cloned().context("cargo metadata knows each package it names");

        let mut graph = Self::default();
        for id in &metadata.workspace_members {
            graph.members.insert(key(id)?);
        }
        let resolve = metadata.resolve.as_ref().context("cargo metadata resolves the workspace")?;
        for node in &resolve.nodes {
            let mut edges = Vec::new();
            for dependency in &node.deps {
                edges.push(Edge {
                    to: key(&dependency.pkg)?,
                    dev_only: dependency.dep_kinds.iter().all(|it| it.kind == DependencyKind::Development),
                });
            }
            graph.edges.insert(key(&node.id)?, edges);
        }
        Ok(graph)
    }

    fn edges(&self, key: &str) -> &[Edge] {
        self.edges.get(key).map_or(&[], Vec::as_slice)
    }

    /// The shortest chain of dependencies from `start` to each package that it needs outside of its
    /// tests.
    fn chains(&self, start: &str) -> BTreeMap<String, Vec<String>> {
        let mut chains = BTreeMap::from([(start.to_owned(), vec![name(start).to_owned()])]);
        let mut queue = VecDeque::from([start.to_owned()]);
        while let Some(key) = queue.pop_front() {
            let chain = chains.get(&key).cloned().unwrap_or_default();
            for edge in self.edges(&key).iter().filter(|edge| !edge.dev_only) {
                if !chains.contains_key(&edge.to) {
                    let mut longer = chain.clone();
                    longer.push(name(&edge.to).to_owned());
                    chains.insert(edge.to.clone(), longer);
                    queue.push_back(edge.to.clone());
                }
            }
        }
        chains
    }
}

/// The name in the key of a package.
fn name(key: &str) -> &str {
    key.split(' ').next().unwrap_or(key)
}

/// Checks the graph of the workspace.
pub(super) fn check(graph: &Graph) -> Vec<Problem> {
    let mut problems = Vec::new();
    for member in &graph.members {
        let from = name(member);
        let Some((_, allowed)) = HOUSE.iter().find(|(it, _)| *it == from) else {
            problems.push(Problem {
                place: format!("crate {from}"),
                what: "has no place in the house".to_owned(),
                why: "Each crate of the workspace stands in the table of xtask/src/tidy/crates.rs \
                      with those it may build on.",
            });
            continue;
        };
        for edge in graph.edges(member) {
            let to = name(&edge.to);
            if graph.members.contains(&edge.to) && !edge.dev_only && !allowed.contains(&to) {
                problems.push(Problem {
                    place: format!("crate {from}"),
                    what: format!("depends on {to}"),
                    why: "harness builds on cases, snapshots, reports and mock; the last three build \
                          on cases; nothing but xtask and tests builds on harness.",
                });
            }
            if to == "insta" && from != SNAPSHOTS {
                problems.push(Problem {
                    place: format!("crate {from}"),
                    what: "depends on insta".to_owned(),
                    why: "Only snapshots names insta, so that one crate decides how outcomes are \
                          loaded and recorded.",
                });
            }
        }
        if PURE.contains(&from) {
            for chain in graph.chains(member).values() {
                if chain.last().is_some_and(|last| IMPURE.contains(&last.as_str())) {
                    problems.push(Problem {
                        place: format!("crate {from}"),
                        what: format!("pulls in {}", chain.join(" → ")),
                        why: "cases and reports know no file, socket, clock, thread or async \
                              runtime: time, randomness and I/O come in as arguments.",
                    });
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The workspace as it should be, with more dependencies `(from, to, only in tests)`.
    fn house(more: &[(&str, &str, bool)]) -> Graph {
        let mut graph = Graph::default();
        let intended = HOUSE.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to, false)));
        for (from, to, dev_only) in intended.chain(more.iter().copied()) {
            let edge = Edge { to: format!("{to} 1.0.0"), dev_only };
            graph.edges.entry(format!("{from} 1.0.0")).or_default().push(edge);
        }
        graph.members = HOUSE.iter().map(|(member, _)| format!("{member} 1.0.0")).collect();
        graph
    }

    fn only(problems: &[Problem]) -> String {
        let [problem] = problems else { panic!("one problem, not {problems:?}") };
        format!("{}: {}", problem.place, problem.what)
    }

    #[test]
    fn the_table_has_no_circle() {
        for (position, (from, allowed)) in HOUSE.iter().enumerate() {
            for to in *allowed {
                assert!(HOUSE[..position].iter().any(|(it, _)| it == to), "{from} → {to}");
            }
        }
    }

    #[test]
    fn the_intended_house_passes() {
        let graph = house(&[
            ("boundstone", "tokio", false),
            ("boundstone-snapshots", "insta", false),
            ("boundstone-cases", "proptest", false),
            ("boundstone-reports", "boundstone", true),
        ]);
        assert!(check(&graph).is_empty());
    }

    #[test]
    fn a_dependency_upwards_fails() {
        let graph = house(&[("boundstone-cases", "boundstone-reports", false)]);
        assert_eq!(only(&check(&graph)), "crate boundstone-cases: depends on boundstone-reports");
    }

    #[test]
    fn building_on_the_harness_fails() {
        let graph = house(&[("boundstone-snapshots", "boundstone", false)]);
        assert_eq!(only(&check(&graph)), "crate boundstone-snapshots: depends on boundstone");
    }

    #[test]
    fn an_unknown_crate_fails() {
        let mut graph = house(&[]);
        graph.members.insert("boundstone-utils 1.0.0".to_owned());
        assert_eq!(only(&check(&graph)), "crate boundstone-utils: has no place in the house");
    }

    #[test]
    fn a_runtime_behind_another_crate_fails() {
        let graph = house(&[
            ("boundstone-cases", "helper", false),
            ("helper", "tokio", false),
            // Only its tests: that is no part of `cases`.
            ("helper", "reqwest", true),
        ]);
        assert_eq!(
            only(&check(&graph)[..1]),
            "crate boundstone-cases: pulls in boundstone-cases → helper → tokio"
        );
        // `reports` gets it through `cases`.
        assert_eq!(check(&graph).len(), 2);
    }

    #[test]
    fn the_tests_of_a_pure_crate_may_do_io() {
        assert!(check(&house(&[("boundstone-reports", "tempfile", true)])).is_empty());
    }

    #[test]
    fn insta_outside_of_snapshots_fails_even_in_tests() {
        let graph = house(&[("boundstone", "insta", true)]);
        assert_eq!(only(&check(&graph)), "crate boundstone: depends on insta");
    }

    #[test]
    fn the_graph_of_this_workspace_can_be_read() {
        let metadata = cargo_metadata::MetadataCommand::new().exec().unwrap();
        let graph = Graph::new(&metadata).unwrap();
        let xtask = graph.members.iter().find(|key| name(key) == "xtask").unwrap();
        let edge = |to| graph.edges(xtask).iter().find(|edge| name(&edge.to) == to).unwrap();
        assert!(!edge("clap").dev_only);
        assert!(edge("tempfile").dev_only);
    }
}
