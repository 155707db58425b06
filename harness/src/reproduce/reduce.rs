//! Makes a sequence smaller while it still shows the same: fewer steps, one after the other, fewer and
//! shorter arguments, plainer characters. [`shrink_sample`] stays within the values of a partition;
//! [`minimize_sequence`] changes the requests themselves. Pure, except for the predicate of the caller.

use std::collections::BTreeSet;
use std::time::Duration;

use cases::generate::Step;
use cases::protocol::{Arg, Output};
use proptest::strategy::ValueTree;

/// The characters that replace others, the plainest first.
const PLAIN: [char; 2] = ['a', '0'];

/// Shrinks a value within its strategy. `shows` says whether a candidate still shows the same, and returns
/// `None` to end the search.
pub fn shrink_sample<T: std::fmt::Debug>(
    tree: &mut dyn ValueTree<Value = T>,
    mut shows: impl FnMut(&T) -> Option<bool>,
) {
    while tree.simplify() {
        loop {
            match shows(&tree.current()) {
                None => return,
                Some(false) if tree.complicate() => {}
                Some(_) => break,
            }
        }
    }
}

/// Returns the smallest sequence found for which `shows` holds. It has to hold for `steps`. Texts that are
/// `given` name what exists on the target. They stay, since another name would be another mutation.
pub fn minimize_sequence(
    steps: Vec<Step>,
    given: impl Fn(&str) -> bool,
    mut shows: impl FnMut(&[Step]) -> bool,
) -> Vec<Step> {
    let mut steps = fewer_steps(steps, &mut shows).steps;
    let whole = steps.clone();
    for step in 0..steps.len() {
        let names: Vec<String> = steps[step].call.args.iter().map(|(name, _)| name.clone()).collect();
        for name in names {
            let text = match steps[step].call.arg(&name) {
                Some(Arg::Text(text)) if given(text) => continue,
                Some(Arg::Text(text)) => Some(text.chars().collect()),
                _ => None,
            };
            let without = with_arg(&steps, step, &name, None);
            if shows(&without) {
                steps = without;
                continue;
            }
            if let Some(text) = text {
                let mut holds = |text: &[char]| {
                    shows(&with_arg(&steps, step, &name, Some(Arg::Text(text.iter().collect()))))
                };
                let smallest = plainer(shorter(text, &mut holds), &mut holds);
                steps = with_arg(&steps, step, &name, Some(Arg::Text(smallest.into_iter().collect())));
            }
        }
    }
    // A step that issued the value of a removed argument may be unnecessary now.
    if steps == whole { steps } else { fewer_steps(steps, &mut shows).steps }
}

/// The maximum number of consecutive steps that are removed at every place.
const MAX_CONSECUTIVE: usize = 3;

/// A sequence without some of its steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shorter {
    /// The remaining steps.
    pub steps: Vec<Step>,
    /// The original indices of these steps.
    places: Vec<usize>,
}

impl Shorter {
    fn without(&self, gone: impl Fn(usize) -> bool) -> Option<Self> {
        let (steps, kept) = without(&self.steps, gone)?;
        Some(Self { steps, places: kept.into_iter().map(|index| self.places[index]).collect() })
    }

    /// Shortens another sequence of the same original length in the same way: it keeps the steps at the same
    /// indices, with the same timing. `None` if its steps do not fit.
    pub fn shorten_likewise(&self, other: &[Step]) -> Option<Vec<Step>> {
        let (mut steps, kept) = without(other, |index| !self.places.contains(&index))?;
        for (step, as_sent) in steps.iter_mut().zip(&self.steps) {
            (step.with_previous, step.after) = (as_sent.with_previous, as_sent.after);
        }
        (kept == self.places).then_some(steps)
    }
}

/// Removes the steps and waits for which `shows` holds without them, and sends steps one after the other
/// where that is enough. The last step stays, and no other remaining step can be removed.
pub fn fewer_steps(steps: Vec<Step>, shows: &mut impl FnMut(&[Step]) -> bool) -> Shorter {
    let mut whole = Shorter { places: (0..steps.len()).collect(), steps };
    let mut one_by_one = whole.clone();
    one_by_one.steps.iter_mut().for_each(|step| step.with_previous = false);
    if one_by_one != whole && shows(&one_by_one.steps) {
        whole = one_by_one;
    }
    // In the longest sequences, calls that depend on each other have others between them.
    let used: BTreeSet<usize> = sources(&whole.steps).collect();
    for kept in [needed(&whole.steps), used] {
        let last = whole.steps.len().saturating_sub(1);
        let fewer = whole.without(|index| !kept.contains(&index) && index != last);
        if let Some(fewer) = fewer.filter(|fewer| *fewer != whole && shows(&fewer.steps)) {
            whole = fewer;
            break;
        }
    }
    let mut width = whole.steps.len() / 2;
    while width > MAX_CONSECUTIVE {
        remove_steps(&mut whole, width, width, shows);
        width /= 2;
    }
    loop {
        let before = whole.clone();
        for width in (1..=MAX_CONSECUTIVE).rev() {
            remove_steps(&mut whole, width, 1, shows);
        }
        for index in 0..whole.steps.len() {
            let mut other = whole.clone();
            (other.steps[index].with_previous, other.steps[index].after) = (false, Duration::ZERO);
            if other != whole && shows(&other.steps) {
                whole = other;
            }
        }
        if whole == before {
            return whole;
        }
    }
}

/// Removes `width` consecutive steps wherever `shows` still holds, and advances by `place` otherwise.
fn remove_steps(whole: &mut Shorter, width: usize, place: usize, shows: &mut impl FnMut(&[Step]) -> bool) {
    let mut start = 0;
    while start + width < whole.steps.len() {
        match whole.without(|index| (start..start + width).contains(&index)) {
            Some(fewer) if shows(&fewer.steps) => *whole = fewer,
            _ => start += place,
        }
    }
}

/// The steps whose values other steps use.
fn sources(steps: &[Step]) -> impl Iterator<Item = usize> {
    steps.iter().flat_map(|step| step.call.uses().map(|output| output.step))
}

/// The last step, the steps whose values it uses, and so on.
fn needed(steps: &[Step]) -> BTreeSet<usize> {
    let mut needed: BTreeSet<usize> = steps.len().checked_sub(1).into_iter().collect();
    for index in (0..steps.len()).rev() {
        if needed.contains(&index) {
            needed.extend(sources(&steps[index..=index]));
        }
    }
    needed
}

/// Removes the steps that are `gone`, and returns the others with their indices. A step that used a value of
/// a removed one uses the value that the removed one used; if there is none, it is removed too. `None` if
/// the last step would be removed.
fn without(steps: &[Step], gone: impl Fn(usize) -> bool) -> Option<(Vec<Step>, Vec<usize>)> {
    // Where each step's value comes from now; `None` if it has no replacement.
    let mut instead: Vec<Option<Output>> = Vec::with_capacity(steps.len());
    let mut kept: Vec<Step> = Vec::with_capacity(steps.len());
    let mut places = Vec::with_capacity(steps.len());
    let mut joins = true;
    for (index, step) in steps.iter().enumerate() {
        let mut step = step.clone();
        let mut is_whole = true;
        for output in step.call.uses_mut() {
            match &instead[output.step] {
                Some(source) if source.step == kept.len() => is_whole = false,
                Some(source) => {
                    // A step that stays keeps its member; a removed one passes on the member that it used.
                    output.step = source.step;
                    if !source.member.is_empty() {
                        output.member.clone_from(&source.member);
                    }
                }
                None => is_whole = false,
            }
        }
        let goes = gone(index) || !is_whole;
        if goes {
            let taken = step.call.uses().next().filter(|output| output.alter.is_none() && is_whole).cloned();
            instead.push(taken);
            joins = false;
            continue;
        }
        // A step is sent by itself if the one that it was sent with is removed.
        step.with_previous &= joins || kept.last().is_some_and(|last: &Step| last.call == step.call);
        joins = true;
        instead.push(Some(Output { step: kept.len(), member: String::new(), alter: None }));
        kept.push(step);
        places.push(index);
    }
    let last_goes = instead.last().is_none_or(|source| source.as_ref().is_none_or(|s| !s.member.is_empty()));
    (!last_goes && !kept.is_empty()).then_some((kept, places))
}

/// The sequence with another argument, or without it.
fn with_arg(steps: &[Step], step: usize, member: &str, arg: Option<Arg>) -> Vec<Step> {
    let mut steps = steps.to_vec();
    steps[step].call.set(member, arg);
    steps
}

/// Removes characters from the end, then from the start; many at once at first.
fn shorter(text: Vec<char>, holds: &mut impl FnMut(&[char]) -> bool) -> Vec<char> {
    let mut text = text;
    for from_end in [true, false] {
        let mut width = text.len();
        while width > 0 {
            if width > text.len() {
                width = text.len();
                continue;
            }
            let fewer = if from_end { &text[..text.len() - width] } else { &text[width..] };
            if holds(fewer) {
                text = fewer.to_vec();
            } else {
                width /= 2;
            }
        }
    }
    text
}

/// Replaces characters by plainer ones; many at once at first.
fn plainer(text: Vec<char>, holds: &mut impl FnMut(&[char]) -> bool) -> Vec<char> {
    let mut text = text;
    let mut width = text.len();
    while width > 0 {
        for start in (0..text.len()).step_by(width) {
            let end = text.len().min(start + width);
            for plain in PLAIN {
                // Characters that are as plain already would not become plainer.
                let rank = |c: char| PLAIN.iter().position(|p| *p == c).unwrap_or(PLAIN.len());
                if text[start..end].iter().all(|c| rank(*c) <= rank(plain)) {
                    break;
                }
                let mut other = text.clone();
                other[start..end].fill(plain);
                if holds(&other) {
                    text = other;
                    break;
                }
            }
        }
        width /= 2;
    }
    text
}

#[cfg(test)]
mod tests {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    use super::*;
    use cases::id::RequirementId;
    use cases::protocol::Call;
    use proptest::prelude::*;
    use proptest::sample::Index;

    fn step(name: &str, takes: Option<usize>) -> Step {
        let output = |step| Arg::Output(Output { step, member: "token".to_owned(), alter: None });
        let args = takes.map(|step| ("t".to_owned(), output(step))).into_iter().collect();
        let operation = name.to_owned();
        let mut call = Call { operation, args, body: None, form: cases::protocol::MessageForm::default() };
        call.set("name", Some(Arg::Text(name.to_owned())));
        Step::new(call, RequirementId::new(["x"]))
    }

    /// The operations of a sequence, each with the steps whose values it uses.
    fn shown(steps: &[Step]) -> Vec<(String, Vec<usize>)> {
        let of = |step: &Step| step.call.uses().map(|output| output.step).collect();
        steps.iter().map(|step| (step.call.operation.clone(), of(step))).collect()
    }

    fn ends_with(steps: &[Step], last: &str) -> bool {
        steps.last().is_some_and(|step| step.call.operation == last && step.call.uses().count() == 1)
    }

    #[test]
    fn chain_keeps_only_needed_calls() {
        let chain: Vec<Step> = std::iter::once(step("start", None))
            .chain((0..20).map(|before| step("poll", Some(before))))
            .chain([step("again", Some(3))])
            .collect();
        let polls = |steps: &[Step]| {
            steps.iter().filter(|step| step.call.operation == "poll" && step.call.uses().count() == 1).count()
        };
        let reduced =
            minimize_sequence(chain, |_| false, |steps| ends_with(steps, "again") && polls(steps) >= 2);
        let names: Vec<_> = shown(&reduced);
        assert_eq!(
            names,
            [
                ("start".to_owned(), vec![]),
                ("poll".to_owned(), vec![0]),
                ("poll".to_owned(), vec![1]),
                ("again".to_owned(), vec![2])
            ]
        );
    }

    #[test]
    fn other_sessions_are_removed_whole() {
        let steps = vec![
            step("start", None),
            step("start", None),
            step("poll", Some(1)),
            step("poll", Some(0)),
            step("poll", Some(2)),
            step("last", Some(3)),
        ];
        let reduced = minimize_sequence(steps, |_| false, |steps| ends_with(steps, "last"));
        assert_eq!(shown(&reduced), [("start".to_owned(), vec![]), ("last".to_owned(), vec![0])]);
    }

    #[test]
    fn given_names_stay() {
        let reduced = minimize_sequence(
            vec![step("start", None)],
            |text| text == "start",
            |steps| steps[0].call.arg("name").is_some(),
        );
        assert_eq!(reduced[0].call.arg("name"), Some(&Arg::Text("start".to_owned())));
    }

    #[test]
    fn simultaneous_calls_stay_together_and_become_fewer() {
        let racing = |takes| Step { with_previous: true, ..step("race", Some(takes)) };
        let steps = vec![step("start", None), step("race", Some(0)), racing(0), racing(0), racing(0)];
        let reduced = minimize_sequence(
            steps,
            |_| false,
            |steps| steps.iter().filter(|step| step.with_previous).count() >= 1,
        );
        // The predicate does not ask for the value that they use.
        assert_eq!(reduced.iter().map(|step| step.with_previous).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn unneeded_simultaneity_and_waits_are_removed() {
        let racing = Step { with_previous: true, after: Duration::from_secs(9), ..step("race", Some(0)) };
        let steps = vec![step("start", None), step("race", Some(0)), racing.clone(), racing];
        let races = |steps: &[Step]| steps.iter().filter(|step| step.call.operation == "race").count();
        let reduced = minimize_sequence(steps, |_| false, |steps| races(steps) >= 2);
        assert_eq!(reduced.len(), 2);
        assert!(reduced.iter().all(|step| !step.with_previous && step.after.is_zero()), "{reduced:?}");
    }

    #[test]
    fn another_sequence_is_shortened_likewise() {
        let steps = |text: &str| {
            let named = |name: &str, takes| step(&format!("{name}{text}"), takes);
            vec![named("start", None), named("start", None), named("poll", Some(1)), named("last", Some(0))]
        };
        let shorter = fewer_steps(steps(""), &mut |steps| ends_with(steps, "last"));
        let likewise = shorter.shorten_likewise(&steps("-b")).unwrap();
        assert_eq!(shown(&likewise), [("start-b".to_owned(), vec![]), ("last-b".to_owned(), vec![0])]);
    }

    #[test]
    fn long_sequence_costs_few_requests() {
        // After each call all earlier values are used again.
        let mut steps = vec![step("start", None)];
        let mut values = vec![0];
        for _ in 0..12 {
            steps.push(step("poll", values.last().copied()));
            let polled = steps.len() - 1;
            steps.extend(values.iter().map(|value| step("again", Some(*value))));
            values.push(polled);
        }
        let polls = |steps: &[Step]| steps.iter().filter(|step| step.call.operation == "poll").count();
        let mut requests = 0;
        steps.push(step("last", Some(0)));
        let reduced = minimize_sequence(
            steps,
            |_| false,
            |steps| {
                requests += steps.len();
                ends_with(steps, "last") && polls(steps) >= 10
            },
        );
        assert_eq!(reduced.len(), 12);
        assert!(requests < 1_500, "{requests}");
    }

    #[test]
    fn text_becomes_short_and_plain() {
        let of = |text: &str| {
            let mut step = step("start", None);
            step.call.set("name", Some(Arg::Text(text.to_owned())));
            vec![step]
        };
        let text = |steps: &[Step]| match steps[0].call.arg("name") {
            Some(Arg::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let long = minimize_sequence(
            of(&"é漢x".repeat(4000)),
            |_| false,
            |steps| text(steps).chars().count() >= 5000,
        );
        assert_eq!(text(&long), "a".repeat(5000));
        let quote =
            minimize_sequence(of("Zoë's \u{1F680} 77"), |_| false, |steps| text(steps).contains('\''));
        assert_eq!(text(&quote), "'");
        let digit =
            |steps: &[Step]| text(steps).chars().any(|c| c.is_ascii_digit()) && text(steps).len() >= 3;
        assert_eq!(text(&minimize_sequence(of("Zoë 77 9"), |_| false, digit)), "aa0");
    }

    /// An arbitrary predicate: the responses of a target need not make sense.
    fn shows_by_chance(steps: &[Step], seed: u64, rarity: u64) -> bool {
        let mut hasher = DefaultHasher::new();
        (format!("{steps:?}"), seed).hash(&mut hasher);
        hasher.finish().is_multiple_of(rarity)
    }

    proptest! {
        #[test]
        fn minimizing_ends_with_a_sequence_that_shows_the_same(
            sources in prop::collection::vec((prop::option::of(any::<Index>()), any::<bool>()), 1..12),
            name in ".{0,40}",
            (seed, rarity) in (any::<u64>(), 2_u64..200),
        ) {
            let mut steps: Vec<Step> = Vec::new();
            for (source, with_previous) in sources {
                let takes = source.filter(|_| !steps.is_empty()).map(|source| source.index(steps.len()));
                let with_previous = with_previous && !steps.is_empty();
                steps.push(Step { with_previous, ..step(&format!("{name}{}", steps.len()), takes) });
            }
            let whole = steps.clone();
            let mut questions = 0;
            let shows = |steps: &[Step]| steps == whole || shows_by_chance(steps, seed, rarity);
            let reduced = minimize_sequence(steps, |text| text.ends_with('3'), |candidate| {
                questions += 1;
                assert!(questions < 10_000, "too many candidates");
                for (index, step) in candidate.iter().enumerate() {
                    assert!(step.call.uses().all(|output| output.step < index), "{candidate:?}");
                }
                shows(candidate)
            });
            prop_assert!(shows(&reduced));
            prop_assert!(reduced.len() <= whole.len());
            for index in 0..reduced.len() {
                let fewer = without(&reduced, |other| other == index);
                prop_assert!(!fewer.is_some_and(|(fewer, _)| shows(&fewer)), "step {} of {:?}", index, reduced);
            }
            let last = |steps: &[Step]| steps.last().map(|step| step.call.operation.clone());
            prop_assert_eq!(last(&reduced), last(&whole));
        }
    }
}
