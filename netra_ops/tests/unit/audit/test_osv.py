"""The client against a server that answers as the OSV documentation says."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from netra_ops.audit.osv import AdvisoriesUnreachable, known_vulnerabilities
from netra_ops.services.loopback import LOOPBACK, free_port

BAD = "pkg:pypi/bad@1.0"


@contextmanager
def database(status: int = 200) -> Iterator[tuple[str, list[int]]]:
    sizes: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sizes.append(len(body["queries"]))
            answer = json.dumps({"results": [self.result(query) for query in body["queries"]]})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(answer.encode())

        def result(self, query: dict[str, Any]) -> dict[str, Any]:
            if query["package"]["purl"] != BAD:
                return {}
            if query.get("page_token") == "2":
                return {"vulns": [{"id": "GHSA-2"}]}
            return {"vulns": [{"id": "GHSA-1"}], "next_page_token": "2"}

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the base's name
            pass

    server = HTTPServer((LOOPBACK, 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_port}", sizes
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_all_pages_of_all_batches_are_read() -> None:
    packages = [f"pkg:pypi/good{number}@1.0" for number in range(1200)] + [BAD]
    with database() as (url, sizes):
        assert known_vulnerabilities(packages, url=url) == {BAD: ["GHSA-1", "GHSA-2"]}
    assert sizes == [1000, 201, 1]


def test_a_refusal_is_not_taken_for_a_clean_lock() -> None:
    with (
        database(status=503) as (url, _),
        pytest.raises(AdvisoriesUnreachable, match="not audited"),
    ):
        known_vulnerabilities([BAD], url=url)


def test_a_database_that_is_not_there_is_said_with_the_remedy() -> None:
    with pytest.raises(AdvisoriesUnreachable, match="ConnectError") as refused:
        known_vulnerabilities([BAD], url=f"http://{LOOPBACK}:{free_port()}")
    assert refused.value.exit_code == 3
    assert "mirror" in refused.value.remedy
