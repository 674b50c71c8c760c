"""What a server of a test has logged."""

import json

from netra_ops.services.http_server import HttpServer


def log_records(server: HttpServer) -> list[dict[str, object]]:
    """Return the JSON records that the server has written whole; it may be writing another."""
    whole = server.log_path.read_text().rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]
