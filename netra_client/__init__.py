"""Netra's Python client: connect, resume, run, and ``check`` why a socket does not connect.

The names below are the interface; modules may move. See ``netra_client/examples``.
"""

from netra_client.client import NetraClient
from netra_client.diagnosis.check import check
from netra_client.diagnosis.findings import Answer, Diagnosis, Finding, Refuser
from netra_client.errors import NetraClientError
from netra_client.events import StreamReset, ThreadEvent
from netra_client.handshake import Credential
from netra_client.identity import IdentityClient
from netra_client.models import Decision, Message, Siblings, StoredRun
from netra_client.options import ClientOptions
from netra_client.resume import Position
from netra_client.retry import ReconnectPolicy
from netra_client.run import Outcome, Run
from netra_client.stream import ThreadStream
from netra_client.timeouts import ClientTimeouts
from netra_client.token_source import FixedToken, RefreshingTokens

__all__ = [
    "Answer",
    "ClientOptions",
    "ClientTimeouts",
    "Credential",
    "Decision",
    "Diagnosis",
    "Finding",
    "FixedToken",
    "IdentityClient",
    "Message",
    "NetraClient",
    "NetraClientError",
    "Outcome",
    "Position",
    "ReconnectPolicy",
    "RefreshingTokens",
    "Refuser",
    "Run",
    "Siblings",
    "StoredRun",
    "StreamReset",
    "ThreadEvent",
    "ThreadStream",
    "check",
]
