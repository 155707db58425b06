"""Reads the reports of runs with programs that boundstone has no part in, and compares their sums.

usage: read.py REPORT.schema.json JUNIT.xsd SARIF.schema.json FOLDER...

What has to come out is counted here from report.json, by the rules that the README gives.
"""

import collections
import json
import pathlib
import sys

import jsonschema
import junitparser
import xmlschema
from junit2htmlreport.parser import Junit
from sarif import loader


def load(path):
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))


def is_known(finding):
    return "ledger" in finding and not finding["ledger"].get("uncovered")


def outcome(level, verdict, findings, is_whole_known):
    """The outcome of a test with this verdict, of which these findings are told."""
    if verdict in ("violated", "unstable"):
        known = all(map(is_known, findings)) if findings else is_whole_known
        return "skipped" if known else "failed" if verdict == "violated" else "error"
    if verdict == "inconclusive" and level == "MUST":
        return "error"
    return "passed" if verdict == "held" else "skipped"


def tests(report):
    """The outcome of each test of each suite."""
    suites = {}
    for requirement in report["requirements"]:
        suite = suites.setdefault(requirement["operation"], [])
        findings, level = requirement["findings"], requirement["level"]
        is_whole_known = bool(findings) and all(map(is_known, findings))
        cases = [case["id"] for case in requirement["cases"]]
        for case in requirement["cases"]:
            own = [finding for finding in findings if finding["case"] == case["id"]]
            suite.append(outcome(level, case["verdict"], own, is_whole_known))
        rest = [finding for finding in findings if finding["case"] not in cases]
        if rest or not cases:
            suite.append(outcome(level, requirement["verdict"], rest, is_whole_known))
    if report.get("ledger"):
        states = {"occurs": "passed", "not-run": "skipped"}
        suites["ledger"] = [states.get(entry["state"], "failed") for entry in report["ledger"]]
    return {name: collections.Counter(outcomes) for name, outcomes in suites.items()}


def same(what, theirs, ours):
    if theirs != ours:
        sys.exit(f"failed: {what}: read {theirs}, but report.json amounts to {ours}")


def sums(counts):
    return (counts.total(), counts["failed"], counts["error"], counts["skipped"])


def by_junitparser(path, suites):
    xml = junitparser.JUnitXml.fromfile(str(path))
    same("suites", [suite.name for suite in xml], list(suites))
    kinds = {junitparser.Failure: "failed", junitparser.Error: "error", junitparser.Skipped: "skipped"}
    for suite in xml:
        same(f"the sums of {suite.name}", (suite.tests, suite.failures, suite.errors, suite.skipped), sums(suites[suite.name]))
        # Beside a result stands what came once only, which is of another kind.
        results = [[kinds[type(result)] for result in case.result if type(result) in kinds] for case in suite]
        read = collections.Counter(result[0] if result else "passed" for result in results)
        same(f"the tests of {suite.name}", read, suites[suite.name])
    whole = sum(suites.values(), collections.Counter())
    same("the sums of junit.xml", (xml.tests, xml.failures, xml.errors), sums(whole)[:3])


def by_junit2html(path, suites):
    junit = Junit(str(path))
    # It knows no errors but those that are failures.
    read = {suite.name: (len(suite.all()), len(suite.failed()), len(suite.skipped())) for suite in junit.suites}
    ours = {name: (count.total(), count["failed"] + count["error"], count["skipped"]) for name, count in suites.items()}
    same("junit2html", read, ours)
    page = junit.html()
    if "<script>alert" in page:
        sys.exit("failed: junit2html shows what a target said as a script")


def by_sarif_tools(path, report):
    listed = [(requirement, finding) for requirement in report["requirements"] for finding in requirement["findings"]]
    levels = {"MUST": "error", "SHOULD": "warning"}
    ours = collections.Counter(
        "note" if is_known(finding) else levels[requirement["level"]] for requirement, finding in listed
    )
    read = loader.load_sarif_file(str(path))
    same("tools", read.get_distinct_tool_names(), ["boundstone"])
    issues = read.get_report()
    severities = ("error", "warning", "note")
    same("results", [issues.get_issue_count_for_severity(it) for it in severities], [ours[it] for it in severities])
    codes = collections.Counter(requirement["id"] for requirement, _ in listed)
    same("rules", collections.Counter(record["Code"] for record in read.get_records()), codes)


def main():
    report_schema, sarif_schema = load(sys.argv[1]), load(sys.argv[3])
    xsd = xmlschema.XMLSchema(sys.argv[2])
    outcomes = collections.Counter()
    for folder in map(pathlib.Path, sys.argv[4:]):
        report = load(folder / "report.json")
        suites = tests(report)
        jsonschema.validate(report, report_schema)
        jsonschema.validate(load(folder / "report.sarif"), sarif_schema)
        xsd.validate(str(folder / "junit.xml"))
        by_junitparser(folder / "junit.xml", suites)
        by_junit2html(folder / "junit.xml", suites)
        by_sarif_tools(folder / "report.sarif", report)
        counts = sum(suites.values(), collections.Counter())
        print(f"ok: {folder.name}: {dict(counts)}, {sum(len(it['findings']) for it in report['requirements'])} findings")
        outcomes += counts
    if missing := {"passed", "failed", "error", "skipped"} - set(outcomes):
        sys.exit(f"failed: no report has a test that is {missing}")


main()
