"""Reads the reports of runs with independent programs, and compares their sums.

usage: read.py REPORT.schema.json JUNIT.xsd FOLDER...

The expected sums are counted here from report.json, by the rules in the README.
"""

import collections
import json
import pathlib
import sys

import jsonschema
import junitparser
import xmlschema
from junit2htmlreport.parser import Junit


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def is_known(finding):
    return "known" in finding and not finding["known"].get("uncovered")


def is_known_in(finding, case):
    return "known" in finding and case not in finding["known"].get("uncovered", [])


class Requirement:
    """A requirement, and the outcomes of its tests."""

    def __init__(self, report, requirement):
        self.findings, self.verdict = requirement["findings"], requirement["verdict"]
        self.cases = requirement["cases"]
        self.is_known = bool(self.findings) and all(map(is_known, self.findings))
        is_bad = self.verdict in ("failed", "flaky")
        binds = requirement["level"] == "MUST" or report["strict"]
        self.fails = binds and is_bad and not self.is_known
        has_open_case = is_bad and self.is_known and any(case["verdict"] == "inconclusive" for case in self.cases)
        self.leaves_open = binds and (self.verdict == "inconclusive" or has_open_case)

    def outcome(self, verdict, is_known, failing):
        if verdict in ("failed", "flaky"):
            return failing if self.fails and not is_known else "passed"
        if verdict == "inconclusive":
            return "error" if self.fails or self.leaves_open else "skipped"
        return "passed" if verdict == "passed" else "skipped"

    def tests(self, failing):
        outcomes = []
        for case in self.cases:
            shown = [it for it in self.findings if case["id"] in (it["case"], *it.get("cases", []))]
            is_known = all(is_known_in(it, case["id"]) for it in shown) if shown else self.is_known
            outcomes.append(self.outcome(case["verdict"], is_known, failing))
        cases = [case["id"] for case in self.cases]
        is_whole = cases and all(finding["case"] in cases for finding in self.findings)
        if not is_whole or self.fails and failing not in outcomes:
            outcomes.append(self.outcome(self.verdict, self.is_known, failing))
        return outcomes


def code(report, requirements):
    """The exit code of the run."""
    if report["ending"]["kind"] == "interrupted":
        return 130
    if any(requirement.fails for requirement in requirements):
        return 1
    any_passed = any(requirement.verdict == "passed" for requirement in requirements)
    if not any_passed or any(it.leaves_open for it in requirements) or report["ending"]["kind"] != "complete":
        return 3
    return int(any(entry["state"] in ("changed", "gone", "expired", "unmatched") for entry in report.get("known_failures", [])))


def tests(report):
    """The outcome of each test of each suite."""
    requirements = [(it["operation"], Requirement(report, it)) for it in report["requirements"]]
    ended = code(report, [requirement for _, requirement in requirements])
    failing = "failed" if ended == 1 else "error"
    suites = {}
    if ended > 1 or report["ending"]["kind"] != "complete":
        suites["run"] = ["error"]
    for operation, requirement in requirements:
        suites.setdefault(operation, []).extend(requirement.tests(failing))
    if report.get("known_failures"):
        states = {"occurs": "passed", "not-run": "skipped", "not-seen": "skipped"}
        suites["known failures"] = [states.get(entry["state"], failing) for entry in report["known_failures"]]
    counts = {name: collections.Counter(outcomes) for name, outcomes in suites.items()}
    check_equal("a failed test and exit code 1", any(count["failed"] for count in counts.values()), ended == 1)
    return counts


def check_equal(what, theirs, ours):
    if theirs != ours:
        sys.exit(f"failed: {what}: read {theirs}, but report.json says {ours}")


def sums(counts):
    return (counts.total(), counts["failed"], counts["error"], counts["skipped"])


def by_junitparser(path, suites):
    xml = junitparser.JUnitXml.fromfile(str(path))
    check_equal("suites", [suite.name for suite in xml], list(suites))
    kinds = {junitparser.Failure: "failed", junitparser.Error: "error", junitparser.Skipped: "skipped"}
    for suite in xml:
        check_equal(f"the sums of {suite.name}", (suite.tests, suite.failures, suite.errors, suite.skipped), sums(suites[suite.name]))
        results = [[kinds[type(result)] for result in case.result if type(result) in kinds] for case in suite]
        read = collections.Counter(result[0] if result else "passed" for result in results)
        check_equal(f"the tests of {suite.name}", read, suites[suite.name])
    whole = sum(suites.values(), collections.Counter())
    check_equal("the sums of junit.xml", (xml.tests, xml.failures, xml.errors), sums(whole)[:3])


def by_junit2html(path, suites):
    junit = Junit(str(path))
    # It counts errors as failures.
    read = {suite.name: (len(suite.all()), len(suite.failed()), len(suite.skipped())) for suite in junit.suites}
    ours = {name: (count.total(), count["failed"] + count["error"], count["skipped"]) for name, count in suites.items()}
    check_equal("junit2html", read, ours)
    page = junit.html()
    if "<script>alert" in page:
        sys.exit("failed: junit2html runs text of a target as a script")


def check_tested(report):
    """A response tested every requirement that passed."""
    untested = [it["id"] for it in report["requirements"] if it["verdict"] == "passed" and not it["responses"]]
    if untested:
        sys.exit(f"failed: these passed, but no response tested them: {untested}")


def main():
    report_schema = load(sys.argv[1])
    xsd = xmlschema.XMLSchema(sys.argv[2])
    outcomes = collections.Counter()
    for folder in map(pathlib.Path, sys.argv[3:]):
        report = load(folder / "report.json")
        check_tested(report)
        suites = tests(report)
        jsonschema.validate(report, report_schema)
        xsd.validate(str(folder / "junit.xml"))
        by_junitparser(folder / "junit.xml", suites)
        by_junit2html(folder / "junit.xml", suites)
        counts = sum(suites.values(), collections.Counter())
        print(f"ok: {folder.name}: {dict(counts)}, {sum(len(it['findings']) for it in report['requirements'])} findings")
        outcomes += counts
    if missing := {"passed", "failed", "error", "skipped"} - set(outcomes):
        sys.exit(f"failed: no report has a test that is {missing}")


main()
