from netra_ops.deploy.cloud.connection import connect
from netra_ops.deploy.cloud.logs import last_lines, line_of
from netra_ops.deploy.cloud.services import CloudRun
from netra_ops.services.loopback import LOOPBACK, free_port


def test_a_line_is_the_text_or_the_message_of_an_entry() -> None:
    assert line_of({"textPayload": "Traceback:\n  ValueError: no port\n"}) == "ValueError: no port"
    assert line_of({"jsonPayload": {"message": "refused", "x": 1}}) == "refused"
    assert line_of({}) == "{}"


def test_a_log_that_cannot_be_read_says_why() -> None:
    cloud = CloudRun(connect(f"http://{LOOPBACK}:{free_port()}"), "p", "us-central1")

    tail = last_lines(cloud, "s", "s-1")

    assert tail.lines == ()
    assert "the log cannot be read: ConnectError" in tail.problem
