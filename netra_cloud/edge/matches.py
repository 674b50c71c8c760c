"""Conditions and redirects of a URL map in Envoy's notation."""

from typing import Any

from netra_cloud.edge.url_map import HeaderMatch, Match, Redirect

Json = dict[str, Any]


def envoy_match(match: Match) -> Json:
    """Return Envoy's ``RouteMatch``."""
    result: Json = {}
    if match.exact is not None:
        result["path"] = match.exact
    elif match.regex is not None:
        result["safe_regex"] = {"regex": match.regex}
    else:
        result["prefix"] = match.prefix or "/"
    if match.ignore_case:
        result["case_sensitive"] = False
    if match.headers:
        result["headers"] = [_header_match(header) for header in match.headers]
    return result


def _header_match(match: HeaderMatch) -> Json:
    result: Json = {"name": match.name}
    if match.present is not None:
        result["present_match"] = match.present
    elif match.regex is not None:
        result["string_match"] = {"safe_regex": {"regex": match.regex}}
    else:
        for kind, value in (
            ("exact", match.exact),
            ("prefix", match.prefix),
            ("suffix", match.suffix),
        ):
            if value is not None:
                result["string_match"] = {kind: value}
    if match.invert:
        result["invert_match"] = True
        if match.present is None:
            # Without this Envoy lets an absent header match nothing, inverted or not.
            result["treat_missing_header_as_empty"] = True
    return result


def envoy_redirect(action: Redirect) -> Json:
    """Return Envoy's ``RedirectAction``."""
    code = {301: "MOVED_PERMANENTLY", 302: "FOUND", 303: "SEE_OTHER"} | {
        307: "TEMPORARY_REDIRECT",
        308: "PERMANENT_REDIRECT",
    }
    fields = {
        "https_redirect": action.https or None,
        "host_redirect": action.host,
        "path_redirect": action.path,
        "prefix_rewrite": action.prefix,
        "strip_query": action.strip_query or None,
    }
    kept = {name: value for name, value in fields.items() if value is not None}
    return {**kept, "response_code": code[action.status]}
