"""Where the data plane listens: the run.app port, and one port for each service and tag.

A port of a service or tag stands for a serverless network endpoint group: what arrives there came
through a load balancer, so any Host and every ingress setting is served
(doc: load-balancing/docs/negs/serverless-neg-concepts). Ports are kept across restarts, so that an
edge in front stays right.
"""

import asyncio
import random
from collections.abc import Iterator
from typing import Any

from netra_cloud.run.controller import Controller
from netra_cloud.run.core.names import parent_of, short
from netra_cloud.run.core.records import ServiceRecord
from netra_cloud.run.front.proxy import Door, Front
from netra_cloud.run.front.routing import ServiceRoute, split_host
from netra_cloud.run.store import Store

Json = dict[str, Any]
Key = tuple[str, str, str]  # location, service, tag

_PREFIX = "neg/"


class Doors:
    """Owns the listeners of the data plane."""

    def __init__(self, controller: Controller, store: Store) -> None:
        self._controller = controller
        self._store = store
        self._direct = Front(controller, self._by_host, controller.clock, direct=True)
        self._groups: dict[Key, tuple[Front, int]] = {}
        self._opening: dict[Key, asyncio.Task[None]] = {}
        self.data_port = 0

    async def open(self, port: int) -> None:
        """Listen for run.app addresses on ``port`` and for every group.

        Raises:
            OSError: the port is taken.
        """
        self.data_port = await self._direct.listen(port)
        self._controller.on_routes = self.refresh
        self.refresh()
        await self.settled()

    async def close(self) -> None:
        """Stop listening."""
        await self.settled()
        fronts = [self._direct, *(front for front, _ in self._groups.values())]
        await asyncio.gather(*(front.close() for front in fronts))

    async def settled(self) -> None:
        """Return when every group known now listens."""
        await asyncio.gather(*self._opening.values(), return_exceptions=True)

    def pin(self, location: str, service: str, port: int, tag: str = "") -> None:
        """Choose the port of a service's or tag's group; it holds from when it opens next."""
        self._store.put_fact(_PREFIX + f"{location}/{service}/{tag}", str(port))

    def refresh(self) -> None:
        """Open the groups of new services and tags, close those of deleted ones."""
        wanted = set(self._keys())
        for key in wanted - set(self._groups) - set(self._opening):
            self._opening[key] = asyncio.create_task(self._open(key))
        alive = {(location, name) for location, name, _ in wanted}
        for key in set(self._groups) - wanted:
            front, _ = self._groups.pop(key)
            if key[:2] not in alive:  # a tag that comes back has the same port again
                self._store.drop_fact(_PREFIX + "/".join(key))
            self._opening[key] = asyncio.create_task(self._closed(key, front))

    def groups(self, service: str = "") -> list[Json]:
        """Return the groups, ordered by service and tag."""
        return [
            {
                "service": name,
                "location": location,
                "tag": tag or None,
                "host": "127.0.0.1",
                "port": port,
            }
            for (location, name, tag), (_, port) in sorted(self._groups.items())
            if service in {"", name}
        ]

    def addresses(self, service: ServiceRecord) -> Json:
        """Return ``uri``, ``urls`` and the addresses of tags, as the Admin API shows them."""
        name, location = short(service.name), parent_of(service.name).location
        route = ServiceRoute(name, location, {}, {})
        uri = f"http://{route.host}:{self.data_port}"
        return {
            "uri": uri,
            "urls": [uri],
            "tags": {
                target.tag: f"http://{route.tag_host(target.tag)}:{self.data_port}"
                for target in service.serving
                if target.tag
            },
        }

    def _keys(self) -> Iterator[Key]:
        for service in self._controller.state.services():
            location, name = parent_of(service.name).location, short(service.name)
            yield location, name, ""
            for target in service.serving:
                if target.tag:
                    yield location, name, target.tag

    async def _open(self, key: Key) -> None:
        front = Front(self._controller, self._by_key(key), self._controller.clock, direct=False)
        fact = _PREFIX + "/".join(key)
        kept = int(self._store.fact(fact) or 0)
        try:
            port = await front.listen(kept)
        except OSError:  # someone else took the port while the emulator was not running
            port = await front.listen(0)
        if port != kept:
            self._store.put_fact(fact, str(port))
        self._groups[key] = (front, port)
        del self._opening[key]

    async def _closed(self, key: Key, front: Front) -> None:
        await front.close()
        del self._opening[key]
        self.refresh()

    def _by_host(self, host: str) -> tuple[ServiceRoute, str] | None:
        parts = split_host(host)
        if parts is None:
            return None
        tag, service, location = parts
        return self._find(service, location, tag)

    def _by_key(self, key: Key) -> Door:
        location, service, tag = key
        return lambda _host: self._find(service, location, tag)

    def _find(self, service: str, location: str, tag: str) -> tuple[ServiceRoute, str] | None:
        point = random.random()  # noqa: S311 -- a traffic split
        route = self._controller.route(service, location, point)
        return None if route is None else (route, tag)
