"""The evidence of one interval against "the canary fails no more often": an exact 2x2 test.

An interval gives a table: attempts and failures of each arm. Given the attempts and the total
number of failures ``k``, the canary's failures ``x`` follow Fisher's noncentral hypergeometric
distribution with the odds ratio ``w`` of canary to baseline::

    P_w(x) = C(n_c, x) C(n_b, k - x) w^x / sum_j C(n_c, j) C(n_b, k - j) w^j

The likelihood ratio ``P_w(x) / P_1(x)`` with ``w > 1`` has expectation 1 when both arms fail alike,
for any failure rate of the interval, and at most 1 when the canary fails less. Products of
it over intervals are therefore a test supermartingale: by Ville's inequality it ever reaches
``1 / alpha`` with probability at most ``alpha``, however often it is looked at. For rare failures
it becomes the conditional binomial test of Lindon and Malek.

Sources: Lindon, Sanden, Shirikian, KDD 2022, https://arxiv.org/abs/2205.14762; Lindon and Malek,
NeurIPS 2022, https://arxiv.org/abs/2011.03567. The hypergeometric form is ours: the tool knows the
attempts of each arm, so it needs no assumption about how traffic was really split.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf, lgamma, log


@dataclass(frozen=True)
class Table:
    """Attempts and failures of both arms in one interval.

    Raises:
        ValueError: a negative count, or more failures than attempts.
    """

    baseline: int
    baseline_failed: int
    canary: int
    canary_failed: int

    def __post_init__(self) -> None:
        for arm, attempts, failed in (
            ("baseline", self.baseline, self.baseline_failed),
            ("canary", self.canary, self.canary_failed),
        ):
            if not 0 <= failed <= attempts:
                raise ValueError(f"{arm}: {failed} failures of {attempts} attempts")


def log_likelihood_ratios(table: Table, alternatives: Sequence[float]) -> tuple[float, ...]:
    """Return ``log(P_w(x) / P_1(x))`` for the canary's failures ``x`` and each odds ratio ``w``.

    Args:
        table: one interval.
        alternatives: odds ratios above 0; 1 gives 0.
    """
    attempts = table.baseline + table.canary
    failed = table.baseline_failed + table.canary_failed
    possible = range(max(0, failed - table.baseline), min(failed, table.canary) + 1)
    if len(possible) == 1:  # the table says nothing about the arms
        return (0.0,) * len(alternatives)
    ways = [
        log_choose(table.canary, count) + log_choose(table.baseline, failed - count)
        for count in possible
    ]
    all_ways = log_choose(attempts, failed)
    slopes = [log(odds) for odds in alternatives]
    return tuple(
        table.canary_failed * slope
        + all_ways
        - log_sum(way + count * slope for way, count in zip(ways, possible, strict=True))
        for slope in slopes
    )


def log_choose(total: int, chosen: int) -> float:
    """Return the logarithm of the binomial coefficient."""
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)


def log_sum(terms: Iterable[float]) -> float:
    """Return ``log(sum(exp(term)))`` without overflow; minus infinity for no terms."""
    values = list(terms)
    largest = max(values, default=-inf)
    if largest == -inf:
        return -inf
    return largest + log(sum(exp(value - largest) for value in values))
