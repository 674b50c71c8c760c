"""Every mutant of the pure cores is killed, or justified in test_framework/cores/survivors.toml."""

import pytest

from test_framework.cores.mutants import RUN_SECONDS, run


@pytest.mark.timeout(RUN_SECONDS + 600)
def test_every_mutant_is_killed_or_justified() -> None:
    verdict = run()
    assert verdict.mutants > 150, "mutmut found less to mutate than there is"
    assert not verdict.unexplained, "\n".join(map(str, verdict.unexplained))
    assert not verdict.stale, "\n".join(map(str, verdict.stale))
