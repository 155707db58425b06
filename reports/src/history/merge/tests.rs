//! Reports make the same whole in any order and grouping.

use cases::id::RequirementId;

use super::error::MergeError;
use super::report::merge;
use super::requirement::merge_case;
use crate::model::{
    BlockingFailure, CaseResult, Ending, Report, RequirementResult, UNSELECTED, Verdict, sample,
};
use crate::summary::{Outcome, headline, outcome};

/// A report in which only every `of`th case ran, starting with the `index`th.
fn shard(whole: &Report, index: usize, of: usize) -> Report {
    let mut report = whole.clone();
    let mut number = 0;
    for requirement in &mut report.requirements {
        // A requirement on every response is tested in one shard only.
        let mut is_tested = requirement.cases.is_empty() && index == 0;
        for case in &mut requirement.cases {
            if number % of == index {
                is_tested = true;
            } else {
                (case.verdict, case.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
            }
            number += 1;
        }
        if !is_tested {
            (requirement.verdict, requirement.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
            requirement.findings.clear();
        }
    }
    report
}

#[test]
fn report_with_untested_passed_requirement_is_refused() {
    let (whole, mut untested) = (sample::all_passed(), sample::all_passed());
    untested.requirements[1].responses = 0;
    let requirement = whole.requirements[1].id.to_string();
    let refused = Err(MergeError::PassedUntested { requirement });
    assert_eq!(merge([untested.clone()]), refused);
    assert_eq!(merge([whole.clone(), untested.clone()]), refused);
    assert_eq!(merge([untested, whole.clone()]), refused);
    let merged = merge([whole.clone(), whole.clone()]).unwrap();
    assert_eq!(merged.requirements[1].responses, 2 * whole.requirements[1].responses);
}

#[test]
fn requirement_blocked_by_known_failure_stays_skipped() {
    let whole = sample::blocked();
    let last = |report: &Report| {
        let last = report.requirements.last().unwrap().clone();
        (last.verdict, last.reason, last.depends_on)
    };
    for of in [1, 2, 3] {
        let shards: Vec<Report> = (0..of).map(|index| shard(&whole, index, of)).collect();
        assert_eq!(last(&merge(shards).unwrap()), last(&whole), "{of}");
    }
    // A requirement on every response is open in each shard, since other shards might test it.
    let mut shards = [shard(&whole, 0, 2), shard(&whole, 1, 2)];
    for shard in &mut shards {
        let last = shard.requirements.last_mut().unwrap();
        last.cases.clear();
        (last.verdict, last.reason) = (Verdict::Skipped, Some(UNSELECTED.to_owned()));
    }
    assert_eq!(last(&merge(shards.clone()).unwrap()), last(&whole));
    let known = |shard: &mut Report| shard.requirements[0].findings.iter_mut().for_each(|it| it.known = None);
    shards.iter_mut().for_each(known);
    assert_eq!(merge(shards).unwrap().requirements.last().unwrap().verdict, Verdict::Inconclusive);
}

fn failures(names: &[&str]) -> Vec<BlockingFailure> {
    let failure = |name: &&str| BlockingFailure {
        requirement: RequirementId::new([*name]),
        field: "status".to_owned(),
        actual: "500".to_owned(),
    };
    names.iter().map(failure).collect()
}

#[test]
fn blocking_failures_merge_in_any_order_and_grouping() {
    use Verdict::{Failed, Inconclusive, Passed, Skipped};
    let case = |verdict, names: &[&str]| {
        let template = sample::all_passed().requirements[0].cases[0].clone();
        CaseResult { verdict, reason: None, depends_on: failures(names), ..template }
    };
    let all = [
        case(Passed, &[]),
        case(Failed, &[]),
        case(Inconclusive, &[]),
        case(Inconclusive, &["a"]),
        case(Inconclusive, &["b"]),
        case(Skipped, &["a"]),
        case(Skipped, &["c"]),
        case(Skipped, &[]),
    ];
    let both = |a: &CaseResult, b: &CaseResult| merge_case(a.clone(), b.clone());
    for (a, b, c) in all
        .iter()
        .flat_map(|a| all.iter().flat_map(|b| all.iter().map(|c| (a.clone(), b.clone(), c.clone()))))
    {
        assert_eq!(both(&both(&a, &b), &c), both(&a, &both(&b, &c)));
        assert_eq!(both(&a, &b), both(&b, &a));
    }
    assert_eq!(both(&all[3], &all[4]).depends_on, failures(&["a", "b"]));
    assert_eq!(both(&all[2], &all[3]).depends_on, failures(&[]));
    assert_eq!(both(&all[0], &all[5]).verdict, Passed);
}

#[test]
fn shards_merge_in_any_order_and_grouping() {
    let whole = sample::failed();
    for of in [1, 2, 3, 7] {
        let shards: Vec<Report> = (0..of).map(|index| shard(&whole, index, of)).collect();
        let merged = merge(shards.clone()).unwrap();
        let verdicts = |report: &Report| -> Vec<Verdict> {
            let of = |it: &RequirementResult| {
                std::iter::once(it.verdict).chain(it.cases.iter().map(|case| case.verdict)).collect()
            };
            report.requirements.iter().flat_map(|it| -> Vec<Verdict> { of(it) }).collect()
        };
        assert_eq!(verdicts(&merged), verdicts(&whole), "{of}");
        assert_eq!(outcome(&merged), Outcome::Failed);
        assert_eq!(merge(shards.clone().into_iter().rev()).unwrap(), merged, "{of}");
        let (one, other) = shards.split_at(of / 2);
        let halves = [one, other].into_iter().filter(|half| !half.is_empty());
        let halves: Vec<Report> = halves.map(|half| merge(half.to_vec()).unwrap()).collect();
        assert_eq!(merge(halves).unwrap(), merged, "{of}");
    }
}

#[test]
fn findings_of_several_targets_name_their_target() {
    let at = |url: &str| {
        let mut report = sample::failed();
        report.target.url = url.to_owned();
        report
    };
    let merged = merge([at("http://b"), at("http://a"), at("http://b")]).unwrap();
    assert_eq!(merged.target.url, "http://a, http://b");
    assert!(headline(&merged).starts_with("http://a, http://b break the contract "), "{}", headline(&merged));
    let of = |url: &str| {
        let findings = merged.requirements.iter().flat_map(|it| &it.findings);
        findings.filter(|it| it.target.as_deref() == Some(url)).map(|it| it.count).sum::<u64>()
    };
    assert!(of("http://a") > 0);
    assert_eq!(of("http://b"), 2 * of("http://a"));
}

#[test]
fn untrusted_reports_merge_in_any_order_and_grouping() {
    let huge = |url: &str| {
        let mut report = sample::failed();
        report.target.url = url.to_owned();
        report.totals.requests = u64::MAX;
        for requirement in &mut report.requirements {
            requirement.requests = u64::MAX;
            for finding in &mut requirement.findings {
                (finding.count, finding.replay) = (u64::MAX, format!("boundstone replay {url}"));
                finding.target = Some("http://shared".to_owned());
            }
        }
        report
    };
    let all = [huge("http://a"), huge("http://b"), huge("http://c")];
    let [a, b, c] = all.clone();
    let merged = merge(all.clone()).unwrap();
    assert_eq!(merged.totals.requests, u64::MAX);
    assert_eq!(merge(all.into_iter().rev()).unwrap(), merged);
    assert_eq!(merge([a, merge([b, c]).unwrap()]).unwrap(), merged);
}

/// Two shards without a response that tests a requirement, and a run with one.
#[test]
fn untested_requirement_passes_if_another_run_passed() {
    let with = |verdict, reason: Option<&str>| {
        let mut report = sample::failed();
        let requirement = report.requirements.iter_mut().find(|it| it.cases.is_empty()).unwrap();
        (requirement.verdict, requirement.reason) = (verdict, reason.map(str::to_owned));
        requirement.findings.clear();
        report
    };
    let shard = || with(Verdict::Skipped, Some(UNSELECTED));
    let passed = with(Verdict::Passed, None);
    let grouped = merge([merge([shard(), shard()]).unwrap(), passed.clone()]).unwrap();
    assert_eq!(grouped, merge([shard(), shard(), passed]).unwrap());
}

#[test]
fn differences_of_the_plans_are_named() {
    assert_eq!(merge([]), Err(MergeError::NoReports));
    let one = sample::failed();
    let differ = |change: fn(&mut Report)| {
        let mut other = one.clone();
        change(&mut other);
        merge([one.clone(), other]).unwrap_err().to_string()
    };
    assert!(differ(|it| it.seed = 7).starts_with("the seeds differ: "));
    assert!(differ(|it| it.contract.digest = "00".repeat(32)).starts_with("the contracts differ: "));
    assert!(differ(|it| drop(it.requirements.pop())).starts_with("the requirements differ: "));
}

#[test]
fn worst_ending_is_kept() {
    let merged = merge([sample::failed(), sample::failed()]).unwrap();
    assert_eq!(merged.ending, Ending::Complete);
    let ending = Ending::Interrupted { reason: "Stopped by Ctrl-C.".to_owned() };
    let merged = merge([sample::failed(), Report { ending, ..sample::failed() }]).unwrap();
    assert_eq!(outcome(&merged), Outcome::Interrupted);
}
