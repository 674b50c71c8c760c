"""What is verified: an address that leads to it, and what is expected to answer there."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Subject:
    """A release behind one address.

    Attributes:
        url: the candidate door, or the public address when a release is confirmed.
        origin: what a page of this environment sends as ``Origin``.
        token: an access token of an ordinary account.
        revisions: the expected revision by role; a role that is absent is not looked at.
        frontend_digest: of the pages that must be served; empty when they are not part of it.
        serving_pages: address of the pages that serve now; empty when they are not part of it.
        operator_token: of an account with the role ``operator``; empty when there is none.
    """

    url: str
    origin: str
    token: str = field(repr=False)
    revisions: Mapping[str, str] = field(default_factory=dict)
    frontend_digest: str = ""
    serving_pages: str = ""
    operator_token: str = field(default="", repr=False)
