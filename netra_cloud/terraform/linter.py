"""Runs the schema check and every rule over a configuration."""

from collections.abc import Iterable
from pathlib import Path

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Finding, Options, Rule, Severity, findings_of
from netra_cloud.terraform.reader import load, variables_of
from netra_cloud.terraform.rules import (
    backend_service,
    cloud_run,
    edge_limits,
    headers,
    health_check,
    map_tests,
    routing,
    schemes,
    url_map,
)
from netra_cloud.terraform.schema_check import check_schema

RULES: tuple[Rule, ...] = (
    *url_map.RULES,
    *routing.RULES,
    *schemes.RULES,
    *map_tests.RULES,
    *headers.RULES,
    *backend_service.RULES,
    *cloud_run.RULES,
    *health_check.RULES,
    *edge_limits.RULES,
)
# The schema's own finding says less than the rule made for the case.
_BETTER_SAID = {"header-action-in-path-rule", "header-action-in-route-action"}


def lint_directory(directory: Path, options: Options | None = None) -> list[Finding]:
    """Return the findings in a Terraform root module, in the order of its files.

    Args:
        directory: holds ``*.tf``, perhaps ``*.tfvars``.
        options: what the files do not say.
    """
    return lint(load(directory, variables_of(directory)), options or Options())


def lint(configuration: Configuration, options: Options) -> list[Finding]:
    """Return the findings in ``configuration``, in the order of its files."""
    found = [
        Finding(
            rule="syntax",
            severity=Severity.ERROR,
            file=problem.file,
            line=problem.line,
            address="",
            path=(),
            message=problem.expected,
            why="the file cannot be read at all",
            remedy="run terraform fmt, which names the place",
            reference="https://developer.hashicorp.com/terraform/language/syntax/configuration",
        )
        for problem in configuration.problems
    ]
    for resource in configuration.resources:
        found += lint_resource(resource, configuration, options)
    return _without_repeats(found)


def lint_resource(
    resource: Resource,
    configuration: Configuration,
    options: Options,
    rules: Iterable[Rule] = RULES,
) -> list[Finding]:
    """Return the findings in one resource."""
    by_rule = [
        finding
        for rule in rules
        if resource.type in rule.types
        for finding in findings_of(rule, resource, configuration, options)
    ]
    said = {finding.path for finding in by_rule if finding.rule in _BETTER_SAID}
    return [*(f for f in check_schema(resource) if f.path not in said), *by_rule]


def _without_repeats(found: list[Finding]) -> list[Finding]:
    """Drop what the instances of one ``for_each`` resource say at the same place."""
    unique: dict[tuple[str, Path, int, str], Finding] = {}
    for finding in found:
        unique.setdefault((finding.rule, finding.file, finding.line, finding.message), finding)
    return sorted(unique.values(), key=lambda f: (f.file, f.line, f.rule))
