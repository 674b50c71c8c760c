"""Estimate of how many guesses a password resists, by zxcvbn.

zxcvbn (Wheeler, USENIX Security 2016) matches dictionary words, names, dates, keyboard paths and
repetitions, as guessing tools do. Its own word lists replace any list of this project.
"""

import math

from zxcvbn import zxcvbn

# zxcvbn's score 4, "very unguessable": strong protection of an offline slow hash.
MIN_GUESSES = 1e10
# The library refuses longer input; a longer password is judged by its start, which costs at most
# 0.2 s and is never harder to guess than the whole.
MAX_ESTIMATED = 72


def guesses(password: str, known: tuple[str, ...] = ()) -> float:
    """Return the estimated number of guesses.

    Args:
        password: normalised.
        known: words that an attacker associates with the account, such as its email address.
    """
    if not password:
        return 0.0
    estimate = zxcvbn(password[:MAX_ESTIMATED], user_inputs=list(known))
    return math.inf if estimate["guesses"] > 1e300 else float(estimate["guesses"])  # noqa: PLR2004  # beyond float
