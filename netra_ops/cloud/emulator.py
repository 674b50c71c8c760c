"""Finds a running local Cloud Run and calls it."""

import json
from pathlib import Path
from typing import Any

import httpx

from netra_cloud.run.server import ADDRESS_FILE
from netra_ops.errors import NotRunning, OperatorError

Json = dict[str, Any]

DEFAULT_DATA = Path(".netra/cloud")
PROJECT = "local"
LOCATION = "us-central1"
PARENT = f"/v2/projects/{PROJECT}/locations/{LOCATION}"
_CALL_SECONDS = 330.0  # an operation's wait lasts at most 300 s


class Emulator:
    """A client of the emulator that runs on a data directory.

    Raises:
        NotRunning: none runs there.
    """

    def __init__(self, data: Path) -> None:
        try:
            addresses = json.loads((data / ADDRESS_FILE).read_text())
        except (OSError, ValueError):
            raise NotRunning(
                f"no local Cloud Run runs on {data}", remedy="start it with netra cloud up"
            ) from None
        self.api: str = addresses["api"]
        self.data: str = addresses["data"]
        self._http = httpx.Client(base_url=self.api, timeout=_CALL_SECONDS)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send a request and return the JSON of the answer.

        Raises:
            NotRunning: the emulator does not answer.
            OperatorError: it refuses; the detail is its message.
        """
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.TransportError as error:
            raise NotRunning(
                f"the local Cloud Run at {self.api} does not answer: {error}",
                remedy="start it with netra cloud up",
            ) from error
        found: Json = answer.json()
        if answer.is_error:
            raise OperatorError(str(found["error"]["message"]).splitlines()[0])
        return found

    def change(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send a change, wait for its operation and return the resource.

        Raises:
            OperatorError: the operation failed.
        """
        operation = self.call(method, path, body)
        if not operation.get("done"):
            operation = self.call("POST", f"/v2/{operation['name']}:wait", {})
        if "error" in operation:
            raise OperatorError(
                str(operation["error"]["message"]).splitlines()[0],
                remedy="read its output with netra cloud logs",
            )
        response: Json = operation.get("response", {})
        return response
