"""Findings as text for a person, JSON for a program, SARIF for a code host."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netra_cloud.terraform.configuration import Configuration
from netra_cloud.terraform.findings import Finding, Rule, Severity
from netra_cloud.terraform.not_judged import not_judged

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
NOT_JUDGED = "not-judged"
_NOT_JUDGED_RULE: dict[str, Any] = {
    "id": NOT_JUDGED,
    "shortDescription": {"text": "a part of the configuration that no rule could judge"},
    "fullDescription": {"text": "A module is not on this machine, or a value is not known."},
    "defaultConfiguration": {"level": "note"},
}
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


@dataclass(frozen=True)
class Paint:
    """Terminal colours; the default has none."""

    error: str = ""
    warning: str = ""
    faint: str = ""
    bold: str = ""
    reset: str = ""

    def severity(self, severity: Severity) -> str:
        """Return the colour of a severity."""
        return self.error if severity is Severity.ERROR else self.warning


COLOURS = Paint("\x1b[1;31m", "\x1b[1;33m", "\x1b[2m", "\x1b[1m", "\x1b[0m")


def summary(findings: Sequence[Finding]) -> str:
    """Return how many errors and warnings there are."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    return f"{_count(errors, 'error')}, {_count(len(findings) - errors, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_text(
    findings: Sequence[Finding],
    root: Path,
    read: Configuration | None = None,
    paint: Paint | None = None,
) -> str:
    """Return the findings as a compiler would print them, with the source line.

    Args:
        findings: in the order to print them.
        root: paths below it are shown relative to it.
        read: the configuration; the closing lines then have its size and what was not judged.
        paint: colours.
    """
    parts = [_text(finding, root, paint or Paint()) for finding in findings]
    closing = summary(findings)
    if read is not None:
        looked_at = f"{_count(len(read.resources), 'resource')} in {_count(read.files, 'file')}"
        closing = f"{looked_at}: {closing}"
        unjudged = not_judged(read)
        parts += [
            f"not judged: {entry.address} at {_relative(entry.file, root)}:{entry.line}: "
            f"{entry.detail}; {entry.remedy}"
            for entry in unjudged
        ]
        if unjudged:
            closing += f", {len(unjudged)} not judged"
    return "\n\n".join([*parts, closing])


def _text(finding: Finding, root: Path, paint: Paint) -> str:
    number = str(finding.line)
    margin = " " * len(number)
    colour, end = paint.severity(finding.severity), paint.reset
    head = f"{colour}{finding.severity}[{finding.rule}]{end}"
    place = f"{_relative(finding.file, root)}:{finding.line}  {finding.address}".rstrip()
    lines = [f"{head}: {paint.bold}{finding.message}{end}", f"{margin}--> {place}"]
    source = _source_line(finding)
    if source:
        indent = len(source) - len(source.lstrip())
        width = len(source.strip().partition(" ")[0])
        lines += [
            f"{margin} |",
            f"{number} | {source}",
            f"{margin} | {' ' * indent}{colour}{'^' * width}{end}",
        ]
    lines.append(f"{margin} = why: {finding.why}")
    if finding.api_error:
        lines.append(f"{margin} = answer: {finding.api_error}")
    lines += [
        f"{margin} = remedy: {finding.remedy}",
        f"{paint.faint}{margin} = see: {finding.reference}{end}",
    ]
    return "\n".join(lines)


def _source_line(finding: Finding) -> str:
    if not finding.file.is_file() or finding.line < 1:
        return ""
    lines = finding.file.read_bytes().decode("utf-8-sig", "replace").splitlines()
    return lines[finding.line - 1] if finding.line <= len(lines) else ""


def _relative(file: Path, root: Path) -> str:
    return os.path.relpath(file, root) if file.is_relative_to(root.parent) else str(file)


def as_json(findings: Sequence[Finding], root: Path, read: Configuration | None = None) -> str:
    """Return ``{"findings": […], "summary": {…}, "not_judged": […]}``."""
    listed = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "file": _relative(finding.file, root),
            "line": finding.line,
            "address": finding.address,
            "path": list(finding.path),
            "message": finding.message,
            "why": finding.why,
            "api_error": finding.api_error,
            "remedy": finding.remedy,
            "reference": finding.reference,
        }
        for finding in findings
    ]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    totals = {"errors": errors, "warnings": len(findings) - errors}
    document: dict[str, Any] = {"findings": listed, "summary": totals}
    if read is not None:
        totals |= {"resources": len(read.resources), "files": read.files}
        unjudged = not_judged(read)
        totals["not_judged"] = len(unjudged)
        document["not_judged"] = [
            {
                "kind": entry.kind,
                "address": entry.address,
                "file": _relative(entry.file, root),
                "line": entry.line,
                "detail": entry.detail,
                "remedy": entry.remedy,
            }
            for entry in unjudged
        ]
    return json.dumps(document, indent=2)


def as_sarif(
    findings: Sequence[Finding],
    rules: Sequence[Rule],
    root: Path,
    read: Configuration | None = None,
) -> str:
    """Return a SARIF 2.1.0 log, which code hosts show beside the lines of a change.

    What was not judged is a result of the rule ``not-judged`` with the level ``note``.
    """
    results = [
        _result(
            finding.rule,
            _LEVELS[finding.severity],
            f"{finding.message}. {finding.why} Remedy: {finding.remedy}",
            (_relative(finding.file, root), finding.line, finding.address),
        )
        for finding in findings
    ]
    unjudged = [] if read is None else not_judged(read)
    results += [
        _result(
            NOT_JUDGED,
            "note",
            f"not judged: {entry.detail}. Remedy: {entry.remedy}",
            (_relative(entry.file, root), entry.line, entry.address),
        )
        for entry in unjudged
    ]
    driver = {
        "name": "netra edge lint",
        "informationUri": "https://cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts",
        "rules": [
            *map(_rule_of, rules),
            *_rules_of_the_schema(findings, rules),
            *([_NOT_JUDGED_RULE] if unjudged else []),
        ],
    }
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _result(rule: str, level: str, text: str, place: tuple[str, int, str]) -> dict[str, Any]:
    uri, line, address = place
    return {
        "ruleId": rule,
        "level": level,
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri},
                    "region": {"startLine": max(line, 1)},
                },
                "logicalLocations": [{"fullyQualifiedName": address}],
            }
        ],
    }


def _rule_of(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.remedy},
        "helpUri": rule.reference,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _rules_of_the_schema(
    findings: Sequence[Finding], rules: Sequence[Rule]
) -> Iterator[dict[str, Any]]:
    """Yield descriptions of what is found without a rule: broken syntax, a broken schema."""
    known = {rule.id for rule in rules}
    for finding in findings:
        if finding.rule not in known:
            known.add(finding.rule)
            yield {
                "id": finding.rule,
                "shortDescription": {"text": finding.rule.replace("-", " ")},
                "fullDescription": {"text": finding.why},
                "defaultConfiguration": {"level": _LEVELS[finding.severity]},
            }
