"""What a server of a test has logged."""

import json

from netra_ops.services.http_server import HttpServer


def log_records(server: HttpServer) -> list[dict[str, object]]:
    """Return the JSON records that the server has written."""
    lines = server.log_path.read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]
