"""Metrics of the WebSocket gateway. Labels are small closed sets: codes, methods, outcomes."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from netra_backend.app.websocket_core.close_codes import CLOSE_CODES

CONNECTIONS: Final = Gauge("netra_websocket_connections", "Open socket connections.")
HANDSHAKES: Final = Counter(
    "netra_websocket_handshakes_total",
    "Handshakes by outcome: accepted or the error's code.",
    ["outcome"],
)
HANDSHAKE_SECONDS: Final = Histogram(
    "netra_websocket_handshake_seconds",
    "From the upgrade request to the answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
CLOSES: Final = Counter("netra_websocket_closes_total", "Closed connections by code.", ["code"])
COMMANDS: Final = Counter(
    "netra_websocket_commands_total", "Commands by method and outcome.", ["method", "outcome"]
)
COMMAND_SECONDS: Final = Histogram(
    "netra_websocket_command_seconds",
    "From a decoded command to its answer.",
    ["method"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

# Known series exist with 0 before their first event: an absent one cannot be alerted on, and
# `increase` does not see a series' first sample.
HANDSHAKES.labels("accepted")
for _row in CLOSE_CODES:
    CLOSES.labels(str(_row.code))
