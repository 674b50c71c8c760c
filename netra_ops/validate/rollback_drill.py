"""A drill of the rollback: three releases of a small service on a local Cloud Run of its own.

The releases are deployed and moved by the calls that ``netra deploy`` makes
(``netra_ops.deploy.cloud``); what serves is asked of the public address.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import httpx

from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_ops.cloud.emulator import LOCATION, PARENT, PROJECT, Emulator
from netra_ops.deploy.cloud.connection import connect
from netra_ops.deploy.cloud.services import CloudRun
from netra_ops.deploy.traffic import is_pinned, whole_to

SERVICE = "drill"
CLOCK_FACTOR = 20.0
SERVE_SECONDS = 20.0
POLL_SECONDS = 0.1
# Answers with the revision that Cloud Run says it is.
PROGRAM = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ["K_REVISION"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@dataclass(frozen=True, slots=True)
class Rolled:
    """Revisions by their part in the drill, and what the public address answered.

    Args:
        good: the first release.
        bad: the second one.
        next: deployed after the rollback.
        bad_served: the answer before the rollback.
        served_after: the answer after it.
        next_served: the answer after the next deploy.
        is_pinned: whether the traffic was still pinned then.
    """

    good: str
    bad: str
    next: str
    bad_served: str
    served_after: str
    next_served: str
    is_pinned: bool


Move = Callable[[CloudRun, str], None]


def move_back(cloud: CloudRun, revision: str) -> None:
    """Give a revision all traffic."""
    cloud.route(SERVICE, whole_to(revision))


def un_pin(cloud: CloudRun, _revision: str) -> None:
    """Let the traffic follow the latest revision again."""
    cloud.route(SERVICE, whole_to(None))


def roll_back_a_release(
    move: Move = move_back, release: Move = un_pin, serve_seconds: float = SERVE_SECONDS
) -> Rolled:
    """Run the drill; takes some seconds.

    Args:
        move: rolls back.
        release: un-pins.
        serve_seconds: how long the public address has for a change.

    Raises:
        OSError: the emulator does not start.
        OperatorError: it refuses a call.
    """
    with tempfile.TemporaryDirectory(prefix="netra-drill-") as folder:
        data = Path(folder) / "data"
        (Path(folder) / "app.py").write_text(PROGRAM)
        with ExitStack() as ends:
            ends.enter_context(local_cloud_run(RunOptions(data, clock_factor=CLOCK_FACTOR)))
            emulator = ends.enter_context(closing(Emulator(data)))
            connection = connect(emulator.api)
            ends.callback(connection.services.transport.close)
            ends.callback(connection.revisions.transport.close)
            cloud = CloudRun(connection, PROJECT, LOCATION)
            image = _build(emulator, Path(folder))
            good = _deploy(emulator, image, "good")
            public = _address(emulator)
            bad = _deploy(emulator, image, "bad")
            bad_served = _serves(public, bad, serve_seconds)
            move(cloud, good)
            served_after = _serves(public, good, serve_seconds)
            release(cloud, good)
            following = _deploy(emulator, image, "next")
            next_served = _serves(public, following, serve_seconds)
            pinned = is_pinned(cloud.require(SERVICE).split)
    return Rolled(good, bad, following, bad_served, served_after, next_served, pinned)


def _build(emulator: Emulator, folder: Path) -> str:
    build = {
        "name": f"local/{SERVICE}",
        "directory": str(folder.resolve()),
        "command": [sys.executable, "app.py"],
        "inPlace": True,
    }
    return str(emulator.call("POST", "/local/v1/builds", build)["image"])


def _deploy(emulator: Emulator, image: str, name: str) -> str:
    """Deploy a release; return its revision."""
    container = {"image": image, "env": [{"name": "RELEASE", "value": name}]}
    found = emulator.change(
        "PATCH",
        f"{PARENT}/services/{SERVICE}?allowMissing=true&updateMask=template.containers",
        {"template": {"containers": [container]}},
    )
    return str(found["latestCreatedRevision"]).rpartition("/")[2]


def _address(emulator: Emulator) -> str:
    group = emulator.call("GET", f"/local/v1/negs/{SERVICE}")
    return f"http://{group['host']}:{group['port']}"


def _serves(public: str, expected: str, seconds: float) -> str:
    """Return which revision answers; waits a while for ``expected``."""
    give_up = time.monotonic() + seconds
    while True:
        answer = httpx.get(public, timeout=SERVE_SECONDS).text
        if answer == expected or time.monotonic() > give_up:
            return answer
        time.sleep(POLL_SECONDS)
