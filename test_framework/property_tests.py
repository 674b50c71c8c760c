"""How hypothesis runs here.

Its deadline of 200 ms for one example is a wall-clock assertion on a shared machine, and so is its
health check that inputs are drawn fast enough (a second for the first ten); the timeout of the
whole test remains. The profile ``mutants`` makes the same choices in every run: a mutant is
killed or survives, it is not lucky.
"""

from hypothesis import HealthCheck, settings

PROFILE, MUTANTS_PROFILE = "netra", "mutants"

settings.register_profile(PROFILE, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    MUTANTS_PROFILE, parent=settings.get_profile(PROFILE), derandomize=True, database=None
)
settings.load_profile(PROFILE)
