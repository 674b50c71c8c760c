from netra_client.codes import RetryClass
from netra_client.errors import ConnectionLost, DeadlinePassed, HandshakeRefused, SocketClosed
from netra_ops.deploy.watch.synthetic import attempts, failure_class
from netra_ops.services.http_server import HttpServer
from netra_ops.services.loopback import LOOPBACK, free_port
from test_framework.fixtures.services import MakeToken
from test_framework.real_services import require_docker_services


@require_docker_services()
async def test_a_sound_release_has_no_failure(backend: HttpServer, make_token: MakeToken) -> None:
    seen = await attempts(f"http://{LOOPBACK}:{backend.port}", make_token(), 6)

    assert [attempt.failure for attempt in seen] == [""] * 6
    assert all(attempt.seconds > 0 for attempt in seen)


@require_docker_services()
async def test_a_refused_token_is_an_http_class(backend: HttpServer) -> None:
    seen = await attempts(f"http://{LOOPBACK}:{backend.port}", "no-token", 1)

    assert seen[0].failure == "http_401"


async def test_a_release_that_does_not_answer_is_a_class_of_its_own() -> None:
    seen = await attempts(f"http://{LOOPBACK}:{free_port()}", "token", 1)

    assert seen[0].failure == failure_class(ConnectionLost("refused"))


def test_classes_are_named_by_protocol() -> None:
    refused = HandshakeRefused(503, "full", code="draining", retry=RetryClass.NOW)

    assert failure_class(refused) == "http_503"
    assert failure_class(DeadlinePassed("connect", 1.0)) == "timeout"
    assert failure_class(SocketClosed(1011, "")) == "close_1011"
