"""How hypothesis runs here.

Its deadline of 200 ms for one example is a wall-clock assertion on a shared machine; the timeout
of the whole test remains. The profile ``mutants`` makes the same choices in every run: a mutant is
killed or survives, it is not lucky.
"""

from hypothesis import settings

PROFILE, MUTANTS_PROFILE = "netra", "mutants"

settings.register_profile(PROFILE, deadline=None)
settings.register_profile(MUTANTS_PROFILE, deadline=None, derandomize=True, database=None)
settings.load_profile(PROFILE)
