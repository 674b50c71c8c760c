"""Gives every change to every sink, and repeats firing alerts to Alertmanager."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from netra_ops.alerts.board import Alert
from netra_ops.alerts.sinks import payloads
from netra_ops.alerts.sinks.spool import Spool, post_to

ALERTS_PATH = "/api/v2/alerts"


@dataclass(slots=True)
class Dispatcher:
    """The sinks of one monitor.

    Args:
        environment: a label of every alert.
        resend_seconds: between two repetitions to Alertmanager.
        webhook: a URL that takes Slack's messages; None sends none.
        alertmanager: base URL of an Alertmanager; None sends nothing there.
        to_console: write each change to stdout.
    """

    environment: str
    resend_seconds: float
    webhook: str | None = None
    alertmanager: str | None = None
    to_console: bool = True
    _webhook: Spool | None = field(default=None, init=False)
    _changes: Spool | None = field(default=None, init=False)
    _resend_at: float = field(default=0.0, init=False)

    def restore(self, data: dict[str, Any]) -> None:
        """Take up what was not delivered before a restart."""
        if self.webhook:
            self._webhook = Spool(post_to(self.webhook), data.get("webhook", ()))
        if self.alertmanager:
            url = self.alertmanager.rstrip("/") + ALERTS_PATH
            self._changes = Spool(post_to(url), data.get("alertmanager", ()))

    def to_json(self) -> dict[str, Any]:
        """Return what is not delivered yet."""
        return {
            "webhook": self._webhook.entries if self._webhook else [],
            "alertmanager": self._changes.entries if self._changes else [],
        }

    async def dispatch(
        self, changes: Sequence[Alert], firing: Sequence[Alert], *, now: float, monotonic: float
    ) -> list[str]:
        """Send; return one line for each sink that is unavailable.

        Args:
            changes: alerts that just fired or were resolved.
            firing: every alert that fires now.
            now: Unix seconds.
            monotonic: seconds, for pauses.
        """
        if self.to_console:
            for alert in changes:
                sys.stdout.write(payloads.text(alert, self.environment) + "\n")
            sys.stdout.flush()
        problems = []
        if self._webhook is not None:
            if changes:
                self._webhook.put(payloads.slack(changes, self.environment))
            problems.append(("webhook", await self._webhook.flush(monotonic)))
        if self._changes is not None:
            self._queue(changes, firing, now, monotonic)
            problems.append(("alertmanager", await self._changes.flush(monotonic)))
        return [f"{name} is unavailable: {problem}" for name, problem in problems if problem]

    def _queue(
        self, changes: Sequence[Alert], firing: Sequence[Alert], now: float, monotonic: float
    ) -> None:
        if self._changes is None:
            return
        is_due = monotonic >= self._resend_at
        resolved = [alert for alert in changes if not alert.is_firing]
        # A repetition is worth nothing once the next one is due: it is not spooled twice.
        if is_due or changes:
            alerts = [*firing, *resolved]
            body = payloads.alertmanager(alerts, self.environment, now, self.resend_seconds)
            if changes or not self._changes.entries:
                self._changes.put(body)
            self._resend_at = monotonic + self.resend_seconds
