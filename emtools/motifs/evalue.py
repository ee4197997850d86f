"""The E-value of MEME: how many alignments as good as this one a random set of the same size would hold.

Bailey and Gribskov (1998, Journal of Computational Biology 5:211), Bailey and Elkan (1994). The sites are taken as an
alignment; the log likelihood ratio of each column over independent background letters gets its exact p-value (that of
its limit, chi-squared, where there are more than 100 sites, which is too high for the most extreme columns), the
product of the columns' p-values gets one, and that is multiplied by the number of alignments there are. The number of
widths, of numbers of sites, and of starts that were tried is not counted.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

#: Steps into which the range of a column's log likelihood ratio is rounded.
_STEPS = 1000
#: Beyond so many sites the distribution of a column is taken from its limit, chi-squared.
_EXACT_SITES = 100


def log_e_value(
    counts: NDArray[np.float64],
    frequencies: NDArray[np.float64],
    n_windows: NDArray[np.float64],
    occurrence: str,
    n_strands: int = 1,
) -> float:
    """The natural logarithm of the E-value of an alignment of sites.

    Parameters
    ----------
    counts : ndarray of shape (width, n_letters)
        Letters of the sites; every row sums to the number of sites.
    frequencies : ndarray of shape (n_letters,)
        Independent background letters.
    n_windows : ndarray of shape (n_sequences,)
        Places for a site in each sequence.
    occurrence : str
        "oops", "zoops" or "anr".
    n_strands : int
        1 or 2.

    Returns
    -------
    float
    """
    n_sites = round(float(counts[0].sum()))
    if n_sites == 0:
        return math.inf
    log_p_values = [_log_column_p_value(column, frequencies, n_sites) for column in counts]
    return log_product_p_value(log_p_values) + log_alignments(n_windows * n_strands, n_sites, occurrence)


def log_alignments(n_places: NDArray[np.float64], n_sites: int, occurrence: str) -> float:
    """The logarithm of the number of ways to choose the sites.

    OOPS: one place in every sequence. ZOOPS: which sequences have a site, and a place in each, of the average sequence.
    ANR: any places of all.
    """
    logs = np.log(n_places[n_places > 0.0])
    if occurrence == "oops":
        return float(logs.sum())
    if occurrence == "zoops":
        return n_sites * float(logs.mean()) + _log_choose(len(logs), min(n_sites, len(logs)))
    return _log_choose(float(n_places.sum()), n_sites)


def log_product_p_value(log_p_values: list[float]) -> float:
    """The logarithm of the p-value of a product of independent uniform p-values.

    ``P(product <= x) = x * sum over i < n of (-ln x)^i / i!`` (Bailey and Gribskov 1998, Bioinformatics 14:48).

    Examples
    --------
    >>> round(math.exp(log_product_p_value([math.log(0.5), math.log(0.5)])), 6)
    0.596574
    """
    log_product = sum(log_p_values)
    if log_product >= 0.0:
        return 0.0
    terms = [i * math.log(-log_product) - math.lgamma(i + 1) for i in range(len(log_p_values))]
    highest = max(terms)
    return min(log_product + highest + math.log(sum(math.exp(term - highest) for term in terms)), 0.0)


def _log_column_p_value(column: NDArray[np.float64], frequencies: NDArray[np.float64], n_sites: int) -> float:
    if n_sites > _EXACT_SITES:
        ratio = sum(_ratio(count, n_sites * f) for count, f in zip(column.tolist(), frequencies.tolist(), strict=True))
        return _log_chi_squared_tail(2.0 * ratio, len(column) - 1)
    step, first, log_tail = _log_tail(tuple(frequencies.tolist()), n_sites)
    # Rounded letter by letter, as in the table, so that a column never misses its own probability.
    rounded = sum(
        round(_ratio(count, n_sites * f) / step) for count, f in zip(column.tolist(), frequencies.tolist(), strict=True)
    )
    return max(float(log_tail[rounded - first]), _log_multinomial(column, frequencies, n_sites))


def _log_multinomial(column: NDArray[np.float64], frequencies: NDArray[np.float64], n_sites: int) -> float:
    """The log probability of just this column: what its p-value is at least, where a table would hold no number."""
    terms = [
        count * math.log(f) - math.lgamma(count + 1)
        for count, f in zip(column.tolist(), frequencies.tolist(), strict=True)
    ]
    return float(math.lgamma(n_sites + 1) + sum(terms))


def _ratio(count: float, expected: float) -> float:
    return count * math.log(count / expected) if count else 0.0


@lru_cache(maxsize=64)
def _log_tail(frequencies: tuple[float, ...], n_sites: int) -> tuple[float, int, NDArray[np.float64]]:
    """The log p-value of each rounded log likelihood ratio of a column, by dynamic programming over the letters.

    The ratio of a column of n letters with counts c, ``sum c ln(c / (n f))``, is a sum over letters, and the
    multinomial probability of its counts is a product of binomial ones, each for what is left; so letters are added
    one at a time.

    Returns
    -------
    step, first, log_tail
        ``log_tail[r - first]`` belongs to a ratio of r steps.
    """
    step = -n_sites * math.log(min(frequencies)) / _STEPS
    table, first = np.zeros((n_sites + 1, 1)), 0
    table[0] = 1.0
    for i, f in enumerate(frequencies):
        chances = _binomial(n_sites, f / sum(frequencies[i:]))
        ratios = [round(_ratio(count, n_sites * f) / step) for count in range(n_sites + 1)]
        lowest, highest = min(ratios), max(ratios)
        after = np.zeros((n_sites + 1, table.shape[1] + highest - lowest))
        for count, ratio in enumerate(ratios):
            before = n_sites + 1 - count
            chance = chances[np.arange(n_sites, count - 1, -1), count]
            begin = ratio - lowest
            after[count:, begin : begin + table.shape[1]] += chance[:, None] * table[:before]
        table, first = after, first + lowest
    tail = np.cumsum(table[n_sites, ::-1])[::-1]
    with np.errstate(divide="ignore"):
        return step, first, np.log(np.minimum(tail, 1.0))


def _binomial(n: int, share: float) -> NDArray[np.float64]:
    """The probability of c hits among m, entry [m, c] for each m up to n."""
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    among, hits = np.arange(n + 1)[:, None], np.arange(n + 1)
    misses = np.maximum(among - hits, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_misses = np.where(misses > 0, misses * np.log1p(-min(share, 1.0)), 0.0)
    logs = log_factorial[among] - log_factorial[hits] - log_factorial[misses] + hits * math.log(share) + log_misses
    return np.where(hits <= among, np.exp(logs), 0.0)


def _log_chi_squared_tail(x: float, degrees: int) -> float:
    """The logarithm of the upper tail of chi-squared, by the recursion of the incomplete gamma function."""
    half = x / 2.0
    if half <= 0.0:
        return 0.0
    shape = 0.5 if degrees % 2 else 1.0
    log_tail = _log_erfc(math.sqrt(half)) if degrees % 2 else -half
    while shape < degrees / 2.0:
        log_tail = float(np.logaddexp(log_tail, shape * math.log(half) - half - math.lgamma(shape + 1.0)))
        shape += 1.0
    return min(log_tail, 0.0)


def _log_erfc(x: float) -> float:
    if x < 25.0:
        return math.log(math.erfc(x))
    return -x * x - math.log(x * math.sqrt(math.pi)) + math.log1p(-0.5 / (x * x))


def _log_choose(n: float, k: int) -> float:
    return math.lgamma(n + 1.0) - math.lgamma(k + 1.0) - math.lgamma(n - k + 1.0)
