"""Asks the OSV database which packages have known vulnerabilities.

Source: https://google.github.io/osv.dev/post-v1-querybatch/ (at most 1000 queries in a request; an
answer has one result for each query, in order, with ``next_page_token`` when it has more).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from netra_ops.errors import SomethingAbsent

OSV_URL = "https://api.osv.dev"
BATCH = 1000
REQUEST_SECONDS = 20.0


class AdvisoriesUnreachable(SomethingAbsent):
    """The advisory database does not answer from here, so nothing is known about the packages."""

    code = "advisories_unreachable"
    title = "Advisory database not reachable"


def known_vulnerabilities(
    packages: Sequence[str], *, url: str = OSV_URL, seconds: float = REQUEST_SECONDS
) -> dict[str, list[str]]:
    """Return the ids of the advisories of each package that has any.

    Args:
        packages: package URLs with versions.
        url: of the database.
        seconds: deadline of one request.

    Raises:
        AdvisoriesUnreachable: no answer, or none that can be understood.
    """
    found: dict[str, list[str]] = {}
    try:
        with httpx.Client(base_url=url, timeout=seconds) as client:
            for package, advisory in _advisories(client, packages):
                found.setdefault(package, []).append(advisory)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise AdvisoriesUnreachable(
            f"{url} gives no answer ({type(error).__name__}); {len(packages)} locked packages "
            "are not audited.",
            remedy="run it where the database is reachable, or name a mirror with --url",
        ) from error
    return {package: sorted(set(found[package])) for package in sorted(found)}


def _advisories(client: httpx.Client, packages: Sequence[str]) -> Iterator[tuple[str, str]]:
    queries: list[dict[str, Any]] = [{"package": {"purl": package}} for package in packages]
    while queries:
        batch, queries = queries[:BATCH], queries[BATCH:]
        response = client.post("/v1/querybatch", json={"queries": batch})
        results = response.raise_for_status().json()["results"]
        for query, result in zip(batch, results, strict=True):
            for advisory in result.get("vulns", ()):
                yield query["package"]["purl"], advisory["id"]
            if token := result.get("next_page_token"):
                queries.append({**query, "page_token": token})
