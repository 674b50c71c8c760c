"""Runs the schema check and every rule over a configuration."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.declarations import Misdeclared
from netra_cloud.terraform.findings import Finding, Options, Rule, Severity, findings_of
from netra_cloud.terraform.reader import load, variables_of
from netra_cloud.terraform.rules import (
    api_limits,
    backend_service,
    cloud_run,
    edge_limits,
    fronts,
    headers,
    health_check,
    map_tests,
    path_templates,
    provider_checks,
    routing,
    run_limits,
    schemes,
    url_map,
)
from netra_cloud.terraform.schema import ORIGINS
from netra_cloud.terraform.schema_check import check_schema
from netra_cloud.terraform.undeclared import Undeclared
from netra_cloud.terraform.version_pins import admits

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
    *api_limits.RULES,
    *path_templates.RULES,
    *run_limits.RULES,
    *fronts.RULES,
    *provider_checks.RULES,
)
_GOOGLE = frozenset({"google", "google-beta"})
_PROVIDER_CHECKS = frozenset(rule.id for rule in provider_checks.RULES)
# Findings that may not hold for another version of the provider.
_OF_THE_SCHEMA = frozenset(
    {
        "computed-argument",
        "missing-argument",
        "missing-block",
        "too-many-blocks",
        "unknown-type",
        "unsupported-argument",
        "unsupported-attribute",
        "unsupported-block",
        "wrong-type",
    }
)
# The schema's own finding is less specific than the rule for the same place.
_MORE_SPECIFIC = {"header-action-in-path-rule", "header-action-in-route-action"}


def lint_directory(directory: Path, options: Options | None = None) -> list[Finding]:
    """Return the findings in a Terraform root module, in the order of its files.

    Args:
        directory: holds ``*.tf``, perhaps ``*.tfvars``.
        options: what the files do not contain.
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
    found += [_undeclared(entry) for entry in configuration.undeclared]
    found += _as_pinned([_misdeclared(entry) for entry in configuration.misdeclared], configuration)
    for resource in configuration.resources:
        found += lint_resource(resource, configuration, options)
    return _without_repeats(found)


def _undeclared(entry: Undeclared) -> Finding:
    return Finding(
        rule="undeclared-reference",
        severity=Severity.ERROR,
        file=entry.file,
        line=entry.line,
        address=entry.address,
        path=(),
        message=f"no {entry.kind} {entry.name} is declared in this module",
        why="terraform validate stops here with `Reference to undeclared "
        f"{'input variable' if entry.kind == 'variable' else entry.kind}`.",
        remedy="correct the name, or declare it",
        reference="https://developer.hashicorp.com/terraform/language/expressions/references",
    )


def _misdeclared(entry: Misdeclared) -> Finding:
    return Finding(
        rule=entry.rule,
        severity=Severity.ERROR,
        file=entry.file,
        line=entry.line,
        address=entry.address,
        path=(),
        message=entry.message,
        why="terraform validate stops here",
        remedy=entry.remedy,
        reference="https://developer.hashicorp.com/terraform/language",
    )


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
        if rule.applies_to(resource.type)
        for finding in findings_of(rule, resource, configuration, options)
    ]
    specific = {finding.path for finding in by_rule if finding.rule in _MORE_SPECIFIC}
    by_rule = _without_repeated_checks(by_rule)
    by_schema = [f for f in check_schema(resource) if f.path not in specific]
    return _as_pinned([*by_schema, *by_rule], configuration)


def _without_repeated_checks(found: list[Finding]) -> list[Finding]:
    """Remove the findings of the provider's checks where another rule reports the same place."""
    reported = {finding.path for finding in found if finding.rule not in _PROVIDER_CHECKS}
    return [one for one in found if one.rule not in _PROVIDER_CHECKS or one.path not in reported]


def _as_pinned(found: list[Finding], configuration: Configuration) -> list[Finding]:
    """Make what only the schema says a warning where the configuration pins another version.

    An argument that is gone may have been there, and one that is required may not have been.
    """
    version = ORIGINS["google"].provider_version
    excluded = {
        name: pin
        for name, pin in configuration.pins.items()
        if name in _GOOGLE and not admits(pin, version)
    }
    if not excluded:
        return found
    pins = ", ".join(sorted(excluded.values()))
    return [
        replace(
            one,
            severity=Severity.WARNING,
            why=f"this is so in {version}; the configuration requires {pins}",
        )
        if one.rule in _OF_THE_SCHEMA | _PROVIDER_CHECKS
        else one
        for one in found
    ]


def _without_repeats(found: list[Finding]) -> list[Finding]:
    """Keep one of the equal findings of the instances of a ``for_each`` resource."""
    unique: dict[tuple[str, Path, int, str], Finding] = {}
    for finding in found:
        unique.setdefault((finding.rule, finding.file, finding.line, finding.message), finding)
    return sorted(unique.values(), key=lambda f: (f.file, f.line, f.rule))
