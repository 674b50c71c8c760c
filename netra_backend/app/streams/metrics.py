"""What the streams count."""

from prometheus_client import Counter, Gauge

EVENTS_PUBLISHED = Counter(
    "netra_stream_events_published_total", "Events published here, by where they went.", ["to"]
)
HOLES = Counter("netra_stream_holes_total", "Live messages that arrived with a hole before them.")
REFILLS = Counter("netra_stream_refills_total", "Reads of the store to catch a feed up.")
CONTINUITY_LOST = Counter(
    "netra_stream_continuity_lost_total", "Feeds whose readers had to start again."
)
DEAF_FEEDS = Counter(
    "netra_stream_deaf_feeds_total", "Feeds found behind the store without having been told."
)
OVERTAKEN_RUNS = Counter(
    "netra_stream_overtaken_runs_total", "Runs whose end did not come before the next one's start."
)
GIVEN_UP_RUNS = Counter(
    "netra_stream_given_up_runs_total", "Ended runs that the store lost and had no place for again."
)
DEAF_CONNECTIONS = Counter(
    "netra_stream_deaf_connections_total", "Live connections that did not carry their heartbeat."
)
STORE_AWAY = Gauge("netra_stream_store_away", "1 while the stream store does not answer.")
OUTAGE_BYTES = Gauge("netra_stream_outage_bytes", "Bytes buffered for a store that is away.")

# Known series exist with 0 before their first event: an absent one cannot be alerted on, and
# `increase` does not see a series' first sample.
for _place in ("store", "outage_log"):
    EVENTS_PUBLISHED.labels(_place)
