"""Crashes of the emulator and ends of instances."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from google.api_core import exceptions
from google.cloud import run_v2

from netra_cloud.run.process import RunOptions, local_cloud_run
from netra_cloud.run.runtime.instance import KILLED
from netra_cloud.tests.integration.run.harness import PARENT, Cloud, done, register, target
from test_framework.waiting import eventually

FACTOR = 20.0


def start(data: Path) -> RunOptions:
    return RunOptions(data, clock_factor=FACTOR)


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_killed_emulator_leaves_no_process_and_continues(tmp_path: Path) -> None:
    image = register(tmp_path)
    with local_cloud_run(start(tmp_path)) as process:
        cloud = Cloud(process, tmp_path, image)
        cloud.create("phoenix", cloud.service(revision="phoenix-one"))
        cloud.stage("phoenix", "phoenix-two", "two")
        cloud.split("phoenix", target("phoenix-one", 40), target("phoenix-two", 60, "two"))
        ports = [one["port"] for one in cloud.local("negs")["negs"]]
        pids = [one["pid"] for one in cloud.instances("phoenix")]
        slow = cloud.service(env={"SLOW_START": "0.5"}, revision="phoenix-three")
        slow.name = f"{PARENT}/services/phoenix"
        slow.traffic = [target("phoenix-three", 100, "two")]
        operation = cloud.services.update_service(service=slow)
        process.kill()
    assert len(pids) == 2
    await eventually(lambda: all(gone(pid) for pid in pids))
    with local_cloud_run(start(tmp_path)) as process:
        cloud = Cloud(process, tmp_path, image)
        assert [one["port"] for one in cloud.local("negs")["negs"]] == ports
        found = cloud.services.transport.operations_client.get_operation(operation.operation.name)
        assert found.name == operation.operation.name

        def shifted() -> bool:
            service = cloud.services.get_service(name=f"{PARENT}/services/phoenix")
            return not service.reconciling and service.observed_generation == service.generation

        await eventually(shifted)
        assert cloud.served_by("phoenix", 3) == ["phoenix-three"] * 3
        done = cloud.services.transport.operations_client.get_operation(operation.operation.name)
        assert done.done


async def test_children_of_instances_end_with_the_emulator(tmp_path: Path) -> None:
    image = register(tmp_path)
    with local_cloud_run(start(tmp_path)) as process:
        cloud = Cloud(process, tmp_path, image)
        cloud.create("parent", cloud.service(env={"CHILD": "1"}))
        instance = psutil.Process(cloud.instances("parent")[0]["pid"])
        children = [one.pid for one in instance.children()]
        assert children
        process.kill()
    await eventually(lambda: all(gone(pid) for pid in children))


async def test_sigterm_then_ten_seconds_then_sigkill(cloud: Cloud) -> None:
    await asyncio.to_thread(cloud.create, "polite")
    await asyncio.to_thread(cloud.create, "stubborn", cloud.service(env={"STUBBORN": "1"}))
    pids = {name: cloud.instances(name)[0]["pid"] for name in ("polite", "stubborn")}
    names = {name: f"{PARENT}/services/{name}" for name in pids}
    cloud.services.delete_service(name=names["polite"])
    await eventually(lambda: gone(pids["polite"]))
    cloud.services.delete_service(name=names["stubborn"])
    await eventually(lambda: gone(pids["stubborn"]))
    ended = cloud.logs('resource.labels.service_name="stubborn"')
    assert KILLED in [entry.get("textPayload") for entry in ended]
    entries = cloud.logs('resource.labels.service_name="polite"')
    texts = [entry.get("textPayload") for entry in entries]
    assert "the app ends" in texts


async def test_idle_instances_go_after_15_minutes_and_minimum_ones_stay(tmp_path: Path) -> None:
    image = register(tmp_path)
    with local_cloud_run(RunOptions(tmp_path, clock_factor=600.0)) as process:
        cloud = Cloud(process, tmp_path, image)
        await asyncio.to_thread(_create_slowly, cloud)
        await eventually(lambda: cloud.instances("idle") == [])
        assert len(cloud.instances("warm")) == 1


def _create_slowly(cloud: Cloud) -> None:
    cloud.create("idle")
    cloud.create("warm", cloud.service(scaling=run_v2.RevisionScaling(min_instance_count=1)))


async def test_a_killed_instance_is_replaced_on_demand(cloud: Cloud) -> None:
    await asyncio.to_thread(cloud.create, "killed")
    pid = cloud.instances("killed")[0]["pid"]
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: pid not in [one["pid"] for one in cloud.instances("killed")])
    assert (await asyncio.to_thread(cloud.get, "killed")).status_code == 200


async def test_latest_secrets_are_resolved_at_the_start_of_an_instance(cloud: Cloud) -> None:
    cloud.write("secrets/key", {"value": "first"})
    service = cloud.service()
    source = run_v2.SecretKeySelector(secret="key", version="latest")
    service.template.containers[0].env.append(
        run_v2.EnvVar(name="KEY", value_source=run_v2.EnvVarSource(secret_key_ref=source))
    )
    await asyncio.to_thread(cloud.create, "secret", service)
    assert cloud.get("secret").json()["environment"]["KEY"] == "first"
    cloud.write("secrets/key", {"value": "second"})
    assert cloud.get("secret").json()["environment"]["KEY"] == "first"
    pid = cloud.instances("secret")[0]["pid"]
    os.kill(pid, signal.SIGKILL)
    await eventually(lambda: pid not in [one["pid"] for one in cloud.instances("secret")])
    assert cloud.get("secret").json()["environment"]["KEY"] == "second"
    cloud.write("secrets/key/versions/2:disable", {}, method="POST")
    service.template.revision = "secret-broken"
    service.name = f"{PARENT}/services/secret"
    with pytest.raises(exceptions.GoogleAPICallError, match="DISABLED state"):
        done(cloud.services.update_service(service=service))
