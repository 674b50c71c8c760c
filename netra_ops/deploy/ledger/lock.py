"""The lock on deploys of an environment: who, since when, why."""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

# Every step renews it, and the guardian each minute: a stale lock means that both have died.
STALE_AFTER = timedelta(minutes=5)


class Lock(BaseModel):
    """Held by one deploy or rollback.

    Attributes:
        token: known to its holder alone; renewing and releasing need it.
        who: the holder, such as ``ana@laptop``.
        why: the reason given.
        since: when it was taken.
        renewed: the last sign of life.
    """

    model_config = ConfigDict(frozen=True)

    token: str
    who: str
    why: str
    since: datetime
    renewed: datetime

    def is_stale(self, now: datetime) -> bool:
        """Return whether its holder has given no sign of life for ``STALE_AFTER``."""
        return now - self.renewed > STALE_AFTER

    def describe(self, now: datetime) -> str:
        """Return one line about the holder."""
        minutes, seconds = divmod(int((now - self.since).total_seconds()), 60)
        return f"{self.who} for {minutes} min {seconds} s: {self.why or 'no reason given'}"
