import time

import psutil

from netra_shared.runtime.process_age import process_start


def test_the_start_is_that_of_the_process() -> None:
    age = time.monotonic() - process_start()
    expected = time.time() - psutil.Process().create_time()
    assert abs(age - expected) < 1.0
