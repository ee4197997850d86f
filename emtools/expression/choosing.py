"""Which mixture, and which of its components make one cluster."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emtools.em import Executor, FitOptions
from emtools.expression.merging import Level, merge_path
from emtools.expression.searching import Candidate
from emtools.expression.stability import agreement_of_halves

#: Clusters may not be confused more often than this: one observation in ten taken for one of another cluster.
MOST_OVERLAP = 0.1

#: Coarse partitions are always easier to find again than fine ones; this much agreement is given up for a finer one.
FINER_AT_MOST_BELOW = 0.1

#: Halves that agree less than this do not show clusters at all.
LEAST_AGREEMENT = 0.6


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the merging of components stops.

    Attributes
    ----------
    path : tuple of Level
        All merges, by number of clusters from 1.
    agreement : ndarray of shape (n_components,)
        The mean agreement of half-samples by number of clusters from 1; NaN where it was not asked for.
    n_clusters : int
        The cut.
    """

    path: tuple[Level, ...]
    agreement: NDArray[np.float64]
    n_clusters: int

    @property
    def level(self) -> Level:
        """The partition of the cut."""
        return self.path[self.n_clusters - 1]


def unmerged(responsibilities: NDArray[np.float64]) -> Cut:
    """Every component is a cluster."""
    path = merge_path(responsibilities)
    return Cut(path, np.full(len(path), np.nan), len(path))


def stable_cut(
    x: NDArray[np.float64],
    family: str,
    responsibilities: NDArray[np.float64],
    options: FitOptions,
    executor: Executor | None = None,
) -> Cut:
    """The finest clusters that stand apart and are found again from half of the observations.

    A mixture of least BIC describes the density well and often spends several components on one cluster with heavy
    tails or a bent shape. These are merged in the order in which they are confused (DEMP: Hennig 2010, Advances in Data
    Analysis and Classification 4:3). Of the partitions whose clusters are confused at most `MOST_OVERLAP`, and whose
    agreement over half-samples is at least `LEAST_AGREEMENT` and at most `FINER_AT_MOST_BELOW` less than the best such,
    the one with most clusters is chosen; where there is none, there is one cluster.

    Parameters
    ----------
    x : ndarray of shape (n, d)
    family : str
    responsibilities : ndarray of shape (n, n_components)
    options : FitOptions
    executor : Executor, optional
    """
    path = merge_path(responsibilities)
    agreement = agreement_of_halves(x, family, responsibilities, path, options, executor=executor).mean(axis=0)
    return Cut(path, agreement, _finest(path, agreement))


def _finest(path: Sequence[Level], agreement: NDArray[np.float64]) -> int:
    apart = [level.n_clusters for level in path[1:] if level.overlap <= MOST_OVERLAP]
    best = max((agreement[n - 1] for n in apart), default=0.0)
    wanted = max(LEAST_AGREEMENT, best - FINER_AT_MOST_BELOW)
    return max((n for n in apart if agreement[n - 1] >= wanted), default=1)


def sentence(criterion: str, winner: Candidate, candidates: Sequence[Candidate], cut: Cut) -> str:
    """Why this won, in plain words."""
    k, family = winner.n_components, winner.family
    model = f"{k} k-means cluster{_s(k)}" if family == "kmeans" else f"{k} Gaussian component{_s(k)} of family {family}"
    n_counts = len({candidate.n_components for candidate in candidates})
    among = f"of {len(candidates)} candidates" if len(candidates) > 1 else "as asked for"
    if criterion != "stability" or n_counts == 1:
        by = f" with the least {criterion.upper()} {among}" if len(candidates) > 1 else f", {among}"
        return f"{cut.n_clusters} cluster{_s(cut.n_clusters)}: {model}{by}."
    begin = f"{model[0].upper()}{model[1:]} had the least BIC {among}"
    if k == 1:
        return f"1 cluster: {begin}."
    n = cut.n_clusters
    if n == 1:
        return (
            f"1 cluster: {begin}, but no split of them into clusters is both distinct (confused in at most "
            f"{MOST_OVERLAP:.0%}) and found again from half of the data (agreement at least {LEAST_AGREEMENT:g})."
        )
    merged = "none of them merged" if n == k else "merged where they are confused most"
    finer = (
        f"; with {n + 1} clusters it is {cut.agreement[n]:.2f}, and {cut.path[n].overlap:.1%} are confused"
        if n < k
        else ""
    )
    return (
        f"{n} clusters: {begin}; {merged}, {n} is the most clusters that are distinct and found again from half of the "
        f"data (agreement {cut.agreement[n - 1]:.2f} by the adjusted Rand index, at most {cut.path[n - 1].overlap:.1%} "
        f"confused{finer})."
    )


def _s(count: int) -> str:
    return "" if count == 1 else "s"
