"""The burst of imports: what is absent, and the collector before and after."""

import json
import subprocess
import sys

PROGRAM = """
import gc, json, sys
from netra_shared.runtime import quick_start
quick_start.prepare("wave")
absent = []
for name in ("rich", "wave"):
    try:
        __import__(name)
    except ImportError:
        absent.append(name)
during = gc.isenabled()
quick_start.freeze()
print(json.dumps([absent, during, gc.isenabled(), gc.get_freeze_count()]))
"""


def test_the_collector_pauses_and_what_is_not_wanted_is_absent() -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )
    absent, during, after, frozen = json.loads(result.stdout)
    assert absent == ["rich", "wave"]
    assert (during, after) == (False, True)
    assert frozen > 1000
