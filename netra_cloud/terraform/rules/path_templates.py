"""Paths in route rules: where they start, and what a path template may hold."""

import re
from collections.abc import Iterator

from netra_cloud.terraform.configuration import Configuration, Resource
from netra_cloud.terraform.findings import Options, Rule, Severity, Violation
from netra_cloud.terraform.rules.graph import URL_MAPS
from netra_cloud.terraform.values import BlockValue

_PROTO = "google/cloud/compute/v1/compute.proto"
_MOST_OPERATORS = 5
_OPERATOR = re.compile(r"\{[^{}]*\}|\*\*|\*")
_VARIABLE = re.compile(r"\{([^{}=]+)(?:=[^{}]*)?\}")
_STARTS_WITH_SLASH = ("prefix_match", "path_template_match")


def _matches(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for match in resource.body.all("path_matcher", "route_rules", "match_rules"):
        for name in _STARTS_WITH_SLASH:
            text = match.text(name)
            if text and not text.startswith("/"):
                yield Violation(match, name, f'{name} = "{text}" does not start with "/"')
        template = match.text("path_template_match") or ""
        operators = len(_OPERATOR.findall(template))
        if operators > _MOST_OPERATORS:
            detail = f"{operators} variables and wildcards, at most {_MOST_OPERATORS}"
            yield Violation(match, "path_template_match", detail)


def _rewrites(resource: Resource, _: Configuration, __: Options) -> Iterator[Violation]:
    for rule in resource.body.all("path_matcher", "route_rules"):
        for rewrite in rule.all("route_action", "url_rewrite"):
            detail = _problem(rule, rewrite.text("path_template_rewrite") or "")
            if detail is not None:
                yield Violation(rewrite, "path_template_rewrite", detail)


def _problem(rule: BlockValue, rewrite: str) -> str | None:
    """Return why a rewrite does not fit the templates of its rule, None when it does."""
    if not rewrite:
        return None
    matches = rule.all("match_rules")
    if not all(match.is_certain for match in matches):
        return None
    written = [match.get("path_template_match") for match in matches]
    if not any(written):
        return "path_template_rewrite without a path_template_match in its rule"
    known: set[str] = set()
    for template in written:
        if template is not None and not isinstance(template, str):
            return None
        known.update(_VARIABLE.findall(template or ""))
    missing = [name for name in _VARIABLE.findall(rewrite) if name not in known]
    return f"no path_template_match has the variable {{{missing[0]}}}" if missing else None


RULES = (
    Rule(
        id="route-path",
        severity=Severity.ERROR,
        title="a path in a route rule that Google refuses",
        types=URL_MAPS,
        why="A prefix and a path template start with `/`, and a template has at most five "
        "variables and wildcards.",
        remedy='start it with "/", and replace what need not vary by plain text',
        reference=f"{_PROTO}, HttpRouteRuleMatch.prefix_match and path_template_match",
        check=_matches,
    ),
    Rule(
        id="path-template-rewrite",
        severity=Severity.ERROR,
        title="a rewrite with a variable that no template has",
        types=URL_MAPS,
        why="Every variable of path_template_rewrite comes from path_template_match of the same "
        "route rule.",
        remedy="name the variable in path_template_match, such as {path=**}",
        reference=f"{_PROTO}, UrlRewrite.path_template_rewrite",
        check=_rewrites,
    ),
)
