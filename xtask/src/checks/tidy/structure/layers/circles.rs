//! Circles: files that need one another.

use std::collections::{BTreeMap, BTreeSet};

use super::dependency::{BlockingFailure, Kind};

/// Files that all need one another, directly or through others.
pub(super) struct Circle<'a> {
    pub(super) files: BTreeSet<&'a str>,
    /// The dependencies inside the circle, by the two files.
    pub(super) edges: BTreeMap<(&'a str, &'a str), Vec<&'a BlockingFailure>>,
}

/// The circles that the dependencies make. An item of a parent is left out: that is a problem by itself.
pub(super) fn circles(dependencies: &BTreeSet<BlockingFailure>) -> Vec<Circle<'_>> {
    let ties: Vec<&BlockingFailure> = dependencies.iter().filter(|it| it.kind == Kind::Ordinary).collect();
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for tie in &ties {
        next.entry(&tie.from).or_default().insert(&tie.to);
    }
    let reachable: BTreeMap<&str, BTreeSet<&str>> =
        next.keys().map(|start| (*start, reachable(&next, start))).collect();

    let mut circles: Vec<Circle<'_>> = Vec::new();
    for (start, ends) in &reachable {
        let is_known = circles.iter().any(|circle| circle.files.contains(start));
        if ends.contains(start) && !is_known {
            let returning =
                ends.iter().filter(|end| reachable.get(**end).is_some_and(|it| it.contains(start)));
            let files: BTreeSet<&str> = returning.copied().collect();
            circles.push(Circle { edges: edges(&ties, &files), files });
        }
    }
    circles
}

/// The files that `start` leads to.
fn reachable<'a>(next: &BTreeMap<&'a str, BTreeSet<&'a str>>, start: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = next.get(start).into_iter().flatten().copied().collect();
    while let Some(file) = open.pop() {
        if seen.insert(file) {
            open.extend(next.get(file).into_iter().flatten());
        }
    }
    seen
}

/// The dependencies between `files`, by the two files.
fn edges<'a>(
    ties: &[&'a BlockingFailure],
    files: &BTreeSet<&str>,
) -> BTreeMap<(&'a str, &'a str), Vec<&'a BlockingFailure>> {
    let mut edges: BTreeMap<(&str, &str), Vec<&BlockingFailure>> = BTreeMap::new();
    for tie in ties.iter().filter(|it| files.contains(it.from.as_str()) && files.contains(it.to.as_str())) {
        edges.entry((&tie.from, &tie.to)).or_default().push(tie);
    }
    edges
}
