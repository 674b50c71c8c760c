import pytest

from netra_client.codes import RetryClass
from netra_client.errors import ConnectionLost, HttpRefused, NetraClientError, SignedOut
from netra_ops.chat.errors import explain

WRONG = HttpRefused(401, "No such account", code="credentials_refused", retry=RetryClass.NEVER)


@pytest.mark.parametrize(
    ("error", "is_local", "exit_code", "remedy"),
    [
        (ConnectionLost("refused"), True, 4, "./netra up"),
        (ConnectionLost("refused"), False, 1, "network"),
        (WRONG, True, 1, "password"),
        (SignedOut(), True, 1, "--logout"),
        (NetraClientError("busy", code="run_busy"), True, 1, "--new"),
        (NetraClientError("what", code="unheard_of"), True, 1, ""),
    ],
)
def test_each_failure_has_a_status_and_a_remedy(
    error: NetraClientError, *, is_local: bool, exit_code: int, remedy: str
) -> None:
    text = explain(error, base_url="http://localhost:8080", is_local=is_local)
    assert text.exit_code == exit_code
    assert remedy in text.remedy
