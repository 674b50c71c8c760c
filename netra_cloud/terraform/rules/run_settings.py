"""Settings of a Cloud Run service, read alike from the v2 resource and the Knative (v1) one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netra_cloud.terraform.configuration import Resource
from netra_cloud.terraform.rules.graph import RUN_V1
from netra_cloud.terraform.values import BlockValue, Unknown, Value

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)s$")


@dataclass(frozen=True)
class Setting:
    """One setting: where it is written, and its value; None means not written."""

    block: BlockValue
    argument: str
    value: Value

    @property
    def seconds(self) -> float | None:
        """The value in seconds: a number, its text, or a protobuf duration such as ``3600s``."""
        match = _DURATION.match(str(self.value))
        if match is not None:
            return float(match.group(1))
        return self.block.number(self.argument)


def request_timeouts(service: Resource) -> Iterator[Setting]:
    """Yield the request timeout of each template: ``timeout`` or, in v1, ``timeout_seconds``."""
    if service.type == RUN_V1:
        yield from _arguments(service.body.all("template", "spec"), "timeout_seconds")
    else:
        yield from _arguments(service.body.all("template"), "timeout")


def concurrency(service: Resource) -> Iterator[Setting]:
    """Yield the maximum number of concurrent requests of an instance."""
    if service.type == RUN_V1:
        yield from _arguments(service.body.all("template", "spec"), "container_concurrency")
    else:
        yield from _arguments(service.body.all("template"), "max_instance_request_concurrency")


def containers(service: Resource) -> list[BlockValue]:
    """Return the container blocks of a service."""
    steps = ("template", "spec") if service.type == RUN_V1 else ("template",)
    return list(service.body.all(*steps, "containers"))


def serving_container(service: Resource) -> BlockValue | None:
    """Return the container that receives requests: the one with a port, else the only one.

    With sidecars, Cloud Run requires a port on exactly one container.
    """
    listed = containers(service)
    with_port = [container for container in listed if container.all("ports")]
    if len(with_port) == 1:
        return with_port[0]
    return listed[0] if len(listed) == 1 else None


def revision_annotation(service: Resource, name: str) -> Setting | None:
    """Return an annotation of a v1 template; None where the annotations are not known."""
    for metadata in service.body.all("template", "metadata"):
        annotations = metadata.get("annotations")
        if isinstance(annotations, Unknown):
            return None
        if isinstance(annotations, dict):
            return Setting(metadata, "annotations", annotations.get(name))
    template = service.body.first("template")
    return Setting(template or service.body, "metadata", None)


def ingress(service: Resource) -> Setting | None:
    """Return who may reach the service; the v1 annotation in the words of v2."""
    if service.type != RUN_V1:
        return Setting(service.body, "ingress", service.body.get("ingress"))
    for metadata in service.body.all("metadata"):
        annotations = metadata.get("annotations")
        if isinstance(annotations, Unknown):
            return None
        if isinstance(annotations, dict):
            value = annotations.get("run.googleapis.com/ingress")
            is_open = value in {None, "all"}
            return Setting(metadata, "annotations", None if is_open else value)
    return Setting(service.body, "metadata", None)


def _arguments(blocks: Sequence[BlockValue], name: str) -> Iterator[Setting]:
    for block in blocks:
        yield Setting(block, name, block.get(name))
