//! The crate graph: which crate may depend on which, and what the pure crates must never pull in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata};

use crate::checks::tidy::problem::Problem;
use crate::checks::tidy::repository::Repository;

/// The crates of the workspace, each with those that it may depend on. A crate may only name crates
/// above it, so that the order itself rules out a circle.
const DEPENDENCIES: [(&str, &[&str]); 7] = [
    ("boundstone-cases", &[]),
    ("boundstone-reports", &["boundstone-cases"]),
    ("boundstone-snapshots", &["boundstone-cases"]),
    ("boundstone-mock", &["boundstone-cases"]),
    ("boundstone-stub", &["boundstone-cases"]),
    (
        "boundstone",
        &[
            "boundstone-cases",
            "boundstone-reports",
            "boundstone-snapshots",
            "boundstone-mock",
            "boundstone-stub",
        ],
    ),
    ("xtask", &["boundstone-cases", "boundstone-reports", "boundstone-snapshots", "boundstone"]),
];

/// The crates that know no file, socket, clock, thread or async runtime.
const PURE: [&str; 2] = ["boundstone-cases", "boundstone-reports"];

/// What a pure crate must not depend on, directly or through others.
const IMPURE: [&str; 24] = [
    // Async runtimes and what needs one.
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
struct Graph {
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
    ///
    /// # Errors
    /// The metadata names a package that it does not describe.
    fn new(metadata: &Metadata) -> Result<Self> {
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

    /// The shortest chain of dependencies from `start` to each package that it needs outside its tests.
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
pub(in crate::checks::tidy) fn check(repository: &Repository) -> Vec<Problem> {
    match Graph::new(&repository.metadata) {
        Ok(graph) => graph.members.iter().flat_map(|member| check_member(&graph, member)).collect(),
        Err(error) => vec![problem("graph", error.to_string(), "Cargo resolves the workspace.")],
    }
}

fn problem(name: &str, what: String, why: &'static str) -> Problem {
    Problem { place: format!("crate {name}"), what, why }
}

fn check_member(graph: &Graph, member: &str) -> Vec<Problem> {
    let from = name(member);
    let Some((_, allowed)) = DEPENDENCIES.iter().find(|(it, _)| *it == from) else {
        let why = "Each crate of the workspace is listed in `DEPENDENCIES` of this check, with the crates \
                   that it may depend on.";
        return vec![problem(from, "is not listed".to_owned(), why)];
    };
    let mut problems = Vec::new();
    for edge in graph.edges(member) {
        let to = name(&edge.to);
        if graph.members.contains(&edge.to) && !edge.dev_only && !allowed.contains(&to) {
            let why = "harness depends on cases, snapshots, reports, mock and stub; these depend on cases; \
                       only xtask and tests depend on harness.";
            problems.push(problem(from, format!("depends on {to}"), why));
        }
        if to == "insta" && from != SNAPSHOTS {
            let why = "Only snapshots names insta, so that one crate decides how outcomes are loaded and \
                       recorded.";
            problems.push(problem(from, "depends on insta".to_owned(), why));
        }
    }
    if PURE.contains(&from) {
        problems.extend(impure_chains(graph, member));
    }
    problems
}

/// The impure packages that a pure crate needs, each with the chain that leads to it.
fn impure_chains(graph: &Graph, member: &str) -> Vec<Problem> {
    let why = "cases and reports know no file, socket, clock, thread or async runtime: time, randomness and \
               I/O come in as arguments.";
    let chains = graph.chains(member).into_values();
    chains
        .filter(|chain| chain.last().is_some_and(|last| IMPURE.contains(&last.as_str())))
        .map(|chain| problem(name(member), format!("pulls in {}", chain.join(" → ")), why))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The intended workspace with more dependencies `(from, to, only in tests)`.
    fn graph_with(more: &[(&str, &str, bool)]) -> Graph {
        let mut graph = Graph::default();
        let intended =
            DEPENDENCIES.iter().flat_map(|(from, to)| to.iter().map(move |to| (*from, *to, false)));
        for (from, to, dev_only) in intended.chain(more.iter().copied()) {
            let edge = Edge { to: format!("{to} 1.0.0"), dev_only };
            graph.edges.entry(format!("{from} 1.0.0")).or_default().push(edge);
        }
        graph.members = DEPENDENCIES.iter().map(|(member, _)| format!("{member} 1.0.0")).collect();
        graph
    }

    fn check_graph(graph: &Graph) -> Vec<Problem> {
        graph.members.iter().flat_map(|member| check_member(graph, member)).collect()
    }

    fn only(problems: &[Problem]) -> String {
        let [problem] = problems else { panic!("one problem, not {problems:?}") };
        format!("{}: {}", problem.place, problem.what)
    }

    #[test]
    fn table_has_no_circle() {
        for (position, (from, allowed)) in DEPENDENCIES.iter().enumerate() {
            for to in *allowed {
                assert!(DEPENDENCIES[..position].iter().any(|(it, _)| it == to), "{from} → {to}");
            }
        }
    }

    #[test]
    fn intended_graph_passes() {
        let graph = graph_with(&[
            ("boundstone", "tokio", false),
            ("boundstone-snapshots", "insta", false),
            ("boundstone-cases", "proptest", false),
            ("boundstone-reports", "boundstone", true),
        ]);
        assert!(check_graph(&graph).is_empty());
    }

    #[test]
    fn upward_dependency_fails() {
        let graph = graph_with(&[("boundstone-cases", "boundstone-reports", false)]);
        assert_eq!(only(&check_graph(&graph)), "crate boundstone-cases: depends on boundstone-reports");
    }

    #[test]
    fn dependency_on_harness_fails() {
        let graph = graph_with(&[("boundstone-snapshots", "boundstone", false)]);
        assert_eq!(only(&check_graph(&graph)), "crate boundstone-snapshots: depends on boundstone");
    }

    #[test]
    fn unlisted_crate_fails() {
        let mut graph = graph_with(&[]);
        graph.members.insert("boundstone-utils 1.0.0".to_owned());
        assert_eq!(only(&check_graph(&graph)), "crate boundstone-utils: is not listed");
    }

    #[test]
    fn indirect_runtime_fails() {
        let graph = graph_with(&[
            ("boundstone-cases", "helper", false),
            ("helper", "tokio", false),
            // A dependency of its tests is no part of `cases`.
            ("helper", "reqwest", true),
        ]);
        assert_eq!(
            only(&check_graph(&graph)[..1]),
            "crate boundstone-cases: pulls in boundstone-cases → helper → tokio"
        );
        // `reports` has it through `cases`.
        assert_eq!(check_graph(&graph).len(), 2);
    }

    #[test]
    fn tests_of_pure_crate_may_do_io() {
        assert!(check_graph(&graph_with(&[("boundstone-reports", "tempfile", true)])).is_empty());
    }

    #[test]
    fn insta_outside_snapshots_fails_even_in_tests() {
        let graph = graph_with(&[("boundstone", "insta", true)]);
        assert_eq!(only(&check_graph(&graph)), "crate boundstone: depends on insta");
    }

    #[test]
    fn graph_of_this_workspace_is_read() {
        let metadata = cargo_metadata::MetadataCommand::new().exec().unwrap();
        let graph = Graph::new(&metadata).unwrap();
        let xtask = graph.members.iter().find(|key| name(key) == "xtask").unwrap();
        let edge = |to| graph.edges(xtask).iter().find(|edge| name(&edge.to) == to).unwrap();
        assert!(!edge("clap").dev_only);
        assert!(edge("tempfile").dev_only);
    }
}
