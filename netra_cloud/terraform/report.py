"""Findings as text for a person, JSON for a program, SARIF for a code host."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netra_cloud.terraform.findings import Finding, Rule, Severity

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def summary(findings: Sequence[Finding]) -> str:
    """Return the closing line: how many errors and warnings."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = len(findings) - errors
    return f"{errors} error{_s(errors)}, {warnings} warning{_s(warnings)}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def as_text(findings: Sequence[Finding], root: Path) -> str:
    """Return the findings as a compiler would print them, with the source line."""
    return "\n\n".join([*(_text(finding, root) for finding in findings), summary(findings)])


def _text(finding: Finding, root: Path) -> str:
    number = str(finding.line)
    margin = " " * len(number)
    lines = [
        f"{finding.severity}[{finding.rule}]: {finding.message}",
        f"{margin}--> {_relative(finding.file, root)}:{finding.line}  {finding.address}".rstrip(),
    ]
    source = _source_line(finding)
    if source:
        indent = len(source) - len(source.lstrip())
        width = len(source.strip().partition(" ")[0])
        lines += [
            f"{margin} |",
            f"{number} | {source}",
            f"{margin} | {' ' * indent}{'^' * width}",
        ]
    lines.append(f"{margin} = why: {finding.why}")
    if finding.api_error:
        lines.append(f"{margin} = answer: {finding.api_error}")
    lines += [f"{margin} = remedy: {finding.remedy}", f"{margin} = see: {finding.reference}"]
    return "\n".join(lines)


def _source_line(finding: Finding) -> str:
    if not finding.file.is_file() or finding.line < 1:
        return ""
    lines = finding.file.read_text(encoding="utf-8").splitlines()
    return lines[finding.line - 1] if finding.line <= len(lines) else ""


def _relative(file: Path, root: Path) -> str:
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def as_json(findings: Sequence[Finding], root: Path) -> str:
    """Return ``{"findings": [...], "summary": {...}}``."""
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
    return json.dumps({"findings": listed, "summary": totals}, indent=2)


def as_sarif(findings: Sequence[Finding], rules: Sequence[Rule], root: Path) -> str:
    """Return a SARIF 2.1.0 log, which code hosts show beside the lines of a change."""
    results: list[dict[str, Any]] = [
        {
            "ruleId": finding.rule,
            "level": _LEVELS[finding.severity],
            "message": {
                "text": f"{finding.message}. {finding.why} Remedy: {finding.remedy}",
            },
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _relative(finding.file, root)},
                        "region": {"startLine": max(finding.line, 1)},
                    },
                    "logicalLocations": [{"fullyQualifiedName": finding.address}],
                }
            ],
        }
        for finding in findings
    ]
    driver = {
        "name": "netra edge lint",
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.title},
                "fullDescription": {"text": rule.why},
                "help": {"text": rule.remedy},
                "helpUri": rule.reference,
                "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            }
            for rule in rules
        ],
    }
    run = {"tool": {"driver": driver}, "results": results}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)
