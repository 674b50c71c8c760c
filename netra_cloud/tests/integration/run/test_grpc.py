"""Google's client over gRPC, its default transport, with that transport's error classes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud import run_v2
from google.protobuf.field_mask_pb2 import FieldMask

from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_cloud.tests.integration.run.harness import (
    DEADLINE,
    PARENT,
    Cloud,
    done,
    register,
    target,
)


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    data: Path = tmp_path_factory.mktemp("grpc")
    image = register(data)
    with local_cloud_run(RunOptions(data, clock_factor=20.0, grpc=True)) as process:
        yield Cloud(process, data, image)


def test_the_life_of_a_service_and_the_errors_of_grpc(wired: Cloud) -> None:
    assert wired.process.grpc is not None
    transport = run_v2.ServicesClient.get_transport_class("grpc")
    revisions_transport = run_v2.RevisionsClient.get_transport_class("grpc")
    with grpc.insecure_channel(wired.process.grpc) as channel:
        make: Any = transport
        client = run_v2.ServicesClient(transport=make(channel=channel))
        created = done(
            client.create_service(
                parent=PARENT, service_id="wire", service=wired.service(revision="wire-one")
            )
        )
        assert created.latest_ready_revision.endswith("wire-one")
        with pytest.raises(exceptions.AlreadyExists):
            client.create_service(parent=PARENT, service_id="wire", service=wired.service())
        with pytest.raises(exceptions.NotFound):
            client.get_service(name=f"{PARENT}/services/ghost")
        update = run_v2.Service(name=created.name, traffic=[target("wire-one", 90)])
        with pytest.raises(exceptions.InvalidArgument, match="sum to 90, want 100"):
            client.update_service(service=update, update_mask=FieldMask(paths=["traffic"]))
        stale = run_v2.Service(name=created.name, etag='"77"', template=created.template)
        with pytest.raises(exceptions.Aborted, match="version '77' was specified"):
            client.update_service(service=stale)
        assert [one.name for one in client.list_services(parent=PARENT)] == [created.name]
        make = revisions_transport
        revisions = run_v2.RevisionsClient(transport=make(channel=channel))
        names = [one.name for one in revisions.list_revisions(parent=created.name)]
        assert names == [created.latest_ready_revision]
        done(client.delete_service(name=created.name))


async def test_the_asynchronous_client(wired: Cloud) -> None:
    assert wired.process.grpc is not None
    make: Any = run_v2.ServicesAsyncClient.get_transport_class("grpc_asyncio")
    async with grpc.aio.insecure_channel(wired.process.grpc) as channel:
        client = run_v2.ServicesAsyncClient(transport=make(channel=channel))
        operation: Any = await client.create_service(
            parent=PARENT, service_id="later", service=wired.service()
        )
        created = await operation.result(timeout=DEADLINE)
        assert created.reconciling is False
