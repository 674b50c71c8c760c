"""Requests and sockets through the front."""

import asyncio

import httpx
import pytest
from google.cloud import run_v2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from netra_cloud.tests.integration.run.harness import DEADLINE, PARENT, Cloud, done, host, target
from test_framework.waiting import eventually


async def socket_to(cloud: Cloud, service: str) -> ClientConnection:
    """Open a socket to a service through its network endpoint group."""
    group = cloud.local(f"negs/{service}")
    return await connect(f"ws://127.0.0.1:{group['port']}/", ping_interval=None)


async def said_by(socket: ClientConnection) -> str:
    """Return the revision at the other end."""
    await socket.send("who")
    return str(await asyncio.wait_for(socket.recv(), DEADLINE))


def test_the_environment_is_exactly_the_declared_one(cloud: Cloud) -> None:
    cloud.create("environment", cloud.service(env={"COLOUR": "green"}, revision="environment-one"))
    answer = cloud.get("environment", "/a?b=c").json()
    found = answer["environment"]
    assert found.pop("PORT").isdigit()
    assert found.pop("HOME") == str(cloud.data / "home")
    assert found.pop("PATH")
    found.pop("LC_CTYPE", None)  # Python's own (PEP 538)
    assert found == {
        "COLOUR": "green",
        "K_SERVICE": "environment",
        "K_REVISION": "environment-one",
        "K_CONFIGURATION": "environment",
    }
    assert answer["path"] == "/a?b=c"
    names = [name.lower() for name, _ in answer["headers"]]
    assert {"x-forwarded-for", "x-forwarded-proto", "x-cloud-trace-context"} <= set(names)


def test_healthz_is_reserved_and_never_reaches_the_container(cloud: Cloud) -> None:
    cloud.create("reserved")
    assert cloud.get("reserved", "/healthz").status_code == 404
    assert "<code>/healthz</code>" in cloud.get("reserved", "/healthz").text
    assert cloud.get("reserved", "/healthy").status_code == 200


def test_load_balancer_only_ingress_refuses_run_app_addresses_and_tags(cloud: Cloud) -> None:
    service = cloud.service(revision="inner-one")
    service.ingress = run_v2.IngressTraffic(3)  # internal and load balancing
    service.traffic = [target("inner-one", 100, "door")]
    cloud.create("inner", service)
    assert cloud.get("inner").status_code == 404
    assert cloud.get("door---inner").status_code == 404
    for path in ("negs/inner", "negs/inner?tag=door"):
        port = cloud.local(path)["port"]
        answer = httpx.get(f"http://127.0.0.1:{port}/healthz", headers={"host": "chat.example"})
        assert answer.json()["revision"] == "inner-one"


def test_a_split_is_kept(cloud: Cloud) -> None:
    cloud.create("split", cloud.service(revision="split-one"))
    cloud.stage("split", "split-two", "two")
    cloud.split("split", target("split-one", 50), target("split-two", 50))
    served = cloud.served_by("split", 60)
    # 60 draws at 50 %: outside 10..50 with a probability below 1e-7
    assert 10 <= served.count("split-two") <= 50


async def test_a_shift_leaves_open_sockets_and_their_revision_alone(cloud: Cloud) -> None:
    await asyncio.to_thread(cloud.create, "shift", cloud.service(revision="shift-one"))
    await asyncio.to_thread(cloud.stage, "shift", "shift-two", "two")
    old = await socket_to(cloud, "shift")
    assert await said_by(old) == "shift-one"
    await asyncio.to_thread(cloud.split, "shift", target("shift-two", 100))
    new = await socket_to(cloud, "shift")
    assert await said_by(new) == "shift-two"
    assert await said_by(old) == "shift-one"
    stages = {one["revision"]: one["state"] for one in cloud.instances("shift")}
    assert stages == {"shift-one": "ready", "shift-two": "ready"}
    actives = {one["revision"]: one["active"] for one in cloud.instances("shift")}
    assert actives == {"shift-one": 1, "shift-two": 1}
    await old.close()
    await new.close()


async def test_the_request_timeout_cuts_a_socket_without_a_close_frame(cloud: Cloud) -> None:
    service = cloud.service(timeout={"seconds": 20})  # one second here
    await asyncio.to_thread(cloud.create, "cut", service)
    socket = await socket_to(cloud, "cut")
    with pytest.raises(ConnectionClosedError):
        await asyncio.wait_for(socket.recv(), DEADLINE)
    assert socket.close_code == 1006


def test_a_slow_answer_gets_504(cloud: Cloud) -> None:
    cloud.create("slow", cloud.service(timeout={"seconds": 10}))
    answer = cloud.get("slow", "/slow?30")
    assert (answer.status_code, answer.text) == (504, "upstream request timeout")


def test_a_crash_within_a_request_gets_503_and_a_new_instance(cloud: Cloud) -> None:
    cloud.create("crash")
    before = cloud.get("crash").json()["pid"]
    assert cloud.get("crash", "/crash").status_code == 503
    assert cloud.get("crash").json()["pid"] != before
    texts = [entry.get("textPayload", "") for entry in cloud.logs("crash")]
    assert "Container called exit(7)." in texts


async def test_a_socket_counts_as_a_request_and_the_queue_ends_with_429(cloud: Cloud) -> None:
    service = cloud.service(
        max_instance_request_concurrency=1, scaling=run_v2.RevisionScaling(max_instance_count=1)
    )
    await asyncio.to_thread(cloud.create, "full", service)
    socket = await socket_to(cloud, "full")
    assert await said_by(socket)
    answer = await asyncio.to_thread(cloud.get, "full")
    assert (answer.status_code, answer.text) == (429, "Rate exceeded.")
    await socket.close()
    await eventually(lambda: cloud.instances("full")[0]["active"] == 0)
    assert (await asyncio.to_thread(cloud.get, "full")).status_code == 200


async def patient_socket_to(cloud: Cloud, service: str) -> ClientConnection:
    """Connect, again after a 429: on a busy machine an instance starts after the queue's end."""
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                return await socket_to(cloud, service)
            except InvalidStatus as refusal:
                if refusal.response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                    raise


async def test_waiting_requests_start_more_instances(cloud: Cloud) -> None:
    await asyncio.to_thread(cloud.create, "grow", cloud.service(max_instance_request_concurrency=1))
    sockets = await asyncio.gather(*(patient_socket_to(cloud, "grow") for _ in range(3)))
    assert len(cloud.instances("grow")) >= 3
    await asyncio.gather(*(socket.close() for socket in sockets))


async def test_h2c_and_websockets_do_not_go_together(cloud: Cloud) -> None:
    service = cloud.service(ports=[run_v2.ContainerPort(name="h2c", container_port=8080)])
    await asyncio.to_thread(cloud.create, "prior", service)
    with pytest.raises(InvalidStatus) as caught:
        await socket_to(cloud, "prior")
    assert caught.value.response.status_code == 503


def test_affinity_keeps_a_client_until_its_revision_has_no_traffic(cloud: Cloud) -> None:
    cloud.create("sticky", cloud.service(revision="sticky-one", session_affinity=True))
    update = cloud.service(revision="sticky-two", session_affinity=True)
    update.name = f"{PARENT}/services/sticky"
    update.traffic = [target("sticky-one", 50), target("sticky-two", 50)]
    done(cloud.services.update_service(service=update))
    with httpx.Client(
        base_url=cloud.process.data, headers={"host": host("sticky")}, timeout=DEADLINE
    ) as client:
        first = client.get("/")
        assert first.cookies["GAESA"]
        cookie = {"cookie": f"GAESA={first.cookies['GAESA']}"}
        kept = first.json()["revision"]
        again = [client.get("/", headers=cookie).json()["revision"] for _ in range(10)]
        assert set(again) == {kept}
        other = "sticky-two" if kept == "sticky-one" else "sticky-one"
        cloud.split("sticky", target(other, 100))
        assert client.get("/", headers=cookie).json()["revision"] == other


async def test_liveness_ends_an_instance_and_readiness_removes_one(cloud: Cloud) -> None:
    probe = {"period_seconds": 10, "timeout_seconds": 10, "failure_threshold": 3}
    service = cloud.service(
        liveness_probe=run_v2.Probe(http_get=run_v2.HTTPGetAction(path="/live"), **probe),
        readiness_probe=run_v2.Probe(http_get=run_v2.HTTPGetAction(path="/ready"), **probe),
        scaling=run_v2.RevisionScaling(max_instance_count=1),
    )
    await asyncio.to_thread(cloud.create, "health", service)
    first = cloud.get("health", "/unready").json()["pid"]
    await eventually(lambda: [one["state"] for one in cloud.instances("health")] == ["unready"])
    assert cloud.get("health").status_code == 429
    port = cloud.instances("health")[0]["port"]
    async with httpx.AsyncClient() as direct:
        await direct.get(f"http://127.0.0.1:{port}/unlive")
    await eventually(lambda: first not in [one["pid"] for one in cloud.instances("health")])
    assert cloud.get("health").status_code == 200
