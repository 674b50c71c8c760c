import subprocess
import sys
from pathlib import Path

import pytest

from netra_ops.errors import DataInUse
from netra_ops.stack.lock import exclusive, is_held

pytestmark = pytest.mark.unit

HOLDER = """
import sys
from pathlib import Path
from netra_ops.stack.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not is_held(path)
    with exclusive(path):
        assert is_held(path)
        with pytest.raises(DataInUse), exclusive(path):
            pass
    assert not is_held(path)


def test_the_death_of_its_holder_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_held(path)
        holder.kill()
        holder.wait()
    assert not is_held(path)
