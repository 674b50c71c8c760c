"""The frontend's service as a process: Node, our static server, the built site."""

import os
from pathlib import Path

from netra_ops.frontend.node import find_node
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK

READY_PATH = "/version.json"


def frontend_server(frontend: Path, port: int, log_path: Path) -> HttpServer:
    """Return the service, not yet started.

    Raises:
        SomethingAbsent: there is no Node.
    """
    return HttpServer(
        "frontend",
        [find_node(), frontend / "server" / "main.ts", frontend / "out"],
        port=port,
        ready_path=READY_PATH,
        log_path=log_path,
        environment={"PATH": os.defpath, "PORT": str(port), "HOST": LOOPBACK},
        working_directory=frontend,
    )
