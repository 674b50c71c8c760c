"""One table, and everything generated from it up to date."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import netra_backend
from netra_backend.app.websocket_core.close_codes import (
    BY_NAME,
    BY_NUMBER,
    CLOSE_CODES,
    INTERNAL_ERROR,
    MAX_REASON_BYTES,
    close_code_for,
    close_reason,
)
from netra_backend.app.websocket_core.rpc_errors import BY_NAME as RPC_BY_NAME
from netra_backend.app.websocket_core.rpc_errors import BY_NUMBER as RPC_BY_NUMBER
from netra_backend.app.websocket_core.rpc_errors import RPC_ERRORS
from netra_shared.errors import InternalError, NetraError, RateLimited, Unavailable

ROOT = Path(netra_backend.__file__).parent.parent


def test_numbers_and_names_are_unique() -> None:
    assert len(BY_NUMBER) == len(BY_NAME) == len(CLOSE_CODES)
    assert len(RPC_BY_NUMBER) == len(RPC_BY_NAME) == len(RPC_ERRORS)


def test_1011_is_never_sent_on_purpose() -> None:
    assert 1011 not in BY_NUMBER


def test_every_code_may_be_sent_by_an_endpoint() -> None:
    # RFC 6455 section 7.4: 1005, 1006 and 1015 are reserved; 4000-4999 are for applications.
    for number in BY_NUMBER:
        assert number in {1000, 1009, 1012} or 4000 <= number <= 4999


@pytest.mark.parametrize(
    ("error", "number"), [(RateLimited(), 4429), (Unavailable(), 4503), (InternalError(), 4500)]
)
def test_errors_have_a_close_code(error: NetraError, number: int) -> None:
    assert close_code_for(error).code == number


def test_an_unforeseen_branch_is_an_internal_error() -> None:
    assert close_code_for(InternalError()) is INTERNAL_ERROR


@given(st.text(max_size=400))
def test_reasons_fit_into_a_close_frame(text: str) -> None:
    reason = close_reason(text)
    assert len(reason.encode()) <= MAX_REASON_BYTES
    assert text.startswith(reason)


def test_generated_files_are_up_to_date() -> None:
    script = ROOT / "scripts" / "generate_protocol.py"
    outcome = subprocess.run(
        [sys.executable, str(script), "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
