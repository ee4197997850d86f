"""Exact tests: Fisher's for two groups of sequences, and the tail beyond what was resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Stands for itself and everything below.
LEAST_P_VALUE = 1e-300
#: What a few dozen resampled statistics can say: further down, the tail fitted to them is another one with each seed.
LEAST_EXTRAPOLATED = 1e-6
_EULER = 0.5772156649015329


def fisher_exact(hits: int, n: int, control_hits: int, n_controls: int) -> float:
    """The probability of so many hits or more among `n`, given all hits and both group sizes (hypergeometric).

    Examples
    --------
    >>> round(fisher_exact(3, 3, 0, 3), 6)
    0.05
    """
    all_hits = hits + control_hits
    terms = hypergeometric(np.arange(hits, min(all_hits, n) + 1), all_hits, n, n_controls)
    return min(max(float(terms.sum()), LEAST_P_VALUE), 1.0) if len(terms) else 1.0


def hypergeometric(
    hits: NDArray[np.int64], all_hits: NDArray[np.int64] | int, n: int, n_controls: int
) -> NDArray[np.float64]:
    """The probability of so many hits among `n`, given all hits and both group sizes.

    Examples
    --------
    >>> hypergeometric(np.array([0, 1, 2]), 2, 2, 2).round(6).tolist()
    [0.166667, 0.666667, 0.166667]
    """
    total = n + n_controls
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total + 1)))])
    terms = (
        log_factorial[all_hits] - log_factorial[hits] - log_factorial[all_hits - hits]
        + log_factorial[total - all_hits] - log_factorial[n - hits] - log_factorial[n_controls - all_hits + hits]
        - (log_factorial[total] - log_factorial[n] - log_factorial[n_controls])
    )  # fmt: skip
    return np.asarray(np.exp(terms))


@dataclass(frozen=True, slots=True)
class Told:
    """How two groups of scores differ.

    Attributes
    ----------
    threshold : float
        At and above which they differ most; infinite where none is positive.
    gain : float
        The log likelihood ratio of two shares of hits, at this threshold, over one.
    excess : float
        The greatest difference, over all thresholds, between the two shares.
    """

    threshold: float
    gain: float
    excess: float


def told_apart(scores: NDArray[np.float64], controls: NDArray[np.float64]) -> Told:
    """How the scores of two groups differ, where the first has more hits.

    Examples
    --------
    >>> told = told_apart(np.array([1.0, 2.0, 8.0, 9.0]), np.array([0.0, 1.0, 2.0, 3.0]))
    >>> told.threshold, round(told.gain, 3), told.excess
    (8.0, 1.726, 0.5)
    """
    levels = np.unique(scores[scores > 0.0])
    if not len(levels):
        return Told(np.inf, 0.0, 0.0)
    hits = len(scores) - np.searchsorted(np.sort(scores), levels)
    control_hits = len(controls) - np.searchsorted(np.sort(controls), levels)
    share, control_share = hits / len(scores), control_hits / len(controls)
    pooled = (hits + control_hits) / (len(scores) + len(controls))
    gain = len(scores) * divergence(share, pooled) + len(controls) * divergence(control_share, pooled)
    gain[share <= control_share] = 0.0
    best = int(np.argmax(gain))
    return Told(float(levels[best]), float(gain[best]), max(float(np.max(share - control_share)), 0.0))


def resampled_p_value(
    statistic: float,
    null: NDArray[np.float64],
    spread: NDArray[np.float64] | None = None,
    least_scale: float = 1e-12,
) -> float:
    """How often chance gives such a statistic: the rank among resampled ones, and beyond the highest a Gumbel tail.

    The rank ``(1 + number as high) / (1 + n)`` is exact. Where nothing resampled is as high, the p-value is below
    ``1 / (1 + n)`` for certain, and how far below is extrapolated: the resampled statistics are maxima over many
    starts, so a Gumbel distribution is fitted to them by moments, its scale taken one standard error too wide. The tail
    is not followed below 1e-6, and its scale is `least_scale` at least: few different values say little of a tail.
    Minus infinity, where there was nothing to compare, counts in the rank alone. Where resampled statistics depend on
    the one that is judged, `spread` are those they would be without it; the tail is fitted to them.

    Examples
    --------
    >>> resampled_p_value(0.5, np.array([0.0, 1.0, 2.0]))
    0.75
    """
    n_as_high = int(np.count_nonzero(null >= statistic))
    exact = (1 + n_as_high) / (1 + len(null))
    heights = null if spread is None else spread
    heights = heights[np.isfinite(heights)]
    if n_as_high or len(heights) < 2:
        return exact
    scale = float(np.std(heights, ddof=1)) * np.sqrt(6.0) / np.pi
    location = float(np.mean(heights)) - _EULER * scale
    wide = scale * (1.0 + 1.05 / np.sqrt(len(heights)))
    tail = -np.expm1(-np.exp(-(statistic - location) / max(wide, least_scale)))
    return min(exact, max(float(tail), LEAST_EXTRAPOLATED))


def divergence(share: NDArray[np.float64], pooled: NDArray[np.float64]) -> NDArray[np.float64]:
    """By how many nats each of some draws is likelier at its own share of hits than at a pooled one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yes = np.where(share > 0.0, share * np.log(share / pooled), 0.0)
        no = np.where(share < 1.0, (1.0 - share) * np.log((1.0 - share) / (1.0 - pooled)), 0.0)
    return np.asarray(yes + no)
