"""The event streams of one instance: store, hub, publisher and reconciler."""

from redis.asyncio import Redis

from netra_backend.app.streams.accounts import StreamAccounts, ThreadOwners
from netra_backend.app.streams.entry import Encoder
from netra_backend.app.streams.hub import StreamHub
from netra_backend.app.streams.limits import StreamLimits
from netra_backend.app.streams.publisher import StreamPublisher
from netra_backend.app.streams.reconciler import StreamReconciler
from netra_backend.app.streams.valkey_store import ValkeyStreamStore


class EventStreams:
    """Store, hub, publisher and reconciler on one Valkey client.

    Args:
        client: owned by the caller.
        limits: bounds of streams.
        encode: encodes the notification of an entry.
        owners: whose a thread is, for the bound by account.
    """

    def __init__(
        self,
        client: Redis,
        limits: StreamLimits,
        *,
        encode: Encoder,
        owners: ThreadOwners | None = None,
    ) -> None:
        self._accounts = StreamAccounts(client, limits, owners)
        self._store = ValkeyStreamStore(client, limits, self._accounts.note)
        self.hub = StreamHub(self._store, client, limits, encode)
        self.publisher = StreamPublisher(self.hub)
        self._reconciler = StreamReconciler(self.hub, self.publisher)

    def start(self) -> None:
        """Start every task; call inside the event loop."""
        self.hub.start()
        self._reconciler.start()
        self._accounts.start(self._store)

    async def stop(self) -> None:
        """Finish what is being published, then end every task."""
        await self.publisher.stop()
        await self._accounts.stop()
        await self._reconciler.stop()
        await self.hub.stop()
