"""Live messages from a cluster: one connection for each node that owns a wanted channel.

A sharded channel belongs to the node of its slot, and slots move between nodes. When a node ends
a subscription or cannot be reached, the listener asks the cluster again for the slot map and
resubscribes each channel at the node that owns its slot.
"""

import asyncio
from typing import Protocol

from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode

from netra_backend.app.streams.errors import StreamUnavailable
from netra_backend.app.streams.listener import FAILURES, ChannelListener, ListenerOptions
from netra_shared.logging import get_logger
from netra_shared.runtime.swallow import swallowed
from netra_shared.runtime.task_end import end_task
from netra_shared.stores.valkey_cluster import ValkeyCluster

LOST = ""  # node name of a channel whose node has left the cluster
TAGS_TRIED = 10_000  # a node with 1 % of the slots is found after 100 tries on average

_log = get_logger(__name__)


class Listener(Protocol):
    """Receives live messages from one server or from a cluster."""

    @property
    def connected(self) -> bool:
        """Whether messages can arrive."""

    def start(self, *channels: str) -> None:
        """Start to listen."""

    async def stop(self) -> None:
        """End the tasks and the connections."""

    async def subscribe(self, channel: str) -> None:
        """Return when messages of ``channel`` arrive here."""

    async def unsubscribe(self, channel: str) -> None:
        """Stop messages of ``channel``."""

    def renew(self) -> None:
        """Replace the connections, although no error was reported."""


class ClusterListener:
    """``ChannelListener`` for all nodes of a cluster; takes the same arguments."""

    def __init__(self, client: ValkeyCluster, options: ListenerOptions) -> None:
        self._cluster = client
        self._options = options
        self._nodes: dict[str, tuple[Redis, ChannelListener, str]] = {}  # with the heartbeat's tag
        self._home: dict[str, str | None] = {}  # channel -> node; None while it is new
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether every node in use is connected."""
        return bool(self._nodes) and all(one.connected for _, one, _ in self._nodes.values())

    def start(self, *channels: str) -> None:
        """Start to listen to ``channels``; call once, inside the event loop."""
        self._home.update(dict.fromkeys(channels))
        self._task = asyncio.create_task(self._follow_slots(), name="cluster-listener")

    async def stop(self) -> None:
        """End the tasks and the connections."""
        if self._task is not None:
            await end_task(self._task)
        for name in tuple(self._nodes):
            await self._drop(name)

    async def subscribe(self, channel: str) -> None:
        """Return when messages of ``channel`` arrive here.

        Raises:
            StreamUnavailable: no confirmation within the deadline; the listener keeps retrying.
        """
        self._home.setdefault(channel, None)
        try:
            async with asyncio.timeout(self._options.confirm_seconds):
                await self._cluster.initialize()
                await self._settle(channel)
        except FAILURES as error:
            raise StreamUnavailable(
                f"Live subscription not confirmed within {self._options.confirm_seconds} s.",
                retry_after=1.0,
            ) from error

    async def unsubscribe(self, channel: str) -> None:
        """Stop messages of ``channel``."""
        node = self._home.pop(channel, None)
        if node is not None and node in self._nodes:
            await self._nodes[node][1].unsubscribe(channel)

    def renew(self) -> None:
        """Replace every connection."""
        for _, listener, _ in self._nodes.values():
            listener.renew()

    async def _follow_slots(self) -> None:
        while True:
            with swallowed(_log, "cluster_not_followed", *FAILURES, StreamUnavailable):
                await self._cluster.initialize()
                if not self.connected or not all(self._home.values()):
                    await self._cluster.nodes_manager.initialize()
                await self._drop_moved_nodes()
                for channel in tuple(self._home):
                    await self._settle(channel)
                if not self._nodes:
                    await self._listen_to(self._cluster.get_default_node())
            await asyncio.sleep(self._options.beat_seconds)

    async def _drop_moved_nodes(self) -> None:
        """Drop the listeners of nodes that left, or that no longer own their heartbeat's slot."""
        for name, (_, _, tag) in tuple(self._nodes.items()):
            owner = self._cluster.get_node_from_key(f"{{{tag}}}")
            if owner is None or owner.name != name:
                await self._drop(name)
                for channel, home in self._home.items():
                    if home == name:
                        self._home[channel] = LOST

    async def _settle(self, channel: str) -> None:
        """Subscribe ``channel`` at the node that owns its slot."""
        node = self._cluster.get_node_from_key(channel)
        if node is None:
            return
        listener = await self._listen_to(node)
        before = self._home.get(channel)
        if before is not None and before != node.name and before in self._nodes:
            await self._nodes[before][1].unsubscribe(channel)
        self._home[channel] = node.name
        await listener.subscribe(channel)
        if before is not None and before != node.name:
            self._options.on_connected()  # messages sent while the slot moved may be missing

    async def _listen_to(self, node: ClusterNode) -> ChannelListener:
        known = self._nodes.get(node.name)
        if known is not None:
            return known[1]
        client = self._cluster.node_client(node.host, int(node.port))
        tag = self._tag_on(node)
        listener = ChannelListener(client, self._options, beat_tag=tag)
        self._nodes[node.name] = (client, listener, tag)
        listener.start()
        return listener

    def _tag_on(self, node: ClusterNode) -> str:
        """Return a hash tag whose slot is on ``node``; ``"0"`` when none of those tried is."""
        for number in range(TAGS_TRIED):
            owner = self._cluster.get_node_from_key(f"{{{number}}}")
            if owner is not None and owner.name == node.name:
                return str(number)
        return "0"

    async def _drop(self, name: str) -> None:
        client, listener, _ = self._nodes.pop(name)
        await listener.stop()
        await client.aclose()


def channel_listener(client: Redis | ValkeyCluster, options: ListenerOptions) -> Listener:
    """Return the listener for the type of ``client``."""
    if isinstance(client, ValkeyCluster):
        return ClusterListener(client, options)
    return ChannelListener(client, options)
