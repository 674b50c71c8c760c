"""Gives reports of tools to the platform, where the operations page shows them.

On the local stack they are written to its Valkey: a tool's new account there is no operator.
Elsewhere they are sent with the account of ``NETRA_EMAIL``, which needs the role ``operator``.
"""

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass

import httpx
from redis.asyncio import Redis
from redis.exceptions import RedisError

from netra_backend.app.operations.monitoring import MonitoringReports, Report, kind_of
from netra_backend.app.operations.settings import OperationsSettings
from netra_client.errors import NetraClientError
from netra_client.token_source import TokenSource
from netra_ops.errors import OperatorError
from netra_ops.load.server_figures import local_backend
from netra_ops.stack.attach import local_redis_url

SEND_SECONDS = 5.0
PATH = "/api/operations/monitoring"
NO_OPERATOR = "the account is no operator; run: netra users grant EMAIL operator"


@dataclass(frozen=True, slots=True)
class OperatorReports:
    """Sends reports to one platform.

    Args:
        address: of the platform.
        tokens: of an account.
    """

    address: str
    tokens: TokenSource

    async def send(self, report: Report) -> str:
        """Send; return what prevented it, or an empty text. Never raises for the platform."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                if local_backend(self.address) is not None:
                    return await self._write(report)
                return await self._put(report)
        except TimeoutError:
            return f"the operations page was not updated: no answer within {SEND_SECONDS:g} s"
        except (RedisError, OSError, httpx.HTTPError) as error:
            return f"the operations page was not updated: {error}"
        except NetraClientError as error:
            return f"the operations page was not updated: {error.message}"
        except OperatorError as error:
            return f"the operations page was not updated: {error.detail}"

    async def _write(self, report: Report) -> str:
        seconds = OperationsSettings().report_seconds
        client: Redis = Redis.from_url(local_redis_url())
        async with aclosing(client):
            await MonitoringReports(client, ttl_seconds=seconds).write(report)
        return ""

    async def _put(self, report: Report) -> str:
        headers = {"Authorization": f"Bearer {await self.tokens.token()}"}
        base = re.sub("^ws", "http", self.address)
        body = report.model_dump(mode="json", by_alias=True)
        async with httpx.AsyncClient(base_url=base, timeout=SEND_SECONDS) as http:
            answer = await http.put(f"{PATH}/{kind_of(report)}", headers=headers, json=body)
        if answer.status_code == httpx.codes.FORBIDDEN:
            return f"the operations page was not updated: {NO_OPERATOR}"
        if answer.is_error:
            return f"the operations page was not updated: HTTP {answer.status_code}"
        return ""
