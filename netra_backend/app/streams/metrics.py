"""Metrics of the event streams."""

from prometheus_client import Counter, Gauge

EVENTS_PUBLISHED = Counter(
    "netra_stream_events_published_total", "Events published, by destination.", ["to"]
)
EVENTS_DELIVERED = Counter(
    "netra_websocket_events_delivered_total", "thread.event frames queued for clients."
)
HOLES = Counter("netra_stream_holes_total", "Live messages that arrived after a gap.")
REFILLS = Counter("netra_stream_refills_total", "Catch-ups of a feed from the store.")
CONTINUITY_LOST = Counter(
    "netra_stream_continuity_lost_total", "Feeds whose readers had to reload the history."
)
STALE_FEEDS = Counter(
    "netra_stream_stale_feeds_total", "Feeds that the audit found behind the store."
)
OVERTAKEN_RUNS = Counter(
    "netra_stream_overtaken_runs_total", "Runs that were still open when the next one started."
)
ABANDONED_RUNS = Counter(
    "netra_stream_abandoned_runs_total", "Ended runs that the store lost and could not restore."
)
UNRESPONSIVE_CONNECTIONS = Counter(
    "netra_stream_unresponsive_connections_total", "Live connections without a heartbeat."
)
STORE_UNAVAILABLE = Gauge(
    "netra_stream_store_unavailable", "1 while the stream store does not answer."
)
FULL_APPENDS = Counter(
    "netra_stream_full_appends_total", "Events appended while the store had no memory left."
)
SHRUNK_STREAMS = Counter(
    "netra_stream_shrunk_streams_total", "Streams shrunk because their account has its share."
)
OUTAGE_BYTES = Gauge("netra_stream_outage_bytes", "Bytes buffered while the store is unavailable.")

# Known series exist with 0 before their first event: an absent one cannot be alerted on, and
# `increase` does not see a series' first sample.
for _place in ("store", "outage_log"):
    EVENTS_PUBLISHED.labels(_place)
