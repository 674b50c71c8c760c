"""What the edge answers by itself."""

import html
import json
from typing import Any

RELOAD_SECONDS = 2

_WELCOME = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Netra</title>
<meta http-equiv="refresh" content="{seconds}">
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto">
<h1>Netra is running</h1>
<p>{note}</p>
<p>Behind this edge:</p>
<ul>
<li><code>POST /api/auth/register</code>, <code>/api/auth/login</code> &ndash; accounts</li>
<li><code>GET /api/threads</code> &ndash; threads and messages</li>
<li><code>/ws</code> &ndash; the WebSocket, subprotocol <code>jwt-auth</code></li>
<li><a href="/health/ready?verbose=1">/health/ready</a> &ndash; readiness, check by check</li>
</ul>
<p>In a terminal: <code>./netra chat</code>, <code>./netra status</code>,
<code>./netra logs -f</code>.</p>
</body></html>
"""


def welcome_page(note: str) -> str:
    """Return the page that replaces the frontend; it asks again until there is one."""
    text = html.escape(note or "It runs without its pages.")
    return _WELCOME.format(seconds=RELOAD_SECONDS, note=text)


def _problem(status: int, code: str, title: str, detail: str) -> dict[str, Any]:
    """Return an RFC 9457 problem document with the members that the services use."""
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }


LOST_PAGE = json.dumps(
    _problem(404, "not_found", "Not found", "The edge has no route for this path.")
)

_UNAVAILABLE_FLAGS = ["UH", "UF", "UC", "UO", "NC", "URX"]

# The services' own errors are problem documents; a client sees no other shape from the edge.
LOCAL_REPLIES: dict[str, Any] = {
    "mappers": [
        {
            "filter": {"response_flag_filter": {"flags": _UNAVAILABLE_FLAGS}},
            "headers_to_add": [
                {
                    "header": {"key": "retry-after", "value": "1"},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                }
            ],
            "body_format_override": {
                "json_format": _problem(
                    503, "unavailable", "Temporarily unavailable",
                    "The service behind the edge cannot be reached; it may be restarting.",
                )
                | {"status": "%RESPONSE_CODE%"},
                "content_type": "application/problem+json",
            },
        },
        {
            "filter": {"response_flag_filter": {"flags": ["NR"]}},
            "body_format_override": {
                "json_format": _problem(
                    404, "not_found", "Not found", "The edge does not serve this host."
                ),
                "content_type": "application/problem+json",
            },
        },
    ],
}  # fmt: skip
